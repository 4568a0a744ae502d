import { z } from 'zod';

import { inTurns } from '../common/turns';
import { validate } from '../common/validation';
import type { AsyncOptions } from '../native/call';
import { isIsolatedAtom } from '../regression/baseline';
import type { Structure, StructureLike } from '../structures/structure';
import type { TargetKeys } from '../structures/targets';
import { checkConfig } from './config';
import type { PotentialConfig } from './config';
import { elementsOf, prepare } from './data-set';
import { presentQuantities } from './fit';
import { growPotentials } from './growing-potential';
import { Potential } from './potential';
import { PropertyModel } from './property';
import type { PropertyConfig } from './property';
import { checkPropertyConfig } from './property/config';
import { growProperties } from './property/growing';
import { collect, collectingLabels } from './property/labels';
import { checkPropertyTest } from './property/test-structures';
import { prepareTest } from './test-structures';

/** Errors of one kind of prediction on so many numbers; of labels with weights, `count` is the sum of these. */
export interface NamedError {
  readonly mae: number;
  readonly rmse: number;
  readonly count: number;
}

/** Errors by what is predicted: `energy`, `forces`, or the name of a property. */
export type NamedErrors = Readonly<Record<string, NamedError>>;

/** A kind of model, as far as searching its configurations and learning curves go. */
export interface ModelKind<Config> {
  /** What is predicted, in words; part of what makes two searches the same. */
  readonly name: string;
  /** @throws InvalidInputError naming the path of what is wrong. */
  check(config: Config): void;
  /**
   * Finds the labels, before the first training.
   *
   * @throws InvalidInputError naming the structure whose labels are missing or not finite. Of a kind without this,
   *   training says so, of the part that it is given.
   */
  checkLabels?(
    structures: readonly Structure[],
    config: Config,
    signal: AbortSignal | undefined,
  ): Promise<FoundLabels>;
  /**
   * Checks structures that a model trained on others will be compared with, before it is trained.
   *
   * @throws InvalidInputError naming the one whose labels are missing, not finite or of another kind than those of
   *   training, or that has an element that the model will not know.
   */
  checkTest?(
    test: readonly StructureLike[],
    training: readonly Structure[],
    config: Config,
    signal: AbortSignal | undefined,
  ): Promise<void>;
  train(
    structures: readonly StructureLike[],
    config: Config,
    options: AsyncOptions,
  ): Promise<TrainedModel>;
  /**
   * Prepares models that learn structure by structure, all with the settings found with all these structures. A
   * kind without this is trained anew each time.
   */
  grow?(
    structures: readonly StructureLike[],
    config: Config,
    options: AsyncOptions,
  ): Promise<() => Promise<GrowingModel>>;
}

/** What structures are labelled with. */
export interface FoundLabels {
  /** Names of the errors that there will be. */
  readonly names: readonly string[];
  /** All numbers that errors depend on; undefined where a structure has none. */
  readonly values: readonly (Float64Array | undefined)[];
}

/** A model that has learned nothing at first. */
export interface GrowingModel {
  /** Learns these structures, by their indices in those that it was prepared with. */
  add(structures: readonly number[]): Promise<void>;
  /** The model of all that was added so far. */
  model(): Promise<TrainedModel>;
}

/** A model that was trained. */
export interface TrainedModel {
  /** Errors on structures with labels. */
  evaluate(structures: readonly StructureLike[], options: EvaluationRun): Promise<NamedErrors>;
}

/** How a model is evaluated. */
export interface EvaluationRun extends AsyncOptions {
  /** Whether labels count by the weights that the model's configuration names, if it does: where errors decide. */
  readonly weighted?: boolean | undefined;
}

/** Interatomic potentials: `energy` per atom, `forces`, `stress`. */
export const potentials = (keys?: TargetKeys): ModelKind<PotentialConfig> => ({
  name: keys ? `potential of ${JSON.stringify(keys)}` : 'potential',
  check: (config) => void checkConfig(config),
  checkLabels: async (structures, config, signal) => {
    const { sampleWeights } = checkConfig(config);
    const { targets, weights } = await prepare(structures, keys, signal, { sampleWeights });
    const { energies, forces, stresses } = targets;
    const values = [energies, ...forces, ...stresses, ...(weights ? [weights] : [])];
    return { names: presentQuantities(targets), values };
  },
  checkTest: async (test, training, config, signal) => {
    const samples = training.filter((structure) => !isIsolatedAtom(structure));
    const species = elementsOf(samples, checkConfig(config));
    await prepareTest(test, 'test', { species, keys, requireEnergy: false, signal });
  },
  train: async (structures, config, { threads, signal }) => {
    const { potential } = await Potential.train(structures, { config, keys, threads, signal });
    return trained(potential, keys);
  },
  grow: async (structures, config, options) => {
    const begin = await growPotentials(structures, config, keys, options);
    return async () => {
      const growing = await begin();
      return {
        add: (indices) => growing.add(indices),
        model: async () => trained(await growing.potential(), keys),
      };
    };
  },
});

const trained = (potential: Potential, keys: TargetKeys | undefined): TrainedModel => ({
  evaluate: async (structures, { weighted, ...run }) => {
    const sampleWeights = weighted ? potential.config.sampleWeights : undefined;
    const options = { ...run, keys, sampleWeights };
    const { energy, forces, stress } = await potential.evaluate(structures, options);
    return { ...(energy && { energy }), ...(forces && { forces }), ...(stress && { stress }) };
  },
});

/** Models of a property that structures carry under this name; the error has the same name. */
export const properties = (target: string): ModelKind<PropertyConfig> => ({
  name: `property ${validate(z.string(), target, 'target')}`,
  check: (config) => void checkPropertyConfig(config),
  checkLabels: async (structures, config, signal) => {
    const checked = checkPropertyConfig(config);
    const labels = await inTurns(collectingLabels(structures, target, checked.tensor), signal);
    const learned = await collect(structures, target, checked, signal);
    return { names: [target], values: [labels.values, learned.labels.values, learned.weights] };
  },
  checkTest: async (test, training, config, signal) => {
    await checkPropertyTest(test, 'test', training, target, checkPropertyConfig(config), signal);
  },
  train: async (structures, config, { threads, signal }) =>
    trainedProperty(await PropertyModel.train(structures, target, { config, threads, signal })),
  grow: async (structures, config, options) => {
    const begin = await growProperties(structures, target, config, options);
    return async () => {
      const growing = await begin();
      return {
        add: (indices) => growing.add(indices),
        model: async () => trainedProperty(await growing.model()),
      };
    };
  },
});

const trainedProperty = (model: PropertyModel): TrainedModel => ({
  evaluate: async (structures, { weighted, ...run }) => {
    const sampleWeights = weighted ? model.config.sampleWeights : undefined;
    const { errors } = await model.evaluate(structures, { ...run, sampleWeights });
    return { [model.target.name]: errors };
  },
});
