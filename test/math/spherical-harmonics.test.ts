import { readFileSync } from 'node:fs';
import path from 'node:path';

import { sphericalHarmonics, sphericalHarmonicsSync } from '../../ts';

const fixture = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/data/harmonics.json'), 'utf8'),
) as {
  readonly maxAngular: number;
  readonly points: readonly (readonly number[])[];
  readonly values: readonly (readonly number[])[];
  readonly gradients: readonly (readonly (readonly number[])[])[];
};
const vectors = new Float64Array(fixture.points.flat());

/** Directions all over the sphere, of all sorts of lengths. */
const spiral = (count: number) =>
  Float64Array.from({ length: 3 * count }, (_, k) => {
    const point = Math.floor(k / 3);
    const z = 1 - (2 * point + 1) / count;
    const [s, phi] = [Math.sqrt(1 - z * z), 2.4 * point];
    return (0.5 + (point % 7)) * [s * Math.cos(phi), s * Math.sin(phi), z][k % 3]!;
  });

/** Bit by bit; an expectation would look at millions of numbers one at a time. */
const same = (a: Float64Array, b: Float64Array) =>
  Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(
    Buffer.from(b.buffer, b.byteOffset, b.byteLength),
  );

test('values and gradients are those of sphericart', () => {
  const { maxAngular } = fixture;
  const { values, gradients } = sphericalHarmonicsSync(vectors, maxAngular, { gradients: true });
  const size = (maxAngular + 1) ** 2;
  fixture.points.forEach((point, p) => {
    const length = Math.hypot(...point);
    fixture.values[p]!.forEach((value, lm) => {
      expect(Math.abs(values[p * size + lm]! - value)).toBeLessThan(1e-13);
    });
    fixture.gradients[p]!.flat().forEach((slope, k) => {
      expect(Math.abs(gradients![p * 3 * size + k]! - slope) * length).toBeLessThan(3e-12);
    });
  });
});

test.each([0, 1, 2, 5, 12, 13, 24])(
  'l = %p: off the event loop, on any number of threads and in given arrays, to the last bit',
  async (maxAngular) => {
    const many = spiral(1203);
    const one = sphericalHarmonicsSync(many, maxAngular, { gradients: true, threads: 1 });
    const size = (maxAngular + 1) ** 2;
    const out = {
      values: new Float64Array(1203 * size),
      gradients: new Float64Array(3 * 1203 * size),
    };
    const given = await sphericalHarmonics(many, maxAngular, { out, threads: 3 });
    expect(given.values).toBe(out.values);
    expect(given.gradients).toBe(out.gradients);
    expect(same(given.values, one.values)).toBe(true);
    expect(same(given.gradients!, one.gradients!)).toBe(true);
    const alone = sphericalHarmonicsSync(many.slice(3 * 1200), maxAngular, { gradients: true });
    expect(same(alone.values, one.values.slice(1200 * size))).toBe(true);
    expect(same(alone.gradients!, one.gradients!.slice(3 * 1200 * size))).toBe(true);
    const plain = sphericalHarmonicsSync(many, maxAngular);
    expect(plain.gradients).toBeUndefined();
    expect(same(plain.values, one.values)).toBe(true);
  },
);

test('obey the addition theorem up to the largest order', () => {
  const { values } = sphericalHarmonicsSync(spiral(50), 24);
  for (let point = 0; point < 50; point++) {
    for (let l = 0; l <= 24; l++) {
      const row = values.subarray(point * 625 + l * l, point * 625 + (l + 1) ** 2);
      const square = row.reduce((sum, y) => sum + y * y, 0);
      expect((square * 4 * Math.PI) / (2 * l + 1)).toBeCloseTo(1, 12);
    }
  }
});

test('vectors of extreme lengths have the harmonics of their directions', () => {
  const lengths = [1e-300, 1e-160, 1, 1e160, 1e300];
  const points = new Float64Array(lengths.flatMap((r) => [0.3 * r, -0.5 * r, 0.7 * r]));
  const { values, gradients } = sphericalHarmonicsSync(points, 3, { gradients: true });
  lengths.forEach((length, p) => {
    for (let lm = 0; lm < 16; lm++) {
      expect(values[16 * p + lm]).toBeCloseTo(values[32 + lm]!, 14);
      for (let axis = 0; axis < 3; axis++) {
        const at = (point: number) => gradients![48 * point + 16 * axis + lm]!;
        expect(at(p) * length).toBeCloseTo(at(2), 13);
      }
    }
  });
});

test('a vector of length zero has no direction, and spoils no other', () => {
  const points = new Float64Array([0, 0, 2, 0, 0, 0, 1, 1, 1]);
  const { values, gradients } = sphericalHarmonicsSync(points, 1, { gradients: true });
  expect(values[4]).toBeCloseTo(Math.sqrt(0.25 / Math.PI), 15);
  expect([...values.slice(5, 8)]).toEqual([NaN, NaN, NaN]);
  expect([...gradients!.slice(12, 24)]).toEqual(Array(12).fill(NaN));
  const others = sphericalHarmonicsSync(new Float64Array([0, 0, 2, 1, 1, 1]), 1);
  [...values.slice(0, 4), ...values.slice(8)].forEach((value, k) => {
    expect(value).toBeCloseTo(others.values[k]!, 15);
  });
});

test('no vectors have no harmonics', async () => {
  expect((await sphericalHarmonics(new Float64Array(0), 3)).values).toHaveLength(0);
});

test('is not begun when the signal has been aborted', async () => {
  const signal = AbortSignal.abort();
  await expect(sphericalHarmonics(vectors, 3, { signal })).rejects.toMatchObject({
    code: 'ABORTED',
  });
});

test.each([
  ['vectors', () => sphericalHarmonicsSync(new Float64Array(4), 2)],
  ['vectors', () => sphericalHarmonicsSync([1, 2, 3] as unknown as Float64Array, 2)],
  ['maxAngular', () => sphericalHarmonicsSync(vectors, 25)],
  ['maxAngular', () => sphericalHarmonicsSync(vectors, 1.5)],
  ['out.values', () => sphericalHarmonicsSync(vectors, 2, { out: { values: vectors } })],
  ['out.gradients', () => sphericalHarmonicsSync(vectors, 2, { out: { gradients: vectors } })],
  ['threads', () => sphericalHarmonicsSync(vectors, 2, { threads: 0 })],
])('refuses what has no meaning: %s', (place, call) => {
  expect(call).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', path: place }) as Error);
});

test('refuses results above the limit of memory', () => {
  expect(() => sphericalHarmonicsSync(vectors, 6, { memoryLimit: 1000 })).toThrow(
    expect.objectContaining({ code: 'MEMORY_LIMIT' }) as Error,
  );
});
