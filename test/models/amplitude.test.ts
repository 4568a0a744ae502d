// The width of the prior, by which variances become those of errors.

import { Potential, readStructures } from '../../ts';
import { amplitudeOf } from '../../ts/models/amplitude';
import { data } from '../cli/support';

describe('of held-out samples', () => {
  const of = (count: number, value: number) => new Float64Array(count).fill(value);

  test('it is the mean square of error by uncertainty', () => {
    expect(amplitudeOf(of(20, 3), of(20, 2))).toBeCloseTo(2.25, 12);
    expect(amplitudeOf(of(60, 3), of(20, 2))).toBeCloseTo(2.25, 12);
  });

  test('samples without an uncertainty do not count', () => {
    const uncertainties = of(20, 2).map((u, i) => (i < 5 ? NaN : i < 8 ? 0 : u));
    expect(amplitudeOf(of(20, 3), uncertainties)).toBeCloseTo(2.25, 12);
  });

  test('few, or those without any error, tell nothing', () => {
    expect(amplitudeOf(of(9, 3), of(9, 2))).toBeUndefined();
    expect(amplitudeOf(of(20, 0), of(20, 2))).toBeUndefined();
    expect(amplitudeOf(of(20, NaN), of(20, 2))).toBeUndefined();
  });
});

test.each([0, 0.2])('of a potential of few structures, %d of them held out', async (fraction) => {
  const structures = await readStructures(data('water-train.xyz'));
  const representation = {
    cutoff: { radius: 3.5 },
    basis: { maxAngular: 3, radial: { count: 4 } },
  } as const;
  const config = { representation, sparse: { count: 100 }, validation: { fraction } };
  const { potential } = await Potential.train(structures.slice(0, 8), { config });
  expect(potential.summary.notes.join()).toMatch(/fewer than 10 held-out labels/);
  const test_ = structures.slice(60, 100);
  const { energy } = (await potential.evaluate(test_, { uncertainty: true })).parity;
  const square = energy!.reference.reduce(
    (sum, y, s) => sum + ((y - energy!.predicted[s]!) / energy!.uncertainty![s]!) ** 2,
    0,
  );
  expect(Math.sqrt(square / test_.length)).toBeGreaterThan(0.3);
  expect(Math.sqrt(square / test_.length)).toBeLessThan(2.4);
});
