import { z } from 'zod';

import { pathOf } from '../../common/files';
import type { FilePath } from '../../common/files';
import { inTurns } from '../../common/turns';
import { checkOptions } from '../../common/options';
import type { KeysOf } from '../../common/options';
import { functionThat, integerBetween, numberThat, validate } from '../../common/validation';
import { NumericalError, SoapstoneError, throwIfAborted } from '../../errors';
import { bayesianSearch, gridSearch, randomSearch, successiveHalving } from './methods';
import type { Method, Outcome } from './methods';
import { Space } from './space';
import type { Json, SearchSpace } from './space';
import { SearchState } from './state';
import type { Trial } from './state';

const optionsSchema = z.strictObject({
  method: z.enum(['random', 'grid', 'successive-halving', 'bayesian']).default('bayesian'),
  trials: integerBetween(1, 1e6).optional(),
  seed: integerBetween(0, 2 ** 31 - 1).default(0),
  levels: integerBetween(1, 1000).default(3),
  reduction: integerBetween(2, 100).default(3),
  minimumBudget: numberThat('a number > 0, at most 1', (x) => x > 0 && x <= 1).default(1 / 9),
});

/** How to search. */
export interface OptimizeOptions {
  /** Default `bayesian`. */
  readonly method?: 'random' | 'grid' | 'successive-halving' | 'bayesian' | undefined;
  /**
   * Trials, at most. Successive halving begins with so many points, and adds the trials of those that go on.
   * Default 30, and for `grid` all of it.
   */
  readonly trials?: number | undefined;
  /** Default 0. The same seed gives the same search, whatever the method. */
  readonly seed?: number | undefined;
  /** `grid`: values of a range. Default 3. */
  readonly levels?: number | undefined;
  /** `successive-halving`: one in so many goes on, with so many times the effort. Default 3. */
  readonly reduction?: number | undefined;
  /** `successive-halving`: part of the full effort at the beginning, about. Default 1/9. */
  readonly minimumBudget?: number | undefined;
  /** File that keeps the trials: a search that was cut off goes on with it. */
  readonly state?: FilePath | undefined;
  /** What the objective is about; a state file of another problem is refused. */
  readonly problem?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called after each trial, also for those that the state file holds, with the best one so far. */
  readonly onTrial?: ((trial: Trial, best: Trial | undefined) => void) | undefined;
}

const optimizeKeys: KeysOf<OptimizeOptions> = {
  method: true,
  trials: true,
  seed: true,
  levels: true,
  reduction: true,
  minimumBudget: true,
  state: true,
  problem: true,
  signal: true,
  onTrial: true,
};

/** What an objective is given besides the configuration. */
export interface TrialContext {
  /** Part of the full effort that this trial is worth, from 0 to 1; always 1 but in successive halving. */
  readonly budget: number;
  readonly signal: AbortSignal | undefined;
}

/** A score, the smaller the better, with what else is worth keeping. */
export interface Score {
  readonly score: number;
  readonly details?: Json | undefined;
}

/** What a search found. */
export interface Optimization<Config> {
  /** The configuration with the lowest score at full effort. */
  readonly config: Config;
  readonly best: Trial;
  /** All trials, in their order. */
  readonly trials: readonly Trial[];
}

/**
 * Searches a space for the configuration with the lowest score. A trial that throws or scores NaN or ±Infinity is
 * noted down as failed, and the search goes on.
 *
 * @param space a configuration some of whose values are `$choice`, `$uniform`, `$logUniform` or `$integer`.
 * @param objective tries a configuration, such as training with it and returning an error.
 * @throws InvalidInputError for a space or options that are not valid, or the state of another search;
 *   NumericalError when no trial succeeded; AbortError when the signal is aborted.
 *
 * @example
 * const { config } = await optimize(
 *   { width: { $logUniform: [0.1, 10] }, zeta: { $integer: [1, 4] } },
 *   ({ width, zeta }) => errorOf(width, zeta),
 * );
 */
export async function optimize<Config = Json>(
  space: SearchSpace,
  objective: (config: Config, context: TrialContext) => number | Score | Promise<number | Score>,
  options: OptimizeOptions = {},
): Promise<Optimization<Config>> {
  const {
    state: file,
    problem = '',
    signal,
    onTrial,
    ...given
  } = checkOptions(options, optimizeKeys);
  const checked = validate(optionsSchema, given);
  validate(functionThat('of a configuration, which returns its score'), objective, 'objective');
  validate(functionThat('of a trial').optional(), onTrial, 'onTrial');
  const cube = new Space(space);
  const { method, settings } = methodOf(cube, checked);
  const identity = { space, method: settings, seed: checked.seed, problem };
  const state =
    file === undefined ? undefined : await SearchState.open(pathOf(file, 'state'), identity);

  const trials: Trial[] = [];
  let best: Trial | undefined;
  const take = (trial: Trial) => {
    trials.push(trial);
    if (isBetter(trial, best)) best = trial;
    onTrial?.(trial, best);
  };
  for (const trial of state?.trials ?? []) take(trial);

  // Successive halving ends by itself: only its first rung counts.
  const most = checked.method === 'successive-halving' ? Infinity : trialsOf(checked);
  while (trials.length < most) {
    const proposal = await inTurns(method(trials.map(outcomeOf)), signal);
    if (!proposal) break;
    const { point, budget } = proposal;
    const config = cube.configAt(point);
    const start = performance.now();
    const result = await attempt(() => objective(config as Config, { budget, signal }), signal);
    const seconds = (performance.now() - start) / 1000;
    const trial = {
      trial: trials.length,
      budget,
      point,
      values: cube.namedValuesAt(point),
      ...result,
      seconds,
    };
    await state?.append(trial);
    take(trial);
  }
  if (best?.score === undefined || best.score === null) {
    const reason = trials.at(-1)?.error ?? 'there were none';
    throw new NumericalError(`none of ${trials.length} trials succeeded; the last: ${reason}`);
  }
  return { config: cube.configAt(best.point) as Config, best, trials };
}

type Checked = z.output<typeof optionsSchema>;

const trialsOf = ({ method, trials }: Checked) => trials ?? (method === 'grid' ? Infinity : 30);

function methodOf(space: Space, options: Checked) {
  const { method: name, seed, levels, reduction, minimumBudget } = options;
  const made = (method: Method, more: object = {}) => ({ method, settings: { name, ...more } });
  switch (name) {
    case 'grid':
      return made(gridSearch(space, levels), { levels });
    case 'random':
      return made(randomSearch(space, seed));
    case 'bayesian':
      return made(bayesianSearch(space, seed));
    case 'successive-halving': {
      const halving = { count: trialsOf(options), reduction, minimumBudget };
      return made(successiveHalving(space, seed, halving), halving);
    }
  }
}

/** Scores with less effort do not compare with those of more. */
export function isBetter(trial: Trial, best: Trial | undefined): boolean {
  if (trial.score === null) return false;
  if (best?.score === undefined || best.score === null) return true;
  if (trial.budget !== best.budget) return trial.budget > best.budget;
  return trial.score < best.score;
}

const outcomeOf = ({ point, budget, score }: Trial): Outcome => ({
  point,
  budget,
  score: score ?? undefined,
});

/** Runs a trial; what goes wrong in it is its result. */
async function attempt(
  run: () => number | Score | Promise<number | Score>,
  signal: AbortSignal | undefined,
): Promise<Pick<Trial, 'score' | 'error' | 'details'>> {
  try {
    const result = await run();
    throwIfAborted(signal);
    const { score, details } = typeof result === 'number' ? { score: result } : result;
    if (Number.isFinite(score)) return { score, ...(details !== undefined && { details }) };
    return { score: null, error: `the score is ${score}` };
  } catch (error) {
    // The search was stopped, not the trial alone.
    throwIfAborted(signal);
    if (SoapstoneError.is(error) && error.code === 'ABORTED') throw error;
    return { score: null, error: messageOf(error) };
  }
}

const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error
    ? String(error.message)
    : String(error);
