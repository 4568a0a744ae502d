import { z } from 'zod';

import { asyncKeys, checkOptions } from '../common/options';
import type { KeysOf } from '../common/options';
import { integerBetween, validate } from '../common/validation';
import { InvalidInputError } from '../errors';
import type { Model } from '../models';
import type { AsyncOptions } from '../native/call';
import { checkedStructures } from '../structures/input';
import type { Structure, StructureLike } from '../structures/structure';
import { knownEnvironments } from './known-environments';
import { Novelty } from './novelty';

/** By what structures are picked. */
export const batchCriteria = ['uncertainty', 'diversity', 'both'] as const;
export type BatchCriterion = (typeof batchCriteria)[number];

export interface SelectBatchOptions extends AsyncOptions {
  /** Number of structures wanted. */
  readonly count: number;
  /**
   * `uncertainty`: those that the model is least sure of; `diversity`: those with environments farthest from the model's
   * own and from each other's (farthest point sampling); `both`: by the product. Default `both`.
   */
  readonly by?: BatchCriterion | undefined;
  /** Whether a potential without a committee, too, is asked how sure it is of forces, which takes longer. Default false. */
  readonly forcesUncertainty?: boolean | undefined;
}

const selectBatchKeys: KeysOf<SelectBatchOptions> = {
  ...asyncKeys,
  count: true,
  by: true,
  forcesUncertainty: true,
};

/** Structures of a pool that are worth a label. */
export interface SelectedBatch {
  /** Indices in the pool, in the order in which they were picked. */
  readonly indices: readonly number[];
  /** By how much each of them won, in the same order: an uncertainty, a distance, or their product. */
  readonly scores: readonly number[];
  /** Of all structures of the pool; absent where only diversity counts. */
  readonly uncertainties?: Float64Array;
}

/**
 * Picks the structures of a pool that a model should be taught next: the step of active learning between two trainings.
 *
 * The uncertainty of a structure is the largest of a force component where the model has a committee or
 * `forcesUncertainty` is set, else that of the energy per atom; of a property the largest of its atoms, or its own (per
 * atom for sums). Distances are those between normalised features; of a structure that of its strangest environment.
 *
 * @example
 * const { indices } = await selectBatch(potential, pool, { count: 20 });
 * const next = indices.map((s) => pool[s]!);
 */
export async function selectBatch(
  model: Model,
  pool: readonly StructureLike[],
  given: SelectBatchOptions,
): Promise<SelectedBatch> {
  const {
    count,
    by = 'both',
    forcesUncertainty = false,
    onProgress,
    ...run
  } = checkOptions(given, selectBatchKeys);
  const { kind } = (model ?? {}) as { readonly kind?: unknown };
  validate(z.enum(['potential', 'property']), kind, 'model.kind');
  validate(z.enum(batchCriteria), by, 'by');
  validate(integerBetween(1, Infinity), count, 'count');
  const structures = await checkedStructures(pool, run.signal, 'pool');
  if (pool.length < count) {
    throw new InvalidInputError(
      `expected at most ${pool.length}, the size of the pool, got ${count}`,
      {
        path: 'count',
      },
    );
  }
  const uncertainties =
    by === 'diversity'
      ? undefined
      : await uncertaintiesOf(model, structures, forcesUncertainty, run);
  const novelty =
    by === 'uncertainty'
      ? undefined
      : await Novelty.create(knownEnvironments(model), structures, run);
  const indices: number[] = [];
  const scores: number[] = [];
  const left = new Set(structures.keys());
  for (let k = 0; k < count; k++) {
    const distances = novelty?.ofStructures();
    let [best, most] = [-1, -Infinity];
    for (const s of left) {
      const score = (uncertainties?.[s] ?? 1) * (distances?.[s] ?? 1);
      if (score > most) [best, most] = [s, score];
    }
    indices.push(best);
    scores.push(most);
    left.delete(best);
    if (k + 1 < count) await novelty?.pick(best);
    onProgress?.(k + 1, count);
  }
  return { indices, scores, ...(uncertainties && { uncertainties }) };
}

async function uncertaintiesOf(
  model: Model,
  structures: readonly Structure[],
  forcesUncertainty: boolean,
  run: AsyncOptions,
): Promise<Float64Array> {
  // Of atoms of which nothing was learned it is NaN, and tells nothing.
  const largest = (values: Float64Array) => values.reduce((most, x) => (x > most ? x : most), 0);
  if (model.kind === 'potential') {
    const forces = forcesUncertainty || model.members > 0;
    const options = { ...run, uncertainty: forces ? 'all' : true, forces, stress: false } as const;
    const predictions = await model.predict(structures, options);
    return Float64Array.from(predictions, ({ energyUncertainty, forcesUncertainty }, s) =>
      forcesUncertainty ? largest(forcesUncertainty) : energyUncertainty! / structures[s]!.length,
    );
  }
  if (model.parts.fitted.length === 0) {
    throw new InvalidInputError(
      'the model has learned nothing beyond its baseline and has no uncertainties: expected "diversity"',
      { path: 'by' },
    );
  }
  const options = { ...run, uncertainty: true, difference: true } as const;
  const predictions = await model.predict(structures, options);
  const { target, config } = model;
  const sum = target.per === 'structure' && config.aggregate === 'sum';
  return Float64Array.from(
    predictions,
    ({ uncertainty }, s) => largest(uncertainty!) / (sum ? structures[s]!.length : 1),
  );
}
