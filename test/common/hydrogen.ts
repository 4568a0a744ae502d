import { Structure } from '../../ts';

/** Hydrogen molecules of six bond lengths, whose energies are these: the least that everything can be tried on. */
export const molecules = Array.from(
  { length: 6 },
  (_, i) =>
    new Structure({
      species: ['H', 'H'],
      positions: [0, 0, 0, 0.7 + 0.02 * i, 0, 0],
      info: { energy: 0.7 + 0.02 * i },
    }),
);

export const representation = {
  type: 'power-spectrum',
  cutoff: { radius: 2 },
  basis: { maxAngular: 1, radial: { count: 2 } },
  species: [1],
} as const;
