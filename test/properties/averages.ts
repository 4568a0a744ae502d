import type { Structure, StructureGradient } from '../../ts';
import { Concatenation, StructureAverage } from '../../ts';
import type { Outcome, Subject } from './subject';

export const weight = (column: number): number => Math.sin(1 + 3 * column);

export const concatenation = new Concatenation({
  species: [1, 8],
  parts: [
    { weight: 2, representation: { cutoff: { radius: 2.2 }, normalize: true } },
    {
      weight: 0.5,
      representation: {
        type: 'bispectrum',
        cutoff: { radius: 3, smoothing: { width: 0.7 } },
        basis: { maxAngular: 2, radial: { count: 2 } },
      },
    },
  ],
});
/** The part of the concatenation that sees farthest. */
export const ofConcatenation = concatenation.parts[1]!.hyperparameters;

/** Each of a structure's N atoms has the average as its row, so that the sum is N times what the average says. */
export async function structureAverage(
  kind: 'outer' | 'inner',
  ofAtoms: Promise<Subject>,
): Promise<Subject> {
  const average = new StructureAverage({ of: concatenation.hyperparameters, average: kind });
  const { features } = average;
  const gradientOf = (structures: readonly Structure[]): Float64Array =>
    concatenated(
      structures.map(({ length }) =>
        Float64Array.from({ length: features }, (_, column) => length * weight(column)),
      ),
    );
  const split = (
    structures: readonly Structure[],
    values: Float64Array,
    gradient: StructureGradient,
  ): Outcome[] => {
    let atom = 0;
    return structures.map(({ length }, s) => {
      const [from, to] = [atom, (atom += length)];
      const row = values.subarray(s * features, (s + 1) * features);
      return {
        rows: concatenated(Array.from({ length }, () => row)),
        sum: length * row.reduce((sum, value, column) => sum + weight(column) * value, 0),
        positions: gradient.positions.slice(3 * from, 3 * to),
        strain: gradient.strain.slice(9 * s, 9 * s + 9),
      };
    });
  };
  return {
    ...(await ofAtoms),
    compute: async (structures, options) => {
      const { values } = await average.compute(structures, options);
      const gradient = await average.vjp(structures, gradientOf(structures), options);
      return split(structures, values, gradient);
    },
    computeSync: (structures, options) => {
      const { values } = average.computeSync(structures, options);
      return split(
        structures,
        values,
        average.vjpSync(structures, gradientOf(structures), options),
      );
    },
  };
}

export function concatenated(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
