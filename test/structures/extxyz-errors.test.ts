import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { SoapstoneError } from '../../ts/errors';
import { iterateStructures, readStructures } from '../../ts/structures/extxyz';
import { failing } from '../failing';

/** A source that gives these bytes, one piece at a time. */
async function* pieces(...parts: (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  yield* parts;
}

const read = (text: string | Uint8Array) => readStructures(pieces(text), { name: 'a.xyz' });
const good = '2\nProperties=species:S:1:pos:R:3 energy=1\nH 0 0 0\nH 0 0 1\n';

describe('wrong input is an error with file, frame and line', () => {
  test.each<[string, string, number | undefined, number | undefined, string]>([
    ['an empty file', '', undefined, undefined, 'there are no structures'],
    ['a file of blank lines', '\n \n\t\n', undefined, undefined, 'there are no structures'],
    [
      'a count that is no number',
      `${good}two\n\n`,
      1,
      5,
      'expected the number of atoms, got "two"',
    ],
    ['a count of zero', '0\n\n', 0, 1, 'got "0"'],
    ['a negative count', '-1\n\n', 0, 1, 'got "-1"'],
    ['a count beyond any memory', '99999999999\n\n', 0, 1, 'number of atoms'],
    ['a count too small', `1${good.slice(1)}`, 0 + 1, 4, 'of the frame before too small?'],
    ['a count too large', `3${good.slice(1)}${good}`, 0, 5, 'of this frame too large?'],
    ['a file that ends after the count', `${good}2\n`, 1, 5, 'ends after the number of atoms'],
    ['a truncated frame', `${good}2\n\nH 0 0 0\n`, 1, 7, 'ends after 1 of the 2 atoms'],
    [
      'a large count and few atoms',
      '2000000000\n\nH 0 0 0\n',
      0,
      3,
      'ends after 1 of the 2000000000',
    ],
    ['a truncated line', '1\n\nH 0 0\n', 0, 3, 'expected 4 columns for atom 0 of 1'],
    ['a blank line in a frame', '2\n\nH 0 0 0\n\nH 0 0 1\n', 0, 4, 'got 0'],
    ['a bad number', '1\n\nH 0 0 0.1.2\n', 0, 3, 'a finite real number for positions, got "0.1.2"'],
    ['a Fortran exponent', '1\n\nH 0 0 1.0D+00\n', 0, 3, 'got "1.0D+00"'],
    ['a hexadecimal number', '1\n\nH 0 0 0x10\n', 0, 3, 'got "0x10"'],
    [
      'NaN for a position',
      '1\n\nH 0 nan 0\n',
      0,
      3,
      'a finite real number for positions, got "nan"',
    ],
    ['an infinite position', '1\n\nH 0 0 1e999\n', 0, 3, 'got "1e999"'],
    ['an unknown element', '1\n\nXx 0 0 0\n', 0, 3, 'a chemical symbol for symbols, got "Xx"'],
    ['a number for an element', '1\n\n14 0 0 0\n', 0, 3, 'a chemical symbol for symbols, got "14"'],
    ['an atomic number of 0', '1\nProperties=Z:I:1:pos:R:3\n0 0 0 0\n', 0, 3, 'from 1 to 118'],
    [
      'an integer with a point',
      '1\nProperties=species:S:1:pos:R:3:t:I:1\nH 0 0 0 1.\n',
      0,
      3,
      'integer',
    ],
    [
      'an integer of 33 bits',
      '1\nProperties=species:S:1:pos:R:3:t:I:1\nH 0 0 0 4294967296\n',
      0,
      3,
      't',
    ],
    [
      'a logical of another kind',
      '1\nProperties=species:S:1:pos:R:3:t:L:1\nH 0 0 0 yes\n',
      0,
      3,
      'T or F',
    ],
    ['properties not in threes', '1\nProperties=species:S:1:pos:R\nH 0 0 0\n', 0, 2, 'triplets'],
    [
      'a property of unknown type',
      '1\nProperties=species:S:1:pos:Q:3\nH 0 0 0\n',
      0,
      2,
      'R, I, S or L',
    ],
    [
      'a property without columns',
      '1\nProperties=species:S:1:pos:R:3:a:R:0\nH 0 0 0\n',
      0,
      2,
      'for a',
    ],
    [
      'a property twice',
      '1\nProperties=species:S:1:pos:R:3:pos:R:3\nH 0 0 0\n',
      0,
      2,
      'pos is there twice',
    ],
    [
      'a property under two names',
      '1\nProperties=species:S:1:pos:R:3:positions:R:3\nH\n',
      0,
      2,
      'twice',
    ],
    [
      'Properties twice',
      '1\nProperties=species:S:1:pos:R:3 Properties=a:R:1\nH 0 0 0\n',
      0,
      2,
      'twice',
    ],
    ['Properties without a value', '1\nProperties\nH 0 0 0\n', 0, 2, 'triplets'],
    ['no positions', '1\nProperties=species:S:1\nH\n', 0, 2, 'expected positions'],
    ['no elements', '1\nProperties=pos:R:3\n0 0 0\n', 0, 2, 'expected elements'],
    ['a Lattice of eight', '1\nLattice="1 0 0 0 1 0 0 0"\nH 0 0 0\n', 0, 2, 'nine numbers'],
    ['a Lattice of words', '1\nLattice="a b c d e f g h i"\nH 0 0 0\n', 0, 2, 'nine numbers'],
    ['a Lattice with NaN', '1\nLattice="nan 0 0 0 1 0 0 0 1"\nH 0 0 0\n', 0, 2, 'not finite'],
    ['a singular Lattice', '1\nLattice="1 0 0 0 1 0 1 1 0"\nH 0 0 0\n', 0, 2, 'linearly dependent'],
    [
      'a Lattice with a zero vector',
      '1\nLattice="1 0 0 0 1 0 0 0 0"\nH 0 0 0\n',
      0,
      2,
      'vector c is zero',
    ],
    [
      'pbc without a Lattice',
      '1\npbc="T T F"\nH 0 0 0\n',
      0,
      2,
      'along a, b, but there is no cell',
    ],
    ['pbc of two', '1\npbc="T T"\nH 0 0 0\n', 0, 2, 'three of T and F'],
    ['a comment that begins with =', '1\n=1\nH 0 0 0\n', 0, 2, 'begins with ='],
    ['damaged JSON', '1\na="_JSON [1,"\nH 0 0 0\n', 0, 2, 'a: damaged JSON'],
    ['VEC lines out of order', '1\n\nH 0 0 0\nVEC2 1 0 0\n', 0, 4, 'expected VEC1, got VEC2'],
    ['a VEC line of two', '1\n\nH 0 0 0\nVEC1 1 0\n', 0, 4, 'three numbers'],
  ])('%s', async (_, text, frame, line, message) => {
    const expected = { name: 'FormatError', code: 'FORMAT', file: 'a.xyz', frame, line };
    await expect(read(text)).rejects.toThrow(
      failing({ ...expected, message: expect.stringContaining(message) }),
    );
    // The same with Windows line ends, and with the bytes coming one by one.
    const crlf = Buffer.from(text.replaceAll('\n', '\r\n'));
    const bytes = readStructures(pieces(...Array.from(crlf, (byte) => Buffer.of(byte))), {
      name: 'a.xyz',
    });
    await expect(bytes).rejects.toThrow(failing(expected));
  });

  test('the message says where, and how frames are counted', async () => {
    await expect(read(`${good}1\n\nH 0 0 x\n`)).rejects.toThrow(
      'a.xyz, frame 1 (counted from 0), line 7: expected a finite real number for positions, got "x"',
    );
  });

  test('frames before the damage are still read one by one', async () => {
    const energies: unknown[] = [];
    const reading = (async () => {
      for await (const { info } of iterateStructures(pieces(good + good, '2\n'))) {
        energies.push(info.energy);
      }
    })();
    await expect(reading).rejects.toThrow('<stream>, frame 2');
    expect(energies).toEqual([1, 1]);
  });

  test('a line without end', async () => {
    async function* endless() {
      for (;;) yield await Promise.resolve(Buffer.alloc(2 ** 20, 'x'));
    }
    await expect(readStructures(endless())).rejects.toThrow('longer than');
  }, 60_000);
});

describe('sources that cannot be read', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'extxyz-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('a missing file names itself and the working directory', async () => {
    const missing = path.join(folder, 'missing.xyz');
    await expect(readStructures(missing)).rejects.toThrow(
      failing({
        name: 'InvalidInputError',
        message: `cannot read ${missing}: no such file or directory (working directory: ${process.cwd()})`,
      }),
    );
  });

  test('a directory', async () => {
    await expect(readStructures(folder)).rejects.toThrow('it is a directory');
  });

  test.each([undefined, null, 5, {}])('%p', async (source) => {
    await expect(readStructures(source as string)).rejects.toThrow(
      failing({ name: 'InvalidInputError', path: 'source' }),
    );
  });

  test('gzip that is cut or damaged', async () => {
    const packed = gzipSync(good.repeat(1000));
    const cut = path.join(folder, 'cut.xyz.gz');
    writeFileSync(cut, packed.subarray(0, -10));
    await expect(readStructures(cut)).rejects.toThrow(
      failing({ name: 'FormatError', file: cut, message: expect.stringContaining('gzip') }),
    );
    packed[packed.length >> 1]! ^= 0xff;
    await expect(read(packed)).rejects.toThrow(SoapstoneError);
  });

  test('an aborted signal', async () => {
    const signal = AbortSignal.abort('enough');
    await expect(readStructures(pieces(good), { signal })).rejects.toThrow(
      failing({ name: 'AbortError', cause: 'enough' }),
    );
  });
});

test('damage anywhere gives structures or a typed error, never anything else', async () => {
  const text = Buffer.from(
    `${good}1\nLattice="3 0 0 0 3 0 0 0 3" pbc="T T F" a="_JSON [[1, 2]]" b="x \\" y" Properties=Z:I:1:pos:R:3:l:L:1:s:S:2\n6 1e-3 .5 -1. T a b\n`,
  );
  const bytes = fc
    .constantFrom(...'\n\r\t "\'=\\[]{}:,.-+0123456789eETFn_é\0')
    .map((character) => Buffer.from(character));
  const edit = fc.record({
    at: fc.nat(text.length),
    drop: fc.nat(5),
    insert: fc.array(bytes, { maxLength: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 4 }), async (edits) => {
      const damaged = edits.reduce(
        (all, { at, drop, insert }) =>
          Buffer.concat([all.subarray(0, at), ...insert, all.subarray(at + drop)]),
        text,
      );
      try {
        await read(damaged);
      } catch (error) {
        if (!SoapstoneError.is(error)) throw error;
      }
    }),
    { numRuns: 1000 },
  );
});
