import type { Samples } from '../kernels';
import type { Model } from '../models';
import { combined } from '../models/property/terms';
import { featuresKey } from '../models/property/references';
import type { EnvironmentFeatures } from '../regression/environments';
import { PowerSpectrum } from '../representations';

/** The space in which a model compares environments, and those in it that the model stands on. */
export interface KnownEnvironments {
  /** Computes features in which distances are taken. */
  readonly representation: EnvironmentFeatures;
  readonly samples: Samples;
  /** Atomic numbers of their centres. */
  readonly species: Int32Array;
}

/** Sparse points or references of a model, picked in training to cover all that it was trained on. */
export function knownEnvironments(model: Model): KnownEnvironments {
  if (model.kind === 'potential') {
    const { points, config } = model.parts;
    const species = [...config.representation.species];
    const representation = new PowerSpectrum({
      ...config.representation,
      species,
      normalize: true,
    });
    const [rows, columns] = [points.first.at(-1)!, representation.features];
    return {
      representation,
      samples: { values: new Float64Array(points.values), rows, columns },
      species: Int32Array.from(
        { length: rows },
        (_, m) => species[points.first.findLastIndex((f) => f <= m)]!,
      ),
    };
  }
  const { references, config } = model.parts;
  const { species, features } = references;
  const rows = species.length;
  const representation = combined(config.terms);
  const { features: columns } = representation;
  const values = new Float64Array(rows * columns);
  let first = 0;
  for (const [index, { weight }] of config.terms.entries()) {
    const own = features.get(featuresKey(index))!;
    const width = own.length / rows;
    for (let row = 0; row < rows; row++) {
      const from = own.subarray(row * width, (row + 1) * width);
      const norm = Math.sqrt(from.reduce((sum, x) => sum + x * x, 0));
      const scale = norm > 0 ? Math.sqrt(weight) / norm : 0;
      from.forEach((x, f) => (values[row * columns + first + f] = scale * x));
    }
    first += width;
  }
  return { representation, samples: { values, rows, columns }, species };
}
