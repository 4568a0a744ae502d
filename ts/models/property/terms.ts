import { InvalidInputError } from '../../errors';
import type { AsyncOptions } from '../../native/call';
import { EquivariantPowerSpectrum } from '../../representations';
import type { AnyEnvironmentRepresentation } from '../../representations';
import { createEnvironmentRepresentation } from '../../representations/environments';
import type { EnvironmentFeatures } from '../../regression/environments';
import type { Structure } from '../../structures/structure';
import type { ResolvedTerm } from './config';
import type { Part } from './irreps';

/** What of a representation makes λ-SOAP of the same density. */
const shared = ['species', 'channels', 'cutoff', 'density', 'longRange', 'basis'] as const;

/** The invariants of a term. */
export function invariantsOf({ representation }: ResolvedTerm): AnyEnvironmentRepresentation {
  return createEnvironmentRepresentation(representation);
}

/** λ-SOAP for a part of a tensor: the density and basis of the term, with features that turn as the part does. */
export function tensorsOf(
  { representation }: ResolvedTerm,
  { lambda, sigma }: Part,
): EquivariantPowerSpectrum {
  const given = representation as Readonly<Record<string, unknown>>;
  return new EquivariantPowerSpectrum({
    ...Object.fromEntries(shared.map((key) => [key, given[key]])),
    ranks: [lambda],
    parity: sigma > 0 ? 'proper' : 'pseudo',
  });
}

/** Whether a part's kernels need features that turn. */
export const turns = ({ lambda, sigma }: Part): boolean => lambda > 0 || sigma < 0;

/** @throws InvalidInputError for a representation whose features are no invariants. */
export function checkInvariants(
  { type }: { readonly type?: string | undefined },
  path: string,
): void {
  if (type !== 'equivariant-power-spectrum' && type !== 'spherical-expansion') return;
  throw new InvalidInputError(
    `expected invariants, got ${JSON.stringify(type)}; for tensors, λ-SOAP of the same density and basis is added by itself`,
    { path: `${path}.type` },
  );
}

/**
 * The normalised invariants of all terms beside each other, each with the square root of its weight: environments
 * are as far from each other as all terms together see.
 */
export function combined(terms: readonly ResolvedTerm[]): EnvironmentFeatures {
  const representations = terms.map((term) => ({
    representation: invariantsOf(term),
    factor: Math.sqrt(term.weight),
  }));
  const features = representations.reduce(
    (sum, { representation }) => sum + representation.features,
    0,
  );
  const compute = async (structures: readonly Structure[], options: AsyncOptions = {}) => {
    let rows = 0;
    let values = new Float32Array(0);
    let first = 0;
    for (const { representation, factor } of representations) {
      const own = await representation.compute(structures, { ...options, precision: 'float32' });
      if (rows === 0) {
        ({ rows } = own);
        values = new Float32Array(rows * features);
      }
      for (let row = 0; row < rows; row++) {
        const from = own.values.subarray(row * own.columns, (row + 1) * own.columns);
        const norm = Math.sqrt(from.reduce((sum, x) => sum + x * x, 0));
        const scale = norm > 0 ? factor / norm : 0;
        const at = row * features + first;
        for (let f = 0; f < own.columns; f++) values[at + f] = scale * from[f]!;
      }
      first += own.columns;
    }
    return { values, rows, columns: features };
  };
  return { features, compute: compute as unknown as EnvironmentFeatures['compute'] };
}
