// Features of environments for programs that take a matrix.

import { PowerSpectrum, readStructures } from '../../dist/index.js';
import { workload } from './workloads.mjs';

/** Normalised power spectra of liquid water, cut to so many features: a function of the number of rows. */
export async function environments(columns) {
  const structures = await readStructures(await workload('water-large'));
  const spectrum = new PowerSpectrum({
    type: 'power-spectrum',
    cutoff: { radius: 5, smoothing: { type: 'cosine', width: 0.5 } },
    density: { type: 'gaussian', width: 0.4 },
    basis: { maxAngular: 6, radial: { type: 'gto', count: 11 } },
    species: [1, 8],
    normalize: true,
  });
  const { values } = spectrum.computeSync(structures);
  const { features } = spectrum;
  return (rows) => {
    const matrix = new Float64Array(rows * columns);
    for (let i = 0; i < rows; i++) {
      matrix.set(values.subarray(i * features, i * features + columns), i * columns);
    }
    return matrix;
  };
}
