import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { kernelMatrix, kernelRows, structureKernel, writeKernelMatrix } from '../../ts';
import type { KernelBlock, KernelHyperparameters, KernelRows, Matrix, Samples } from '../../ts';
import { readNpy } from '../../ts/common/npy';
import { randomNumbers } from '../../ts/common/random';
import { failing } from '../failing';

const random = randomNumbers(9);
const samples = (rows: number, columns = 5): Samples => ({
  values: Float64Array.from({ length: rows * columns }, () => random()),
  rows,
  columns,
});
const [x, y] = [samples(23), samples(11)];
const offsetsX = Int32Array.of(0, 4, 5, 12, 23);
const offsetsY = Int32Array.of(0, 3, 11);
const speciesX = Int32Array.from({ length: 23 }, (_, i) => (i % 3 === 0 ? 8 : 1));
const speciesY = Int32Array.from({ length: 11 }, (_, i) => (i % 2 === 0 ? 8 : 1));
const coupling = { species: [1, 8], values: Float64Array.of(1, 0.3, 0.3, 0.7) };
const gaussian: KernelHyperparameters = { type: 'gaussian', width: 0.7 };

const bytes = ({ values }: Matrix) => Buffer.from(values.buffer, 0, values.byteLength);

async function collect(rows: KernelRows, memoryLimit: number): Promise<Matrix> {
  const values = new Float64Array(rows.shape[0] * rows.shape[1]);
  const blocks: KernelBlock[] = [];
  let next = 0;
  for await (const block of rows) {
    expect(block.first).toBe(next);
    expect(block.matrix.values.buffer.byteLength).toBeLessThanOrEqual(memoryLimit);
    expect(block.matrix.shape[0]).toBeLessThanOrEqual(rows.blockRows);
    values.set(block.matrix.values, block.first * rows.shape[1]);
    next += block.matrix.shape[0];
    blocks.push(block);
  }
  expect(next).toBe(rows.shape[0]);
  expect(blocks.length).toBeGreaterThan(1);
  return { values, shape: rows.shape };
}

describe('rows of environments have the bits of the whole matrix', () => {
  test.each<KernelHyperparameters>([
    { type: 'dot-product', zeta: 3 },
    gaussian,
    { type: 'matern', width: 0.4, smoothness: 0.5 },
    { type: 'laplacian', width: 1 },
  ])('$type', async (kernel) => {
    const memoryLimit = 5 * 8 * 23;
    for (const options of [{}, { speciesX }, { speciesX, coupling }]) {
      const rows = kernelRows(x, undefined, kernel, { ...options, memoryLimit });
      expect(rows.blockRows).toBe(5);
      const whole = await kernelMatrix(x, undefined, kernel, options);
      expect(bytes(await collect(rows, memoryLimit)).equals(bytes(whole))).toBe(true);
    }
    const options = { speciesX, speciesY, coupling };
    const rows = kernelRows(x, y, kernel, { ...options, memoryLimit });
    const whole = await kernelMatrix(x, y, kernel, options);
    expect(bytes(await collect(rows, memoryLimit)).equals(bytes(whole))).toBe(true);
  });

  test('of tensors', async () => {
    const tensors: Samples = { ...samples(9, 3 * 4), tensor: { lambda: 1, scalars: samples(9) } };
    const kernel = { type: 'dot-product' } as const;
    const memoryLimit = 2 * 3 * 8 * 27;
    const rows = kernelRows(tensors, undefined, kernel, { memoryLimit });
    expect(rows).toMatchObject({ shape: [27, 27], blockRows: 6 });
    const whole = await kernelMatrix(tensors, undefined, kernel);
    expect(bytes(await collect(rows, memoryLimit)).equals(bytes(whole))).toBe(true);
  });
});

test.each(['sum', 'mean', 'rematch', 'best-match'] as const)(
  'rows of structures are those of the whole matrix: %s',
  async (aggregate) => {
    for (const [others, offsets] of [[undefined, undefined] as const, [y, offsetsY] as const]) {
      const whole = await structureKernel(x, offsetsX, others, offsets, gaussian, { aggregate });
      const memoryLimit = 3 * 8 * whole.shape[1];
      const rows = kernelRows(x, others, gaussian, {
        aggregate,
        offsetsX,
        offsetsY: offsets,
        memoryLimit,
      });
      const { values, shape } = await collect(rows, memoryLimit);
      expect(shape).toEqual(whole.shape);
      values.forEach((k, i) => expect(Math.abs(k - whole.values[i]!)).toBeLessThan(1e-9));
    }
  },
);

describe('writeKernelMatrix', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'soapstone-kernel-rows-'));
  const file = path.join(folder, 'kernel.npy');
  afterAll(() => rmSync(folder, { recursive: true }));

  test('writes the whole matrix', async () => {
    const steps: number[][] = [];
    const shape = await writeKernelMatrix(file, x, y, gaussian, {
      memoryLimit: 10 * 8 * 11,
      onProgress: (...step) => steps.push(step),
    });
    const whole = await kernelMatrix(x, y, gaussian);
    expect(await readNpy(file)).toEqual({ data: whole.values, shape: [...shape] });
    expect(steps).toEqual([
      [10, 23],
      [20, 23],
      [23, 23],
    ]);
    rmSync(file);
  });

  test('leaves no file when it is aborted', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const onProgress = () => controller.abort();
    const written = writeKernelMatrix(file, x, y, gaussian, {
      memoryLimit: 88,
      signal,
      onProgress,
    });
    await expect(written).rejects.toMatchObject({ name: 'AbortError' });
    expect(readdirSync(folder)).toEqual([]);
  });
});

test('is refused before anything is computed', () => {
  const limited = () => kernelRows(x, undefined, gaussian, { memoryLimit: 8 * 23 - 1 });
  expect(limited).toThrow(failing({ name: 'MemoryLimitError', bytes: 8 * 23 }));
  const features = () => kernelRows(x, samples(3, 4), gaussian);
  expect(features).toThrow(failing({ name: 'InvalidInputError', path: 'y' }));
  const width = () => kernelRows(x, y, { type: 'gaussian', width: -1 });
  expect(width).toThrow(/^kernel.width: /);
});

test('a matrix beyond the limit names the way out', async () => {
  const whole = kernelMatrix(x, y, gaussian, { memoryLimit: 100 });
  await expect(whole).rejects.toThrow(/kernelRows/);
});
