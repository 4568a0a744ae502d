import type { LearningCurve } from '../data';
import type { Quantity } from '../quantities';
import { seriesColour } from '../style';
import type { Chart } from './parity';

/** Errors over the number of training structures, both logarithmic; undefined with fewer than two points. */
export function learningCurveChart(
  { points }: LearningCurve,
  { key, adjective, errorUnit }: Quantity,
): Chart | undefined {
  if (key === 'stress') return undefined;
  const values = points.flatMap((point) => {
    const errors = point[key];
    if (!errors) return [];
    return [
      { structures: point.structures, error: 1000 * errors.mae, measure: 'MAE' },
      { structures: point.structures, error: 1000 * errors.rmse, measure: 'RMSE' },
    ].filter(({ error }) => error > 0);
  });
  const sizes = [...new Set(values.map(({ structures }) => structures))];
  if (sizes.length < 2) return undefined;
  return {
    caption: '',
    spec: {
      width: 340,
      height: 240,
      data: { values },
      mark: {
        type: 'line',
        strokeWidth: 1.5,
        point: { size: 45, filled: true },
      },
      encoding: {
        x: {
          field: 'structures',
          type: 'quantitative',
          scale: { type: 'log', nice: false, padding: 14 },
          axis: {
            title: 'Training structures',
            values: sizes,
            grid: false,
            labelOverlap: 'greedy',
          },
        },
        y: {
          field: 'error',
          type: 'quantitative',
          scale: { type: 'log', nice: false, padding: 14 },
          axis: { title: `${adjective} error (${errorUnit})`, values: ticks(values), format: '~r' },
        },
        color: {
          field: 'measure',
          type: 'nominal',
          scale: { domain: ['MAE', 'RMSE'], range: [seriesColour(0), seriesColour(1)] },
          legend,
        },
        strokeDash: {
          field: 'measure',
          type: 'nominal',
          scale: {
            domain: ['MAE', 'RMSE'],
            range: [
              [1, 0],
              [5, 3],
            ],
          },
          legend,
        },
      },
    },
  };
}

/** The same for colour and dashes, so that there is one legend for both. */
const legend = {
  title: null,
  orient: 'top-right',
  labelColor: 'var(--ink)',
  labelFontSize: 12,
  symbolType: 'stroke',
  symbolSize: 300,
} as const;

/** 1, 2, 5 times every power of ten around the errors. */
function ticks(values: readonly { error: number }[]): number[] {
  const errors = values.map(({ error }) => error);
  const first = Math.floor(Math.log10(Math.min(...errors)));
  const last = Math.ceil(Math.log10(Math.max(...errors)));
  return Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i)).flatMap((power) => [
    power,
    2 * power,
    5 * power,
  ]);
}
