import { atOnce } from '../../common/turns';
import type { Samples } from '../../kernels';
import type { AsyncOptions } from '../../native/call';
import { groupsOf } from '../../regression/environments';
import type { AnyEnvironmentRepresentation, EquivariantPowerSpectrum } from '../../representations';
import type { Structure } from '../../structures/structure';
import { listingCentres } from './centres';
import type { Centres } from './centres';
import type { ResolvedTerm } from './config';
import type { Part } from './irreps';
import { featuresKey } from './references';
import { invariantsOf, tensorsOf, turns } from './terms';

/** Some structures with the features of their environments, which exist only as long as the group. */
export interface FeatureGroup extends Centres {
  readonly structures: readonly Structure[];
  /** Features of all environments as kernels of a part take them. */
  samples(term: number, part: Part): Samples;
}

/** Computes features of structures, group after group, each once for all parts. */
export class FeatureGroups {
  readonly #sources: ReadonlyMap<string, AnyEnvironmentRepresentation | EquivariantPowerSpectrum>;

  constructor(terms: readonly ResolvedTerm[], parts: readonly Part[]) {
    const sources = new Map<string, AnyEnvironmentRepresentation | EquivariantPowerSpectrum>();
    for (const [index, term] of terms.entries()) {
      sources.set(featuresKey(index), invariantsOf(term));
      for (const part of parts.filter(turns)) {
        const key = featuresKey(index, part);
        if (!sources.has(key)) sources.set(key, tensorsOf(term, part));
      }
    }
    this.#sources = sources;
  }

  /** @param columns numbers that each environment needs besides its features. */
  async *of(
    structures: readonly Structure[],
    columns: number,
    { threads, signal }: AsyncOptions,
  ): AsyncGenerator<FeatureGroup> {
    let width = 0;
    for (const { features } of this.#sources.values()) width += features;
    // Each group reads all references again: large groups where there are many of these.
    const numbers = Math.max(numbersPerGroup, (columns * width) / 2);
    const atoms = numbers / (columns + width);
    for (const indices of groupsOf([...structures.keys()], structures, atoms)) {
      const own = indices.map((s) => structures[s]!);
      const features = new Map<string, Samples>();
      for (const [key, source] of this.#sources) {
        features.set(key, await source.compute(own, { threads, signal }));
      }
      yield { structures: own, ...atOnce(listingCentres(own)), samples: taking(features) };
    }
  }
}

/** 128 MB: enough for all threads. */
const numbersPerGroup = 2 ** 24;

const taking =
  (features: ReadonlyMap<string, Samples>) =>
  (term: number, part: Part): Samples => {
    const scalars = features.get(featuresKey(term))!;
    if (!turns(part)) return scalars;
    const turning = features.get(featuresKey(term, part))!;
    return { ...turning, tensor: { lambda: part.lambda, scalars } };
  };

/** Some rows of samples. */
export function rowsOf(x: Samples, rows: readonly number[] | Int32Array): Samples {
  const { columns } = x;
  const values = new Float64Array(rows.length * columns);
  rows.forEach((row: number, i: number) => {
    values.set(x.values.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return {
    values,
    rows: rows.length,
    columns,
    ...(x.tensor && {
      tensor: { lambda: x.tensor.lambda, scalars: rowsOf(x.tensor.scalars, rows) },
    }),
  };
}
