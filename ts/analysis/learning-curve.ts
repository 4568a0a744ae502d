import { checkOptions } from '../common/options';
import type { KeysOf } from '../common/options';
import { randomNumbers, shuffled } from '../common/random';
import { integerBetween, validate } from '../common/validation';
import { InvalidInputError, throwIfAborted } from '../errors';
import { potentials } from '../models';
import type {
  GrowingModel,
  ModelKind,
  NamedErrors,
  PotentialConfig,
  ResolvedPotentialConfig,
} from '../models';
import { elementsFirst } from '../models/elements-first';
import type { AsyncOptions } from '../native/call';
import { isIsolatedAtom } from '../regression/baseline';
import { chemicalSymbols, elementsIn } from '../structures/elements';
import { checkedStructures } from '../structures/input';
import type { Structure, StructureLike } from '../structures/structure';
import type { TargetKeys } from '../structures/targets';

/** How to compute a learning curve. */
export interface LearningCurveOptions<Config = PotentialConfig | ResolvedPotentialConfig> {
  /** Numbers of training structures, each at most as many as there are, isolated atoms not counted. */
  readonly sizes: readonly number[];
  /**
   * Configuration of all models; what it leaves open is found once, with all training structures. That of a
   * finished potential spares the search.
   */
  readonly config: Config;
  /** How often the curve is computed, each time with other structures. Default 1. */
  readonly repeats?: number | undefined;
  /** What kind of model. Default: interatomic potentials. */
  readonly kind?: ModelKind<Config> | undefined;
  readonly keys?: TargetKeys | undefined;
  /** Seed of the order in which structures are taken. Default 0. */
  readonly seed?: number | undefined;
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called before the first model and after each. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

const learningCurveKeys: KeysOf<LearningCurveOptions> = {
  sizes: true,
  config: true,
  repeats: true,
  kind: true,
  keys: true,
  seed: true,
  threads: true,
  signal: true,
  onProgress: true,
};

/** Errors after training on so many structures. */
export interface LearningCurveStep {
  readonly structures: number;
  /** Mean over the repeats: `energy` in eV/atom, `forces` in eV/Å, `stress` in eV/Å³, or a property's name. */
  readonly errors: NamedErrors;
  /** Standard deviation over the repeats; 0 for a single one. */
  readonly spread: NamedErrors;
}

/**
 * Errors on fixed test structures after training on more and more structures, each set holding the one before.
 * Kernels are computed once for all sizes of a repeat: models grow. Those of a kind that cannot are trained on sets that
 * have all elements of the test structures.
 *
 * @throws InvalidInputError for sizes that are not possible, and what training throws.
 */
export async function learningCurve<Config = PotentialConfig | ResolvedPotentialConfig>(
  structures: readonly StructureLike[],
  test: readonly StructureLike[],
  options: LearningCurveOptions<Config>,
): Promise<LearningCurveStep[]> {
  const { config, keys, threads, signal, onProgress } = checkOptions(options, learningCurveKeys);
  const repeats = validate(integerBetween(1, 10_000), options.repeats ?? 1, 'repeats');
  const seed = validate(integerBetween(0, 2 ** 31 - 1), options.seed ?? 0, 'seed');
  // Without a kind it is potentials, whose configuration is then the type of Config.
  const kind = options.kind ?? (potentials(keys) as unknown as ModelKind<Config>);
  const all = await checkedStructures(structures, signal);
  await kind.checkLabels?.(all, config ?? ({} as Config), signal);
  const tests = await checkedStructures(test, signal, 'test');
  await kind.checkTest?.(tests, all, config ?? ({} as Config), signal);
  const indices = [...all.keys()];
  const samples = indices.filter((s) => !isIsolatedAtom(all[s]!));
  const isolated = indices.filter((s) => isIsolatedAtom(all[s]!));
  const sizes = checkSizes(options.sizes, samples.length);
  const elements = new Set(elementsIn(tests));
  // All of them now: an order that cannot be is not found after hours of trainings.
  const orders = Array.from({ length: repeats }, (_, repeat) => {
    const order = shuffled(samples, randomNumbers(seed + repeat));
    return kind.grow ? order : coveringOrder(order, all, elements, sizes[0]!);
  });

  const run = { threads, signal };
  const begin = kind.grow
    ? await kind.grow(all, config, run)
    : () => Promise.resolve(retraining(kind, all, isolated, config, run));
  const total = repeats * sizes.length;
  const found: NamedErrors[][] = sizes.map(() => []);
  onProgress?.(0, total);
  for (const [repeat, order] of orders.entries()) {
    const growing = await begin();
    for (const [step, size] of sizes.entries()) {
      throwIfAborted(signal);
      await growing.add(order.slice(step > 0 ? sizes[step - 1]! : 0, size));
      const model = await growing.model();
      found[step]!.push(await model.evaluate(tests, run));
      onProgress?.(repeat * sizes.length + step + 1, total);
    }
  }
  return sizes.map((size, step) => ({ structures: size, ...summarise(found[step]!) }));
}

/** Distinct and ascending, as models grow. */
function checkSizes(given: readonly number[], most: number): number[] {
  const bad = given.find((n) => !Number.isInteger(n) || n < 1 || n > most);
  if (bad !== undefined) {
    throw new InvalidInputError(
      `expected integers from 1 to ${most}, the structures there are to train on, got ${bad}`,
      { path: 'sizes' },
    );
  }
  return [...new Set(given)].sort((a, b) => a - b);
}

/**
 * The same structures, those first that bring an element of the test.
 *
 * @throws InvalidInputError where so many do not bring all of them.
 */
function coveringOrder(
  order: readonly number[],
  structures: readonly Structure[],
  wanted: ReadonlySet<number>,
  smallest: number,
): number[] {
  const { bringing, others } = elementsFirst(order, structures, wanted);
  if (smallest >= bringing.length) return [...bringing, ...others];
  const known = new Set(elementsIn(bringing.slice(0, smallest).map((s) => structures[s]!)));
  const there = elementsIn(bringing.map((s) => structures[s]!));
  const missing = there.filter((number) => wanted.has(number) && !known.has(number));
  const names = missing.map((number) => chemicalSymbols[number]).join(', ');
  throw new InvalidInputError(
    `a model of ${smallest} would not know ${names}, which test structures have; expected at least ${bringing.length}, or test structures without`,
    { path: 'sizes' },
  );
}

/** A model of a kind that cannot grow: trained anew on all that it has been given. */
function retraining<Config>(
  kind: ModelKind<Config>,
  structures: readonly Structure[],
  isolated: readonly number[],
  config: Config,
  run: AsyncOptions,
): GrowingModel {
  const taken = [...isolated];
  return {
    add: (indices) => {
      taken.push(...indices);
      return Promise.resolve();
    },
    model: () =>
      kind.train(
        taken.map((s) => structures[s]!),
        config,
        run,
      ),
  };
}

/** Means and standard deviations over repeats. */
function summarise(repeats: readonly NamedErrors[]): Omit<LearningCurveStep, 'structures'> {
  const names = Object.keys(repeats[0]!);
  const of = (statistic: (values: readonly number[]) => number): NamedErrors =>
    Object.fromEntries(
      names.map((name) => {
        const errors = repeats.map((repeat) => repeat[name]!);
        const mae = statistic(errors.map((error) => error.mae));
        const rmse = statistic(errors.map((error) => error.rmse));
        return [name, { mae, rmse, count: errors[0]!.count }];
      }),
    );
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = (values: readonly number[]) => {
    const middle = mean(values);
    const square = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
    return values.length > 1 ? Math.sqrt(square / (values.length - 1)) : 0;
  };
  return { errors: of(mean), spread: of(deviation) };
}
