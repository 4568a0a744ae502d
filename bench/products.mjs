// The family of products of expansion coefficients: the expansion itself, radial spectrum, λ-SOAP, bispectrum and
// atomic cluster expansion, beside featomic where it has them.

import { agreementRow, speedRows } from './common/comparison.mjs';
import { inTurn, ours, runProgram } from './common/programs.mjs';
import { atMost, median, withSpread } from './common/statistics.mjs';
import { workload } from './common/workloads.mjs';
import { peer, peersInstalled } from './peers/peer.mjs';

export const title = 'Products of the expansion: 5 Å, σ = 0.4 Å, n = 8, l ≤ 6, one thread each';

const basis = { maxAngular: 6, radial: { count: 8 } };
const besideFeatomic = [
  { name: 'spherical expansion', calculator: 'expansion', type: 'spherical-expansion', basis },
  {
    name: 'radial spectrum',
    calculator: 'radial',
    type: 'radial-spectrum',
    basis: { radial: basis.radial },
  },
  {
    name: 'λ-SOAP, λ = 0, 1, 2, both parities',
    calculator: 'equivariants',
    type: 'equivariant-power-spectrum',
    basis,
    ranks: [0, 1, 2],
    parity: 'both',
    // Asked for on water; the rows of ethanol, 24 channels, take longer to write than to compute.
    target: { water: 50 },
  },
];

/** Points on Bessel functions, 154 functions, 46 neighbours: more than the 127 and 44 of ML-PACE's linear Cu and Ni. */
const cluster = {
  type: 'ace',
  cutoff: { radius: 6.1, smoothing: { type: 'polynomial' } },
  density: { type: 'delta', centerWeight: 0 },
  basis: { maxAngular: 8, radial: { type: 'bessel', count: 12 } },
  maxOrder: 4,
  maxDegree: 9,
};
const clusterTarget = 30e-6;

const bispectrum = {
  type: 'bispectrum',
  cutoff: { radius: 5, smoothing: { width: 0.5 } },
  basis: { maxAngular: 3, radial: { count: 4 } },
};

export async function run({ quick, rounds, runs, log }) {
  const rows = [];
  const measurements = [];
  const turns = quick ? 1 : Math.min(rounds, 3);
  const start = (file, hyperparameters, more) => () =>
    runProgram(ours('products.mjs', file), {
      hyperparameters: JSON.stringify(hyperparameters),
      runs,
      ...more,
    });
  for (const name of ['water', 'ethanol', 'silicon']) {
    const file = await workload(quick ? `${name}-small` : name);
    for (const { name: which, calculator, target, ...rest } of besideFeatomic) {
      const what = `${name}, ${which}`;
      log(what);
      const hyperparameters = { ...rest, cutoff: { radius: 5, smoothing: { width: 0.5 } } };
      const results = await inTurn(
        {
          soapstone: start(file, hyperparameters),
          ...(peersInstalled() && {
            featomic: () =>
              runProgram(peer('featomic_products.py', file), {
                calculator,
                runs: Math.min(runs, 3),
              }),
          }),
        },
        turns,
      );
      rows.push(
        ...speedRows(what, results, { target: target?.[name], scale: 1e6, unit: 'µs/atom' }),
      );
      measurements.push(...Object.values(results).flat());
      const [[mine], [theirs]] = [results.soapstone, results.featomic ?? []];
      if (theirs) {
        rows.push(
          agreementRow(`${what}: norm against featomic`, [mine.norm / theirs.norm], [1], 1e-6),
        );
      }
    }
  }
  log('bispectrum, atomic cluster expansion');
  const silicon = await workload(quick ? 'silicon-small' : 'silicon');
  const results = await inTurn(
    {
      bispectrum: start(silicon, bispectrum),
      'bispectrum, vjp': start(silicon, bispectrum, { vjp: 1 }),
      'atomic cluster expansion, ν ≤ 4': start(silicon, cluster),
      'atomic cluster expansion, ν ≤ 4, vjp': start(silicon, cluster, { vjp: 1 }),
    },
    turns,
  );
  const time = ({ secondsPerUnit }) => secondsPerUnit.median;
  for (const [what, measured] of Object.entries(results)) {
    rows.push({
      what: `silicon, ${what}: ${measured[0].columns} columns`,
      measured: `${withSpread(measured.map(time), 1e6)} µs/atom`,
    });
    measurements.push(...measured);
  }
  const forward = results['atomic cluster expansion, ν ≤ 4'];
  const backward = results['atomic cluster expansion, ν ≤ 4, vjp'];
  const both = median(forward.map((m, k) => time(m) + time(backward[k])));
  rows.push(
    atMost(
      'silicon, linear energy and forces of the cluster expansion (values and vjp)',
      both * 1e6,
      clusterTarget * 1e6,
      1,
      ' µs/atom',
      'ML-PACE publishes 30 µs/atom for 127 functions and 44 neighbours, on another machine',
    ),
  );
  return { rows, measurements };
}
