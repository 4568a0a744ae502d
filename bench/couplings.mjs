// Power spectra of many elements: the full one beside compressed ones, and optimal radial functions beside plain.

import { inTurn, ours, runProgram } from './common/programs.mjs';
import { ratios } from './common/comparison.mjs';
import { atLeast, withSpread } from './common/statistics.mjs';
import { workload } from './common/workloads.mjs';

export const title = 'Couplings and compressions: an alloy of eight elements, n = 8, l ≤ 6, 5 Å';

const couplings = {
  'same element': { type: 'same-element' },
  'μ = ν = 1': { type: 'mu' },
  'two mixtures of the elements': { type: 'mixing', over: 'species', count: 2 },
  '24 mixtures of everything': { type: 'mixing', count: 24 },
  '100 random projections': { type: 'projection', count: 100 },
};

export async function run({ rounds, runs, log }) {
  const file = await workload('alloy');
  const start = (flags) => () => runProgram(ours('couplings.mjs', file), { runs, ...flags });
  log('couplings');
  const results = await inTurn(
    {
      all: start({}),
      ...Object.fromEntries(
        Object.entries(couplings).map(([name, coupling]) => [
          name,
          start({ coupling: JSON.stringify(coupling) }),
        ]),
      ),
      'n = 4': start({ count: 4 }),
      'n = 4, optimal of 12': start({ count: 12, optimal: 4 }),
    },
    rounds,
  );
  const seconds = ({ secondsPerUnit }) => secondsPerUnit.median;
  const rows = Object.entries(results).map(([name, measured]) => ({
    what: `${name}: ${measured[0].columns} columns`,
    measured: `${withSpread(measured.map(seconds), 1e6)} µs/atom`,
  }));
  const speed = ratios(results['n = 4, optimal of 12'], results['n = 4'], seconds);
  rows.push(atLeast('speed of optimal functions, relative to plain ones', speed, 0.85, '×'));
  return { rows, measurements: Object.values(results).flat() };
}
