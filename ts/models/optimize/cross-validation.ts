import { randomNumbers, shuffled } from '../../common/random';
import { InvalidInputError } from '../../errors';
import type { AsyncOptions } from '../../native/call';
import { assignFolds } from '../../regression';
import { isIsolatedAtom } from '../../regression/baseline';
import type { Structure } from '../../structures/structure';
import { elementsFirst } from '../elements-first';
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

/**
 * Shares structures out. Isolated atoms, which are no samples but baselines, belong to every training. So does, with
 * its group, a structure with an element that only its fold has: the others cannot teach it.
 */
export function divide(
  structures: readonly Structure[],
  folds: number | 'leave-one-out',
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
  const elements = samples.map((s) => new Set(structures[s]!.species));
  for (const number of new Set(elements.flatMap((own) => [...own]))) {
    const bearers = samples.filter((_, index) => elements[index]!.has(number));
    const first = bearers[0]!;
    if (fold[first] === -1 || bearers.some((s) => fold[s] !== fold[first])) continue;
    const group = groups ? samples.filter((s) => groups[s] === groups[first]) : [first];
    for (const s of group) fold[s] = -1;
  }
  if (samples.every((s) => fold[s] === -1)) {
    const alike = groups ? 'groups' : 'structures';
    throw new InvalidInputError(
      `expected ${alike} that share their elements: none can be left out without an element that no other has`,
      { path: 'structures' },
    );
  }
  const order = shuffled([...structures.keys()], randomNumbers(seed + 1));
  return { structures, fold, folds: assigned.reduce((most, f) => Math.max(most, f + 1), 0), order };
}

/**
 * Trains without each fold and evaluates on it; the errors of all folds taken together. Labels count by their weights.
 *
 * @param part of the structures that are trained on, each larger part holding the smaller ones and all elements; all
 *   of a fold are evaluated.
 */
export async function crossValidate<Config>(
  kind: ModelKind<Config>,
  { structures, fold, folds, order }: Division,
  config: Config,
  { part = 1, ...run }: AsyncOptions & { readonly part?: number },
): Promise<NamedErrors> {
  const all: NamedErrors[] = [];
  for (let k = 0; k < folds; k++) {
    const test = structures.filter((_, s) => fold[s] === k);
    if (test.length === 0) continue;
    const others = order.filter((s) => fold[s] !== k && fold[s] !== -1);
    const taken = new Set(partOf(others, structures, part));
    const training = structures.filter((_, s) => fold[s] === -1 || taken.has(s));
    const model = await kind.train(training, config, run);
    all.push(await model.evaluate(test, { ...run, weighted: true }));
  }
  const names = [...new Set(all.flatMap((errors) => Object.keys(errors)))];
  return Object.fromEntries(
    names.map((name) => [name, pool(all.flatMap((errors) => errors[name] ?? []))]),
  );
}

/** About this part of some structures: those first that bring an element, then the others, each in their order. */
function partOf(
  order: readonly number[],
  structures: readonly Structure[],
  part: number,
): number[] {
  const { bringing, others } = elementsFirst(order, structures);
  const count = Math.max(1, bringing.length, Math.round(part * order.length));
  return [...bringing, ...others].slice(0, count);
}

/** The error on several sets at once. */
function pool(errors: readonly NamedError[]): NamedError {
  const count = errors.reduce((sum, error) => sum + error.count, 0);
  const mean = (value: (error: NamedError) => number) =>
    errors.reduce((sum, error) => sum + value(error) * error.count, 0) / count;
  return { mae: mean(({ mae }) => mae), rmse: Math.sqrt(mean(({ rmse }) => rmse ** 2)), count };
}
