import type { z } from 'zod';

import { asyncKeys, checkOptions } from '../common/options';
import type { KeysOf } from '../common/options';
import { integerBetween, validate } from '../common/validation';
import type { basisSchema, contractedSchema } from '../density/hyperparameters';
import { isLongRange } from '../density/expansion';
import type { ResolvedExpansion } from '../density/expansion';
import { InvalidInputError } from '../errors';
import { symmetricEigensystem } from '../math/symmetric-eigen';
import type { AsyncOptions } from '../native/call';
import { requireStructures } from '../structures/input';
import type { StructureLike } from '../structures/structure';
import { checkRepresentation } from './create';
import type { RepresentationHyperparameters } from './create';
import { PowerSpectrum } from './power-spectrum';

/** How an optimal basis is made. */
export interface OptimalBasisOptions extends AsyncOptions {
  /** Radial functions wanted for each element and l, at most as many as `hyperparameters` have. */
  readonly count: number;
}

const optimalBasisKeys: KeysOf<OptimalBasisOptions> = { ...asyncKeys, count: true };

/** Hyperparameters whose radial functions are a contraction. */
export type WithContractedBasis<Hyperparameters> = Hyperparameters extends unknown
  ? Omit<Hyperparameters, 'basis' | 'species'> & {
      readonly species: readonly number[];
      readonly basis: z.input<typeof basisSchema> & {
        readonly radial: z.input<typeof contractedSchema>;
      };
    }
  : never;

/** The radial functions that keep most of the density of given environments. */
export interface OptimalBasis<Hyperparameters> {
  /** What was given, with defaults filled in and the contraction as `basis.radial`. */
  readonly hyperparameters: WithContractedBasis<Hyperparameters>;
  /** Share of Σ c² that the functions keep, from 0 to 1: [element][l], elements ascending by atomic number. */
  readonly retained: readonly (readonly number[])[];
}

/** Most atoms whose power spectra are in memory at a time. */
const atomsAtOnce = 1000;

/**
 * Contracts a large radial basis to the few functions that describe the environments of some structures best: for
 * each element α of the neighbours and each l the leading principal components of the coefficients,
 *
 *     R'^α_nl = Σ_k u^αl_nk R_kl,   u the leading eigenvectors of Σ_i Σ_m c^α_klm c^α_k'lm
 *
 * (not centred, so that dot products are kept, and not only their differences). No other linear combinations of as
 * many functions keep more of Σ c². The contraction is folded into the splines of the radial integrals: at run time
 * the basis costs what any other of `count` functions costs. Method: Goscinski, Musil, Pozdnyakov, Nigam and Ceriotti,
 * J. Chem. Phys. 155, 104106 (2021).
 *
 * @param structures environments like those that the basis is for; a few hundred are enough.
 * @param hyperparameters of any representation, with more radial functions than are wanted.
 * @throws InvalidInputError for a basis that is contracted already, a long-range density, selected columns, or for more functions than it has.
 *
 * @example
 * const large = { basis: { radial: { count: 12 } } };
 * const { hyperparameters } = await optimalRadialBasis(structures, large, { count: 4 });
 * const soap = new PowerSpectrum(hyperparameters);
 */
export async function optimalRadialBasis<Hyperparameters extends RepresentationHyperparameters>(
  structures: readonly StructureLike[],
  hyperparameters: Hyperparameters,
  given: OptimalBasisOptions,
): Promise<OptimalBasis<Hyperparameters>> {
  const { count, ...options } = checkOptions(given, optimalBasisKeys);
  requireStructures(structures);
  const resolved = checkRepresentation(hyperparameters) as Partial<ResolvedExpansion> &
    Omit<ResolvedExpansion, 'species'> & { readonly columns?: readonly number[] };
  const { cutoff, density, basis, columns } = resolved;
  const { radial } = basis;
  if (radial.type === 'contracted') {
    throw new InvalidInputError('expected functions that are not contracted yet', {
      path: 'basis.radial.type',
    });
  }
  if (isLongRange(resolved)) {
    throw new InvalidInputError('contracted functions are for local densities', {
      path: resolved.longRange ? 'longRange' : 'density.type',
    });
  }
  if (columns !== undefined) {
    throw new InvalidInputError('columns are counted, and selected, after the contraction', {
      path: 'columns',
    });
  }
  if (resolved.channels?.type === 'properties' && resolved.channels.extrapolate) {
    throw new InvalidInputError('each element has functions of its own: expected false', {
      path: 'channels.extrapolate',
    });
  }
  validate(integerBetween(1, radial.count), count, 'count');
  const species = resolved.species ?? [
    ...new Set(structures.flatMap((structure) => speciesOf(structure))),
  ];
  const spectrum = new PowerSpectrum({
    cutoff,
    density,
    basis: { ...basis, maxAngular: basis.maxAngular ?? 0 },
    species,
    coupling: { type: 'same-element' },
  });
  const covariances = await sumOfSpectra(spectrum, structures, options);
  const components = covariances.map((perAngular) => perAngular.map(symmetricEigensystem));
  const coefficients = components.map((perAngular) =>
    perAngular.map(({ vectors }) => vectors.slice(0, count)),
  );
  return {
    hyperparameters: {
      ...resolved,
      species: spectrum.hyperparameters.species,
      basis: { ...basis, radial: { type: 'contracted', from: radial, coefficients } },
    } as unknown as WithContractedBasis<Hyperparameters>,
    retained: components.map((perAngular) =>
      perAngular.map(({ values }) => {
        const [kept, all] = [values.slice(0, count), values].map((part) =>
          part.reduce((sum, value) => sum + value, 0),
        );
        return all! > 0 ? Math.min(1, kept! / all!) : 1;
      }),
    ),
  };
}

const speciesOf = ({ species }: StructureLike): (string | number)[] => Array.from(species);

/** Σ_i p^αα_kk'l of all environments i as symmetric matrices [α][l][k][k']: covariances but for a factor for each l. */
async function sumOfSpectra(
  spectrum: PowerSpectrum,
  structures: readonly StructureLike[],
  { onProgress, ...options }: AsyncOptions,
): Promise<number[][][][]> {
  const { features, hyperparameters } = spectrum;
  const sum = new Float64Array(features);
  const atoms = structures.reduce((total, { species }) => total + species.length, 0);
  let out: Float64Array | undefined;
  let done = 0;
  for (const group of groups(structures)) {
    const { values, rows } = await spectrum.compute(group, {
      ...options,
      out: out && out.length >= spectrum.shape(group).rows * features ? out : undefined,
    });
    if (!out || values.length > out.length) out = values;
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < features; k++) sum[k]! += values[row * features + k]!;
    }
    done += rows;
    onProgress?.(done, atoms);
  }
  const { species, basis } = hyperparameters;
  const matrices = species.map(() =>
    Array.from({ length: basis.maxAngular + 1 }, () =>
      Array.from({ length: basis.radial.count }, () => Array<number>(basis.radial.count).fill(0)),
    ),
  );
  spectrum.labels.forEach(({ species: [element], l, n: [n, other] }, column) => {
    const matrix = matrices[species.indexOf(element!)]![l]!;
    const value = sum[column]! / (n === other ? 1 : Math.SQRT2);
    matrix[n!]![other!] = matrix[other!]![n!] = value;
  });
  return matrices;
}

/** Consecutive structures of at most so many atoms in all; a larger structure goes alone. */
function* groups(structures: readonly StructureLike[]): Generator<StructureLike[]> {
  let group: StructureLike[] = [];
  let atoms = 0;
  for (const structure of structures) {
    if (group.length > 0 && atoms + structure.species.length > atomsAtOnce) {
      yield group;
      [group, atoms] = [[], 0];
    }
    group.push(structure);
    atoms += structure.species.length;
  }
  if (group.length > 0) yield group;
}
