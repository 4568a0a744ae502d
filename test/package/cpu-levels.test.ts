import { execFileSync } from 'node:child_process';
import path from 'node:path';

import { supportedCpuLevels } from '../../ts/native/cpu-level';

const root = path.resolve(__dirname, '../..');

/** The binaries that the package was packed with, for the levels that this machine can run. */
const [baseline, ...others] = [...supportedCpuLevels()].reverse();

type Results = Readonly<Record<string, readonly number[]>>;

/** What calculations.mjs computes with the binary of a level. */
function compute(level: string): Results {
  const folder = path.join(root, 'prebuilds', `${process.platform}-${process.arch}`);
  const addon = path.join(folder, `soapstone-${level}.node`);
  const output = execFileSync(process.execPath, [path.join(__dirname, 'calculations.mjs')], {
    env: { ...process.env, SOAPSTONE_NATIVE: addon },
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  const { cpuLevel, ...results } = JSON.parse(output) as Results & { readonly cpuLevel: string };
  expect(cpuLevel).toBe(level);
  return results;
}

/** Largest difference of two results over the largest number in them. */
function difference(found: readonly number[], expected: readonly number[]): number {
  expect(found).toHaveLength(expected.length);
  let [error, largest] = [0, 0];
  expected.forEach((x, k) => {
    error = Math.max(error, Math.abs(x - found[k]!));
    largest = Math.max(largest, Math.abs(x));
  });
  return error / largest;
}

/**
 * Levels differ in the order of sums and in which products are rounded before they are added, which the equations
 * of a fit magnify.
 */
const tolerances = {
  pairs: 0,
  vectors: 0,
  features: 1e-13,
  'normalised features': 1e-13,
  'vector–Jacobian product': 1e-12,
  Jacobian: 1e-12,
  weights: 1e-9,
  energies: 1e-12,
  forces: 1e-10,
  uncertainties: 1e-9,
};

if (baseline !== undefined && others.length > 0) {
  let expected: Results;
  beforeAll(() => {
    expected = compute(baseline);
  }, 60_000);

  test.each(others)(
    `%s gives the numbers of ${baseline}`,
    (level) => {
      const found = compute(level);
      expect(Object.keys(found)).toEqual(Object.keys(tolerances));
      for (const [name, tolerance] of Object.entries(tolerances)) {
        expect({ name, ok: difference(found[name]!, expected[name]!) <= tolerance }).toEqual({
          name,
          ok: true,
        });
      }
    },
    60_000,
  );
}
