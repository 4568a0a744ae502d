// Speed side by side: the rows of a table from the measurements of programs that were run in turn.

import { atLeast, withSpread } from './statistics.mjs';

const secondsPerUnit = (measurement) => measurement.secondsPerUnit.median;

/** A quantity of the peer divided by ours, round by round. */
export function ratios(ours, peer, quantity) {
  return peer.map((measurement, round) => quantity(measurement) / quantity(ours[round]));
}

/**
 * One row for each peer: how many times faster we are, or one with our time alone where there is no peer.
 *
 * @param results measurements by program, one per round; ours is `soapstone`.
 * @param target how many times faster than each peer we are to be, or a number by peer; none is no target.
 * @param aim what the target is on the way to.
 */
export function speedRows(what, { soapstone, ...peers }, { target, aim, scale, unit }) {
  const time = (rounds) => `${withSpread(rounds.map(secondsPerUnit), scale)} ${unit}`;
  if (Object.keys(peers).length === 0) return [{ what, measured: time(soapstone) }];
  return Object.entries(peers).map(([name, peer]) => {
    const least = typeof target === 'object' ? target[name] : target;
    const times = `${time(soapstone)}, ${name} ${time(peer)}`;
    return atLeast(
      `${what}: ${name} / soapstone`,
      ratios(soapstone, peer, secondsPerUnit),
      least,
      '×',
      least !== undefined && aim !== undefined ? `${times}; the aim: ${aim}` : times,
    );
  });
}

/** A row that says how far two programs' numbers are apart, relative to the largest of theirs. */
export function agreementRow(what, ours, theirs, tolerance) {
  const largest = Math.max(...theirs.map(Math.abs));
  const difference = Math.max(...ours.map((x, k) => Math.abs(x - theirs[k]))) / largest;
  return {
    what,
    measured: difference.toExponential(1),
    target: `≤ ${tolerance}`,
    met: difference <= tolerance,
    details: 'largest difference, relative',
  };
}
