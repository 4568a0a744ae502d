import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { decodeNpy, NpyWriter, readNpy, writeNpy } from '../../ts/common/npy';
import { SoapstoneError } from '../../ts/errors';
import { failing } from '../failing';
import { asWrittenByScript, references, values } from './tensors';

const folder = mkdtempSync(path.join(tmpdir(), 'npy-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each(Object.keys(values))(
  'reads %s as NumPy wrote it, and writes the same bytes',
  async (name) => {
    const original = path.join(references, `${name}.npy`);
    const array = await readNpy(original);
    expect(asWrittenByScript(array)).toEqual(values[name]);

    const copy = path.join(folder, `${name}.npy`);
    await writeNpy(copy, array);
    expect(readFileSync(copy)).toEqual(readFileSync(original));
  },
);

test('reads version 2', async () => {
  expect(asWrittenByScript(await readNpy(path.join(references, 'version-2.npy')))).toEqual(
    values.f64,
  );
});

test.each(['fortran', 'big-endian'])('refuses %s', async (name) => {
  await expect(readNpy(path.join(references, `${name}.npy`))).rejects.toThrow(
    failing({ name: 'FormatError', file: expect.stringContaining(name) }),
  );
});

test('writes rows whose number is not known before', async () => {
  const file = path.join(folder, 'rows.npy');
  const writer = await NpyWriter.create(file, 'f64', [2]);
  for (let row = 0; row < 1000; row++) await writer.write(Float64Array.of(row, -row));
  await expect(writer.write(Float64Array.of(1))).rejects.toThrow('whole rows');
  await expect(writer.write(Float32Array.of(1, 2))).rejects.toThrow('f64');
  expect(readdirSync(folder)).not.toContain('rows.npy');
  await writer.close();

  const { data, shape } = await readNpy(file);
  expect(shape).toEqual([1000, 2]);
  expect(data[1999]).toBe(-999);
});

test('leaves nothing of a file that was not completed', async () => {
  const before = readdirSync(folder);
  const writer = await NpyWriter.create(path.join(folder, 'unfinished.npy'), 'f32', [3]);
  await writer.write(new Float32Array(3));
  await writer.discard();
  expect(readdirSync(folder)).toEqual(before);
});

test('damage is a typed error or another array, never a crash', () => {
  const bytes = readFileSync(path.join(references, 'f64.npy'));
  const damage = fc.record({ length: fc.nat(bytes.length), at: fc.nat(127), byte: fc.nat(255) });
  fc.assert(
    fc.property(damage, ({ length, at, byte }) => {
      const damaged = Buffer.from(bytes).subarray(0, length);
      if (at < length) damaged[at] = byte;
      try {
        decodeNpy(damaged);
      } catch (error) {
        expect(SoapstoneError.is(error)).toBe(true);
      }
    }),
  );
});
