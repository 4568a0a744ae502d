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

/** Positions of a bent molecule, those of two atoms anywhere in a cube. */
export function bentPositions(random: () => number, spread: number): number[][] {
  const near = (x: number) => x + spread * (random() - 0.5);
  return [
    [0, 0, 0],
    [near(0.96), near(0), near(0)],
    [near(-0.24), near(0.93), near(0)],
  ];
}

/** Water at these positions, with properties of the molecule and of its atoms. */
export const labelledWater = (
  positions: readonly (readonly number[])[],
  info: Readonly<Record<string, number>>,
  dipole: readonly number[],
  shift: readonly number[],
  alpha?: readonly number[],
): Structure =>
  new Structure({
    positions,
    species: [8, 1, 1],
    info: {
      ...info,
      mu: { data: Float64Array.from(dipole), shape: [3] },
      ...(alpha && { alpha: { data: Float64Array.from(alpha), shape: [3, 3] } }),
    },
    arrays: { shift: { data: Float64Array.from(shift), shape: [3] } },
  });

/** A molecule whose properties are formulas of its positions: bond charges make a dipole, and so on. */
function molecule(): Structure {
  const positions = bentPositions(random, 0.25);
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
  const info = { energy_like: energy, other: 2 * energy - 1 };
  const shift = [300 + energy, 30 + charges[0]!, 30 + charges[1]!];
  return labelledWater(positions, info, dipole, shift, tensor);
}

export const training = Array.from({ length: 60 }, molecule);
export const test_ = Array.from({ length: 20 }, molecule);
