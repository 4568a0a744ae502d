import { Structure } from '../../../ts';
import type { PropertyConfig } from '../../../ts';
import { randomNumbers } from '../../properties/structures';

const random = randomNumbers(5);
export const representation = {
  cutoff: { radius: 3 },
  basis: { maxAngular: 3, radial: { count: 4 } },
} as const;
export const config: PropertyConfig = {
  terms: [{ representation, kernel: { type: 'dot-product', zeta: 2 } }],
  regression: { type: 'sparse', count: 60 },
};

/** A bent molecule whose properties are formulas of its positions: bond charges make a dipole, and so on. */
function molecule(): Structure {
  const near = (x: number) => x + 0.25 * (random() - 0.5);
  const positions = [
    [0, 0, 0],
    [near(0.96), near(0), near(0)],
    [near(-0.24), near(0.93), near(0)],
  ];
  const charges = positions.slice(1).map((r) => 0.3 + 0.2 * Math.hypot(...r));
  const dipole = [0, 1, 2].map(
    (a) => charges[0]! * positions[1]![a]! + charges[1]! * positions[2]![a]!,
  );
  const tensor = [0, 1, 2].flatMap((a) =>
    [0, 1, 2].map((b) =>
      positions.slice(1).reduce((sum, r, k) => sum + charges[k]! * r[a]! * r[b]!, a === b ? 1 : 0),
    ),
  );
  const energy =
    charges[0]! + charges[1]! + 0.1 * (dipole[0]! ** 2 + dipole[1]! ** 2 + dipole[2]! ** 2);
  return new Structure({
    positions,
    species: [8, 1, 1],
    info: {
      energy_like: energy,
      other: 2 * energy - 1,
      mu: { data: Float64Array.from(dipole), shape: [3] },
      alpha: { data: Float64Array.from(tensor), shape: [3, 3] },
    },
    arrays: {
      shift: {
        data: Float64Array.of(300 + energy, 30 + charges[0]!, 30 + charges[1]!),
        shape: [3],
      },
    },
  });
}

export const training = Array.from({ length: 60 }, molecule);
export const test_ = Array.from({ length: 20 }, molecule);
