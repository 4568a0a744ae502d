import { randomNumbers, shuffled } from '../common/random';
import { InvalidInputError } from '../errors';
import { chemicalSymbols, elementsIn } from '../structures/elements';
import { checkedStructures } from '../structures/input';
import type { Structure, StructureLike } from '../structures/structure';
import { extractTargetsInTurns } from '../structures/targets';
import type { TargetKeys, Targets } from '../structures/targets';
import type { CheckedPotentialConfig } from './config';
import { weightsNamed } from './sample-weights';

/** Labelled structures. */
export interface DataSet {
  readonly structures: readonly Structure[];
  readonly targets: Targets;
  /** How much the labels of each structure count; undefined where all count alike. */
  readonly weights: Float64Array | undefined;
}

/** Checks structures and collects their labels, and their weights where these have a name. */
export async function prepare(
  input: readonly StructureLike[],
  keys: TargetKeys | undefined,
  signal: AbortSignal | undefined,
  {
    sampleWeights,
    ...options
  }: { readonly requireEnergy?: boolean; readonly sampleWeights?: string | undefined } = {},
): Promise<DataSet> {
  const structures = await checkedStructures(input, signal);
  if (structures.length === 0) {
    throw new InvalidInputError('expected at least one structure, got none', {
      path: 'structures',
    });
  }
  return {
    structures,
    targets: await extractTargetsInTurns(structures, keys, { ...options, signal }),
    weights: await weightsNamed(sampleWeights, structures, 'structure', signal),
  };
}

/** Atomic numbers of the elements that a model is to know, ascending. */
export function elementsOf(
  structures: readonly Structure[],
  config: CheckedPotentialConfig,
): number[] {
  const found = elementsIn(structures);
  const given = config.representation?.species;
  const missing = given && found.find((number) => !given.includes(number));
  if (missing !== undefined) {
    throw new InvalidInputError(
      `element ${chemicalSymbols[missing]} is in the structures but not in the list`,
      { path: 'representation.species' },
    );
  }
  return given ?? found;
}

/** A note when isolated atoms are of elements that are in no other structure: the model will not know them. */
export function unknownElements(
  structures: readonly Structure[],
  species: readonly number[],
): string[] {
  const unknown = elementsIn(structures).filter((number) => !species.includes(number));
  if (unknown.length === 0) return [];
  const names = unknown.map((number) => chemicalSymbols[number]).join(', ');
  return [`${names}: only isolated atoms, no environments; the model will not know these elements`];
}

/** Too few structures to spare any: nothing is held out, and what is not given takes standard values. */
const fewestStructures = 5;

/** Indices of the structures that are held out. */
export function holdOut(
  structures: number,
  { validation, seed }: Pick<CheckedPotentialConfig, 'validation' | 'seed'>,
): Set<number> {
  if (structures < fewestStructures) return new Set();
  const count = Math.round(validation.fraction * structures);
  const order = shuffled([...Array(structures).keys()], randomNumbers(seed));
  return new Set(order.slice(0, count));
}

/** The structures for which `keep` says so, with their labels. */
export function subset(
  { structures, targets, weights }: DataSet,
  keep: (structure: Structure, index: number) => boolean,
): DataSet {
  const kept = [...structures.keys()].filter((s) => keep(structures[s]!, s));
  return {
    structures: kept.map((s) => structures[s]!),
    targets: {
      energies: targets.energies && Float64Array.from(kept, (s) => targets.energies![s]!),
      forces: kept.map((s) => targets.forces[s]),
      stresses: kept.map((s) => targets.stresses[s]),
      notes: targets.notes,
    },
    weights: weights && Float64Array.from(kept, (s) => weights[s]!),
  };
}
