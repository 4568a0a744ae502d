import type { Matrix } from '../common/matrix';
import { pathOf } from '../common/files';
import type { FilePath } from '../common/files';
import { checkMemory } from '../common/memory';
import { NpyWriter } from '../common/npy';
import { asyncKeys, checkOptions } from '../common/options';
import type { KeysOf } from '../common/options';
import { throwIfAborted } from '../errors';
import { callAsync } from '../native/call';
import type { AsyncOptions } from '../native/call';
import { native } from '../native/load';
import type { KernelHyperparameters } from './hyperparameters';
import { checkKernel, prepare, structureKernelKeys } from './kernel-matrix';
import type { SpeciesCoupling, StructureKernelOptions } from './kernel-matrix';
import { nativeSamples } from './samples';
import type { Samples } from './samples';

export interface KernelRowsOptions extends StructureKernelOptions {
  /**
   * S + 1 numbers: environments of structure s are rows offsets[s] … offsets[s + 1] − 1 of `x`. Without them, kernels
   * are those of environments.
   */
  readonly offsetsX?: Int32Array | undefined;
  /** The same for `y`. */
  readonly offsetsY?: Int32Array | undefined;
  /** Largest block of rows in bytes. Default 64 MiB. */
  readonly memoryLimit?: number | undefined;
}

const kernelRowsKeys: KeysOf<KernelRowsOptions> = {
  ...structureKernelKeys,
  offsetsX: true,
  offsetsY: true,
};

/** Some rows of a kernel matrix. */
export interface KernelBlock {
  /** Which row of the whole matrix the first one is. */
  readonly first: number;
  readonly matrix: Matrix;
}

/** A kernel matrix that is computed block by block, when it is iterated over. */
export interface KernelRows extends AsyncIterable<KernelBlock> {
  /** Of the whole matrix. */
  readonly shape: readonly [rows: number, columns: number];
  /** Rows of a block; the last may have fewer. */
  readonly blockRows: number;
}

const defaultBlockBytes = 64 * 2 ** 20;

/**
 * Rows of a kernel matrix that may be larger than memory, in blocks of known size, each of which is the caller's own:
 * what `kernelMatrix` gives, or `structureKernel` with offsets. Without `y`, twice the work of the whole matrix, as
 * nothing is mirrored.
 *
 * @throws InvalidInputError naming what is wrong; MemoryLimitError where a single row does not fit into `memoryLimit`.
 *   Both at once, before anything is computed.
 *
 * @example
 * for await (const { first, matrix } of kernelRows(x, undefined, { type: 'dot-product' })) {
 *   use(matrix.values, first);
 * }
 */
export function kernelRows(
  x: Samples,
  y: Samples | undefined,
  kernel: KernelHyperparameters,
  options: KernelRowsOptions & AsyncOptions = {},
): KernelRows {
  checkOptions(options, { ...kernelRowsKeys, ...asyncKeys });
  const { offsetsX, offsetsY, speciesX, speciesY, memoryLimit = defaultBlockBytes } = options;
  const columns = y
    ? { samples: y, offsets: offsetsY, species: speciesY }
    : { samples: x, offsets: offsetsX, species: speciesX };
  const { rows: environments, components } = nativeSamples(x, 'x', speciesX, offsetsX);
  const others = nativeSamples(columns.samples, 'y', columns.species, columns.offsets);
  const height = offsetsX ? offsetsX.length - 1 : environments;
  const width = components * (columns.offsets ? columns.offsets.length - 1 : others.rows);
  const bytes = 8 * components * width;
  checkMemory(bytes, memoryLimit, `${components} × ${width} kernels, the smallest block,`);
  const atOnce = Math.min(height, Math.floor(memoryLimit / bytes));

  /** The engine's call for rows first … last − 1, in environments or structures. */
  const block = (first: number, last: number) => {
    const from = offsetsX?.[first] ?? first;
    const to = offsetsX?.[last] ?? last;
    const offsets = offsetsX?.subarray(first, last + 1).map((offset) => offset - from);
    return prepare(part(x, from, to), offsets, columns.samples, columns.offsets, kernel, {
      ...options,
      memoryLimit,
      speciesX: speciesX?.subarray(from, to),
      speciesY: columns.species,
    });
  };
  block(0, 1); // what is wrong is said now
  const { type } = checkKernel(kernel);
  const ofOneself = !y && !offsetsX && components === 1 && type !== 'dot-product';

  return {
    shape: [components * height, width],
    blockRows: components * atOnce,
    async *[Symbol.asyncIterator]() {
      const { threads, signal, onProgress } = options;
      for (let first = 0; first < height; first += atOnce) {
        throwIfAborted(signal);
        const last = Math.min(height, first + atOnce);
        const { call, result } = block(first, last);
        await callAsync((run) => native().kernelMatrix(...call, run), { threads, signal });
        // A kernel of distance is 1 at none, whatever rounding makes of the distance.
        for (let i = first; ofOneself && i < last; i++) {
          result.values[(i - first) * width + i] = couplingOfOneself(
            options.coupling,
            speciesX?.[i],
          );
        }
        yield { first: components * first, matrix: result };
        onProgress?.(last, height);
      }
    },
  };
}

/**
 * Writes a kernel matrix that may be larger than memory to a `.npy` file, block by block; the file appears when it is
 * complete. See {@link kernelRows}.
 *
 * @returns the shape of the matrix.
 */
export async function writeKernelMatrix(
  file: FilePath,
  x: Samples,
  y: Samples | undefined,
  kernel: KernelHyperparameters,
  options: KernelRowsOptions & AsyncOptions = {},
): Promise<readonly [rows: number, columns: number]> {
  const path = pathOf(file);
  const rows = kernelRows(x, y, kernel, options);
  const writer = await NpyWriter.create(path, 'f64', [rows.shape[1]]);
  try {
    for await (const { matrix } of rows) await writer.write(matrix.values);
    await writer.close();
  } finally {
    await writer.discard();
  }
  return rows.shape;
}

/** Samples from … to − 1, without a copy. */
function part({ values, columns, tensor }: Samples, from: number, to: number): Samples {
  return {
    values: values.subarray(from * columns, to * columns),
    rows: to - from,
    columns,
    ...(tensor && { tensor: { ...tensor, scalars: part(tensor.scalars, from, to) } }),
  };
}

function couplingOfOneself(coupling: SpeciesCoupling | undefined, element = 0): number {
  if (!coupling) return 1;
  const at = coupling.species.indexOf(element);
  return coupling.values[at * coupling.species.length + at]!;
}
