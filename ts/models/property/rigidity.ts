import { InvalidInputError } from '../../errors';
import type { AsyncOptions } from '../../native/call';
import type { ProjectedPosterior } from '../../regression/projected-process';
import type { Structure } from '../../structures/structure';
import { FeatureGroups } from './feature-groups';
import { PartKernel } from './part-kernel';
import type { PropertyParts } from './parts';

/**
 * Local prediction rigidity of each atom of each structure: how firmly training holds what the model says of one
 * environment (see `localPredictionRigidity`), the inverse of its variance for a prior of 1. Of tensors it is that of
 * the mean variance of components, parts weighted by their squares.
 *
 * @param posteriorOf of a part.
 * @throws InvalidInputError for models whose references are whole structures.
 */
export async function rigidityOf(
  { config, references, fitted }: PropertyParts,
  structures: readonly Structure[],
  posteriorOf: (part: number) => Promise<ProjectedPosterior>,
  { threads, signal, onProgress }: AsyncOptions,
): Promise<Float64Array[]> {
  if (references.offsets) {
    throw new InvalidInputError(
      'expected a sparse model: one that stands on whole structures says nothing of their atoms',
      { path: 'regression.type' },
    );
  }
  const run = { threads, signal };
  const { terms, aggregate, centres } = config;
  const settings = { terms, per: 'atom', aggregate, centres } as const;
  const kernels = fitted.map((part) => new PartKernel(settings, part, references));
  const columns = kernels.reduce((most, { size }) => Math.max(most, size), 0);
  const result: Float64Array[] = [];
  for await (const group of new FeatureGroups(terms, fitted).of(structures, columns, run)) {
    const left = new Float64Array(group.species.length);
    const weight = new Float64Array(group.species.length);
    for (const [p, { lambda, copies, centre, scale }] of fitted.entries()) {
      const { kernel, distinct } = await kernels[p]!.rows(group, run);
      if (kernel.shape[0] === 0) continue;
      const all = await kernels[p]!.diagonal(group, run);
      const own = distinct ? Float64Array.from(distinct.rows, (row) => all[row]!) : all;
      const variance = await (await posteriorOf(p)).variance(kernel, own, run);
      const components = 2 * lambda + 1;
      let row = 0;
      group.species.forEach((number, atom) => {
        if (centre !== undefined && number !== centre) return;
        for (let mu = 0; mu < components; mu++, row++) {
          left[atom]! += (copies * scale ** 2 * variance[distinct?.of[row] ?? row]!) / components;
        }
        weight[atom]! += copies * scale ** 2;
      });
    }
    for (let s = 0; s < group.structures.length; s++) {
      const [from, to] = [group.offsets[s]!, group.offsets[s + 1]!];
      result.push(left.slice(from, to).map((v, i) => weight[from + i]! / v));
    }
    onProgress?.(result.length, structures.length);
  }
  return result;
}
