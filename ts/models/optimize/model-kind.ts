import type { AsyncOptions } from '../../native/call';
import type { StructureLike } from '../../structures/structure';
import type { TargetKeys } from '../../structures/targets';
import { checkConfig } from '../config';
import type { PotentialConfig } from '../config';
import { Potential } from '../potential';

/** Errors of one kind of prediction on so many numbers. */
export interface NamedError {
  readonly mae: number;
  readonly rmse: number;
  readonly count: number;
}

/** Errors by what is predicted: `energy`, `forces`, or the name of a property. */
export type NamedErrors = Readonly<Record<string, NamedError>>;

/** A kind of model, as far as searching its configurations goes. */
export interface ModelKind<Config> {
  /** What is predicted, in words; part of what makes two searches the same. */
  readonly name: string;
  /** @throws InvalidInputError naming the path of what is wrong. */
  check(config: Config): void;
  train(
    structures: readonly StructureLike[],
    config: Config,
    options: AsyncOptions,
  ): Promise<TrainedModel>;
}

/** A model that was trained. */
export interface TrainedModel {
  /** Errors on structures with labels. */
  evaluate(structures: readonly StructureLike[], options: AsyncOptions): Promise<NamedErrors>;
}

/** Interatomic potentials: `energy` per atom, `forces`, `stress`. */
export const potentials = (keys?: TargetKeys): ModelKind<PotentialConfig> => ({
  name: keys ? `potential of ${JSON.stringify(keys)}` : 'potential',
  check: (config) => void checkConfig(config),
  train: async (structures, config, options) => {
    const { potential } = await Potential.train(structures, {
      config,
      keys,
      threads: options.threads,
      signal: options.signal,
    });
    return {
      evaluate: async (test, run) => {
        const { energy, forces, stress } = await potential.evaluate(test, { ...run, keys });
        return {
          ...(energy && { energy }),
          ...(forces && { forces }),
          ...(stress && { stress }),
        };
      },
    };
  },
});
