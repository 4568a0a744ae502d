import type { LineChartData } from '../data';
import { seriesColour } from '../style';
import type { Chart } from './parity';

/** Lines, such as energies over time. */
export function lineChart({ x, y, caption, lines }: LineChartData): Chart {
  const values = lines.flatMap((line) =>
    Array.from(line.x, (at, i) => ({ x: at, y: line.y[i]!, name: line.name })),
  );
  return {
    caption: caption ?? '',
    spec: {
      width: 780,
      height: 240,
      data: { values },
      mark: { type: 'line', strokeWidth: 1.5 },
      encoding: {
        x: {
          field: 'x',
          type: 'quantitative',
          scale: { nice: false },
          axis: { title: x, grid: false },
        },
        y: {
          field: 'y',
          type: 'quantitative',
          scale: { zero: false },
          axis: { title: y, tickCount: 5 },
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
