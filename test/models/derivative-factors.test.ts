// Error bars of forces and stresses have factors of their own, found on held-out forces and stresses.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { calibrationOf, Potential, readStructures, Structure } from '../../ts';
import type { Parity, PotentialConfig, TargetKeys } from '../../ts';
import { readModel, writeModel } from '../../ts/models/container';
import { potentialKind } from '../../ts/models/file';
import { failing } from '../failing';

const folder = mkdtempSync(path.join(tmpdir(), 'soapstone-factors-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const config: PotentialConfig = {
  representation: { cutoff: { radius: 4 }, basis: { maxAngular: 3, radial: { count: 4 } } },
  kernel: { zeta: 2 },
  sparse: { count: 200 },
  noise: { energy: 1e-3, forces: 0.03 },
};
const withAll = { uncertainty: 'all' } as const;

let molecules: Structure[];
let test_: Structure[];
let potential: Potential;
const train = async (structures: readonly Structure[], more: PotentialConfig, keys?: TargetKeys) =>
  (await Potential.train(structures, { config: { ...config, ...more }, keys })).potential;
beforeAll(async () => {
  molecules = await readStructures(path.join(__dirname, '..', '..', 'data', 'ethanol-train.xyz'));
  test_ = molecules.slice(120, 200);
  potential = await train(molecules.slice(0, 120), {});
}, 60_000);

/** The same error bars, wider by a factor. */
const scaled = (parity: Parity, factor: number): Parity => ({
  ...parity,
  uncertainty: parity.uncertainty!.map((u) => factor * u),
});

test('forces err as they should, which they would not if they were as wide as energies', async () => {
  const { parity } = await potential.evaluate(test_, withAll);
  const { factors } = potential.parts;
  const { within } = calibrationOf(parity.forces!)!;
  expect(Math.abs(within[0] - 0.683)).toBeLessThan(0.06);
  // Errors have heavier tails than a Gaussian.
  expect(Math.abs(within[1] - 0.954)).toBeLessThan(0.05);
  // No stress has a label.
  expect(factors.stress).toBe(1);

  // Few points: energies are known worse than the forces of so many atoms say.
  const few = await train(molecules.slice(0, 150), {
    representation: { cutoff: { radius: 3 }, basis: { maxAngular: 2, radial: { count: 3 } } },
    sparse: { count: 40 },
  });
  const { forces } = (await few.evaluate(test_, withAll)).parity;
  const off = (parts: Parity) => Math.abs(calibrationOf(parts)!.within[0] - 0.683);
  expect(off(forces!)).toBeLessThan(0.06);
  expect(off(scaled(forces!, 1 / few.parts.factors.forces))).toBeGreaterThan(0.12);
});

test('so do stresses', async () => {
  // Crystals of a pair potential: r^−6 − r^−3 within a cell of one atom and its images.
  const random = (() => {
    let state = 7;
    return () => (state = (state * 48271) % 2147483647) / 2147483647;
  })();
  const crystals = Array.from({ length: 160 }, () => {
    const cell = [3.2, 0, 0, 0, 3.2, 0, 0, 0, 3.2].map((x) => x + 0.3 * (random() - 0.5));
    return new Structure({ species: ['Si'], positions: [0, 0, 0], cell, pbc: true });
  });
  const label = (structure: Structure) => {
    const { cell, volume } = structure;
    let energy = 0;
    const stress = new Float64Array(9);
    for (const k of Array.from({ length: 125 }, (_, n) => [
      n % 5,
      Math.floor(n / 5) % 5,
      Math.floor(n / 25),
    ])) {
      const r = [0, 1, 2].map((x) =>
        k.reduce((sum, count, row) => sum + (count - 2) * cell[3 * row + x]!, 0),
      );
      const d = Math.hypot(...r);
      if (d === 0 || d > 5) continue;
      const s = 3 / d;
      const taper = Math.cos((Math.PI * d) / 10) ** 2;
      const slope =
        ((-12 * s ** 12 + 6 * s ** 6) / d) * taper -
        ((s ** 12 - s ** 6) * Math.PI * Math.sin((Math.PI * d) / 5)) / 10;
      energy += 0.5 * (s ** 12 - s ** 6) * taper;
      for (let e = 0; e < 9; e++) {
        stress[e]! += (0.5 * slope * r[Math.floor(e / 3)]! * r[e % 3]!) / d / volume;
      }
    }
    return new Structure({
      ...{ species: structure.species, positions: structure.positions, cell, pbc: true },
      info: { energy, stress: { data: stress, shape: [3, 3] } },
    });
  };
  const all = crystals.map(label);
  const own = await train(all.slice(0, 100), {
    representation: { cutoff: { radius: 5 }, basis: { maxAngular: 4, radial: { count: 5 } } },
    sparse: { count: 40 },
    noise: { energy: 1e-3, stress: 1e-3 },
  });
  const { parity } = await own.evaluate(all.slice(100), withAll);
  const { within } = calibrationOf(parity.stress!)!;
  expect(own.parts.factors.stress).not.toBe(1);
  expect(Math.abs(within[0] - 0.683)).toBeLessThan(0.15);
  expect(within[1]).toBeGreaterThan(0.88);
});

test('without energies, forces tell how wide variances are', async () => {
  const own = await train(molecules.slice(0, 120), {}, { energy: null });
  expect(own.parts.factors).toEqual({ forces: 1, stress: 1 });
  expect(own.summary.notes.join()).not.toMatch(/held-out labels/);
  const { parity } = await own.evaluate(test_, withAll);
  expect(Math.abs(calibrationOf(parity.forces!)!.within[0] - 0.683)).toBeLessThan(0.06);
});

test('a note says what few held-out structures do not tell', async () => {
  const own = await train(molecules.slice(0, 12), { sparse: { count: 60 } });
  expect(own.parts.factors.forces).not.toBe(1);
  expect(own.summary.notes.join()).toMatch(/uncertainties of energies follow from how likely/);
  const none = await train(molecules.slice(0, 12), {
    sparse: { count: 60 },
    validation: { fraction: 0 },
  });
  expect(none.parts.factors).toEqual({ forces: 1, stress: 1 });
  expect(none.summary.notes.join()).toMatch(/uncertainties follow from how likely/);
});

test('the file has them; one of the version before, without, is read', async () => {
  const file = path.join(folder, 'new.soapstone');
  await potential.save(file);
  const some = test_.slice(0, 2);
  const predictions = await potential.predict(some, withAll);
  const loaded = await Potential.load(file);
  expect(loaded.parts.factors).toEqual(potential.parts.factors);
  expect(await loaded.predict(some, withAll)).toEqual(predictions);

  const contents = await readModel(file, [potentialKind]);
  const write = async (version: number) => {
    const name = path.join(folder, `version-${version}.soapstone`);
    await writeModel(name, {
      ...contents,
      version,
      metadata: { ...contents.metadata, factors: null },
    });
    return name;
  };
  const old = await Potential.load(await write(2));
  expect(old.parts.factors).toEqual({ forces: 1, stress: 1 });
  const [first] = await old.predict(some, withAll);
  expect(first!.energyUncertainty).toBe(predictions[0]!.energyUncertainty);
  first!.forcesUncertainty!.forEach((u, i) =>
    expect(potential.parts.factors.forces * u).toBeCloseTo(
      predictions[0]!.forcesUncertainty![i]!,
      12,
    ),
  );
  await expect(Potential.load(await write(1))).rejects.toThrow(failing({ code: 'FORMAT' }));
  await expect(Potential.load(await write(4))).rejects.toThrow(
    /format version 4; .* reads version 3/,
  );
});

test.each([{ type: 'variance' } as const, { type: 'committee', members: 12 } as const])(
  'forces that symmetry makes zero tell nothing of them: $type',
  async (uncertainty) => {
    // Labels of forces in linear molecules have noise across the axis, where predictions are zero.
    const chains = Array.from({ length: 90 }, (_, s) => {
      const [a, b] = [1.1 + 0.2 * Math.sin(s), 1.1 + 0.2 * Math.sin(1.7 * s + 1)];
      const forces = [1 - 0.8 * a, 0.8 * (a - b), 0.8 * b - 1].flatMap((f, i) => [
        ...[f + 0.05 * Math.sin(9 * a * b), 1e-3 * Math.sin(s + i), 1e-3 * Math.cos(s * i)],
      ]);
      return new Structure({
        species: ['O', 'O', 'O'],
        positions: [0, 0, 0, a, 0, 0, a + b, 0, 0],
        info: { energy: 0.5 * ((a - 1.25) ** 2 + (b - 1.25) ** 2) + 1e-3 * Math.sin(7 * s) },
        arrays: { forces: { data: Float64Array.from(forces), shape: [3, 3] } },
      });
    });
    const own = await train(chains.slice(0, 60), { sparse: { count: 30 }, uncertainty });
    const { parity } = await own.evaluate(chains.slice(60), withAll);
    const { uncertainty: known } = parity.forces!;
    expect([...known!].every((u, i) => Number.isNaN(u) === (i % 3 !== 0))).toBe(true);
    expect(own.parts.factors.forces).toBeLessThan(30);
    expect(calibrationOf(parity.forces!)!.within[1]).toBeGreaterThan(0.8);
  },
);
