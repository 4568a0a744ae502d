import { memoryKeys } from '../common/memory';
import { integerBetween, positive, validate } from '../common/validation';
import type { Matrix } from '../common/matrix';
import { asyncKeys, checkOptions } from '../common/options';
import type { KeysOf } from '../common/options';
import { InvalidInputError } from '../errors';
import { kernelMatrixGradient } from '../kernels';
import type { KernelOptions, KernelTerm, ResolvedKernel, Samples, TermGradient } from '../kernels';
import { checkKernel } from '../kernels/kernel-matrix';
import { shapeOf } from '../kernels/weighted-kernel';
import type { AsyncOptions } from '../native/call';
import type { Slope } from './box-minimizer';
import { GaussianProcess } from './gaussian-process';
import { mostLikely } from './most-likely';
import type { LikelihoodPeak } from './most-likely';

/** Least and most that a hyperparameter may be; `fixed`: what it is at the start. */
export type HyperparameterBounds = readonly [least: number, most: number] | 'fixed';

export interface LikelihoodOptions extends Omit<KernelOptions, 'speciesY'>, AsyncOptions {
  /** Standard deviation σ of the labels' noise at the start; that of a sample of weight w is σ / √w. */
  readonly noise: number;
  /** S + 1 numbers where samples are structures; environments of structure s are rows offsets[s] … offsets[s + 1] − 1. */
  readonly offsets?: Int32Array | undefined;
  /** How kernels between environments make one between structures. Default `sum`. */
  readonly aggregate?: 'sum' | 'mean' | undefined;
  /** Weights of the N samples, numbers > 0. Default 1. */
  readonly weights?: Float64Array | undefined;
  /**
   * For hyperparameters of one name in all terms. Default: 10⁻⁵ to 10⁵ times the start, and 1 to 12 for ζ, which has to
   * be fixed where dot products of features may be negative (those of power spectra are not).
   */
  readonly bounds?:
    { readonly [Name in HyperparameterName]?: HyperparameterBounds | undefined } | undefined;
  /** Default 100. */
  readonly maxIterations?: number | undefined;
  /** The end: no derivative with respect to the logarithm of a hyperparameter is larger. Default 10⁻⁴. */
  readonly tolerance?: number | undefined;
}

const likelihoodKeys: KeysOf<LikelihoodOptions> = {
  ...asyncKeys,
  ...memoryKeys,
  speciesX: true,
  coupling: true,
  noise: true,
  offsets: true,
  aggregate: true,
  weights: true,
  bounds: true,
  maxIterations: true,
  tolerance: true,
};

/** What is varied: σ, and of each term its weight and its ζ or width. */
export type HyperparameterName = (typeof names)[number];

/** The most likely hyperparameters. */
export interface LikelihoodMaximum extends LikelihoodPeak {
  /** σ. */
  readonly noise: number;
  /** The terms that were given, with their most likely hyperparameters. */
  readonly terms: readonly {
    readonly x: Samples;
    readonly kernel: ResolvedKernel;
    readonly weight: number;
  }[];
  /** Fitted with these hyperparameters. */
  readonly process: GaussianProcess;
}

const names = ['noise', 'weight', 'zeta', 'width'] as const;
const shapes = ['weight', 'zeta', 'width'] as const;
/** How far from the start hyperparameters may go, but for ζ. */
const range = 1e5;

/** A hyperparameter that is varied, by its logarithm. */
interface Variable {
  readonly name: HyperparameterName;
  /** Undefined: of all. */
  readonly term: number | undefined;
  /** At the start. */
  readonly value: number;
  readonly least: number;
  readonly most: number;
}

/**
 * Hyperparameters of a Gaussian process that make the labels most likely (type II maximum likelihood): noise, and
 * weights, widths and powers ζ of a sum of kernels over one or more representations, by their logarithms with exact
 * gradients and L-BFGS in bounds. Each step costs O(N³) for N samples. Method: Rasmussen and Williams, Gaussian
 * Processes for Machine Learning, section 5.4.1.
 *
 * The maximum is the one uphill of the start: begin with widths like distances between features. Labels are taken as
 * they are: a mean or baseline is to be taken off before.
 *
 * @param terms features of the N samples and a kernel for each of the terms, with the values to begin with.
 * @param targets N × T, all of them with the same hyperparameters.
 * @throws InvalidInputError naming what is wrong; NumericalError when the kernel matrix is singular for the noise at
 *   the start.
 *
 * @example
 * const { noise, terms, process } = await maximizeLogMarginalLikelihood(
 *   [{ x: features, kernel: { type: 'gaussian', width: 1 } }],
 *   targets,
 *   { noise: 0.1 },
 * );
 * const kernel = await weightedKernelMatrix(terms.map((term) => ({ ...term, x: test, y: term.x })));
 * const predictions = await process.predict(kernel);
 */
export async function maximizeLogMarginalLikelihood(
  terms: readonly Omit<KernelTerm, 'y'>[],
  targets: Matrix,
  options: LikelihoodOptions,
): Promise<LikelihoodMaximum> {
  const {
    bounds = {},
    maxIterations = 100,
    tolerance = 1e-4,
    onProgress,
  } = checkOptions(options, likelihoodKeys);
  validate(integerBetween(1, Infinity), maxIterations, 'maxIterations');
  validate(positive(), tolerance, 'tolerance');
  const given: Hyperparameters = {
    noise: validate(positive(), options.noise, 'noise'),
    terms: terms.map(({ x, kernel, weight = 1 }, index) => ({
      x,
      kernel: checkKernel(kernel),
      weight: validate(positive(), weight, `terms[${index}].weight`),
    })),
  };
  const variables = variablesOf(given, bounds);
  const problem = { variables, targets, options };
  const start = {
    x: variables.map(({ value }) => Math.log(value)),
    at: await likelihoodAt(given, problem),
  };
  const box = {
    least: variables.map(({ least }) => Math.log(least)),
    most: variables.map(({ most }) => Math.log(most)),
  };
  const evaluate = (logarithms: readonly number[]) =>
    likelihoodAt(moved(given, variables, logarithms.map(Math.exp)), problem);
  const search = { maxIterations, tolerance, onProgress };
  const { at, peak } = await mostLikely(evaluate, start, box, search);
  const { hyperparameters, process } = at;
  return { ...hyperparameters, ...peak, process };
}

interface Hyperparameters {
  readonly noise: number;
  readonly terms: LikelihoodMaximum['terms'];
}

interface Problem {
  readonly variables: readonly Variable[];
  readonly targets: Matrix;
  readonly options: LikelihoodOptions;
}

/** What is varied, and where. @throws InvalidInputError for bounds that do not hold the start. */
function variablesOf(
  { noise, terms }: Hyperparameters,
  bounds: NonNullable<LikelihoodOptions['bounds']>,
): Variable[] {
  const unknown = Object.keys(bounds).find((name) => !names.includes(name as HyperparameterName));
  if (unknown !== undefined) {
    throw new InvalidInputError(`expected ${names.join(', ')}, got ${unknown}`, { path: 'bounds' });
  }
  const variable = (name: HyperparameterName, value: number, term?: number): Variable[] => {
    const usual = name === 'zeta' ? ([1, 12] as const) : ([value / range, value * range] as const);
    const within = bounds[name] ?? usual;
    if (within === 'fixed') return [];
    const [least, most] = within;
    if (!(least > 0 && least <= value && value <= most && most < Infinity)) {
      throw new InvalidInputError(
        `expected bounds > 0 around the start of ${value}, got ${least} and ${most}`,
        { path: `bounds.${name}` },
      );
    }
    return [{ name, term, value, least, most }];
  };
  return [
    ...variable('noise', noise),
    ...terms.flatMap(({ weight, kernel }, term) => [
      ...variable('weight', weight, term),
      ...(kernel.type === 'dot-product'
        ? variable('zeta', kernel.zeta, term)
        : variable('width', kernel.width, term)),
    ]),
  ];
}

/** Other values of what is varied. */
function moved(
  { noise, terms }: Hyperparameters,
  variables: readonly Variable[],
  values: readonly number[],
): Hyperparameters {
  const at = (name: HyperparameterName, term?: number) => {
    const index = variables.findIndex((v) => v.name === name && v.term === term);
    const variable = variables[index];
    // The exponential of a logarithm may be beyond a bound by rounding.
    return variable && Math.min(variable.most, Math.max(variable.least, values[index]!));
  };
  return {
    noise: at('noise') ?? noise,
    terms: terms.map((term, index) => {
      const shape = shapeOf(term.kernel);
      const value = at(shape, index);
      return {
        ...term,
        weight: at('weight', index) ?? term.weight,
        kernel: value === undefined ? term.kernel : { ...term.kernel, [shape]: value },
      };
    }),
  };
}

/** Minus the log marginal likelihood, with its derivatives with respect to the logarithms of what is varied. */
async function likelihoodAt(
  hyperparameters: Hyperparameters,
  { variables, targets, options }: Problem,
): Promise<Slope & { hyperparameters: Hyperparameters; process: GaussianProcess }> {
  const { noise, terms } = hyperparameters;
  const { offsets, weights, aggregate, speciesX, coupling, memoryLimit, threads, signal } = options;
  const run = { threads, signal };
  const { kernel, terms: slopes } = await kernelMatrixGradient(terms, {
    ...run,
    ...{ offsetsX: offsets, aggregate, speciesX, coupling, memoryLimit },
    without: shapes.filter((name) => !variables.some((variable) => variable.name === name)),
  });
  const process = await GaussianProcess.fit(kernel, targets, { ...run, noise, weights });
  const ofKernel = variables.filter(({ name }) => name !== 'noise');
  const gradient = await process.logMarginalLikelihoodGradient(
    ofKernel.map(({ name, term }) => slopes[term!]![name as keyof TermGradient]!),
    run,
  );
  const valueOf = ({ name, term }: Variable) => {
    if (name === 'noise') return noise;
    const { weight, kernel } = terms[term!]!;
    return name === 'weight' ? weight : kernel.type === 'dot-product' ? kernel.zeta : kernel.width;
  };
  return {
    value: -process.logMarginalLikelihood(),
    gradient: variables.map((variable) => {
      const slope =
        variable.name === 'noise' ? gradient.noise : gradient.kernel[ofKernel.indexOf(variable)]!;
      return -slope * valueOf(variable);
    }),
    hyperparameters,
    process,
  };
}
