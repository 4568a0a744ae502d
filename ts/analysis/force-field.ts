import { Structure } from '../structures/structure';

/** Energy in eV and forces in eV/Å (N × 3, row-major) of a structure. */
export interface EnergyAndForces {
  readonly energy: number;
  readonly forces: Float64Array;
}

/**
 * Anything that can say what drives the atoms: a trained potential, a formula, another program.
 *
 * @example
 * const forceField: ForceField = async (structure) => {
 *   const [prediction] = await potential.predict([structure]);
 *   return { energy: prediction.energy, forces: prediction.forces };
 * };
 */
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
