import { calibration } from '../../analysis';
import type { Quantity, SetCalibration } from '../data';
import { formatNumber, formatSignificant, withUnit } from '../quantities';
import { logAxis, logRange } from './log-axis';
import type { Chart } from './parity';

const size = 340;

/** Parts of errors within intervals over the parts that are expected there, for sets of one quantity. */
export function reliabilityChart(
  sets: readonly SetCalibration[],
  colour: (set: string) => string,
): Chart {
  const curves = sets.map(({ errors, uncertainties }) => calibration(errors, uncertainties, 51));
  const axis = (title: string) => ({
    type: 'quantitative' as const,
    scale: { domain: [0, 1], nice: false },
    axis: { title, tickCount: 5 },
  });
  const x = axis('Expected part of errors within');
  const y = axis('Observed part of errors within');
  const percent = (part: number) => `${(100 * part).toFixed(1)} %`;
  const caption = curves.map(
    ({ within: [one, two], area }, s) =>
      `${sets[s]!.set}: ${percent(one)} within one standard deviation (expected 68.3 %), ${percent(two)} within two ` +
      `(95.4 %), area ${formatSignificant(area, 2)}.`,
  );
  return {
    spec: {
      width: size,
      height: size,
      layer: [
        ...curves.map(({ expected, observed }, s) => ({
          data: { values: Array.from(expected, (p, k) => ({ x: p, y: observed[k]! })) },
          mark: { type: 'line' as const, color: colour(sets[s]!.set), strokeWidth: 1.5 },
          encoding: { x: { field: 'x', ...x }, y: { field: 'y', ...y } },
        })),
        diagonal([0, 1], x, y),
      ],
    },
    caption: ['The line is perfect agreement.', ...caption].join(' '),
  };
}

/** Errors over the standard deviations that were predicted: root mean squares of equal parts of each set. */
export function spreadChart(
  sets: readonly SetCalibration[],
  { unit }: Pick<Quantity, 'unit'>,
  colour: (set: string) => string,
): Chart {
  const points = sets.map((set) => binned(set));
  const all = points.flat().flatMap(({ x, y }) => [x, y]);
  const range = logRange(all);
  const axis = (title: string) => ({
    type: 'quantitative' as const,
    ...logAxis(range, { title: withUnit(title, unit) }),
  });
  const x = axis('Predicted standard deviation');
  const y = axis('Root mean square error');
  const counts = sets.map(
    ({ set, errors }, s) => `${set}: ${formatNumber(errors.length)} in ${points[s]!.length} parts`,
  );
  return {
    spec: {
      width: size,
      height: size,
      layer: [
        ...points.map((values, s) => ({
          data: { values },
          mark: { type: 'point' as const, color: colour(sets[s]!.set), filled: true, size: 45 },
          encoding: { x: { field: 'x', ...x }, y: { field: 'y', ...y } },
        })),
        diagonal([range.min, range.max], x, y),
      ],
    },
    caption: `Parts of equal size, by predicted standard deviation. ${counts.join('; ')}.`,
  };
}

/** Root mean squares of standard deviations and errors in parts of equal size, ascending. */
function binned({ errors, uncertainties }: SetCalibration): { x: number; y: number }[] {
  const order = Array.from(errors, (_, i) => i).sort(
    (a, b) => uncertainties[a]! - uncertainties[b]!,
  );
  const bins = Math.max(1, Math.min(20, Math.floor(order.length / 10)));
  const rms = (part: readonly number[], of: ArrayLike<number>) =>
    Math.sqrt(part.reduce((sum, i) => sum + of[i]! ** 2, 0) / part.length);
  return Array.from({ length: bins }, (_, b) => {
    const part = order.slice(
      Math.floor((b * order.length) / bins),
      Math.floor(((b + 1) * order.length) / bins),
    );
    return { x: rms(part, uncertainties), y: rms(part, errors) };
  }).filter(({ x, y }) => x > 0 && y > 0);
}

function diagonal(ends: readonly number[], x: object, y: object) {
  return {
    data: { values: ends.map((value) => ({ x: value, y: value })) },
    mark: { type: 'line' as const, color: 'var(--ink)', strokeWidth: 1, opacity: 0.6 },
    encoding: {
      x: { field: 'x', type: 'quantitative' as const, ...x },
      y: { field: 'y', type: 'quantitative' as const, ...y },
    },
  };
}
