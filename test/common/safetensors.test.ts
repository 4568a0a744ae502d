import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import {
  decodeSafetensors,
  encodeSafetensors,
  readSafetensors,
  SafetensorsWriter,
  writeSafetensors,
} from '../../ts/common/safetensors';
import { SoapstoneError } from '../../ts/errors';
import { failing } from '../failing';
import { asWrittenByScript, references, values } from './tensors';

const folder = mkdtempSync(path.join(tmpdir(), 'safetensors-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file with this header and these many bytes of data. */
function file(header: unknown, dataBytes = 0): Buffer {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(dataBytes)]);
}

const tensor = (begin: number, end: number) => ({
  dtype: 'F64',
  shape: [(end - begin) / 8],
  data_offsets: [begin, end],
});

test('reads what the reference implementation wrote, and back', async () => {
  const contents = await readSafetensors(path.join(references, 'all.safetensors'));
  expect(contents.metadata).toEqual({ format: 'np', unit: 'Å' });
  const read = Object.fromEntries(
    Array.from(contents.tensors, ([name, found]) => [name, asWrittenByScript(found)]),
  );
  expect(read).toEqual(values);

  const copy = path.join(folder, 'copy.safetensors');
  await writeSafetensors(copy, contents);
  expect(readFileSync(copy)).toEqual(Buffer.from(encodeSafetensors(contents)));
  expect(await readSafetensors(copy)).toEqual(contents);
});

test('writes tensors piece by piece', async () => {
  const target = path.join(folder, 'streamed.safetensors');
  const writer = await SafetensorsWriter.create(
    target,
    new Map([
      ['a', { type: 'f64', shape: [2, 2] }],
      ['none', { type: 'f32', shape: [0, 4] }],
      ['b', { type: 'i32', shape: [1] }],
    ]),
  );
  await writer.write(Float64Array.of(1, 2, 3));
  await expect(writer.write(Float64Array.of(4, 5))).rejects.toThrow('at most 1 values');
  await expect(writer.close()).rejects.toThrow('1 more values');
  await writer.write(Float64Array.of(4));
  await writer.write(Int32Array.of(-5));
  expect(readdirSync(folder)).not.toContain('streamed.safetensors');
  await writer.close();

  const { tensors } = await readSafetensors(target);
  expect([...tensors.get('a')!.data]).toEqual([1, 2, 3, 4]);
  expect([...tensors.get('b')!.data]).toEqual([-5]);
  expect(tensors.get('none')!.shape).toEqual([0, 4]);
});

test.each([
  ['a file that is too short', Buffer.alloc(5), 'only 5 bytes'],
  ['a header longer than any', Buffer.alloc(16, 0xff), 'no safetensors file'],
  ['a truncated header', file({ a: tensor(0, 8) }).subarray(0, 20), 'ends within the header'],
  ['a header that is no JSON', file('{"a": '), 'damaged'],
  ['a header that is no object', file('[1]'), 'damaged'],
  ['blanks before the header', file(' {}'), 'damaged'],
  ['a repeated tensor', file('{"a": 1, "\\u0061": 2}'), 'there twice'],
  ['a repeated field', file('{"a": {"dtype": "F64", "dtype": "F32"}}'), 'there twice'],
  ['an unknown field', file({ a: { ...tensor(0, 8), extra: 1 } }, 8), 'unknown field "extra"'],
  ['a missing field', file({ a: { dtype: 'F64', shape: [1] } }, 8), 'data_offsets'],
  ['an unknown type', file({ a: { ...tensor(0, 8), dtype: 'F128' } }, 8), 'F128'],
  ['a negative extent', file({ a: { ...tensor(0, 8), shape: [-1] } }, 8), 'shape'],
  [
    'a size that does not fit the shape',
    file({ a: { ...tensor(0, 8), shape: [2] } }, 8),
    '16 bytes',
  ],
  ['a gap', file({ a: tensor(0, 8), b: tensor(16, 24) }, 24), 'gap'],
  ['an overlap', file({ a: tensor(0, 16), b: tensor(8, 24) }, 24), 'overlaps'],
  ['missing data', file({ a: tensor(0, 16) }, 8), 'expected 16 bytes'],
  ['trailing bytes', file({ a: tensor(0, 8) }, 9), 'got 9'],
  ['metadata that is no text', file({ __metadata__: { a: 1 } }), '__metadata__'],
  ['text that is not UTF-8', file('{"\u00ff": 1}').fill(0xff, 10, 11), 'damaged'],
])('refuses %s', (_, bytes, message) => {
  expect(() => decodeSafetensors(bytes, 'model.soapstone')).toThrow(
    failing({
      name: 'FormatError',
      file: 'model.soapstone',
      message: expect.stringContaining(message),
    }),
  );
});

test('damage anywhere in the header, or a cut, is a typed error or other contents, never a crash', () => {
  const bytes = readFileSync(path.join(references, 'all.safetensors'));
  const headerEnd = 8 + Number(bytes.readBigUInt64LE(0));
  const attempt = (damaged: Buffer) => {
    try {
      decodeSafetensors(damaged);
    } catch (error) {
      expect(SoapstoneError.is(error)).toBe(true);
    }
  };
  for (let length = 0; length < bytes.length; length++) {
    expect(() => decodeSafetensors(bytes.subarray(0, length))).toThrow(SoapstoneError);
  }
  for (let at = 0; at < headerEnd; at++) {
    const damaged = Buffer.from(bytes);
    damaged[at]! ^= 0xff;
    attempt(damaged);
  }
  fc.assert(
    fc.property(fc.nat(headerEnd - 1), fc.nat(255), (at, byte) => {
      const damaged = Buffer.from(bytes);
      damaged[at] = byte;
      attempt(damaged);
    }),
  );
});
