import { elementMapSvg, elementsReport, renderReport } from '../../ts';
import { elementPlaces } from '../../ts/report/charts/element-map';

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
    expect(svg.match(/<path\b/g)).toHaveLength(6);
    // Cells of alike elements touch; the one without electronegativity is grey.
    expect(svg.includes('#d5dae1')).toBe(colour === 'electronegativity');
    for (const symbol of Object.keys(weights)) expect(svg).toContain(`>${symbol}</text`);
  },
);

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
