import { isNumerical } from '../errors';
import type { AsyncOptions } from '../native/call';
import { minimizeInBox } from './box-minimizer';
import type { Box, Place, Slope } from './box-minimizer';

/** A step to more than e³ times a hyperparameter is more than its slope can tell. */
const longestStep = 3;

/** What was found at the end of {@link mostLikely}. */
export interface LikelihoodPeak {
  readonly logMarginalLikelihood: number;
  /** The log marginal likelihood at the start and after each iteration; it never falls. */
  readonly trace: readonly number[];
  /** Whether it is a maximum, perhaps at a bound; else iterations ran out. */
  readonly converged: boolean;
}

/**
 * The most likely logarithms of hyperparameters.
 *
 * @param evaluate minus the log marginal likelihood; a NumericalError, where a matrix is singular, says that the step was
 *   too long.
 */
export async function mostLikely<At extends Slope>(
  evaluate: (logarithms: readonly number[]) => Promise<At>,
  start: Place<At>,
  box: Box,
  {
    maxIterations,
    tolerance,
    onProgress,
  }: Pick<AsyncOptions, 'onProgress'> & {
    readonly maxIterations: number;
    readonly tolerance: number;
  },
): Promise<Place<At> & { readonly peak: LikelihoodPeak }> {
  const trace = [-start.at.value];
  const { x, at, converged } = await minimizeInBox(
    (logarithms) =>
      evaluate(logarithms).catch((error: unknown) => {
        if (isNumerical(error)) return undefined;
        throw error;
      }),
    start,
    box,
    {
      maxIterations,
      gradientTolerance: tolerance,
      longestStep,
      onIteration: (iteration, { value }) => {
        trace.push(-value);
        onProgress?.(iteration, maxIterations);
      },
    },
  );
  return { x, at, peak: { logMarginalLikelihood: -at.value, trace, converged } };
}
