import type { LineChartData } from '../data';
import { seriesColour } from '../style';
import type { Chart } from './parity';

/** Lines, such as energies over time. */
export function lineChart({ x, y, caption, lines, logarithmic = false }: LineChartData): Chart {
  const values = lines.flatMap((line) =>
    Array.from(line.x, (at, i) => {
      const [middle, deviation] = [line.y[i]!, line.deviation?.[i] ?? 0];
      // Logarithmic axes have no place for a bar that reaches zero.
      const low = logarithmic ? Math.max(middle - deviation, middle / 10) : middle - deviation;
      return { x: at, y: middle, low, high: middle + deviation, name: line.name };
    }),
  );
  const sizes = [...new Set(values.map((value) => value.x))];
  const bars = lines.some(({ deviation }) => deviation !== undefined);
  return {
    caption: caption ?? '',
    spec: {
      width: 780,
      height: 240,
      data: { values },
      layer: [
        {
          mark: {
            type: 'line',
            strokeWidth: 1.5,
            ...(logarithmic && { point: { size: 45, filled: true } }),
          },
          encoding: { y: ofY('y', logarithmic, y) },
        },
        ...(bars
          ? [
              {
                mark: { type: 'rule' as const },
                encoding: { y: ofY('low', logarithmic, y), y2: { field: 'high' } },
              },
            ]
          : []),
      ],
      encoding: {
        x: {
          field: 'x',
          type: 'quantitative',
          scale: logarithmic ? { type: 'log', nice: false, padding: 14 } : { nice: false },
          axis: {
            title: x,
            grid: false,
            ...(logarithmic && { values: sizes, labelOverlap: 'greedy' }),
          },
        },
        strokeDash: {
          field: 'name',
          type: 'nominal',
          sort: null,
          // Colours repeat after four lines.
          scale: {
            domain: lines.map(({ name }) => name),
            range: lines.map((_, index) => dashes[Math.floor(index / 4) % dashes.length]!),
          },
          legend: lines.length < 2 ? null : legend,
        },
        color: {
          field: 'name',
          type: 'nominal',
          sort: null,
          scale: {
            domain: lines.map(({ name }) => name),
            range: lines.map((_, index) => seriesColour(index)),
          },
          legend: lines.length < 2 ? null : legend,
        },
      },
    },
  };
}

const ofY = (field: string, logarithmic: boolean, title: string) => ({
  field,
  type: 'quantitative' as const,
  scale: logarithmic ? { type: 'log' as const, nice: false, padding: 14 } : { zero: false },
  axis: { title, tickCount: 5, ...(logarithmic && { format: '~g' }) },
});

const dashes = [
  [1, 0],
  [6, 3],
  [2, 2],
  [8, 2, 2, 2],
  [12, 4],
];

/** The same for colours and dashes, so that there is one. */
const legend = {
  title: null,
  orient: 'top',
  labelColor: 'var(--ink)',
  labelFontSize: 12,
  labelLimit: 300,
  symbolType: 'stroke',
  symbolSize: 300,
} as const;
