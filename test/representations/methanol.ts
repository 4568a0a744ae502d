import type { StructureLike } from '../../ts';

/** Methanol-like: three elements, no symmetry. */
export const molecule = {
  positions: [
    [0, 0, 0],
    [1.4, 0.1, 0],
    [1.8, 0.9, 0.2],
    [-0.4, 1, 0.1],
    [-0.5, -0.5, 0.9],
    [-0.3, -0.6, -0.9],
  ],
  species: ['C', 'O', 'H', 'H', 'H', 'H'],
} satisfies StructureLike;
