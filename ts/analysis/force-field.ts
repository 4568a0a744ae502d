import type { Potential } from '../models';
import type { AsyncOptions } from '../native/call';
import { Structure } from '../structures/structure';

/** Energy in eV and forces in eV/Å (N × 3, row-major) of a structure. */
export interface EnergyAndForces {
  readonly energy: number;
  readonly forces: Float64Array;
}

/** Anything that can say what drives the atoms: a trained potential, a formula, another program. */
export type ForceField = (structure: Structure) => EnergyAndForces | Promise<EnergyAndForces>;

/** A structure whose positions may be changed while the given one stays as it is. */
export function movable(structure: Structure): Structure {
  const { positions, species, cell, pbc, info } = structure;
  return new Structure({
    positions: positions.slice(),
    species,
    cell,
    pbc,
    info,
  });
}

/** The force field of a trained potential. */
export function forceFieldOf(
  potential: Pick<Potential, 'predict'>,
  options: Pick<AsyncOptions, 'threads' | 'signal'> = {},
): ForceField {
  return async (structure) => {
    const [prediction] = await potential.predict([structure], { ...options, stress: false });
    return { energy: prediction!.energy, forces: prediction!.forces! };
  };
}
