import { calibration } from '../../ts';
import { centralProbability } from '../../ts/analysis/calibration';
import { randomNumbers } from '../../ts/common/random';
import { failing } from '../failing';

const random = randomNumbers(3);
const gaussian = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const sigmas = Float64Array.from({ length: 20_000 }, () => 0.1 + random());
const errors = sigmas.map((sigma) => sigma * gaussian());

test('the error function, by its known values', () => {
  expect(centralProbability(0)).toBe(0);
  expect(centralProbability(1)).toBeCloseTo(0.682689492137086, 14);
  expect(centralProbability(2)).toBeCloseTo(0.954499736103642, 14);
  expect(centralProbability(4)).toBeCloseTo(0.999936657516334, 14);
  expect(centralProbability(3.5355)).toBeCloseTo(centralProbability(3.5356), 6);
});

test('Gaussian errors of these widths are calibrated', () => {
  const { within, area, factor, expected, observed } = calibration(errors, sigmas);
  expect(within[0]).toBeCloseTo(0.683, 2);
  expect(within[1]).toBeCloseTo(0.954, 2);
  expect(area).toBeLessThan(0.01);
  expect(factor).toBeCloseTo(1, 1.5);
  expect([expected[0], observed[0], expected[100], observed[100]]).toEqual([0, 0, 1, 1]);
});

test('the factor mends widths that are wrong, and is the most likely', () => {
  const narrow = sigmas.map((sigma) => sigma / 3);
  const { factor, area, within } = calibration(errors, narrow);
  expect(factor).toBeCloseTo(3, 1);
  expect(area).toBeGreaterThan(0.2);
  expect(within[0]).toBeLessThan(0.3);
  const likelihood = (scale: number) =>
    calibration(
      errors,
      narrow.map((sigma) => scale * sigma),
    ).logLikelihood;
  expect(likelihood(factor)).toBeGreaterThan(likelihood(1.01 * factor));
  expect(likelihood(factor)).toBeGreaterThan(likelihood(0.99 * factor));
});

test('says what is wrong', () => {
  expect(() => calibration([], [])).toThrow(failing({ path: 'uncertainties' }));
  expect(() => calibration([1, 2], [1, 0])).toThrow(failing({ path: 'uncertainties[1]' }));
  expect(() => calibration([NaN], [1])).toThrow(failing({ path: 'errors[0]' }));
});
