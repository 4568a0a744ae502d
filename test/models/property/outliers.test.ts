import { PropertyModel, Structure } from '../../../ts';
import type { PropertyConfig } from '../../../ts';
import { failing } from '../../failing';
import { randomNumbers } from '../../properties/structures';

const random = randomNumbers(11);
const config: PropertyConfig = {
  terms: [
    { representation: { cutoff: { radius: 3 }, basis: { maxAngular: 3, radial: { count: 4 } } } },
  ],
  regression: { type: 'sparse', count: 'all' },
};

/** A crystal of two atoms whose labels are formulas of their distance; each also in twice the cell. */
function crystals(): [Structure, Structure] {
  const a = 3.2 + 0.4 * random();
  const u = 0.95 + 0.2 * random();
  const labels = [300 + 40 * u + a, 30 + 5 / u - a];
  const make = (copies: number) =>
    new Structure({
      positions: Array.from({ length: copies }, (_, c) => [
        [c * a, 0, 0],
        [c * a + u, 0.2, 0.1],
      ]).flat(),
      species: Array.from({ length: copies }, () => [8, 1]).flat(),
      cell: [
        [copies * a, 0, 0],
        [0, a, 0],
        [0, 0, a],
      ],
      pbc: [true, true, true],
      arrays: {
        shift: {
          data: Float64Array.from(Array.from({ length: copies }, () => labels).flat()),
          shape: [2 * copies],
        },
      },
    });
  return [make(1), make(2)];
}

const pairs = Array.from({ length: 50 }, crystals);
const training = pairs.slice(0, 40).map(([small]) => small);
const test_ = pairs.slice(40).map(([small]) => small);

/** The same structure with another label of its first atom. */
const mislabelled = (structure: Structure, by: number): Structure =>
  new Structure({
    ...structure,
    arrays: {
      shift: {
        data: Float64Array.from(structure.arrays.shift!.data as Float64Array, (y, i) =>
          i === 0 ? y + by : y,
        ),
        shape: [structure.length],
      },
    },
  });

describe('atoms that are copies of others by translation or symmetry', () => {
  test('are one reference, and one row of the kernel', async () => {
    const doubled = pairs.slice(0, 40).map(([, double]) => double);
    const one = await PropertyModel.train(training, 'shift', { config });
    const two = await PropertyModel.train(doubled, 'shift', { config });
    expect(one.summary.references).toEqual({ H: 40, O: 40 });
    expect(two.summary.references).toEqual({ H: 40, O: 40 });
    const [small, large] = pairs[45]!;
    const [a] = await two.predict([small], { uncertainty: true });
    const [b] = await two.predict([large], { uncertainty: true });
    for (let i = 0; i < 4; i++) {
      expect(b!.values[i]!).toBeCloseTo(a!.values[i % 2]!, 6);
      expect(b!.uncertainty![i]!).toBeCloseTo(a!.uncertainty![i % 2]!, 6);
    }
    expect((await two.evaluate(test_)).errors.rmse).toBeLessThan(0.1);
  });
});

test('where all environments are references, noise is found without held-out structures', async () => {
  const random = randomNumbers(5);
  const gauss = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const noisy = training.map((structure) => mislabelled(structure, gauss()));
  const nothingHeldOut: PropertyConfig = { ...config, validation: { fraction: 0 } };
  const [clean, rough] = [
    await PropertyModel.train(training, 'shift', { config: nothingHeldOut }),
    await PropertyModel.train(noisy, 'shift', { config: nothingHeldOut }),
  ];
  const noiseOf = (model: PropertyModel) => model.config.noise[1]!;
  expect(noiseOf(clean)).toBeLessThan(1e-4);
  expect(noiseOf(rough)).toBeGreaterThan(0.01);
  // Those of O scatter by 1 about labels that differ by some 3 from crystal to crystal.
  expect((await rough.evaluate(test_)).errors.perSpecies!.O!.rmse).toBeLessThan(0.7);
});

describe('labels that all others contradict', () => {
  const wrong = new Map([
    [3, 400],
    [17, -250],
    [30, 900],
  ]);
  const odd = training.map((structure, s) => mislabelled(structure, wrong.get(s) ?? 0));

  test('hardly count where they scatter like a Student t, and are told', async () => {
    const robust: PropertyConfig = { ...config, likelihood: { type: 'student-t' } };
    const [gaussian, student] = [
      await PropertyModel.train(odd, 'shift', { config }),
      await PropertyModel.train(odd, 'shift', { config: robust }),
    ];
    const error = async (model: PropertyModel) =>
      (await model.evaluate(test_)).errors.perSpecies!.O!.rmse;
    expect(await error(student)).toBeLessThan(1);
    expect(await error(gaussian)).toBeGreaterThan(10);
    expect(student.summary.notes.join()).toMatch(/^[3-5] of 40 labels of O are outliers/);
    expect(gaussian.summary.notes).toEqual([]);
    expect(student.config.likelihood).toEqual({ type: 'student-t', degrees: 4 });
  });

  test('are suspected where the likelihood is a Gaussian, element by element', async () => {
    const all = Array.from({ length: 100 }, () => crystals()[0]);
    const spoilt = all.map((structure, s) => mislabelled(structure, s % 20 === 4 ? 300 : 0));
    // So much noise that the others are fitted all the same.
    const gaussian: PropertyConfig = { ...config, regression: { type: 'sparse', count: 20 } };
    const [clean, odd] = [
      await PropertyModel.train(all, 'shift', { config: gaussian }),
      await PropertyModel.train(spoilt, 'shift', { config: { ...gaussian, noise: 10 } }),
    ];
    expect(clean.summary.notes).toEqual([]);
    expect(odd.summary.notes).toEqual([
      expect.stringMatching(/^[1-9] of 20 held-out labels of O are off by more than 10 times/),
    ]);
    expect(odd.summary.notes[0]).toContain('{"likelihood": {"type": "student-t"}}');
  });

  test('cost nothing where there are none', async () => {
    const robust: PropertyConfig = { ...config, likelihood: { type: 'student-t', degrees: 3 } };
    const model = await PropertyModel.train(training, 'shift', { config: robust });
    expect((await model.evaluate(test_)).errors.rmse).toBeLessThan(0.1);
  });

  test('of structures and of tensors are weighed, too', async () => {
    const molecules = Array.from({ length: 40 }, (_, s) => {
      const d = 0.9 + 0.3 * random();
      const sign = s === 7 ? -5 : 1;
      return new Structure({
        positions: [
          [0, 0, 0],
          [d, 0, 0],
        ],
        species: [8, 1],
        info: { mu: { data: Float64Array.of(sign * d * d, 0, 0), shape: [3] } },
      });
    });
    const robust: PropertyConfig = { ...config, likelihood: { type: 'student-t' } };
    const model = await PropertyModel.train(molecules, 'mu', { config: robust });
    const { parity } = await model.evaluate(molecules.filter((_, s) => s !== 7));
    parity.predicted.forEach((y, i) =>
      expect(Math.abs(y - parity.reference[i]!)).toBeLessThan(0.02),
    );
    expect(model.summary.notes[0]).toMatch(/^[1-5] of 40 labels are outliers/);
  });

  test('are refused wrong degrees of freedom', async () => {
    const wrongConfig = { ...config, likelihood: { type: 'student-t', degrees: 0 } } as const;
    await expect(PropertyModel.train(training, 'shift', { config: wrongConfig })).rejects.toThrow(
      failing({ code: 'INVALID_INPUT', path: 'likelihood.degrees' }),
    );
  });
});
