import type { Tensor } from '../common/safetensors';
import { readModel, writeModel } from './container';
import type { ModelContents, ModelKind } from './container';
import { noFactors } from './deviations';
import type { PotentialParts } from './potential';

/*
 * The tensors of a potential are, for M sparse points of F features,
 *
 *   points     M × F          F32  features of the sparse points, normalised
 *   first      elements + 1   I32  where each element's points begin and end
 *   weights    M              F64  eV
 *   posterior  M (M + 1) / 2  F32  packed lower Cholesky factor of 1 + Σ σ⁻² ΦᵀΦ
 *   members    M × N          F64  of a committee of N: what the weights of its members are more, eV
 */

export const potentialKind: ModelKind = {
  kind: 'soapstone-potential',
  version: 3,
  // Has factors only with a committee.
  older: [2],
  metadata: ['amplitude', 'configuration', 'factors', 'summary'],
  tensors: ({ configuration }) => {
    const { uncertainty } = configuration as PotentialParts['config'];
    const committee = uncertainty.type === 'committee' ? ['members'] : [];
    return ['first', 'points', 'posterior', 'weights', ...committee];
  },
};

/** Writes the parts of a potential. */
export async function savePotential(path: string, parts: PotentialParts): Promise<void> {
  const { config, summary, points, weights, covariance, factors, members } = parts;
  const size = weights.length;
  await writeModel(path, {
    kind: potentialKind.kind,
    version: potentialKind.version,
    metadata: {
      configuration: config,
      summary,
      amplitude: covariance.amplitude,
      factors,
    },
    tensors: new Map<string, Tensor>([
      ['points', { data: points.values, shape: [size, points.values.length / size] }],
      ['first', { data: points.first, shape: [points.first.length] }],
      ['weights', { data: weights, shape: [size] }],
      ['posterior', { data: covariance.posterior, shape: [covariance.posterior.length] }],
      ...(members ? [['members', { data: members.values, shape: members.shape }] as const] : []),
    ]),
  });
}

/** Reads the parts of a potential. @throws FormatError saying what is wrong with the file. */
export async function loadPotential(path: string): Promise<PotentialParts> {
  return potentialParts(await readModel(path, [potentialKind]));
}

/** The parts of a potential in what a file holds. */
export function potentialParts({ metadata, tensors }: ModelContents): PotentialParts {
  const weights = tensors.get('weights')!.data as Float64Array;
  const members = tensors.get('members')?.data as Float64Array | undefined;
  return {
    config: metadata.configuration as PotentialParts['config'],
    summary: metadata.summary as PotentialParts['summary'],
    points: {
      values: tensors.get('points')!.data as Float32Array,
      first: tensors.get('first')!.data as Int32Array,
    },
    weights,
    covariance: {
      posterior: tensors.get('posterior')!.data as Float32Array,
      amplitude: metadata.amplitude as number,
    },
    factors: (metadata.factors as PotentialParts['factors'] | null) ?? noFactors,
    ...(members && {
      members: { values: members, shape: [weights.length, members.length / weights.length] },
    }),
  };
}
