import type { AsyncOptions } from '../native/call';
import type { Baseline } from '../regression/baseline';
import { SparseGaussianProcess } from '../regression/sparse-gaussian-process';
import { atomicNumber } from '../structures/elements';
import type { StructureLike } from '../structures/structure';
import type { TargetKeys } from '../structures/targets';
import type { PotentialConfig } from './config';
import { prepare, subset } from './data-set';
import { Potential } from './potential';
import { powerSpectrumOf } from './search';

/** A potential that learns structures little by little. */
export interface GrowingPotential {
  /** Learns structures, by their indices. */
  add(structures: readonly number[]): Promise<void>;
  /** The potential fitted to all that were added. */
  potential(): Promise<Potential>;
}

/**
 * Trains on all structures once; settings, baseline, noise and sparse points are then those of all potentials that
 * grow. What is shared: sparse points and the factor of K_MM do not depend on what is fitted, and adding a
 * structure adds its rows to ΣΦᵀΦ, which stays for all larger sets. So each structure's kernels with the sparse
 * points are computed once for all sizes, and a size costs one factorisation of an M × M matrix.
 *
 * The points come from all structures, also from those that are not added: positions, no labels. Potentials of few
 * structures have them for a basis that is better than their own structures would make; that of all structures is
 * the one that training gives.
 *
 * @returns begins a potential that knows nothing.
 */
export async function growPotentials(
  structures: readonly StructureLike[],
  config: PotentialConfig,
  keys: TargetKeys | undefined,
  { threads, signal }: AsyncOptions,
): Promise<() => Promise<GrowingPotential>> {
  const run = { threads, signal };
  const plain: PotentialConfig = { ...config, uncertainty: { type: 'variance' } };
  const { potential } = await Potential.train(structures, { config: plain, keys, ...run });
  const { parts } = potential;
  const { representation, kernel, noise } = parts.config;
  const { sampleWeights } = parts.config;
  const all = await prepare(structures, keys, signal, { sampleWeights });
  const baseline: Baseline = new Map(
    Object.entries(parts.config.baseline.energies).map(([symbol, energy]) => [
      atomicNumber(symbol),
      energy,
    ]),
  );
  return async () => {
    const process = await SparseGaussianProcess.create(
      powerSpectrumOf(representation),
      parts.points,
      kernel.zeta,
      run,
    );
    return {
      add: async (indices) => {
        const added = new Set(indices);
        const { weights, ...part } = subset(all, (_, s) => added.has(s));
        await process.add(part.structures, part.targets, baseline, () => 0, { ...run, weights });
      },
      potential: async () => {
        const { weights } = await process.solve(noise, [], run);
        const { amplitude } = parts.covariance;
        const covariance = { ...(await process.covariance()), amplitude };
        return Potential.create({ ...parts, weights, covariance });
      },
    };
  };
}
