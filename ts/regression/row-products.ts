import type { Matrix } from '../common/matrix';
import type { MemoryOptions } from '../common/memory';
import { kernelMatrix } from '../kernels';
import type { AsyncOptions } from '../native/call';

const linear = { type: 'dot-product', zeta: 1, normalize: false } as const;

/** X Xᵀ, the dot products of all rows. */
export const rowProducts = (
  { values, shape: [rows, columns] }: Matrix,
  options: AsyncOptions & MemoryOptions,
): Promise<Matrix> => kernelMatrix({ values, rows, columns }, undefined, linear, options);
