import { Script } from 'node:vm';

import { renderMap, Structure, toChemiscope } from '../../ts';
import type { MapData, MapProperty } from '../../ts';
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
    { name: 'y', values: [1, 2, 3] },
  ],
  properties: [{ name: 'class', classes: true, names: { 0: 'quartz' }, values: [0, 0, -1] }],
  color: 'class',
};

const atomPoints = (structure: number[], atom: number[]) => ({
  per: 'atom' as const,
  atoms: { structure: Int32Array.from(structure), atom: Int32Array.from(atom) },
});

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

test('classes with names are symbols for chemiscope, their numbers colours; cells are given', () => {
  expect(toChemiscope(map)).toMatchObject({
    properties: {
      class: { target: 'structure', values: ['quartz', 'quartz', 'none'] },
      'class (number)': { target: 'structure', values: [0, 0, -1] },
    },
    structures: [{ size: 2, names: ['Si', 'O'], cell: [5, 0, 0, 0, 5, 0, 0, 0, 5] }, {}, {}],
    settings: { map: { color: { property: 'class (number)' }, symbol: 'class' } },
  });
});

test('numbered classes are whole numbers for chemiscope', () => {
  const properties = [{ name: 'cluster', classes: true, values: [2, 0, -1] }];
  expect(toChemiscope({ ...map, properties, color: 'cluster' })).toMatchObject({
    properties: { cluster: { values: [2, 0, -1] } },
    settings: { map: { color: { property: 'cluster' } } },
  });
});

test('what is hidden is not shown, whatever it is otherwise', () => {
  expect(renderMap(map)).toContain('[hidden] { display: none !important; }');
});

test('large values that hardly differ keep the digits in which they do', () => {
  const values = [-2e6, -1999999.95, -1999999.89];
  const page = renderMap({
    ...map,
    axes: [map.axes[0]!, { name: 'y', values: values.map((x) => x / 3) }],
    properties: [
      { name: 'energy', values },
      { name: 'other', values: [0.123456789, -3, 1] },
    ],
    color: 'energy',
  });
  const [, json] = /<script id="data" type="application\/json">([^]*?)<\/script>/.exec(page)!;
  const { axes, properties } = JSON.parse(json!) as {
    axes: { values: number[] }[];
    properties: { values: number[]; digits?: number }[];
  };
  expect(properties[0]).toMatchObject({ values, digits: 11 });
  expect(properties[1]).toEqual({ name: 'other', values: [0.1234568, -3, 1] });
  expect(axes[1]!.values[2]! - axes[1]!.values[0]!).toBeCloseTo(0.11 / 3, 6);
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
  [
    'axes[1].values[2]: expected a finite number, got NaN: y is to place every point',
    { axes: [map.axes[0]!, { name: 'y', values: [1, 2, NaN] }] },
  ],
  [
    'properties[1].name: expected a name of its own, got x, the name of axes[0]',
    { properties: [...map.properties, { name: 'x', values: [1, 2, 3] }] },
  ],
  [
    'properties[0].name: expected a name, got undefined',
    { properties: [{ values: [1, 2, 3] } as unknown as MapProperty] },
  ],
  [
    'properties[0].values: expected 3 values of z, got 0',
    { properties: [{ name: 'z' } as unknown as MapProperty] },
  ],
  [
    'properties[0].values[1]: expected the whole number of a class, −1 or NaN for none, got 0.5',
    { properties: [{ name: 'class', classes: true, values: [0, 0.5, NaN] }] },
  ],
  [
    'properties[0].names: expected a name of class 4 of class',
    { properties: [{ name: 'class', classes: true, names: { 0: 'a' }, values: [0, 4, -1] }] },
  ],
  ['atoms.structure[1]: expected one of the 3 structures, got 9', atomPoints([0, 9, 1], [0, 0, 0])],
  [
    'atoms.atom[2]: expected one of the 2 atoms of structure 1, got 2',
    atomPoints([0, 0, 1], [0, 1, 2]),
  ],
  ['atoms.structure: expected as many as atoms.atom has, 3, got 2', atomPoints([0, 0], [0, 1, 1])],
])('bad input: %s', (message, change) => {
  expect(() => renderMap({ ...map, ...change })).toThrow(message);
});
