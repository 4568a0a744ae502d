import { dot } from '../common/arrays';
import { checkOptions } from '../common/options';
import type { KeysOf } from '../common/options';
import { InvalidInputError, throwIfAborted } from '../errors';
import { Structure } from '../structures/structure';
import type { StructureLike } from '../structures/structure';
import { evaluated, movable } from './force-field';
import type { ForceField } from './force-field';

/** When a relaxation ends. */
export interface RelaxationOptions {
  /** Largest force on any atom at the end, in eV/Å. Default 0.01. */
  readonly maxForce?: number | undefined;
  /** Gives up after so many steps. Default 1000. */
  readonly maxSteps?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called after every step; the structure is the one being moved. */
  readonly onStep?: ((step: RelaxationStep) => void) | undefined;
}

const relaxationKeys: KeysOf<RelaxationOptions> = {
  maxForce: true,
  maxSteps: true,
  signal: true,
  onStep: true,
};

export interface RelaxationStep {
  /** Number of steps done. */
  readonly step: number;
  /** eV. */
  readonly energy: number;
  /** Largest force on any atom, in eV/Å. */
  readonly maxForce: number;
  readonly structure: Structure;
}

/** The end of a relaxation. */
export interface Relaxation extends RelaxationStep {
  /** Whether the forces became as small as asked for. */
  readonly converged: boolean;
}

/** Parameters of Bitzek et al.; time in the unit in which a force of 1 eV/Å gives 1 Å in one unit. */
const fire = {
  start: 0.1,
  longest: 1,
  delay: 5,
  faster: 1.1,
  slower: 0.5,
  mixing: 0.1,
  calm: 0.99,
};
/** No atom moves by more than this in a step, in Å. */
const maxDisplacement = 0.2;

/**
 * Moves atoms downhill in a fixed cell until the forces are small, by the fast inertial relaxation engine
 * (Bitzek et al., Phys. Rev. Lett. 97, 170201 (2006)). The given structure stays as it is.
 *
 * @throws InvalidInputError, AbortError, and what `forceField` throws.
 */
export async function relax(
  initial: StructureLike,
  forceField: ForceField,
  options: RelaxationOptions = {},
): Promise<Relaxation> {
  const {
    maxForce: target = 0.01,
    maxSteps = 1000,
    signal,
    onStep,
  } = checkOptions(options, relaxationKeys);
  if (!(target > 0)) {
    throw new InvalidInputError(`expected a number > 0 eV/Å, got ${target}`, { path: 'maxForce' });
  }
  if (!(maxSteps >= 0)) {
    throw new InvalidInputError(`expected a number >= 0, got ${maxSteps}`, { path: 'maxSteps' });
  }
  const structure = movable(Structure.from(initial));
  const { positions } = structure;
  const velocities = new Float64Array(positions.length);
  let timeStep = fire.start;
  let mixing = fire.mixing;
  let downhill = 0;

  for (let step = 0; ; step++) {
    throwIfAborted(signal);
    const { energy, forces } = await evaluated(forceField, structure);
    const maxForce = largestVector(forces);
    const state = { step, energy, maxForce, structure };
    onStep?.(state);
    if (maxForce <= target || step >= maxSteps) return { ...state, converged: maxForce <= target };

    if (dot(forces, velocities) > 0) {
      // Turns the velocity towards the force, at the same speed.
      const along = (mixing * norm(velocities)) / norm(forces);
      for (let i = 0; i < velocities.length; i++) {
        velocities[i] = (1 - mixing) * velocities[i]! + along * forces[i]!;
      }
      if (++downhill > fire.delay) {
        timeStep = Math.min(fire.longest, timeStep * fire.faster);
        mixing *= fire.calm;
      }
    } else {
      velocities.fill(0);
      downhill = 0;
      mixing = fire.mixing;
      if (step > 0) timeStep *= fire.slower;
    }
    for (let i = 0; i < velocities.length; i++) velocities[i]! += timeStep * forces[i]!;
    const displacement = timeStep * largestVector(velocities);
    const scale = timeStep * Math.min(1, maxDisplacement / displacement);
    for (let i = 0; i < positions.length; i++) positions[i]! += scale * velocities[i]!;
  }
}

function norm(a: Float64Array): number {
  return Math.sqrt(dot(a, a));
}

/** Length of the longest of N vectors. */
function largestVector(vectors: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < vectors.length; i += 3) {
    largest = Math.max(largest, Math.hypot(vectors[i]!, vectors[i + 1]!, vectors[i + 2]!));
  }
  return largest;
}
