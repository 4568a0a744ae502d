// Energies and forces for generated structures, so that training can be timed at any size. What they are
// worth does not matter to the time; they are those of soft spheres, E = Σ_pairs (1 − r / r_c)³ eV.

import { neighbourListSync, Structure } from '../../dist/index.js';

const cutoff = 4;

/** The structures with `energy` (eV) and `forces` (eV/Å). */
export function withLabels(structures) {
  return structures.map((structure) => {
    const { energy, forces } = softSpheres(structure);
    const arrays = { forces: { data: forces, shape: [forces.length / 3, 3] } };
    return new Structure({ ...structure, info: { energy }, arrays });
  });
}

function softSpheres(structure) {
  const [{ first, vectors }] = neighbourListSync([structure], { cutoff });
  const forces = new Float64Array(3 * (first.length - 1));
  let energy = 0;
  for (let i = 0; i + 1 < first.length; i++) {
    for (let p = first[i]; p < first[i + 1]; p++) {
      const vector = vectors.subarray(3 * p, 3 * p + 3);
      const r = Math.hypot(...vector);
      const depth = 1 - r / cutoff;
      energy += 0.5 * depth ** 3; // each pair is seen from both ends
      const push = (-3 * depth ** 2) / cutoff / r;
      vector.forEach((x, axis) => (forces[3 * i + axis] += push * x));
    }
  }
  return { energy, forces };
}
