import type { AsyncOptions } from '../../native/call';
import type { StructureLike } from '../../structures/structure';
import { checkPropertyConfig } from './config';
import type { PropertyConfig } from './config';
import { PropertyModel } from './property-model';
import { modelParts, prepare } from './prepare';
import { findScatter } from './closed-form';
import { together } from './outliers';
import { PropertyProcess } from './process';

/** A property model that learns structures little by little. */
export interface GrowingPropertyModel {
  /** Learns structures, by their indices. */
  add(structures: readonly number[]): Promise<void>;
  /** The model fitted to all that were added. */
  model(): Promise<PropertyModel>;
}

/**
 * Trains on all structures once; settings, baseline, noise and reference environments are then those of all models
 * that grow. Each structure's kernels with the references are computed once for all sizes, and a size costs one
 * factorisation. Not calibrated: uncertainties are those of the model of all structures.
 *
 * @returns begins a model that knows nothing.
 */
export async function growProperties(
  structures: readonly StructureLike[],
  target: string,
  config: PropertyConfig,
  { threads, signal }: AsyncOptions,
): Promise<() => Promise<GrowingPropertyModel>> {
  const run = { threads, signal };
  const plain: PropertyConfig = { ...config, uncertainty: { type: 'variance' } };
  const { parts } = await PropertyModel.train(structures, target, { config: plain, ...run });
  const { noise } = parts.config;
  const checked = checkPropertyConfig(parts.config as PropertyConfig);
  const prepared = await prepare(structures, target, checked, { ...run, report: () => undefined });
  const { outliers } = await findScatter(prepared, run);
  const weights = together(outliers, prepared.weights);
  return async () => {
    const process = await PropertyProcess.create(prepared, { ...run, weights });
    return {
      add: (indices) => process.add(indices, run),
      model: async () => {
        const learned = await process.learn(noise, true, run);
        return new PropertyModel(modelParts(prepared, learned, noise, parts.amplitude));
      },
    };
  };
}
