import { Script } from 'node:vm';

import { renderMap, Structure, toChemiscope } from '../../ts';
import type { MapData } from '../../ts';
import { client } from '../../ts/report/map/client';
import { covalentRadius, elementColour } from '../../ts/report/map/elements';

const structures = [0, 1, 2].map(
  (shift) =>
    new Structure({
      positions: [
        [shift, 0, 0],
        [0, 1, 0],
      ],
      species: ['Si', 'O'],
      cell: [5, 0, 0, 0, 5, 0, 0, 0, 5],
      info: { name: '</script><b>' },
    }),
);
const map: MapData = {
  title: 'Three',
  structures,
  per: 'structure',
  axes: [
    { name: 'x', values: [0, 1, 2] },
    { name: 'y', values: [1, NaN, 3] },
  ],
  properties: [{ name: 'class', classes: true, names: { 0: 'quartz' }, values: [0, 0, -1] }],
  color: 'class',
};

test('nothing in the data ends the script', () => {
  const page = renderMap(map);
  expect(page.match(/<script/g)).toHaveLength(2);
  expect(page.match(/<\/script>/g)).toHaveLength(2);
  expect(page).toContain('\\u003c/script>\\u003cb>');
});

test('the program of the page is JavaScript, and its hash that of the policy', () => {
  expect(() => new Script(client)).not.toThrow();
  const page = renderMap(map);
  expect(page).toContain(`<script>${client}</script>`);
});

test('classes have names, cells are given', () => {
  expect(toChemiscope(map)).toMatchObject({
    properties: { class: { target: 'structure', values: ['quartz', 'quartz', 'none'] } },
    structures: [{ size: 2, names: ['Si', 'O'], cell: [5, 0, 0, 0, 5, 0, 0, 0, 5] }, {}, {}],
  });
});

test('elements have radii and colours', () => {
  expect(covalentRadius(1)).toBe(0.31);
  expect(covalentRadius(92)).toBe(1.96);
  expect(covalentRadius(118)).toBe(1.69);
  expect(elementColour(8)).toBe('#FF0D0D');
  expect(elementColour(92)).toBe('#008FFF');
});

test.each([
  [
    'axes[1].values: expected 3 values of y, got 2',
    { axes: [map.axes[0]!, { name: 'y', values: [1, 2] }] },
  ],
  ['axes: expected at least two axes, got 1', { axes: [map.axes[0]!] }],
  ['color: there is no energy; there is class', { color: 'energy' }],
  ['structures: expected at least one point', { structures: [] }],
  ['atoms: expected which atoms the points are', { per: 'atom' as const }],
])('bad input: %s', (message, change) => {
  expect(() => renderMap({ ...map, ...change })).toThrow(message);
});
