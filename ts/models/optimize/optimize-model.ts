import { createHash } from 'node:crypto';

import { z } from 'zod';

import { checkOptions } from '../../common/options';
import type { KeysOf } from '../../common/options';
import { inTurns, mapping } from '../../common/turns';
import type { Steps } from '../../common/turns';
import { numberThat, validate } from '../../common/validation';
import { InvalidInputError } from '../../errors';
import { optimize } from '../../regression/optimize';
import type { Optimization, OptimizeOptions, Score, SearchSpace } from '../../regression/optimize';
import { Space } from '../../regression/optimize/space';
import { checkedStructures, errorAbout } from '../../structures/input';
import type { Structure, StructureLike } from '../../structures/structure';
import type { TargetKeys } from '../../structures/targets';
import type { PotentialConfig } from '../config';
import { crossValidate, divide } from './cross-validation';
import type { Division } from './cross-validation';
import { potentials } from '../model-kind';
import type { FoundLabels, ModelKind, NamedErrors } from '../model-kind';

/** How to search for the configuration of a model. */
export interface OptimizeModelOptions<Config> extends Omit<OptimizeOptions, 'problem'> {
  /** A configuration of the model some of whose values are `$choice`, `$uniform`, `$logUniform` or `$integer`. */
  readonly space: SearchSpace;
  /**
   * Trainings of each trial, each without another part of the structures; or each without one structure, or group.
   * Default 5.
   */
  readonly folds?: number | 'leave-one-out' | undefined;
  /** Entry of `info` that names the group of a structure; groups are never divided among folds. */
  readonly groupBy?: string | undefined;
  /** Error that counts. Default `rmse`. */
  readonly metric?: 'mae' | 'rmse' | undefined;
  /** How much the logarithm of each error counts, by its name. Default 1 for all. */
  readonly weights?: Readonly<Record<string, number>> | undefined;
  /** What kind of model. Default: interatomic potentials. */
  readonly kind?: ModelKind<Config> | undefined;
  readonly keys?: TargetKeys | undefined;
  readonly threads?: number | undefined;
}

const optimizeModelKeys: KeysOf<OptimizeModelOptions<never>> = {
  space: true,
  folds: true,
  groupBy: true,
  metric: true,
  weights: true,
  kind: true,
  keys: true,
  threads: true,
  method: true,
  trials: true,
  seed: true,
  levels: true,
  reduction: true,
  minimumBudget: true,
  state: true,
  signal: true,
  onTrial: true,
};

/**
 * Searches for the configuration whose models err least in cross-validation. The score of a trial is the weighted
 * mean of the logarithms of its errors: the same relative gain counts the same, whatever the unit. In successive
 * halving the budget is the part of the structures that is trained on.
 *
 * @returns the best configuration, which training takes, and all trials, whose `details` are their errors.
 * @throws InvalidInputError for a space none of whose configurations the model takes, fewer structures or groups
 *   than folds, labels that are missing or not finite, or the state of another search; what {@link optimize} throws.
 */
export async function optimizeModel<Config = PotentialConfig>(
  input: readonly StructureLike[],
  options: OptimizeModelOptions<Config>,
): Promise<Optimization<Config>> {
  const { space, folds = 5, groupBy, keys, threads } = checkOptions(options, optimizeModelKeys);
  const metric = validate(metricSchema, options.metric, 'metric');
  const weights = validate(weightsSchema, options.weights, 'weights');
  const { method, trials, seed = 0, levels, reduction, minimumBudget, state, onTrial } = options;
  const { signal } = options;
  // Without a kind it is potentials, whose configuration is then the type of Config.
  const kind = options.kind ?? (potentials(keys) as unknown as ModelKind<Config>);
  const middle = checkSpace(kind, space);
  const structures = await checkedStructures(input, signal);
  const labels = await kind.checkLabels?.(structures, middle, signal);
  if (labels) checkWeights(weights, labels.names);
  const division = divide(structures, folds, seed, groupsOf(structures, groupBy));

  const objective = async (config: Config, { budget }: { budget: number }): Promise<Score> => {
    const errors = await crossValidate(kind, division, config, { part: budget, threads, signal });
    return { score: scoreOf(errors, metric, weights), details: detailsOf(errors) };
  };
  const problem = [
    kind.name,
    `${structures.length} structures ${await inTurns(fingerprinting(division, labels), signal)}`,
    `${folds} folds${groupBy === undefined ? '' : ` by ${groupBy}`}`,
    `${metric} ${JSON.stringify(weights)}`,
  ].join(', ');
  return optimize<Config>(space, objective, {
    method,
    trials,
    seed,
    levels,
    reduction,
    minimumBudget,
    state,
    problem,
    signal,
    onTrial,
  });
}

/**
 * Checks a space by one of its configurations, which it returns: a misspelt key is in all of them, and better one message
 * now than thirty failed trials.
 *
 * @throws InvalidInputError naming the path of what is wrong.
 */
export function checkSpace<Config>(kind: ModelKind<Config>, space: SearchSpace): Config {
  const cube = new Space(space);
  const middle = cube.configAt(cube.dimensions.map(() => 0.5)) as Config;
  kind.check(middle);
  return middle;
}

const metricSchema = z.enum(['mae', 'rmse']).default('rmse');
const weightsSchema = z
  .record(
    z.string(),
    numberThat('a number >= 0', (weight) => weight >= 0),
  )
  .default({});

type Weights = Readonly<Record<string, number>>;

/** Fails for weights of errors that there are not, or that leave no error to count. */
function checkWeights(weights: Weights, names: readonly string[]): void {
  const there = names.length > 0 ? `only ${names.join(', ')}` : 'and no other';
  const unknown = Object.keys(weights).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new InvalidInputError(`there is no error of this name, ${there}`, {
      path: `weights.${unknown}`,
    });
  }
  if (names.some((name) => weights[name] !== 0)) return;
  throw new InvalidInputError(`expected a weight > 0 of one error at least; there is ${there}`, {
    path: 'weights',
  });
}

function scoreOf(errors: NamedErrors, metric: 'mae' | 'rmse', weights: Weights): number {
  checkWeights(weights, Object.keys(errors));
  let sum = 0;
  let total = 0;
  for (const [name, error] of Object.entries(errors)) {
    const weight = weights[name] ?? 1;
    // An error of exactly zero would be infinitely better than any other.
    sum += weight * Math.log(Math.max(error[metric], Number.MIN_VALUE));
    total += weight;
  }
  return sum / total;
}

/** Errors as the state file has them. */
const detailsOf = (errors: NamedErrors) =>
  Object.fromEntries(
    Object.entries(errors).map(([name, { mae, rmse, count }]) => [name, { mae, rmse, count }]),
  );

function groupsOf(structures: readonly Structure[], key: string | undefined): string[] | undefined {
  if (key === undefined) return undefined;
  return structures.map(({ info }, s) => {
    const group = info[key];
    if (group === undefined) {
      const message = `info.${key} is missing: every structure needs the name of its group`;
      throw errorAbout(structures, s, message);
    }
    return JSON.stringify(group);
  });
}

/** Tells apart all that scores depend on: structures, their labels, and how they are shared out; shortened. */
function* fingerprinting(
  { structures, fold }: Division,
  labels: FoundLabels | undefined,
): Steps<string> {
  const hash = createHash('sha256');
  const add = (numbers: NodeJS.TypedArray) => {
    // Their length, so that numbers of one do not pass for those of the next.
    hash.update(`${numbers.length}:`);
    hash.update(numbers);
  };
  add(Int32Array.from(fold));
  yield* mapping(structures, ({ species, positions, cell, pbc }) => {
    for (const numbers of [species, positions, cell, Uint8Array.from(pbc, Number)]) add(numbers);
  });
  hash.update(JSON.stringify(labels?.names ?? []));
  yield* mapping(labels?.values ?? [], (values) => add(values ?? new Float64Array(0)));
  return hash.digest('hex').slice(0, 12);
}
