import { randomNumbers, shuffled } from '../../common/random';
import type { AsyncOptions } from '../../native/call';
import { assignFolds } from '../../regression';
import { isIsolatedAtom } from '../../regression/baseline';
import type { Structure } from '../../structures/structure';
import type { ModelKind, NamedError, NamedErrors } from '../model-kind';

/** Structures shared out for cross-validation. */
export interface Division {
  readonly structures: readonly Structure[];
  /** Fold of each structure; −1: trained on every time. */
  readonly fold: readonly number[];
  readonly folds: number;
  /** Order in which structures are taken when only a part of them is trained on. */
  readonly order: readonly number[];
}

/** Shares structures out. Isolated atoms, which are no samples but baselines, belong to every training. */
export function divide(
  structures: readonly Structure[],
  folds: number,
  seed: number,
  groups: readonly string[] | undefined,
): Division {
  const samples = [...structures.keys()].filter((s) => !isIsolatedAtom(structures[s]!));
  const assigned = assignFolds(samples.length, {
    folds,
    groups: groups && samples.map((s) => groups[s]!),
    seed,
  });
  const fold = structures.map(() => -1);
  samples.forEach((s, index) => (fold[s] = assigned[index]!));
  const order = shuffled([...structures.keys()], randomNumbers(seed + 1));
  return { structures, fold, folds, order };
}

/**
 * Trains without each fold and evaluates on it; the errors of all folds taken together.
 *
 * @param part of the structures that are trained on, each larger part holding the smaller ones; all of a fold
 *   are evaluated.
 */
export async function crossValidate<Config>(
  kind: ModelKind<Config>,
  { structures, fold, folds, order }: Division,
  config: Config,
  { part = 1, ...run }: AsyncOptions & { readonly part?: number },
): Promise<NamedErrors> {
  const all: NamedErrors[] = [];
  for (let k = 0; k < folds; k++) {
    const others = order.filter((s) => fold[s] !== k && fold[s] !== -1);
    const taken = new Set(others.slice(0, Math.max(1, Math.round(part * others.length))));
    const training = structures.filter((_, s) => fold[s] === -1 || taken.has(s));
    const model = await kind.train(training, config, run);
    const test = structures.filter((_, s) => fold[s] === k);
    all.push(await model.evaluate(test, run));
  }
  const names = [...new Set(all.flatMap((errors) => Object.keys(errors)))];
  return Object.fromEntries(
    names.map((name) => [name, pool(all.flatMap((errors) => errors[name] ?? []))]),
  );
}

/** The error on several sets at once. */
function pool(errors: readonly NamedError[]): NamedError {
  const count = errors.reduce((sum, error) => sum + error.count, 0);
  const mean = (value: (error: NamedError) => number) =>
    errors.reduce((sum, error) => sum + value(error) * error.count, 0) / count;
  return { mae: mean(({ mae }) => mae), rmse: Math.sqrt(mean(({ rmse }) => rmse ** 2)), count };
}
