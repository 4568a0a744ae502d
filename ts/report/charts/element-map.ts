import { symmetricEigensystem } from '../../math/symmetric-eigen';
import { elementProperties } from '../../structures/element-properties';
import { atomicNumber } from '../../structures/elements';
import { html, nothing, trusted } from '../html';
import type { Html } from '../html';

/** Elements by what they give to the channels of a density, and what colours tell. */
export interface ElementMapData {
  /** u: for each chemical symbol a number for each channel. */
  readonly weights: Readonly<Record<string, readonly number[]>>;
  readonly colour: 'group' | 'electronegativity';
}

/** Where an element is on the map. */
export interface ElementPlace {
  readonly symbol: string;
  readonly number: number;
  readonly x: number;
  readonly y: number;
}

/**
 * Places of elements in a plane: principal components of their weights, which are the weights themselves, turned, where
 * there are two channels. Of one channel the second coordinate says nothing and only keeps names apart.
 */
export function elementPlaces(weights: ElementMapData['weights']): {
  readonly places: readonly ElementPlace[];
  /** Part of the variance that the plane shows, from 0 to 1. */
  readonly shown: number;
} {
  const symbols = Object.keys(weights);
  const rows = symbols.map((symbol) => weights[symbol]!);
  const size = rows[0]?.length ?? 0;
  const mean = Array.from({ length: size }, (_, j) => average(rows.map((row) => row[j]!)));
  const centred = rows.map((row) => row.map((u, j) => u - mean[j]!));
  const { values, vectors } = symmetricEigensystem(
    mean.map((_, j) => mean.map((__, k) => average(centred.map((row) => row[j]! * row[k]!)))),
  );
  const along = (row: readonly number[], axis: number) =>
    row.reduce((sum, u, j) => sum + u * (vectors[axis]?.[j] ?? 0), 0);
  const span = Math.sqrt(values[0] ?? 0);
  const order = symbols.map((_, i) => i).sort((a, b) => along(rows[a]!, 0) - along(rows[b]!, 0));
  const all = values.reduce((sum, value) => sum + value, 0);
  return {
    places: symbols.map((symbol, i) => ({
      symbol,
      number: atomicNumber(symbol),
      x: along(centred[i]!, 0),
      y: size > 1 ? along(centred[i]!, 1) : 0.4 * span * ((order.indexOf(i) % 5) - 2),
    })),
    shown: all > 0 ? ((values[0] ?? 0) + (values[1] ?? 0)) / all : 1,
  };
}

const [width, height, margin, band] = [720, 520, 26, 44];

/**
 * Draws the map: the cell of each element is what is nearer to it than to any other (Voronoi). The SVG stands by
 * itself, and inside a page takes the colours of its text.
 */
export async function elementMap({ weights, colour }: ElementMapData): Promise<Html> {
  const { places } = elementPlaces(weights);
  const { Delaunay } = await import('d3-delaunay');
  const [x, y] = (['x', 'y'] as const).map((axis) => scaleOf(places.map((place) => place[axis])));
  const at = places.map((place): [number, number] => [
    margin + x!(place.x) * (width - 2 * margin),
    height - margin - y!(place.y) * (height - 2 * margin),
  ]);
  const voronoi = Delaunay.from(at).voronoi([0, 0, width, height]);
  const property = elementProperties[colour];
  return html`<svg
    xmlns="http://www.w3.org/2000/svg"
    viewBox="0 0 ${width} ${height + band}"
    role="img"
    aria-label="Map of ${places.length} elements, coloured by ${colour}"
    font-family="system-ui, sans-serif"
  >
    ${places.map(({ symbol, number }, i) => {
      const cell = voronoi.renderCell(i);
      const value = property(number);
      const known = Number.isNaN(value) ? 'unknown' : value;
      const u = weights[symbol]!.map((x) => x.toFixed(3)).join(', ');
      return cell
        ? html`<path d="${cell}" fill="${fillOf(colour, value)}" stroke="#fff" stroke-width="1">
            <title>${symbol}: ${colour} ${known}; u = ${u}</title>
          </path>`
        : nothing;
    })}
    ${places.map(({ symbol }, i) => {
      const [left, top] = at[i]!;
      return html`<circle
          cx="${left.toFixed(1)}"
          cy="${top.toFixed(1)}"
          r="1.6"
          fill="#1b1f24"
          pointer-events="none"
        />
        <text
          x="${left.toFixed(1)}"
          y="${(top - 4).toFixed(1)}"
          font-size="12"
          text-anchor="middle"
          fill="#1b1f24"
          pointer-events="none"
          >${symbol}</text
        >`;
    })}
    ${legend(colour, places)}
  </svg>`;
}

/** From the range of some numbers to 0 … 1; all are in the middle where they are one. */
function scaleOf(values: readonly number[]): (value: number) => number {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return (value) => (most > least ? (value - least) / (most - least) : 0.5);
}

const [leastNegative, mostNegative] = [0.7, 4];
const unknownFill = '#d5dae1';

/** Groups go once around the circle of hues; electronegativities from blue to red. */
function fillOf(colour: ElementMapData['colour'], value: number): string {
  if (Number.isNaN(value)) return unknownFill;
  if (colour === 'group') return `hsl(${Math.round(((value - 1) * 330) / 17)} 62% 74%)`;
  const part = (value - leastNegative) / (mostNegative - leastNegative);
  return `hsl(${Math.round(230 - 230 * part)} 62% 74%)`;
}

function legend(colour: ElementMapData['colour'], places: readonly ElementPlace[]): Html {
  const values =
    colour === 'group'
      ? [...new Set(places.map(({ number }) => elementProperties.group(number)))].sort(
          (a, b) => a - b,
        )
      : [0.7, 1, 1.5, 2, 2.5, 3, 3.5, 4];
  const step = Math.min(38, (width - 130) / values.length);
  return html`<text x="0" y="${height + 30}" font-size="12" fill="currentColor">${colour}</text>
    ${values.map((value, k) => {
      const left = (130 + k * step).toFixed(1);
      return html`<rect
          x="${left}"
          y="${height + 10}"
          width="${(step - 3).toFixed(1)}"
          height="12"
          fill="${fillOf(colour, value)}"
        />
        <text
          x="${(130 + (k + 0.5) * step - 1.5).toFixed(1)}"
          y="${height + 36}"
          font-size="11"
          text-anchor="middle"
          fill="currentColor"
          >${trusted(String(value))}</text
        >`;
    })}`;
}

const average = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
