import { readStructures } from '../../ts/structures/extxyz';

async function* once(text: string): AsyncGenerator<string> {
  yield text;
}

const read = (text: string) => readStructures(once(text));
const frame = (comment: string) => `1\n${comment}\nHe 0 0 0\n`;

// Where ASE's reader fails, misreads or leaves something out.
describe('beyond what ASE reads', () => {
  test('a Lattice of zeros is not periodic', async () => {
    const [structure] = await read(frame('Lattice="0.0 0 0 0 0 0 0 0 -0.0"'));
    expect(structure!.pbc).toEqual([false, false, false]);
    expect(structure!.volume).toBe(0);
  });

  test('blank lines between frames do not end the file', async () => {
    const structures = await read(`\n${frame('a=1')}\n \n${frame('a=2')}\n`);
    expect(structures.map(({ info }) => info.a)).toEqual([1, 2]);
    expect(structures.map(({ source }) => source)).toEqual([
      { file: '<stream>', frame: 0, line: 2 },
      { file: '<stream>', frame: 1, line: 7 },
    ]);
  });

  test('a stress of six numbers', async () => {
    const [structure] = await read(frame('stress="1 2 3 4 5 6.0"'));
    expect(structure!.info.stress).toEqual({ data: Float64Array.of(1, 2, 3, 4, 5, 6), shape: [6] });
  });

  test('an empty quoted value does not swallow the next key', async () => {
    const [structure] = await read(frame('a="" b=2'));
    expect(structure!.info).toEqual({ a: { data: new Int32Array(), shape: [0] }, b: 2 });
  });

  test('an integer that no double holds stays the text that it is', async () => {
    const [structure] = await read(frame('id=9007199254740993 ids="1 9007199254740993"'));
    expect(structure!.info).toEqual({ id: '9007199254740993', ids: '1 9007199254740993' });
  });

  test('ragged JSON lists', async () => {
    const [structure] = await read(frame('a="_JSON [[1], [2, 3]]"'));
    expect(structure!.info.a).toEqual([[1], [2, 3]]);
  });

  test('a key that JavaScript gives a meaning of its own', async () => {
    const [structure] = await read(frame('__proto__=5 constructor=6'));
    expect(Object.entries(structure!.info)).toEqual([
      ['__proto__', 5],
      ['constructor', 6],
    ]);
  });
});
