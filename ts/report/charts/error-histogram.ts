import type { Quantity, SetParity } from '../data';
import { errorUnit, formatNumber, scaledError, withUnit } from '../quantities';
import { seriesColour } from '../style';
import { histogram } from './bins';
import type { Chart } from './parity';

/** Part of the errors that the axis is made to hold; a few outliers would flatten the rest. */
const shown = 0.995;

/** How the errors, predicted − reference, are distributed; undefined when no set has the quantity. */
export function errorHistogram(sets: readonly SetParity[], quantity: Quantity): Chart | undefined {
  const { key, per } = quantity;
  const series = sets.flatMap((set, index) => {
    const pairs = set.pairs[key];
    if (!pairs || pairs.reference.length === 0) return [];
    const errors = Float64Array.from(pairs.reference, (value, i) =>
      scaledError(quantity, pairs.predicted[i]! - value),
    );
    return [{ index, errors }];
  });
  if (series.length === 0) return undefined;

  const fewest = Math.min(...series.map(({ errors }) => errors.length));
  const bins = 2 * Math.min(30, Math.max(12, Math.round(Math.sqrt(fewest)))) + 1;
  const half = Math.max(...series.map(({ errors }) => halfWidth(errors)));
  const range = { min: -half, max: half };
  const width = (2 * half) / bins;
  const layers = series.map(({ index, errors }) => ({
    data: {
      values: Array.from(histogram(errors, range, bins), (count, bin) => ({
        error: range.min + (bin + 0.5) * width,
        share: (100 * count) / errors.length,
      })),
    },
    mark: {
      type: 'area' as const,
      interpolate: 'step' as const,
      color: seriesColour(index),
      fillOpacity: 0.2,
      line: { color: seriesColour(index), strokeWidth: 1.5, interpolate: 'step' as const },
    },
    encoding: {
      x: {
        field: 'error',
        type: 'quantitative' as const,
        scale: { domain: [-half, half], nice: false },
        axis: {
          title: withUnit('Error, predicted − reference', errorUnit(quantity)),
          grid: false,
        },
      },
      y: {
        field: 'share',
        type: 'quantitative' as const,
        stack: null,
        axis: { title: `Share of ${per} (%)`, tickCount: 5 },
      },
    },
  }));
  const all = series.reduce((sum, { errors }) => sum + errors.length, 0);
  const outside = series.reduce(
    (sum, { errors }) => sum + errors.filter((error) => !(Math.abs(error) <= half)).length,
    0,
  );
  const caption =
    `${formatNumber(all)} ${per} in ${bins} bins` +
    (outside > 0 ? `; ${formatNumber(outside)} lie beyond the axis.` : '.');
  return { spec: { width: 340, height: 340, layer: layers }, caption };
}

/** Half of an axis that holds the {@link shown} part of these errors. */
function halfWidth(errors: Float64Array): number {
  const sizes = errors.map(Math.abs).filter(Number.isFinite).sort();
  const largest = sizes[Math.ceil(shown * sizes.length) - 1] ?? 0;
  return largest > 0 ? 1.05 * largest : 1;
}
