import { checkOptions } from '../common/options';
import type { KeysOf } from '../common/options';
import { randomNumbers } from '../common/random';
import { numberThat, typedArray, validate } from '../common/validation';
import { InvalidInputError } from '../errors';
import { atomicMasses } from '../structures/elements';
import { Structure } from '../structures/structure';
import type { StructureLike } from '../structures/structure';
import { numericData } from '../structures/values';
import { evaluated, movable } from './force-field';
import type { ForceField } from './force-field';

/** Boltzmann's constant in eV/K (exact, SI 2019). */
export const boltzmann = 8.617333262145e-5;

/** Acceleration in Å/fs^2 that 1 eV/Å gives to 1 amu. */
const accelerationUnit = 9.648533212331e-3;

/** How to integrate the equations of motion. */
export interface DynamicsOptions {
  /** Time step in fs. Default 0.5, which suits molecules with hydrogen. */
  readonly timeStep?: number | undefined;
  /** Initial velocities in Å/fs, N × 3 row-major. Default: all at rest. */
  readonly velocities?: Float64Array | undefined;
}

const dynamicsKeys: KeysOf<DynamicsOptions> = { timeStep: true, velocities: true };

/** Where a trajectory is. The arrays are those that the integration works on: copy what is to be kept. */
export interface DynamicsState {
  /** Number of steps done. */
  readonly step: number;
  /** Time in fs. */
  readonly time: number;
  /** The atoms where they are now. */
  readonly structure: Structure;
  /** Å/fs, N × 3. */
  readonly velocities: Float64Array;
  /** eV/Å, N × 3. */
  readonly forces: Float64Array;
  /** eV. */
  readonly potentialEnergy: number;
  /** eV. */
  readonly kineticEnergy: number;
}

/**
 * Moves atoms at constant energy and volume by velocity Verlet (Swope et al., J. Chem. Phys. 76, 637 (1982)). Masses are
 * those of the elements, or `arrays.masses` in amu. Yields the initial state and then the state after every step, for as long as the caller goes on asking.
 *
 * @throws InvalidInputError for a time step or velocities without meaning, and what `forceField` throws.
 */
export async function* velocityVerlet(
  initial: StructureLike,
  forceField: ForceField,
  options: DynamicsOptions = {},
): AsyncGenerator<DynamicsState, never, undefined> {
  checkOptions(options, dynamicsKeys);
  const structure = movable(Structure.from(initial));
  const { positions } = structure;
  const timeStep = options.timeStep ?? 0.5;
  if (!(timeStep > 0 && timeStep < Infinity)) {
    throw new InvalidInputError(`expected a number > 0 fs, got ${timeStep}`, { path: 'timeStep' });
  }
  const velocities = options.velocities?.slice() ?? new Float64Array(positions.length);
  checkVelocities(structure, velocities);
  // Δv of half a step for a force of 1 eV/Å.
  const halfKick = massesOf(structure).map((mass) => (0.5 * timeStep * accelerationUnit) / mass);
  const kick = (forces: Float64Array) => {
    for (let i = 0; i < velocities.length; i++) velocities[i]! += halfKick[i]! * forces[i]!;
  };

  let { energy, forces } = await evaluated(forceField, structure);
  for (let step = 0; ; step++) {
    yield {
      step,
      time: step * timeStep,
      structure,
      velocities,
      forces,
      potentialEnergy: energy,
      kineticEnergy: kineticEnergy(structure, velocities),
    };
    kick(forces);
    for (let i = 0; i < positions.length; i++) positions[i]! += timeStep * velocities[i]!;
    ({ energy, forces } = await evaluated(forceField, structure));
    kick(forces);
  }
}

/**
 * Velocities in Å/fs of the Maxwell–Boltzmann distribution, without motion of the centre of mass, scaled so that
 * the 3N − 3 degrees of freedom have exactly this temperature. A single atom is at rest.
 *
 * @param temperature in K.
 * @param seed of the random numbers; equal seeds give equal velocities.
 */
export function thermalVelocities(
  input: StructureLike,
  temperature: number,
  seed = 0,
): Float64Array {
  validate(
    numberThat('a number >= 0 K', (kelvin) => kelvin >= 0),
    temperature,
    'temperature',
  );
  const structure = Structure.from(input);
  const masses = massesOf(structure);
  const normal = normalNumbers(seed);
  const velocities = masses.map((mass) => normal() / Math.sqrt(mass));
  removeDrift(velocities, masses);
  const present = temperatureOf(structure, velocities);
  const scale = present > 0 ? Math.sqrt(temperature / present) : 0;
  return velocities.map((velocity) => scale * velocity);
}

function checkVelocities(structure: Structure, velocities: Float64Array): void {
  validate(typedArray('Float64Array'), velocities, 'velocities');
  const finite = velocities.every(Number.isFinite);
  if (velocities.length === 3 * structure.length && finite) return;
  const got = finite ? velocities.length : 'some that are not finite';
  throw new InvalidInputError(`expected ${structure.length} × 3 numbers, got ${got}`, {
    path: 'velocities',
  });
}

/** Kinetic energy in eV of velocities in Å/fs. */
export function kineticEnergy(input: StructureLike, velocities: Float64Array): number {
  const structure = Structure.from(input);
  checkVelocities(structure, velocities);
  const masses = massesOf(structure);
  const twice = velocities.reduce((sum, v, i) => sum + masses[i]! * v * v, 0);
  return twice / (2 * accelerationUnit);
}

/** Temperature in K of velocities in Å/fs, over 3N − 3 degrees of freedom; 0 for a single atom. */
export function temperatureOf(input: StructureLike, velocities: Float64Array): number {
  const structure = Structure.from(input);
  const freedom = 3 * structure.length - 3;
  return freedom > 0 ? (2 * kineticEnergy(structure, velocities)) / (freedom * boltzmann) : 0;
}

/** The mass in amu that belongs to each of the N × 3 coordinates: `arrays.masses`, else that of the element. */
function massesOf({ species, arrays }: Structure): Float64Array {
  const masses = arrays.masses
    ? (numericData(arrays.masses)?.data ?? [])
    : Array.from(species, (number) => atomicMasses[number]!);
  const atom = masses.findIndex((mass) => !(mass > 0 && mass < Infinity));
  if (masses.length !== species.length || atom >= 0) {
    const got = atom < 0 ? 'something else' : `${masses[atom]} for atom ${atom} (counted from 0)`;
    throw new InvalidInputError(`expected a mass > 0 amu for each atom, got ${got}`, {
      path: 'arrays.masses',
    });
  }
  return Float64Array.from({ length: 3 * masses.length }, (_, i) => masses[Math.floor(i / 3)]!);
}

function removeDrift(velocities: Float64Array, masses: Float64Array): void {
  for (let axis = 0; axis < 3; axis++) {
    let momentum = 0;
    let mass = 0;
    for (let i = axis; i < velocities.length; i += 3) {
      momentum += masses[i]! * velocities[i]!;
      mass += masses[i]!;
    }
    for (let i = axis; i < velocities.length; i += 3) velocities[i]! -= momentum / mass;
  }
}

/** Random numbers of mean 0 and variance 1, by the method of Box and Muller. */
function normalNumbers(seed: number): () => number {
  const uniform = randomNumbers(seed);
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
