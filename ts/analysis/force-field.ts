import { findNonFinite } from '../common/matrix';
import { checkOptions } from '../common/options';
import type { KeysOf } from '../common/options';
import { show } from '../common/validation';
import { InvalidInputError } from '../errors';
import type { MemberPrediction, Potential, PredictionOptions } from '../models';
import type { AsyncOptions } from '../native/call';
import { Structure } from '../structures/structure';

/** Energy in eV and forces in eV/Å (N × 3, row-major) of a structure; the rest is for {@link drive}. */
export interface EnergyAndForces {
  readonly energy: number;
  readonly forces: Float64Array;
  /** (1/V) ∂E/∂ε in eV/Å³, 3 × 3. */
  readonly stress?: Float64Array | undefined;
  /** Standard deviation of the energy in eV. */
  readonly energyUncertainty?: number | undefined;
  /** What each member of a committee says. */
  readonly members?: readonly MemberPrediction[] | undefined;
}

/** Anything that can say what drives the atoms: a trained potential, a formula, another program. */
export type ForceField = (structure: Structure) => EnergyAndForces | Promise<EnergyAndForces>;

/** What drives the atoms now. @throws InvalidInputError where there is not one finite force for each atom. */
export async function evaluated(
  forceField: ForceField,
  structure: Structure,
): Promise<EnergyAndForces> {
  const fail = (message: string) => new InvalidInputError(message, { path: 'forceField' });
  // Programs without types may give anything.
  if (typeof forceField !== 'function') throw fail(`expected a function, got ${show(forceField)}`);
  const result: Partial<EnergyAndForces> | undefined = await forceField(structure);
  const { energy, forces, stress } = result ?? {};
  if (typeof energy !== 'number' || !ArrayBuffer.isView(forces)) {
    throw fail('expected { energy, forces }, the forces in a Float64Array');
  }
  if (forces.length !== structure.positions.length) {
    throw fail(`expected forces of ${structure.length} × 3 numbers, got ${forces.length}`);
  }
  const bad = findNonFinite(forces);
  if (bad >= 0) {
    const where = `${'xyz'[bad % 3]} of atom ${Math.floor(bad / 3)} (counted from 0)`;
    throw fail(`expected finite forces, got ${forces[bad]} for ${where}`);
  }
  if (!Number.isFinite(energy)) throw fail(`expected a finite energy, got ${energy}`);
  if (stress !== undefined && !(stress.length === 9 && stress.every(Number.isFinite))) {
    throw fail(`expected a stress of 9 finite numbers, got ${show(Array.from(stress))}`);
  }
  return { ...result, energy, forces };
}

/**
 * A structure whose positions may be changed while the given one stays as it is. Of its values it keeps those that
 * stay true: tags, names and masses, but no results of a calculation at the old positions.
 */
export function movable(structure: Structure): Structure {
  const { positions, species, cell, pbc, info, arrays } = structure;
  return new Structure({
    positions: positions.slice(),
    species,
    cell,
    pbc,
    info: without(results, info),
    arrays: without(resultsOfAtoms, arrays),
  });
}

/**
 * What follows from positions, by the names of ASE's results and other common ones, also such as `REF_energy`. The charge
 * and spin of a whole structure are what a calculation is told.
 */
const results = named(
  'energy|energies|forces?|stress|virial|dipole|polari[sz](ation|ability)|dielectric_tensor',
);
const resultsOfAtoms = named(
  'energy|energies|forces?|stress(es)?|virials?|dipoles?|charges?|magmoms?|polari[sz](ation|ability)|born_effective_charges|velocit(y|ies)|velo|vel|momenta',
);

function named(names: string): RegExp {
  return new RegExp(`(?<!initial_|nuclear_|[a-z])(${names})(_uncertainty)?$`, 'i');
}

const without = <Value>(
  names: RegExp,
  values: Readonly<Record<string, Value>>,
): Record<string, Value> =>
  Object.fromEntries(Object.entries(values).filter(([name]) => !names.test(name)));

/** What a force field is to give besides energies and forces: by default nothing. */
export type ForceFieldOptions = Pick<AsyncOptions, 'threads' | 'signal'> &
  Pick<PredictionOptions, 'stress' | 'uncertainty' | 'members'>;

const forceFieldKeys: KeysOf<ForceFieldOptions> = {
  threads: true,
  signal: true,
  stress: true,
  uncertainty: true,
  members: true,
};

/** The force field of a trained potential. */
export function forceFieldOf(
  potential: Pick<Potential, 'predict'>,
  options: ForceFieldOptions = {},
): ForceField {
  const wanted = { stress: false, ...checkOptions(options, forceFieldKeys) };
  return async (structure) => {
    const [prediction] = await potential.predict([structure], wanted);
    return { ...prediction!, forces: prediction!.forces! };
  };
}
