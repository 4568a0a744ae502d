import { z } from 'zod';

import type { Matrix } from '../common/matrix';
import { asyncKeys, checkOptions } from '../common/options';
import type { KeysOf } from '../common/options';
import { inTurns, Pace } from '../common/turns';
import type { Steps } from '../common/turns';
import { positive, validate } from '../common/validation';
import { InvalidInputError } from '../errors';
import { callAsync } from '../native/call';
import type { AsyncOptions } from '../native/call';
import { native } from '../native/load';
import type { KernelHyperparameters, ResolvedKernel } from './hyperparameters';
import { checkKernel, kernelKeys, prepare } from './kernel-matrix';
import type { KernelOptions } from './kernel-matrix';
import type { Samples } from './samples';

/** One kernel of a weighted sum: features of the samples in some representation, and what is made of them. */
export interface KernelTerm {
  /** Features of the environments of the rows. */
  readonly x: Samples;
  /** Features of those of the columns. Default: those of `x`, and the matrix is symmetric. */
  readonly y?: Samples | undefined;
  readonly kernel: KernelHyperparameters;
  /** What the kernel is multiplied with. Default 1. */
  readonly weight?: number | undefined;
}

export interface WeightedKernelOptions extends KernelOptions {
  /**
   * S + 1 numbers, the same for all terms: environments of structure s are rows offsets[s] … offsets[s + 1] − 1 of
   * `x`. Without them, kernels are those of environments.
   */
  readonly offsetsX?: Int32Array | undefined;
  /** The same for `y`. */
  readonly offsetsY?: Int32Array | undefined;
  /** How kernels between environments make one between structures. Default `sum`. */
  readonly aggregate?: 'sum' | 'mean' | undefined;
}

const weightedKernelKeys: KeysOf<WeightedKernelOptions> = {
  ...kernelKeys,
  offsetsX: true,
  offsetsY: true,
  aggregate: true,
};

export interface KernelGradientOptions extends WeightedKernelOptions {
  /** Hyperparameters whose derivatives are left out. Default: none. */
  readonly without?: readonly (keyof TermGradient)[] | undefined;
}

/** Derivatives of a weighted sum of kernels, Σ_t w_t K_t, with respect to the hyperparameters of one term t. */
export interface TermGradient {
  /** ∂K/∂w_t, which is K_t. */
  readonly weight?: Matrix;
  /** w_t ∂K_t/∂ζ of a dot product. */
  readonly zeta?: Matrix;
  /** w_t ∂K_t/∂w of the kernels that have a width. */
  readonly width?: Matrix;
}

/** A weighted sum of kernels with its derivatives. All matrices have the shape of the kernel. */
export interface KernelGradient {
  readonly kernel: Matrix;
  /** One for each term. */
  readonly terms: readonly TermGradient[];
}

/**
 * Weighted sum of kernels over one or more representations of the same environments or structures, N × M, as a
 * multi-scale kernel is. Runs off the event loop.
 *
 * @throws InvalidInputError naming what is wrong, also where terms differ in size.
 */
export async function weightedKernelMatrix(
  terms: readonly KernelTerm[],
  options: WeightedKernelOptions & AsyncOptions = {},
): Promise<Matrix> {
  checkOptions(options, { ...weightedKernelKeys, ...asyncKeys });
  let sum: Matrix | undefined;
  const checked = checkTerms(terms);
  for (const [index, { weight, matrix }] of checked.entries()) {
    sum = await inTurns(adding(sum, weight, await matrix(options)), options.signal);
    options.onProgress?.(index + 1, checked.length);
  }
  return sum!;
}

/**
 * The same with its exact derivatives with respect to the continuous hyperparameters of every term: its weight, and
 * the power ζ of a dot product or the width of the other kernels.
 *
 * @throws InvalidInputError also where the derivative with respect to ζ does not exist, at dot products < 0.
 */
export async function kernelMatrixGradient(
  terms: readonly KernelTerm[],
  given: KernelGradientOptions & AsyncOptions = {},
): Promise<KernelGradient> {
  const keys = { ...weightedKernelKeys, ...asyncKeys, without: true } as const;
  const { without = [], ...options } = checkOptions(given, keys);
  let sum: Matrix | undefined;
  const gradients: TermGradient[] = [];
  const checked = checkTerms(terms);
  for (const [index, { weight, kernel, matrix }] of checked.entries()) {
    const own = await matrix(options);
    sum = await inTurns(adding(sum, weight, own), options.signal);
    const shape = shapeOf(kernel);
    const slope = without.includes(shape) ? undefined : await matrix(options, true);
    gradients.push({
      ...(!without.includes('weight') && { weight: own }),
      ...(slope && {
        [shape]: await inTurns(adding(undefined, weight, slope), options.signal),
      }),
    });
    options.onProgress?.(index + 1, checked.length);
  }
  return { kernel: sum!, terms: gradients };
}

/** The hyperparameter that a kernel has besides its weight. */
export const shapeOf = ({ type }: ResolvedKernel): 'zeta' | 'width' =>
  type === 'dot-product' ? 'zeta' : 'width';

/** A term with its defaults, and its kernel matrix or the derivative of that. */
interface CheckedTerm {
  readonly weight: number;
  readonly kernel: ResolvedKernel;
  readonly matrix: (
    options: WeightedKernelOptions & AsyncOptions,
    derivative?: boolean,
  ) => Promise<Matrix>;
}

function checkTerms(terms: readonly KernelTerm[]): CheckedTerm[] {
  if (!Array.isArray(terms) || terms.length === 0) {
    throw new InvalidInputError('expected at least one kernel', { path: 'terms' });
  }
  const first = terms[0] as KernelTerm;
  validate(termsSchema, terms, 'terms');
  return (terms as readonly KernelTerm[]).map(({ x, y, kernel: given, weight = 1 }, index) => {
    const path = `terms[${index}]`;
    if (x?.rows !== first.x.rows || y?.rows !== first.y?.rows) {
      throw new InvalidInputError(
        `expected ${rowsOf(first)} environments as in terms[0], got ${rowsOf({ x, y })}`,
        { path },
      );
    }
    const kernel = checkKernel(given);
    return {
      kernel,
      weight: validate(positive(), weight, `${path}.weight`),
      matrix: async (options, derivative = false) => {
        const { offsetsX, offsetsY } = options;
        const { call, result } = prepare(x, offsetsX, y, offsetsY, kernel, options, derivative);
        const { threads, signal } = options;
        await callAsync((run) => native().kernelMatrix(...call, run), { threads, signal });
        return result;
      },
    };
  });
}

/** What is read before it is looked at closer. */
const termsSchema = z.array(
  z.looseObject({
    x: z.looseObject({}),
    y: z.looseObject({}).optional(),
    kernel: z.looseObject({}),
  }),
);

const rowsOf = ({ x, y }: Pick<KernelTerm, 'x' | 'y'>) =>
  y ? `${x?.rows} and ${y.rows}` : `${x?.rows}`;

/** Σ_t w_t K_t of matrices of one shape, in steps. */
export function* weightedSum(
  matrices: readonly Matrix[],
  weights: readonly number[],
): Steps<Matrix> {
  let sum: Matrix | undefined;
  for (const [t, matrix] of matrices.entries()) sum = yield* adding(sum, weights[t]!, matrix);
  return sum!;
}

/** sum + weight · matrix in steps, into the memory of `sum`. */
function* adding(sum: Matrix | undefined, weight: number, matrix: Matrix): Steps<Matrix> {
  const to = sum ?? { values: new Float64Array(matrix.values.length), shape: matrix.shape };
  const [rows, columns] = matrix.shape;
  const pace = new Pace();
  for (let row = 0; row < rows; row++) {
    const end = (row + 1) * columns;
    for (let at = row * columns; at < end; at++) to.values[at]! += weight * matrix.values[at]!;
    if (pace.passed(columns)) yield;
  }
  return to;
}
