// What many elements cost: power spectra of four channels, of all elements, and compressed ones of others.

import { ratios } from './common/comparison.mjs';
import { inTurn, ours, runProgram } from './common/programs.mjs';
import { atLeast, withSpread } from './common/statistics.mjs';
import { workload } from './common/workloads.mjs';
import { peer, peersInstalled } from './peers/peer.mjs';

export const title = 'Many elements: 108 atoms on a face-centred lattice, n = 8, l ≤ 6, 5 Å';

const counts = [1, 4, 16, 56, 60];

/** DScribe and quippy with several hundred thousand columns take seconds for an atom. */
const mostElementsOfPeers = 56;

export async function run({ quick, rounds, runs, log }) {
  const rows = [];
  const measurements = [];
  const seconds = ({ secondsPerUnit }) => secondsPerUnit.median;
  for (const count of quick ? [1, 4] : counts) {
    log(`${count} elements`);
    const file = await workload(`elements-${count}`);
    const own = (channels) => () =>
      runProgram(ours('couplings.mjs', file), { runs, channels: JSON.stringify(channels) });
    const results = await inTurn(
      {
        'four channels': own({ type: 'random', count: Math.min(4, count) }),
        'all elements': own({ type: 'elements' }),
        ...(peersInstalled() &&
          count <= mostElementsOfPeers && {
            'DScribe, mu2': () =>
              runProgram(peer('dscribe_soap.py', file), { runs: 2, compression: 'mu2' }),
            // As many mixtures of elements and radial functions as four channels have.
            'quippy, R_mix Z_mix K = 32': () =>
              runProgram(peer('quippy_soap.py', file), { runs: 2, mixtures: 32 }),
          }),
      },
      Math.min(rounds, 3),
    );
    measurements.push(...Object.values(results).flat());
    const times = Object.entries(results).map(
      ([name, measured]) => `${name} ${withSpread(measured.map(seconds), 1e6)}`,
    );
    for (const [name, measured] of Object.entries(results)) {
      if (name === 'four channels') continue;
      rows.push(
        atLeast(
          `${count} elements: ${name} / four channels`,
          ratios(results['four channels'], measured, seconds),
          count === 56 && name === 'all elements' ? 10 : undefined,
          '×',
          `µs/atom: ${times.join(', ')}`,
        ),
      );
    }
  }
  return { rows, measurements };
}
