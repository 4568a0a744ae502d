// How uncertainties of energies and forces agree with errors on published test sets.

import { dataFile, firstFrames } from './common/data.mjs';
import { ours, runProgram } from './common/programs.mjs';

export const title = 'Uncertainties of potentials: test errors within one, two standard deviations';

/** Of a Gaussian 68.3 and 95.4 %. */
const target = '68 ± 4 %, 95 ± 2 %';
const sets = [
  { name: 'ethanol', train: 'rmd17-ethanol/train.xyz', test: 'rmd17-ethanol/test_MD.xyz' },
  ...['Ni', 'Cu', 'Mo'].map((symbol) => ({
    name: symbol,
    train: `mlearn/${symbol}_train.xyz`,
    test: `mlearn/${symbol}_test.xyz`,
  })),
];
const kinds = { variance: { type: 'variance' }, committee: { type: 'committee', members: 32 } };

export async function run({ data, threads = 2, quick, log }) {
  const rows = [];
  const measurements = [];
  for (const { name, train, test } of sets) {
    for (const [kind, uncertainty] of Object.entries(kinds)) {
      log(`${name}, ${kind}`);
      const measurement = await runProgram(
        ours('uncertainties.mjs', await firstFrames(dataFile(data, train), quick ? 30 : undefined)),
        {
          test: await firstFrames(dataFile(data, test), quick ? 5 : 200),
          threads,
          config: JSON.stringify({ sparse: { count: quick ? 50 : 1000 }, uncertainty }),
        },
      );
      measurements.push(measurement);
      rows.push(...rowsOf(`${name}, ${kind}`, measurement));
    }
  }
  return {
    how: 'one training each, of 1000 sparse points, else nothing configured; the first 200 test structures, but forces that symmetry makes zero',
    rows,
    measurements,
  };
}

function rowsOf(name, { energy, forces, forcesAsEnergies, factors }) {
  const percent = (within) => within.map((part) => `${(100 * part).toFixed(1)} %`).join(', ');
  const row = (what, [one, two], details = '') => ({
    what: `${name}: ${what}`,
    measured: percent([one, two]),
    target,
    met: Math.abs(one - 0.68) <= 0.04 && Math.abs(two - 0.95) <= 0.02,
    details,
  });
  const details = `${percent(forcesAsEnergies)} if as wide as energies; a factor of ${factors.forces.toPrecision(3)}`;
  return [row('energies', energy), row('components of forces', forces, details)];
}
