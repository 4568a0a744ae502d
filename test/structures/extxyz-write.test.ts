import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { discardPendingFiles } from '../../ts/common/atomic-file';
import { readStructures, StructureWriter, writeStructures } from '../../ts/structures/extxyz';
import { Structure } from '../../ts/structures/structure';
import type { StructureLike } from '../../ts/structures/structure';
import type { AtomArray, InfoValue } from '../../ts/structures/values';
import { failing } from '../failing';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'extxyz-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const atom: StructureLike = { positions: [[0.1, -0, 1e-300]], species: ['He'] };

/** A structure without the place where it was read. */
const contents = (structure: Structure) => ({ ...structure, source: undefined });

async function roundTrip(structures: readonly StructureLike[]): Promise<unknown[]> {
  const stream = new PassThrough();
  const reading = readStructures(stream);
  await writeStructures(stream, structures);
  stream.end();
  return (await reading).map(contents);
}

const real = fc.double();
const size = 3;
const shaped = (shape: readonly number[]): fc.Arbitrary<AtomArray> => {
  const count = shape.reduce((a, b) => a * b, 1);
  const length = { minLength: count, maxLength: count };
  return fc.oneof(
    fc.array(real, length).map((data) => ({ data: Float64Array.from(data), shape })),
    fc.array(fc.integer(), length).map((data) => ({ data: Int32Array.from(data), shape })),
    fc.array(fc.nat(1), length).map((data) => ({ data: Uint8Array.from(data), shape })),
  );
};
const word = fc.string({ minLength: 1, unit: 'grapheme' }).filter((s) => !/\s/.test(s));
const name = fc.stringMatching(/^[A-Za-z_][\w-]{0,8}$/);
const infoName = name.filter((key) => !['Lattice', 'Properties', 'pbc', 'uid'].includes(key));
const infoValue: fc.Arbitrary<InfoValue> = fc.oneof(
  real,
  fc.constantFrom(2 ** 53, -(2 ** 60), 1e21, -0),
  fc.integer(),
  fc.boolean(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(
    'T',
    '12',
    'a = b',
    '_JSON x',
    ' two  words ',
    '1e5, 2',
    'C:\\dir',
    '"',
    '\n',
    '',
  ),
  fc.constantFrom<number[]>([1], [2], [3, 3], [2, 1, 2]).chain(shaped),
  fc.constantFrom<InfoValue>(
    { a: [1, { b: null }], 'c "d"': NaN },
    ['x', 'y'],
    [[1], [2, 3]],
    null,
  ),
);
const structure: fc.Arbitrary<StructureLike> = fc.record({
  positions: fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), {
    minLength: 9,
    maxLength: 9,
  }),
  species: fc.array(fc.integer({ min: 1, max: 118 }), { minLength: size, maxLength: size }),
  cell: fc.constantFrom(undefined, [3, 0, 0, 0.1, 4, 0, -1, 1 / 3, 5e10]),
  pbc: fc.constantFrom<boolean[] | undefined>(undefined),
  info: fc.dictionary(infoName, infoValue, { maxKeys: 5 }),
  arrays: fc.dictionary(
    name.filter(
      (key) => !['species', 'symbols', 'Z', 'numbers', 'pos', 'positions', 'charge'].includes(key),
    ),
    fc.oneof(
      fc.constantFrom<number[]>([size], [size, 2], [size, 3]).chain(shaped),
      fc.array(word, { minLength: size, maxLength: size }).map((data) => ({ data, shape: [size] })),
    ),
    { maxKeys: 4 },
  ),
});

test('what is written reads back bit for bit', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(structure, { minLength: 1, maxLength: 3 }), async (structures) => {
      expect(await roundTrip(structures)).toEqual(
        structures.map((given) => contents(new Structure(given))),
      );
    }),
    { numRuns: 300 },
  );
});

test('a stress is written as ASE wants it, 3 × 3 column by column', async () => {
  const stress = { data: Float64Array.of(1, 2, 3, 4, 5, 6), shape: [6] };
  const virial = { data: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), shape: [3, 3] };
  const file = path.join(folder, 'stress.xyz');
  await writeStructures(file, [{ ...atom, info: { stress, virial } }]);
  expect(readFileSync(file, 'utf8')).toContain('stress="1.0 6.0 5.0 6.0 2.0 4.0 5.0 4.0 3.0"');
  const [read] = await readStructures(file);
  expect(read!.info.virial).toEqual(virial);
});

test('files whose name ends in .gz are compressed, and recognised by what they hold', async () => {
  const packed = path.join(folder, 'many.xyz.gz');
  await writeStructures(packed, Array<StructureLike>(5000).fill(atom));
  expect([...readFileSync(packed).subarray(0, 2)]).toEqual([0x1f, 0x8b]);
  const renamed = path.join(folder, 'many.xyz');
  writeFileSync(renamed, readFileSync(packed));
  expect(await readStructures(renamed)).toHaveLength(5000);
});

test('a stream is written and left open', async () => {
  const stream = new PassThrough();
  await writeStructures(stream, [atom]);
  await writeStructures(stream, [atom]);
  stream.end();
  const frame = '1\nProperties=species:S:1:pos:R:3 pbc="F F F"\nHe 0.1 -0.0 1e-300\n';
  expect(await text(stream)).toBe(frame + frame);
});

describe('a file is replaced as a whole or not at all', () => {
  test.each(['out.xyz', 'out.xyz.gz'])('%s', async (target) => {
    const file = path.join(folder, target);
    writeFileSync(file, 'old');
    function* failingHalfway() {
      for (let i = 0; i < 5000; i++) yield atom;
      throw new Error('halfway');
    }
    await expect(writeStructures(file, failingHalfway())).rejects.toThrow('halfway');
    expect(readdirSync(folder)).toEqual([target]);
    expect(readFileSync(file, 'utf8')).toBe('old');
  });

  test('when the process has to go', async () => {
    const writer = await StructureWriter.create(path.join(folder, 'out.xyz'));
    await writer.write(atom);
    discardPendingFiles();
    expect(readdirSync(folder)).toEqual([]);
    await writer.discard();
  });

  test('when the work is aborted', async () => {
    const signal = AbortSignal.abort();
    await expect(writeStructures(path.join(folder, 'a.xyz'), [atom], { signal })).rejects.toThrow(
      failing({ name: 'AbortError' }),
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});

test.each<[string, Partial<StructureLike>, string]>([
  ['a reserved key', { info: { Lattice: 1 } }, 'info["Lattice"]'],
  ['a key of two lines', { info: { 'a\nb': 1 } }, 'info["a\\nb"]'],
  ['a name with a colon', { arrays: { 'a:b': { data: ['x'], shape: [1] } } }, 'arrays.a:b'],
  ['a name of the positions', { arrays: { pos: { data: ['x'], shape: [1] } } }, 'arrays.pos'],
  ['text with blanks', { arrays: { a: { data: ['x y'], shape: [1] } } }, 'arrays.a'],
  ['three extents', { arrays: { a: { data: Int32Array.of(1), shape: [1, 1, 1] } } }, 'arrays.a'],
])('%s cannot be written', async (_, wrong, where) => {
  const writing = writeStructures(path.join(folder, 'a.xyz'), [{ ...atom, ...wrong }]);
  await expect(writing).rejects.toThrow(failing({ name: 'InvalidInputError', path: where }));
});

test('nothing is written after the end', async () => {
  const file = path.join(folder, 'a.xyz');
  const writer = await StructureWriter.create(file);
  await writer.write(atom);
  await writer.close();
  await expect(writer.write(atom)).rejects.toThrow('closed');
  await expect(writer.close()).rejects.toThrow('closed');
  await writer.discard();
  expect(await readStructures(file)).toHaveLength(1);
});

test('targets that cannot be written', async () => {
  const inside = path.join(folder, 'missing', 'a.xyz');
  await expect(writeStructures(inside, [atom])).rejects.toThrow(`cannot write ${inside}: no such`);
  const occupied = path.join(folder, 'folder');
  mkdirSync(occupied);
  await expect(writeStructures(occupied, [atom])).rejects.toThrow('it is a directory');
});
