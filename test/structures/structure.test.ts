import { runInNewContext } from 'node:vm';
import { InvalidInputError } from '../../ts/errors';
import { toBatch } from '../../ts/structures/batch';
import { propertyLabels } from '../../ts/structures/property';
import { extractTargets } from '../../ts/structures/targets';
import type { NumbersLike } from '../../ts/structures/values';
import { atomicMasses, atomicNumber, chemicalSymbols } from '../../ts/structures/elements';
import { Structure } from '../../ts/structures/structure';
import type { StructureLike } from '../../ts/structures/structure';
import { failing } from '../failing';

const water: StructureLike = {
  positions: [
    [0, 0, 0.119],
    [0, 0.763, -0.477],
    [0, -0.763, -0.477],
  ],
  species: ['O', 'H', 'h'],
};

describe('Structure', () => {
  test('takes nested or flat positions, symbols or atomic numbers', () => {
    const nested = new Structure(water);
    const flat = new Structure({ positions: nested.positions, species: [8, 1, 1] });
    expect(flat.positions).toBe(nested.positions);
    expect(nested.symbols).toEqual(['O', 'H', 'H']);
    expect([...nested.species]).toEqual([...flat.species]);
    expect(nested).toHaveLength(3);
  });

  test('is periodic along the lattice vectors it has, unless told otherwise', () => {
    const slab = [
      [4, 0, 0],
      [1, 5, 0],
      [0, 0, 0],
    ];
    expect(new Structure(water).pbc).toEqual([false, false, false]);
    expect(new Structure({ ...water, cell: slab }).pbc).toEqual([true, true, false]);
    expect(new Structure({ ...water, cell: slab, pbc: false }).pbc).toEqual([false, false, false]);
  });

  test('knows its volume', () => {
    expect(new Structure({ ...water, cell: [2, 0, 0, 1, 3, 0, 5, 5, -4] }).volume).toBeCloseTo(24);
    expect(new Structure(water).volume).toBe(0);
  });

  test.each<[string, Partial<StructureLike>, RegExp]>([
    ['NaN', { positions: [0, 0, 0, 0, NaN, 0, 0, 0, 0] }, /positions: .*NaN for y of atom 1/],
    ['an infinite position', { positions: [0, 0, 0, 0, 0, 0, 0, 0, Infinity] }, /z of atom 2/],
    [
      'text for a number',
      { positions: ['0', 0, 0, 0, 0, 0, 0, 0, 0] as unknown as number[] },
      /positions\[0\]: expected a number, got "0"/,
    ],
    [
      'null in a row',
      {
        positions: [
          [0, 0, 0],
          [0, 0, null],
          [0, 0, 0],
        ] as unknown as number[][],
      },
      /positions\[1\]\[2\]: expected a number, got null/,
    ],
    [
      'a big integer for an element',
      { species: [8n, 1, 1] as unknown as number[] },
      /species\[0\]: .*got 8n/,
    ],
    [
      'a function for a value',
      { info: { f: (() => 1) as never } },
      /info\.f: expected numbers, logicals or text, got a function/,
    ],
    [
      'a misspelt member',
      { cel: [9, 0, 0, 0, 9, 0, 0, 0, 9] } as Partial<StructureLike>,
      /^cel: unknown member, expected one of arrays, cell, /,
    ],
    [
      'a label beside info',
      { energy: -3 } as Partial<StructureLike>,
      /^energy: unknown member.*other values go into info/,
    ],
    ['too few positions', { positions: [[0, 0, 0]] }, /positions: expected 3 × 3 coordinates/],
    ['a row of two', { positions: [[0, 0]] }, /positions\[0\]: expected three/],
    ['no positions', { positions: undefined as unknown as [] }, /positions: expected an array/],
    ['an unknown symbol', { species: ['O', 'H', 'Xx'] }, /species\[2\]: .*got "Xx"/],
    ['an impossible number', { species: [8, 1, 119] }, /species\[2\]: .*got 119/],
    ['no atoms', { species: [], positions: [] }, /species: expected at least one atom/],
    ['a short cell', { cell: [1, 2, 3] }, /cell: expected 3 × 3 numbers, got 3/],
    ['an infinite cell', { cell: [Infinity, 0, 0, 0, 1, 0, 0, 0, 1] }, /cell: .*not finite/],
    ['pbc without a cell', { pbc: true }, /cell: pbc is true along a, b, c, but there is no cell/],
    ['pbc along nothing', { cell: [1, 0, 0, 0, 1, 0, 0, 0, 0], pbc: true }, /vector c is zero/],
    ['a flat cell', { cell: [1, 0, 0, 0, 1, 0, 1, 1, 0] }, /linearly dependent/],
    ['two parallel vectors', { cell: [1, 2, 0, -2, -4, 0, 0, 0, 0] }, /along a, b.*dependent/],
    ['two flags', { pbc: [true, false] }, /pbc: expected true, false or three/],
    ['an array of other length', { arrays: { q: { data: new Float64Array(2), shape: [2] } } }, /q/],
  ])('refuses %s', (_, wrong, message) => {
    expect(() => new Structure({ ...water, ...wrong })).toThrow(InvalidInputError);
    expect(() => new Structure({ ...water, ...wrong })).toThrow(message);
  });

  test('takes objects of classes, whatever else they have', () => {
    class Frame {
      readonly step = 7;
      readonly positions = [0, 0, 0];
      readonly species = ['He'];
    }
    expect(new Structure(new Frame()).symbols).toEqual(['He']);
    const foreign = runInNewContext('({ positions: [0, 0, 0], species: ["He"], step: 7 })');
    expect(() => new Structure(foreign as StructureLike)).toThrow('step: unknown member');
  });

  test('is plain JSON, of which the same can be made again', () => {
    const structure = new Structure({
      ...water,
      cell: [9, 0, 0, 0, 9, 0, 1, 0, 9],
      pbc: [true, false, true],
      info: { energy: -3.5, stress: [1, 2, 3, 4, 5, 6, 7, 8, 9], name: 'water' },
      arrays: { forces: [1, 2, 3, 4, 5, 6, 7, 8, 9], tags: { data: ['a', 'b', 'c'], shape: [3] } },
    });
    const text = JSON.stringify(structure);
    const again = new Structure(JSON.parse(text) as StructureLike);
    expect(again).toEqual(structure);
    expect(JSON.parse(text)).toMatchObject({
      species: structure.symbols,
      cell: [
        [9, 0, 0],
        [0, 9, 0],
        [1, 0, 9],
      ],
      arrays: {
        forces: [
          [1, 2, 3],
          [4, 5, 6],
          [7, 8, 9],
        ],
      },
    });
    expect(JSON.parse(JSON.stringify(new Structure(water)))).not.toHaveProperty('cell');
  });

  test('accepts any vector along an axis that is not periodic', () => {
    const cell = [1, 0, 0, 0, 1, 0, 1, 1, 0];
    expect(new Structure({ ...water, cell, pbc: [true, true, false] }).volume).toBe(0);
  });

  test('is recognised by its brand; arrays of other realms are arrays', () => {
    const foreign = runInNewContext('new Float64Array([1, 2, 3])') as Float64Array;
    const structure = new Structure({ positions: foreign, species: ['He'] });
    expect(structure.positions).toBe(foreign);
    expect(Structure.is(structure)).toBe(true);
    expect(Structure.is(water)).toBe(false);
    expect(Structure.from(structure)).toBe(structure);
  });
});

describe('numbers of structures and atoms', () => {
  const nested = [
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
  ];
  const flat = nested.flat();
  const sheet = { ...water, cell: [9, 0, 0, 0, 9, 0, 0, 0, 9] };

  test.each<[string, NumbersLike]>([
    ['nested lists', nested],
    ['a flat list', flat],
    ['a Float64Array', Float64Array.from(flat)],
    ['a Float32Array', Float32Array.from(flat)],
    ['an Int32Array', Int32Array.from(flat)],
    ['rows that are typed arrays', nested.map((row) => Float64Array.from(row))],
    ['a Float32Array with its shape', { data: Float32Array.from(flat), shape: [3, 3] }],
    ['a Float64Array with its shape', { data: Float64Array.from(flat), shape: [3, 3] }],
    ['a list with its shape', { data: flat, shape: [3, 3] }],
    ['an array of another realm', runInNewContext('new Float32Array([1,2,3,4,5,6,7,8,9])')],
  ])('are taken as %s', (_, p) => {
    const structure = new Structure({ ...sheet, info: { p, energy: [-1] }, arrays: { p } });
    const both = [
      propertyLabels([new Structure({ ...sheet, info: { p } })], 'p'),
      propertyLabels([new Structure({ ...sheet, arrays: { p } })], 'p'),
    ];
    expect(both).toMatchObject([
      { per: 'structure', shape: [3, 3] },
      { per: 'atom', shape: [3] },
    ]);
    for (const { values } of both) expect([...values]).toEqual(flat);
    const { energies, forces, stresses } = extractTargets([structure], {
      forces: 'p',
      stress: 'p',
    });
    expect([...energies!]).toEqual([-1]);
    expect([...forces[0]!]).toEqual(flat);
    expect([...stresses[0]!]).toEqual([1, 3, 5, 3, 5, 7, 5, 7, 9]);
  });

  test.each<[string, string, Partial<StructureLike>, RegExp]>([
    [
      'info.p',
      'fewer than the shape',
      { info: { p: { data: new Float64Array(9), shape: [3, 2] } } },
      /shape \[3, 2\] multiplies to, got 9/,
    ],
    [
      'info.p',
      'large integers',
      { info: { p: new BigInt64Array(3) as never } },
      /expected numbers/,
    ],
    ['arrays.p', 'of two atoms', { arrays: { p: [1, 2] } }, /for 3 atoms, got 2 values/],
    ['arrays.p', 'ragged', { arrays: { p: [[1, 2], [3], [4]] } }, /for 3 atoms, flat or nested/],
    ['arrays.p', 'text', { arrays: { p: 'abc' as never } }, /for 3 atoms, flat or nested/],
  ])('%s: %s are refused', (path, _, wrong, message) => {
    expect(() => toBatch([water, { ...water, ...wrong }])).toThrow(
      failing({ code: 'INVALID_INPUT', path: `structures[1].${path}` }),
    );
    expect(() => new Structure({ ...water, ...wrong })).toThrow(message);
  });

  test('labels that are no numbers, or changed to no shape, say what came', () => {
    const ragged = new Structure({ ...water, info: { p: [[1, 2], [3]] } });
    expect(() => propertyLabels([ragged], 'p')).toThrow('got [[1,2],[3]]');
    const changed = new Structure({ ...water, info: { p: Float64Array.of(1, 2) } });
    changed.info.p = { data: Float64Array.of(1, 2), shape: [3, 2] };
    expect(() => propertyLabels([changed], 'p')).toThrow('got 2 values of shape [3, 2]');
  });

  test('lists that are JSON stay lists', () => {
    const info = { names: ['a', 'b'], list: [1, 2], nested: { data: [1], shape: [1] } };
    expect(new Structure({ ...water, info }).info).toEqual(info);
  });
});

describe('toBatch', () => {
  test('concatenates', () => {
    const crystal = { positions: [[1, 2, 3]], species: [14], cell: [5, 0, 0, 0, 6, 0, 0, 0, 7] };
    const batch = toBatch([water, { ...crystal, pbc: [true, false, true] }]);
    expect([...batch.offsets]).toEqual([0, 3, 4]);
    expect([...batch.species]).toEqual([8, 1, 1, 14]);
    expect([...batch.positions.slice(9)]).toEqual([1, 2, 3]);
    expect([...batch.cells]).toEqual([...Array<number>(9).fill(0), ...crystal.cell]);
    expect([...batch.pbc]).toEqual([0, 0, 0, 1, 0, 1]);
    expect([...toBatch([]).offsets]).toEqual([0]);
  });

  test('names the structure that is wrong, also one changed in place', () => {
    const moved = new Structure(water);
    moved.positions[4] = NaN;
    expect(() => toBatch([water, moved])).toThrow('structures[1].positions');
    expect(() => toBatch([water, { ...water, species: ['X'] }])).toThrow(
      failing({ path: 'structures[1].species[0]', message: expect.stringContaining('"X"') }),
    );
  });
});

test('the periodic table', () => {
  expect(chemicalSymbols).toHaveLength(119);
  expect(atomicMasses).toHaveLength(119);
  expect([atomicNumber('H'), atomicNumber('si'), atomicNumber('OG')]).toEqual([1, 14, 118]);
  expect([atomicNumber(''), atomicNumber('X'), atomicNumber('Hydrogen')]).toEqual([0, 0, 0]);
  expect(atomicMasses[6]).toBe(12.011);
});
