import { z } from 'zod';
import { validate, validateMembers } from '../../common/validation';
import { weightsSchema } from '../../density/channels';
import { symmetricEigensystem } from '../../math/symmetric-eigen';
import { elementProperties } from '../../structures/element-properties';
import { atomicNumber } from '../../structures/elements';
import { html, nothing, trusted } from '../html';
import type { Html } from '../html';
import { leaderEnd, placeLabels } from './labels';
import type { Point } from './labels';

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

/** Of the drawing: the field with the cells, room for scales on its left and below, and for the legend. */
const width = 720;
const field = { left: 46, top: 8, width: width - 46 - 8, least: 260, most: 620, margin: 30 };
const [scales, band] = [38, 44];
const fontSize = 12;
const textWidth = (symbol: string) => 4 + 6.2 * symbol.length;

/**
 * Draws the map: the cell of each element is what is nearer to it than to any other (Voronoi), on equal scales of both
 * axes; of one channel what is nearer along it. The SVG stands by itself, on white, or inside a page takes the colours of
 * its text.
 *
 * @throws InvalidInputError naming what is wrong.
 */
export async function elementMap(data: ElementMapData, background?: string): Promise<Html> {
  validateMembers(z.looseObject({}), data, 'data');
  const weights = checkWeights(data.weights);
  const colour = validate(z.enum(['group', 'electronegativity']), data.colour, 'colour');
  const { places } = elementPlaces(weights);
  const isLine = weights[places[0]!.symbol]!.length === 1;
  const plane = planeOf(places);
  const { height } = plane;
  const points = places.map(plane.at);
  const { Delaunay } = await import('d3-delaunay');
  const middle = field.top + height / 2;
  const sites = points.map(({ x, y }): [number, number] => [x, isLine ? middle : y]);
  const voronoi = Delaunay.from(sites).voronoi([
    field.left,
    field.top,
    field.left + field.width,
    field.top + height,
  ]);
  const labels = placeLabels(
    points.map(({ x, y }) => ({ x: x - field.left, y: y - field.top })),
    {
      width: field.width,
      height,
      widths: places.map(({ symbol }) => textWidth(symbol)),
      lineHeight: fontSize,
    },
  ).map(({ x, y }) => ({ x: x + field.left, y: y + field.top }));
  const property = elementProperties[colour];
  const below = field.top + height;
  return html`<svg
    xmlns="http://www.w3.org/2000/svg"
    viewBox="0 0 ${width} ${(below + scales + band).toFixed(0)}"
    role="img"
    aria-label="Map of ${places.length} elements, coloured by ${colour}"
    font-family="system-ui, sans-serif"
  >
    ${background ? html`<rect width="100%" height="100%" fill="${background}" />` : nothing}
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
    ${places.map(({ symbol }, i) => labelled(symbol, points[i]!, labels[i]!))}
    ${axis('x', plane, isLine ? 'u, less its mean' : 'first component of u')}
    ${isLine ? nothing : axis('y', plane, 'second component of u')}
    ${legend(colour, places, below + scales)}
  </svg>`;
}

/** @throws InvalidInputError unless these are numbers for elements, as many for each. */
export const checkWeights = (weights: ElementMapData['weights']): ElementMapData['weights'] =>
  validate(weightsSchema, weights, 'weights');

/** Where places are in the drawing: a unit is as long along both axes. */
interface Plane {
  readonly height: number;
  /** Of the field, in the units of weights. */
  readonly range: { readonly x: readonly [number, number]; readonly y: readonly [number, number] };
  readonly at: (place: { readonly x: number; readonly y: number }) => Point;
}

function planeOf(places: readonly ElementPlace[]): Plane {
  const [x, y] = (['x', 'y'] as const).map((along) => {
    const values = places.map((place) => place[along]);
    return { least: Math.min(...values), most: Math.max(...values) };
  });
  const { margin } = field;
  const [wide, high] = [x!.most - x!.least, y!.most - y!.least];
  const unit = Math.min(
    ...[(field.width - 2 * margin) / wide, (field.most - 2 * margin) / high].filter(
      Number.isFinite,
    ),
    1e6,
  );
  const height = Math.min(field.most, Math.max(field.least, high * unit + 2 * margin));
  const middle = { x: (x!.least + x!.most) / 2, y: (y!.least + y!.most) / 2 };
  const around = (centre: number, length: number) =>
    [centre - length / 2 / unit, centre + length / 2 / unit] as const;
  return {
    height,
    range: { x: around(middle.x, field.width), y: around(middle.y, height) },
    at: (place) => ({
      x: field.left + field.width / 2 + (place.x - middle.x) * unit,
      y: field.top + height / 2 - (place.y - middle.y) * unit,
    }),
  };
}

/** A dot with a symbol beside it, and a line between them where that is not near. */
function labelled(symbol: string, point: Point, label: Point): Html {
  const end = leaderEnd(point, label, textWidth(symbol), fontSize);
  const [x, y] = [point.x.toFixed(1), point.y.toFixed(1)];
  return html`${
      end
        ? html`<line
            x1="${x}"
            y1="${y}"
            x2="${end.x.toFixed(1)}"
            y2="${end.y.toFixed(1)}"
            stroke="#1b1f24"
            stroke-width="0.6"
            pointer-events="none"
          />`
        : nothing
    }<circle cx="${x}" cy="${y}" r="1.6" fill="#1b1f24" pointer-events="none" /><text
      x="${label.x.toFixed(1)}"
      y="${(label.y + 0.36 * fontSize).toFixed(1)}"
      font-size="${fontSize}"
      text-anchor="middle"
      fill="#1b1f24"
      pointer-events="none"
      >${symbol}</text
    >`;
}

/** Marks with their numbers below or left of the field, and what they are of. */
function axis(along: 'x' | 'y', { height, range, at }: Plane, name: string): Html {
  const [low, high] = range[along];
  const below = field.top + height;
  const text = (x: number, y: number, content: string, anchor: string, turn = '') =>
    html`<text
      x="${x.toFixed(1)}"
      y="${y.toFixed(1)}"
      font-size="11"
      text-anchor="${anchor}"
      fill="currentColor"
      ${turn ? html`transform="${turn}"` : nothing}
      >${content}</text
    >`;
  const line = (x: number, y: number, dx: number, dy: number) =>
    html`<path d="M${x.toFixed(1)},${y.toFixed(1)}l${dx},${dy}" stroke="currentColor" />`;
  const centre = { x: field.left + field.width / 2, y: field.top + height / 2 };
  return html`${ticks(low, high).map((value) => {
    const shown = String(Number(value.toPrecision(6)));
    if (along === 'x') {
      const { x } = at({ x: value, y: 0 });
      return html`${line(x, below, 0, 4)}${text(x, below + 15, shown, 'middle')}`;
    }
    const { y } = at({ x: 0, y: value });
    return html`${line(field.left, y, -4, 0)}${text(field.left - 6, y + 4, shown, 'end')}`;
  })}${
    along === 'x'
      ? text(centre.x, below + 30, name, 'middle')
      : text(10, centre.y, name, 'middle', `rotate(-90 10 ${centre.y.toFixed(1)})`)
  }`;
}

/** Round numbers in a range, some five of them. */
function ticks(low: number, high: number): number[] {
  const power = 10 ** Math.floor(Math.log10((high - low) / 5));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => (high - low) / s <= 6)!;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, k) => (first + k) * step);
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

function legend(
  colour: ElementMapData['colour'],
  places: readonly ElementPlace[],
  top: number,
): Html {
  const values =
    colour === 'group'
      ? [...new Set(places.map(({ number }) => elementProperties.group(number)))].sort(
          (a, b) => a - b,
        )
      : [0.7, 1, 1.5, 2, 2.5, 3, 3.5, 4];
  const step = Math.min(38, (width - 130) / values.length);
  return html`<text x="10" y="${top + 24}" font-size="12" fill="currentColor">${colour}</text>
    ${values.map((value, k) => {
      const left = (130 + k * step).toFixed(1);
      return html`<rect
          x="${left}"
          y="${top + 4}"
          width="${(step - 3).toFixed(1)}"
          height="12"
          fill="${fillOf(colour, value)}"
        />
        <text
          x="${(130 + (k + 0.5) * step - 1.5).toFixed(1)}"
          y="${top + 30}"
          font-size="11"
          text-anchor="middle"
          fill="currentColor"
          >${trusted(String(value))}</text
        >`;
    })}`;
}

const average = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
