import { elementMapSvg, elementsReport, InvalidInputError, renderReport } from '../../ts';
import { randomNumbers } from '../../ts/common/random';
import { elementPlaces } from '../../ts/report/charts/element-map';
import { chemicalSymbols } from '../../ts/structures/elements';

const weights = {
  Li: [1, 0.2],
  Na: [1.1, 0.25],
  O: [-0.8, 1],
  S: [-0.7, 0.9],
  F: [-1, -0.6],
  He: [0, 0],
};

test('two channels are turned, not distorted', () => {
  const { places, shown } = elementPlaces(weights);
  expect(shown).toBeCloseTo(1, 12);
  const symbols = Object.keys(weights) as (keyof typeof weights)[];
  symbols.forEach((a, i) =>
    symbols.forEach((b, j) => {
      const [from, to] = [places[i]!, places[j]!];
      const expected = Math.hypot(...weights[a].map((u, k) => u - weights[b][k]!));
      expect(Math.hypot(from.x - to.x, from.y - to.y)).toBeCloseTo(expected, 10);
    }),
  );
});

test('of more channels the plane shows what varies most', () => {
  const { places, shown } = elementPlaces({
    H: [0, 0, 0],
    C: [2, 0, 0],
    N: [0, 1, 0],
    O: [0, 0, 0.1],
  });
  expect(shown).toBeGreaterThan(0.95);
  expect(shown).toBeLessThan(1);
  expect(places.map(({ number }) => number)).toEqual([1, 6, 7, 8]);
});

test.each(['group', 'electronegativity'] as const)(
  'every element has its cell: %s',
  async (colour) => {
    const svg = await elementMapSvg({ weights, colour });
    expect(svg).toMatch(/^<\?xml/);
    expect(svg.match(/<path\b[^>]*\bfill=/g)).toHaveLength(6);
    // Cells of alike elements touch; the one without electronegativity is grey.
    expect(svg.includes('#d5dae1')).toBe(colour === 'electronegativity');
    for (const symbol of Object.keys(weights)) expect(svg).toContain(`>${symbol}</text`);
  },
);

/** What is drawn at which place. */
function drawn(svg: string) {
  const all = (pattern: RegExp) => [...svg.matchAll(pattern)].map(([, ...parts]) => parts);
  const number = String.raw`"(-?[\d.]+)"`;
  return {
    dots: all(new RegExp(`<circle\\s+cx=${number}\\s+cy=${number}`, 'g')).map((at) =>
      at.map(Number),
    ),
    labels: all(
      new RegExp(`x=${number}\\s+y=${number}\\s+font-size="12"[^>]*>([A-Z][a-z]?)<`, 'g'),
    ).map(([x, y, symbol]) => ({ x: Number(x), y: Number(y), symbol: symbol! })),
  };
}

test('both axes have one scale, and cells are what is nearest', async () => {
  const { dots } = drawn(await elementMapSvg({ weights, colour: 'group' }));
  const rows = Object.values(weights);
  const apart = (points: readonly (readonly number[])[], i: number, j: number) =>
    Math.hypot(points[i]![0]! - points[j]![0]!, points[i]![1]! - points[j]![1]!);
  const scale = apart(dots, 0, 2) / apart(rows, 0, 2);
  for (const [i, j] of [
    [0, 4],
    [1, 5],
    [2, 3],
    [3, 4],
  ] as const) {
    expect(apart(dots, i, j) / apart(rows, i, j) / scale).toBeCloseTo(1, 1);
  }
});

test('of one channel cells are strips, and axes have scales', async () => {
  const svg = await elementMapSvg({ weights: { H: [0], C: [1], N: [1.5] }, colour: 'group' });
  expect(svg).toContain('u, less its mean');
  expect(svg.match(/>0.5<\/text/g)).toHaveLength(1);
  // The edge between C and N is half way from one dot to the other.
  const [, carbon, nitrogen] = drawn(svg).dots;
  const middle = (carbon![0]! + nitrogen![0]!) / 2;
  const edges = [...svg.matchAll(/[ML]([\d.]+),/g)].map(([, x]) => Math.abs(Number(x) - middle));
  expect(Math.min(...edges)).toBeLessThan(0.2);
});

test('names do not cover each other where elements crowd', async () => {
  const random = randomNumbers(4);
  const many = Object.fromEntries(
    chemicalSymbols.slice(1, 81).map((symbol, i) => {
      const part = i < 40 ? 0.12 : 1; // half of them in one place
      return [symbol, [part * random(), part * random()]];
    }),
  );
  const { labels } = drawn(await elementMapSvg({ weights: many, colour: 'group' }));
  expect(labels).toHaveLength(80);
  const width = (symbol: string) => 4 + 6 * symbol.length;
  labels.forEach((a, i) =>
    labels.slice(i + 1).forEach((b) => {
      const isOver =
        Math.abs(a.x - b.x) < (width(a.symbol) + width(b.symbol)) / 2 - 1 &&
        Math.abs(a.y - b.y) < 11;
      if (isOver) throw new Error(`${a.symbol} covers ${b.symbol}`);
    }),
  );
});

test.each([
  ['weights.Xx: expected a chemical symbol, got Xx', { Xx: [1, 2], H: [1, 2] }],
  ['weights.H: expected as many numbers for every element: 2, got 1', { C: [1, 2], H: [1] }],
  ['weights.C[1]: expected a finite number, got NaN', { C: [1, NaN], H: [1, 2] }],
  ['weights: expected as many numbers for every element, got none', {}],
])('refused: %s', async (message, bad) => {
  const map = elementMapSvg({ weights: bad, colour: 'group' });
  await expect(map).rejects.toThrow(InvalidInputError);
  await expect(map).rejects.toThrow(message);
  expect(() => elementsReport(bad)).toThrow(message);
});

test('refused: a colour that is none', async () => {
  const colour = 'radius' as 'group';
  await expect(elementMapSvg({ weights, colour })).rejects.toThrow(
    'colour: expected "group" or "electronegativity", got "radius"',
  );
});

test('of more channels than the plane shows, it is said', async () => {
  const page = await renderReport(elementsReport({ H: [0, 0, 1], C: [1, 0, 0], N: [0, 1, 0] }));
  expect(page).toContain('in this plane, which does not show all of their distances');
});

test.each([
  ['one channel', { H: [1], C: [2], O: [2.5] }],
  ['one element', { H: [1, 2] }],
  ['elements that are one', { H: [1, 2], C: [1, 2] }],
])('%s', async (_, few) => {
  const svg = await elementMapSvg({ weights: few, colour: 'group' });
  expect(svg).not.toContain('NaN');
  for (const symbol of Object.keys(few)) expect(svg).toContain(`>${symbol}</text`);
});

test('a report has both maps and the closest pairs', async () => {
  const page = await renderReport(elementsReport(weights, { title: 'Six elements' }));
  expect(page).toContain('Six elements');
  expect(page.match(/<svg/g)!.length).toBeGreaterThanOrEqual(2);
  expect(page).toContain('Li–Na');
  expect(page).not.toContain('http://example');
});
