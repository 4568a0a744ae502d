import type { Quantity, SetParity } from '../data';
import { formatNumber, valuesTitle } from '../quantities';
import { seriesColour } from '../style';
import { grid, rangeOf, widened } from './bins';
import type { Range } from './bins';
import type { ChartSpec } from './render';

const gridCells = 100;
const size = 340;

/** A chart, and what to say under it. */
export interface Chart {
  readonly spec: ChartSpec;
  readonly caption: string;
}

/**
 * Predictions over reference values on equal axes; undefined when no set has the quantity.
 *
 * @param maxPoints more points than this are counted on a grid: a page with all of them would be slow to open.
 */
export function parityChart(
  sets: readonly SetParity[],
  quantity: Quantity,
  maxPoints: number,
): Chart | undefined {
  const { key, per, origin } = quantity;
  const series = sets.flatMap((set, index) => {
    const pairs = set.pairs[key];
    return pairs && pairs.reference.length > 0 ? [{ index, pairs }] : [];
  });
  if (series.length === 0) return undefined;
  const range = widened(
    rangeOf(series.flatMap(({ pairs }) => [pairs.reference, pairs.predicted])),
    0.04,
  );
  const points = series.reduce((sum, { pairs }) => sum + pairs.reference.length, 0);
  const binned = points > maxPoints;

  const axis = (kind: string) => ({
    type: 'quantitative' as const,
    scale: { domain: [range.min, range.max], nice: false, zero: false },
    axis: { title: valuesTitle(kind, quantity), tickCount: 6 },
  });
  const x = axis('Reference');
  const y = axis('Predicted');
  const layers = series.map(({ index, pairs }) =>
    binned
      ? densityLayer(pairs.reference, pairs.predicted, range, seriesColour(index), x, y)
      : pointLayer(pairs.reference, pairs.predicted, seriesColour(index), x, y),
  );
  const caption = [
    `${formatNumber(points)} ${per}; the line is perfect agreement.`,
    ...(origin === undefined ? [] : [`Values are ${origin}.`]),
    ...(binned
      ? [`Counted on a grid of ${gridCells} × ${gridCells} cells, darker where there are more.`]
      : []),
  ].join(' ');
  return {
    spec: { width: size, height: size, layer: [...layers, identityLine(range, x, y)] },
    caption,
  };
}

interface AxisChannel {
  readonly type: 'quantitative';
  readonly scale: { domain: number[]; nice: boolean; zero: boolean };
  readonly axis: { title: string; tickCount: number };
}

function pointLayer(
  reference: ArrayLike<number>,
  predicted: ArrayLike<number>,
  color: string,
  x: AxisChannel,
  y: AxisChannel,
) {
  return {
    data: { values: Array.from(reference, (value, i) => ({ x: value, y: predicted[i]! })) },
    mark: { type: 'circle' as const, color, size: 16, opacity: 0.6, clip: true },
    encoding: { x: { field: 'x', ...x }, y: { field: 'y', ...y } },
  };
}

function densityLayer(
  reference: ArrayLike<number>,
  predicted: ArrayLike<number>,
  range: Range,
  color: string,
  x: AxisChannel,
  y: AxisChannel,
) {
  const width = (range.max - range.min) / gridCells;
  const edge = (cell: number) => range.min + cell * width;
  const values = grid(reference, predicted, range, gridCells).map(({ column, row, count }) => ({
    x: edge(column),
    x2: edge(column + 1),
    y: edge(row),
    y2: edge(row + 1),
    count,
  }));
  return {
    data: { values },
    mark: { type: 'rect' as const, color },
    encoding: {
      x: { field: 'x', ...x },
      x2: { field: 'x2' },
      y: { field: 'y', ...y },
      y2: { field: 'y2' },
      // Cells that hold a single point stay visible: outliers matter most.
      opacity: {
        field: 'count',
        type: 'quantitative' as const,
        scale: { type: 'log' as const, range: [0.3, 1] },
        legend: null,
      },
    },
  };
}

function identityLine({ min, max }: Range, x: AxisChannel, y: AxisChannel) {
  return {
    data: { values: [min, max].map((value) => ({ x: value, y: value })) },
    mark: { type: 'line' as const, color: 'var(--ink)', strokeWidth: 1, opacity: 0.6 },
    encoding: { x: { field: 'x', ...x }, y: { field: 'y', ...y } },
  };
}
