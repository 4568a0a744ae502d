import { randomNumbers, shuffled } from '../common/random';
import { InvalidInputError } from '../errors';
import { Potential } from '../models';
import type { Errors, PotentialConfig, ResolvedPotentialConfig } from '../models';
import type { StructureLike } from '../structures/structure';
import type { TargetKeys } from '../structures/targets';

/** How to compute a learning curve. */
export interface LearningCurveOptions {
  /** Numbers of training structures, each at most as many as there are. */
  readonly sizes: readonly number[];
  /** Configuration of every training; that of a finished potential spares the search for one. */
  readonly config: PotentialConfig | ResolvedPotentialConfig;
  readonly keys?: TargetKeys | undefined;
  /** Seed of the order in which structures are taken. Default 0. */
  readonly seed?: number | undefined;
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called after each training. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Errors after training on so many structures. */
export interface LearningCurveStep {
  readonly structures: number;
  readonly errors: Errors;
}

/**
 * Errors on fixed test structures after training on more and more structures, each set holding the one before.
 *
 * @throws InvalidInputError for sizes that are not possible, and what training throws.
 */
export async function learningCurve(
  structures: readonly StructureLike[],
  test: readonly StructureLike[],
  options: LearningCurveOptions,
): Promise<LearningCurveStep[]> {
  const { sizes, config, keys, seed = 0, threads, signal, onProgress } = options;
  const bad = sizes.find((n) => !Number.isInteger(n) || n < 1 || n > structures.length);
  if (bad !== undefined) {
    throw new InvalidInputError(`expected integers from 1 to ${structures.length}, got ${bad}`, {
      path: 'sizes',
    });
  }
  const order = shuffled(structures, randomNumbers(seed));
  const steps: LearningCurveStep[] = [];
  for (const size of sizes) {
    onProgress?.(steps.length, sizes.length);
    const { summary } = await Potential.train(order.slice(0, size), {
      // The type of the input has arrays that may be changed; training changes none.
      config: config,
      validation: test,
      keys,
      threads,
      signal,
    });
    steps.push({ structures: size, errors: summary.validation ?? {} });
  }
  onProgress?.(steps.length, sizes.length);
  return steps;
}
