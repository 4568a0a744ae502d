import { z } from 'zod';

import { checkMatrix } from '../common/matrix';
import type { Matrix } from '../common/matrix';
import { checkMemory, memoryKeys } from '../common/memory';
import type { MemoryOptions } from '../common/memory';
import { asyncKeys, checkOptions, syncKeys } from '../common/options';
import type { KeysOf } from '../common/options';
import { positive, typedArray, validate } from '../common/validation';
import { InvalidInputError } from '../errors';
import { callAsync, callSync } from '../native/call';
import type { AsyncOptions, SyncOptions } from '../native/call';
import type { NativeSpeciesCoupling, NativeKernelArguments, NativeMatch } from '../native/contract';
import { native } from '../native/load';
import { kernelSchema } from './hyperparameters';
import type { KernelHyperparameters, ResolvedKernel } from './hyperparameters';
import { nativeSamples } from './samples';
import type { Samples } from './samples';

/** κ between the elements of two centres, which multiplies the kernel of their environments. */
export interface SpeciesCoupling {
  /** Atomic numbers. */
  readonly species: readonly number[];
  /** Species × species, symmetric. */
  readonly values: Float64Array;
}

export interface KernelOptions extends MemoryOptions {
  /** Atomic numbers of the centres of `x`, and of `y`. Without them, all centres are alike. */
  readonly speciesX?: Int32Array | undefined;
  readonly speciesY?: Int32Array | undefined;
  /** κ between different elements. Default: centres of different elements have no kernel. */
  readonly coupling?: SpeciesCoupling | undefined;
}

export const kernelKeys: KeysOf<KernelOptions> = {
  ...memoryKeys,
  speciesX: true,
  speciesY: true,
  coupling: true,
};

/**
 * How kernels between environments make a kernel between structures: as their `sum` (Eq. 13 of the review) or
 * `mean`, by the `best-match` of environments with each other, or by its smooth version `rematch` with an entropy.
 */
export type StructureAggregate = 'sum' | 'mean' | 'rematch' | 'best-match';

export interface StructureKernelOptions extends KernelOptions {
  /** Default `sum`. */
  readonly aggregate?: StructureAggregate | undefined;
  /** Weight γ of the entropy in `rematch`; the smaller, the closer to the best match. Default 0.1. */
  readonly gamma?: number | undefined;
}

export const structureKernelKeys: KeysOf<StructureKernelOptions> = {
  ...kernelKeys,
  aggregate: true,
  gamma: true,
};

const matrixKeys = { ...kernelKeys, ...asyncKeys };
const matrixSyncKeys = { ...kernelKeys, ...syncKeys };
const sumKeys = { ...matrixKeys, aggregate: true } as const;
const sumSyncKeys = { ...matrixSyncKeys, aggregate: true } as const;
const structureKeys = { ...structureKernelKeys, ...asyncKeys };
const structureSyncKeys = { ...structureKernelKeys, ...syncKeys };

/**
 * Kernels between all environments of `x` and all of `y`, N × M; without `y`, of `x` with itself, of which half is
 * computed. Environments of different elements have kernel 0 (see `coupling`). Runs off the event loop.
 *
 * Of features of a tensor of rank λ the kernels are (2λ + 1) × (2λ + 1) matrices (Eq. 17 of the review), one for each
 * pair of environments, and the result is N (2λ + 1) × M (2λ + 1): products of the features of each environment,
 * divided by the norms of its scalars and multiplied with the `kernel` of the scalars. Method: Grisafi, Wilkins,
 * Csányi and Ceriotti, Phys. Rev. Lett. 120, 036002 (2018).
 *
 * @throws InvalidInputError naming what is wrong; MemoryLimitError for a result beyond `memoryLimit`.
 */
export async function kernelMatrix(
  x: Samples,
  y: Samples | undefined,
  kernel: KernelHyperparameters,
  options: KernelOptions & AsyncOptions = {},
): Promise<Matrix> {
  checkOptions(options, matrixKeys);
  const { call, result } = prepare(x, undefined, y, undefined, kernel, options);
  await callAsync((run) => native().kernelMatrix(...call, run), options);
  return result;
}

/** The same on the calling thread, which waits for it. See {@link kernelMatrix}. */
export function kernelMatrixSync(
  x: Samples,
  y: Samples | undefined,
  kernel: KernelHyperparameters,
  options: KernelOptions & SyncOptions = {},
): Matrix {
  checkOptions(options, matrixSyncKeys);
  const { call, result } = prepare(x, undefined, y, undefined, kernel, options);
  callSync((run) => native().kernelMatrix(...call, run), options);
  return result;
}

/**
 * Kernels between S structures and M environments, S × M: the sum, or mean, over a structure's environments. The
 * matrix between environments never exists. Runs off the event loop.
 *
 * @param offsets S + 1 numbers: environments of structure s are rows offsets[s] … offsets[s + 1] − 1 of `x`.
 */
export async function sumKernel(
  x: Samples,
  offsets: Int32Array,
  environments: Samples,
  kernel: KernelHyperparameters,
  options: KernelOptions & AsyncOptions & { readonly aggregate?: 'sum' | 'mean' | undefined } = {},
): Promise<Matrix> {
  checkOptions(options, sumKeys);
  const { call, result } = prepareSum(x, offsets, environments, kernel, options);
  await callAsync((run) => native().kernelMatrix(...call, run), options);
  return result;
}

/** The same on the calling thread, which waits for it. See {@link sumKernel}. */
export function sumKernelSync(
  x: Samples,
  offsets: Int32Array,
  environments: Samples,
  kernel: KernelHyperparameters,
  options: KernelOptions & SyncOptions & { readonly aggregate?: 'sum' | 'mean' | undefined } = {},
): Matrix {
  checkOptions(options, sumSyncKeys);
  const { call, result } = prepareSum(x, offsets, environments, kernel, options);
  callSync((run) => native().kernelMatrix(...call, run), options);
  return result;
}

/**
 * Kernels between structures, S × S', from those between their environments; without `y`, of `x` with itself. Runs
 * off the event loop.
 *
 * `best-match` and `rematch`: S. De, A. P. Bartók, G. Csányi and M. Ceriotti, Phys. Chem. Chem. Phys. 18, 13754
 * (2016). Environments that are left over in the best match of structures of different size match nothing.
 *
 * @throws NumericalError when `rematch` does not converge.
 */
export async function structureKernel(
  x: Samples,
  offsetsX: Int32Array,
  y: Samples | undefined,
  offsetsY: Int32Array | undefined,
  kernel: KernelHyperparameters,
  options: StructureKernelOptions & AsyncOptions = {},
): Promise<Matrix> {
  checkOptions(options, structureKeys);
  const { call, result } = prepareStructures(x, offsetsX, y, offsetsY, kernel, options);
  await callAsync((run) => native().kernelMatrix(...call, run), options);
  return result;
}

/** The same on the calling thread, which waits for it. See {@link structureKernel}. */
export function structureKernelSync(
  x: Samples,
  offsetsX: Int32Array,
  y: Samples | undefined,
  offsetsY: Int32Array | undefined,
  kernel: KernelHyperparameters,
  options: StructureKernelOptions & SyncOptions = {},
): Matrix {
  checkOptions(options, structureSyncKeys);
  const { call, result } = prepareStructures(x, offsetsX, y, offsetsY, kernel, options);
  callSync((run) => native().kernelMatrix(...call, run), options);
  return result;
}

/** k(p, p) of each environment. */
export function kernelDiagonal(x: Samples, kernel: KernelHyperparameters): Float64Array {
  const { values, rows, features, components } = nativeSamples(x, 'x');
  const resolved = checkKernel(kernel);
  const square = (numbers: Float64Array, row: number, width: number) => {
    let sum = 0;
    for (let f = row * width; f < (row + 1) * width; f++) sum += numbers[f]! ** 2;
    return sum;
  };
  if (x.tensor) {
    const { scalars } = x.tensor;
    const ofScalars = kernelDiagonal(scalars, kernel);
    return Float64Array.from({ length: rows * components }, (_, row) => {
      const sample = Math.floor(row / components);
      const norm = square(scalars.values, sample, scalars.columns);
      return norm > 0 ? (square(values, row, features) / norm) * ofScalars[sample]! : 0;
    });
  }
  const result = new Float64Array(rows).fill(1);
  if (resolved.type !== 'dot-product') return result;
  for (let row = 0; row < rows; row++) {
    const own = square(values, row, features);
    result[row] = resolved.normalize ? Number(own > 0) : own ** resolved.zeta;
  }
  return result;
}

/**
 * Divides kernels between structures or environments by the square roots of their own, so that each has kernel 1
 * with itself: K_ij / √(K_ii K_jj).
 *
 * @param own K_ii of the rows and K_jj of the columns. Default, for a symmetric matrix: its diagonal.
 * @throws InvalidInputError where a kernel with itself is not greater than zero.
 */
export function normalizeKernel(
  matrix: Matrix,
  own?: { readonly rows: Float64Array; readonly columns: Float64Array },
): Matrix {
  const { values, shape } = checkMatrix(matrix, 'kernel');
  if (own !== undefined) validate(ownSchema, own, 'own');
  const [rows, columns] = shape;
  const diagonal = (count: number) =>
    Float64Array.from({ length: count }, (_, i) => values[i * columns + i]!);
  const of = own ?? { rows: diagonal(rows), columns: diagonal(rows) };
  for (const [name, numbers] of Object.entries(of)) {
    const bad = numbers.findIndex((k: number) => !(k > 0));
    if (bad < 0) continue;
    throw new InvalidInputError(`expected a kernel > 0 with itself, got ${numbers[bad]}`, {
      path: `${name}[${bad}]`,
    });
  }
  return {
    values: values.map(
      (k, at) => k / Math.sqrt(of.rows[Math.floor(at / columns)]! * of.columns[at % columns]!),
    ),
    shape,
  };
}

const ownSchema = z.strictObject({
  rows: typedArray('Float64Array'),
  columns: typedArray('Float64Array'),
});

/** Fills in the defaults. @throws InvalidInputError */
export const checkKernel = (kernel: KernelHyperparameters): ResolvedKernel =>
  validate(kernelSchema, kernel, 'kernel');

/** What the engine is called with for a kernel matrix, and where it puts that. @throws InvalidInputError */
export function prepare(
  x: Samples,
  offsetsX: Int32Array | undefined,
  y: Samples | undefined,
  offsetsY: Int32Array | undefined,
  kernel: KernelHyperparameters,
  {
    speciesX,
    speciesY,
    coupling,
    memoryLimit,
    aggregate = 'sum',
    gamma = 0.1,
  }: StructureKernelOptions,
  derivative = false,
): { call: NativeKernelArguments; result: Matrix } {
  const aggregates = ['sum', 'mean', 'rematch', 'best-match'];
  if (!aggregates.includes(aggregate)) {
    throw new InvalidInputError(
      `expected ${aggregates.map((name) => JSON.stringify(name)).join(' or ')}, got ${JSON.stringify(aggregate)}`,
      { path: 'aggregate' },
    );
  }
  const mean = aggregate === 'mean';
  const rows = nativeSamples(x, 'x', speciesX, offsetsX, mean);
  const columns = y && nativeSamples(y, 'y', speciesY, offsetsY, mean);
  if (columns && columns.features !== rows.features) {
    throw new InvalidInputError(
      `expected ${rows.features} features, as in x, got ${columns.features}`,
      { path: 'y' },
    );
  }
  if (columns && (rows.species === undefined) !== (columns.species === undefined)) {
    throw new InvalidInputError('expected the elements of both x and y, or of neither', {
      path: rows.species ? 'speciesY' : 'speciesX',
    });
  }
  const match: NativeMatch | undefined =
    aggregate === 'rematch' || aggregate === 'best-match'
      ? { type: aggregate, gamma: validate(positive(), gamma, 'gamma') }
      : undefined;
  const { components } = rows;
  if (columns && columns.components !== components) {
    throw new InvalidInputError(
      `expected ${components} components, as in x, got ${columns.components}`,
      { path: 'y' },
    );
  }
  if (match && components > 1) {
    throw new InvalidInputError('tensors are added up or averaged, not matched', {
      path: 'aggregate',
    });
  }
  const height = components * (offsetsX ? offsetsX.length - 1 : rows.rows);
  const width = !columns ? height : components * (offsetsY ? offsetsY.length - 1 : columns.rows);
  checkMemory(
    8 * height * width,
    memoryLimit,
    `${height} × ${width} kernels`,
    'take them in blocks from kernelRows',
  );
  const values = new Float64Array(height * width);
  return {
    call: [
      rows,
      columns,
      { ...checkKernel(kernel), derivative },
      coupling && nativeCoupling(coupling),
      match,
      values,
    ],
    result: { values, shape: [height, width] },
  };
}

function nativeCoupling({ species, values }: SpeciesCoupling): NativeSpeciesCoupling {
  if (values.length !== species.length ** 2 || !values.every(Number.isFinite)) {
    throw new InvalidInputError(
      `expected ${species.length} × ${species.length} finite numbers, got ${values.length}`,
      { path: 'coupling.values' },
    );
  }
  return { species: Int32Array.from(species), values };
}

/** Of structures with environments. */
const prepareSum = (
  x: Samples,
  offsets: Int32Array,
  environments: Samples,
  kernel: KernelHyperparameters,
  options: StructureKernelOptions,
) => prepare(x, required(offsets, 'offsets'), environments, undefined, kernel, options);

/** Of structures with structures. */
const prepareStructures = (
  x: Samples,
  offsetsX: Int32Array,
  y: Samples | undefined,
  offsetsY: Int32Array | undefined,
  kernel: KernelHyperparameters,
  options: StructureKernelOptions,
) =>
  prepare(
    x,
    required(offsetsX, 'offsetsX'),
    y,
    y && required(offsetsY, 'offsetsY'),
    kernel,
    options,
  );

function required(offsets: Int32Array | undefined, path: string): Int32Array {
  if (offsets) return offsets;
  throw new InvalidInputError('expected where structures begin and end, got nothing', { path });
}
