import path from 'node:path';

import { calibrationOf, Potential, readStructures, Structure } from '../../ts';
import type { PotentialConfig, Prediction } from '../../ts';
import { failing } from '../failing';
import { trainedOnPairs } from '../properties/potential';
import {
  doubled,
  moved,
  permuted,
  rotation,
  someStructures,
  transformed,
  translated,
} from '../properties/structures';

const noise = { energy: 0.01, forces: 0.1, stress: 0.1 };
const cases: Record<string, readonly [species: readonly number[], config: PotentialConfig]> = {
  'two elements': [[1, 8], { sparse: { count: 20 }, noise }],
  'random channels': [
    [1, 6, 8],
    {
      representation: {
        cutoff: { radius: 3, smoothing: { width: 0.8 } },
        basis: { maxAngular: 3, radial: { count: 4 } },
        channels: { type: 'random', count: 2 },
      },
      sparse: { count: 15 },
      noise,
    },
  ],
  'one element, a high power': [[14], { kernel: { zeta: 4 }, sparse: { count: 12 }, noise }],
  'a linear kernel': [[1, 8], { kernel: { zeta: 1 }, sparse: { count: 20 }, noise }],
};

const squares = (values: ArrayLike<number>): number[] => Array.from(values, (x) => x * x);
const sum = (values: readonly number[]): number => values.reduce((total, x) => total + x, 0);
const rms = (predictions: readonly Prediction[]): number => {
  const all = predictions.flatMap(({ forcesUncertainty }) => squares(forcesUncertainty!));
  return Math.sqrt(sum(all) / all.length);
};

/** What does not change when a structure turns: traces of the covariances of each force and of the stress. */
function traces({ forcesUncertainty, stressUncertainty }: Prediction) {
  const variances = squares(forcesUncertainty!);
  return {
    forces: variances
      .filter((_, x) => x % 3 === 0)
      .map((xx, i) => xx + variances[3 * i + 1]! + variances[3 * i + 2]!),
    stress: sum(squares(stressUncertainty!)),
  };
}

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) {
  const largest = Math.max(...Array.from(expected, Math.abs));
  expect(found).toHaveLength(expected.length);
  Array.from(expected).forEach((value, k) => {
    expect(Math.abs(found[k]! - value)).toBeLessThanOrEqual(tolerance * largest);
  });
}

describe.each(Object.entries(cases))('variances of forces: %s', (_, [species, config]) => {
  let potential: Potential;
  let structures: Structure[];
  let predictions: Prediction[];
  const one = (structure: Structure): Prediction =>
    potential.predictSync([structure], { uncertainty: 'all' })[0]!;

  beforeAll(async () => {
    potential = await trainedOnPairs(species, config);
    structures = someStructures(1000, species);
    predictions = potential.predictSync(structures, { uncertainty: 'all' });
  });

  test('are those of differences of energies', () => {
    // The energy of two molecules that do not see each other is the sum of both, which gives the covariance:
    // var(a + b) = var(a) + var(b) + 2 cov(a, b).
    const [molecule] = structures;
    const step = 0.004;
    const varianceOf = (...parts: Structure[]): number => {
      const positions = parts.flatMap((part, k) =>
        Array.from(part.positions, (x, c) => (c % 3 === 0 ? x + 50 * k : x)),
      );
      const both = new Structure({
        positions,
        species: parts.flatMap((part) => [...part.species]),
      });
      const options = { uncertainty: true, forces: false, stress: false };
      return potential.predictSync([both], options)[0]!.energyUncertainty! ** 2;
    };
    const slopes = Array.from(predictions[0]!.forces!, (__, x) => {
      const [a, b] = [moved(molecule!, x, step), moved(molecule!, x, -step)];
      const difference = 2 * varianceOf(a) + 2 * varianceOf(b) - varianceOf(a, b);
      return difference / (4 * step ** 2);
    });
    const { factors } = potential.parts;
    expectClose(
      squares(predictions[0]!.forcesUncertainty!),
      slopes.map((slope) => factors.forces ** 2 * slope),
      3e-4,
    );
    expect(Math.min(...predictions[0]!.forcesUncertainty!)).toBeGreaterThan(1e-3);
  });

  test('turn with the structure', () => {
    structures.forEach((structure, s) => {
      const turned = traces(one(transformed(structure, rotation(3))));
      const expected = traces(predictions[s]!);
      expectClose(turned.forces, expected.forces, 1e-8);
      expectClose([turned.stress], [expected.stress], 1e-8);
      // x → y, y → −x.
      const quarter = one(transformed(structure, [0, 1, 0, -1, 0, 0, 0, 0, 1]));
      const { forcesUncertainty, stressUncertainty } = predictions[s]!;
      const swap = [1, 0, 2];
      expectClose(
        quarter.forcesUncertainty!,
        forcesUncertainty!.map((__, x) => forcesUncertainty![x - (x % 3) + swap[x % 3]!]!),
        1e-7,
      );
      expectClose(
        quarter.stressUncertainty!,
        stressUncertainty!.map(
          (__, e) => stressUncertainty![3 * swap[Math.floor(e / 3)]! + swap[e % 3]!]!,
        ),
        1e-7,
      );
    });
  });

  test('do not depend on the origin or the order of atoms', () => {
    structures.forEach((structure, s) => {
      const { forcesUncertainty, stressUncertainty } = predictions[s]!;
      const shifted = one(translated(structure, [12.3, -4.5, 0.678]));
      expectClose(shifted.forcesUncertainty!, forcesUncertainty!, 1e-7);
      const order = Array.from({ length: structure.length }, (__, i) => i).reverse();
      const reordered = one(permuted(structure, order));
      expectClose(
        reordered.forcesUncertainty!,
        order.flatMap((i) => [...forcesUncertainty!.subarray(3 * i, 3 * i + 3)]),
        1e-7,
      );
      expectClose(reordered.stressUncertainty!, stressUncertainty!, 1e-7);
    });
  });

  test('are those of a supercell, too', () => {
    // All images of an atom of the small cell move together, by a copy of what changes in the supercell.
    structures.forEach((structure, s) => {
      const { structure: supercell, copies } = doubled(structure);
      const { forcesUncertainty, stressUncertainty } = predictions[s]!;
      const found = one(supercell);
      const expected = Array.from({ length: copies }, () => [...forcesUncertainty!]).flat();
      expectClose(found.forcesUncertainty!, expected, 1e-7);
      expectClose(found.stressUncertainty!, stressUncertainty!, 1e-7);
      const periodic = structure.pbc.every(Boolean);
      if (periodic) expect(Math.min(...stressUncertainty!)).toBeGreaterThan(1e-6);
    });
  });

  test('have no step where an atom enters the cutoff', () => {
    const withThirdAt = (distance: number) =>
      one(
        new Structure({
          positions: [0, 0, 0, 0, 0, -1.1, 0, 0, distance],
          species: [0, 1, 2].map((i) => species[i % species.length]!),
        }),
      ).forcesUncertainty!;
    const outside = withThirdAt(3);
    expect(Math.max(...outside)).toBeGreaterThan(1e-3);
    expectClose(withThirdAt(3 - 1e-6), outside, 1e-4);
    expect(withThirdAt(2.9)[8]).toBeGreaterThan(1e-5);
    expect(outside[8]).toBe(0);
  });

  test('are the same asynchronously and for any number of threads', async () => {
    expect(await potential.predict(structures, { uncertainty: 'all' })).toEqual(predictions);
    for (const threads of [1, 2]) {
      expect(potential.predictSync(structures, { uncertainty: 'all', threads })).toEqual(
        predictions,
      );
    }
  });
});

describe('uncertainties of forces of molecules', () => {
  const config: PotentialConfig = {
    representation: { cutoff: { radius: 4 }, basis: { maxAngular: 3, radial: { count: 4 } } },
    kernel: { zeta: 2 },
    sparse: { count: 300 },
    noise: { energy: 1e-3, forces: 0.03 },
  };
  let all: Structure[];
  let potential: Potential;
  beforeAll(async () => {
    all = await readStructures(path.join(__dirname, '..', '..', 'data', 'ethanol-train.xyz'));
    ({ potential } = await Potential.train(all.slice(0, 60), { config }));
  }, 60_000);
  const withAll = { uncertainty: 'all' } as const;

  test('grow far from the data, and fall to about the noise where labels are', async () => {
    const { covariance, factors } = potential.parts;
    const noise = 0.03 * Math.sqrt(covariance.amplitude) * factors.forces;
    const far = all
      .slice(0, 20)
      .map(
        ({ species, positions }) =>
          new Structure({ species, positions: positions.map((x) => 1.3 * x) }),
      );
    const [known, strange] = [
      rms(await potential.predict(all.slice(0, 20), withAll)),
      rms(await potential.predict(far, withAll)),
    ];
    expect(known).toBeLessThan(2.5 * noise);
    expect(strange).toBeGreaterThan(4 * known);
  });

  test('agree with errors about as well as those of energies', async () => {
    const { parity } = await potential.evaluate(all.slice(60, 140), withAll);
    const [energy, forces] = [calibrationOf(parity.energy!)!, calibrationOf(parity.forces!)!];
    for (const { factor } of [energy, forces]) {
      expect(factor).toBeGreaterThan(0.4);
      expect(factor).toBeLessThan(2.5);
    }
    // Where they are larger, so are errors.
    const errors = parity.forces!.predicted.map((y, i) =>
      Math.abs(y - parity.forces!.reference[i]!),
    );
    const order = [...errors.keys()].sort(
      (a, b) => parity.forces!.uncertainty![a]! - parity.forces!.uncertainty![b]!,
    );
    const third = Math.floor(order.length / 3);
    const mean = (indices: readonly number[]) => sum(indices.map((i) => errors[i]!)) / third;
    expect(mean(order.slice(-third))).toBeGreaterThan(1.2 * mean(order.slice(0, third)));
  });

  test('are there when they are asked for', async () => {
    const structures = all.slice(0, 3);
    const [cheap] = await potential.predict(structures, { uncertainty: true });
    expect(cheap!.forcesUncertainty).toBeUndefined();
    expect(cheap!.stressUncertainty).toBeUndefined();
    const [both] = await potential.predict(structures, withAll);
    expect(both!.energyUncertainty).toBe(cheap!.energyUncertainty);
    expect(both!.energy).toBe(cheap!.energy);
    expect(both!.stressUncertainty).toEqual(new Float64Array(9));
    const [energies] = await potential.predict(structures, {
      ...withAll,
      forces: false,
      stress: false,
    });
    expect(energies!.forcesUncertainty).toBeUndefined();
    await expect(potential.predict(structures, { uncertainty: 'forces' as 'all' })).rejects.toThrow(
      failing({ code: 'INVALID_INPUT', path: 'uncertainty' }),
    );
  });

  test('report progress and can be stopped', async () => {
    const progress: number[] = [];
    await potential.predict(all.slice(0, 10), {
      ...withAll,
      threads: 1,
      onProgress: (done, total) => {
        expect(total).toBe(90);
        progress.push(done);
      },
    });
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(progress.every((atoms) => atoms % 9 === 0)).toBe(true);
    expect(progress.at(-1)).toBe(90);
    const stop = new AbortController();
    await expect(
      potential.predict(all, {
        ...withAll,
        signal: stop.signal,
        onProgress: () => stop.abort(),
      }),
    ).rejects.toThrow(failing({ code: 'ABORTED' }));
  });
});
