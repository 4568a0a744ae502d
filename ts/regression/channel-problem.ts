import { InvalidInputError, isNumerical } from '../errors';
import type { AsyncOptions } from '../native/call';
import type { ChannelLabels, ChannelLikelihood } from './channel-likelihood';
import type { ChannelPrior } from './channel-prior';
import type { ChannelStart } from './channel-state';

/** What weights of channels are to explain. */
export interface ChannelProblem {
  readonly likelihood: ChannelLikelihood;
  readonly prior: ChannelPrior;
  readonly labels: ChannelLabels;
  /** Standard deviation of what is varied about the origin of a start. */
  readonly spread: number;
  /** λ = σ²/s², to begin with. */
  readonly ridge: number;
  readonly run: AsyncOptions;
}

/** A start, and how far it may go. */
export interface ChannelCourse {
  /** As the prior has it. */
  readonly origin: readonly number[];
  /** How far it was. */
  readonly before: ChannelStart | undefined;
  readonly iterations: number;
  readonly keep: (latest: ChannelStart) => Promise<void>;
  readonly onIteration: (iteration: number) => void;
}

/** λ stays within. */
export const ridgeRange = [1e-8, 1] as const;
/** −ln of the normal prior about an origin. */
export const departure = (x: readonly number[], origin: readonly number[], spread: number) =>
  origin.reduce((sum, o, k) => sum + 0.5 * ((x[k]! - o) / spread) ** 2, 0);

/** Undefined where a matrix is not positive definite. */
export const positiveDefinite = <Result>(result: Promise<Result>): Promise<Result | undefined> =>
  result.catch((error: unknown) => {
    if (isNumerical(error)) return undefined;
    throw error;
  });

export const notPositiveDefinite = (): InvalidInputError =>
  new InvalidInputError('kernels are not positive definite with so little', { path: 'noise' });
