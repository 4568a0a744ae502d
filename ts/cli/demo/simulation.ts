import { forceFieldOf, relax, thermalVelocities, velocityVerlet } from '../../analysis';
import type { DynamicsState } from '../../analysis';
import { throwIfAborted } from '../../errors';
import type { Potential } from '../../models';
import type { ReportSection } from '../../report';
import { StructureWriter } from '../../structures/extxyz';
import { Structure } from '../../structures/structure';
import { temperature, timeStep } from './settings';

/** What a potential did with a molecule. */
export interface Simulation {
  readonly relaxation: {
    readonly steps: number;
    readonly converged: boolean;
    /** Largest force on an atom before and after, eV/Å. */
    readonly maxForce: readonly [before: number, after: number];
    /** eV. */
    readonly energyChange: number;
  };
  readonly dynamics: {
    readonly steps: number;
    /** fs. */
    readonly duration: number;
    /** Largest deviation of the total energy from its first value, meV/atom. */
    readonly largestDeviation: number;
  };
  /** The energies over time. */
  readonly section: ReportSection;
}

/** Frames of the trajectory that are written: every so many steps. */
const writeEvery = 10;

/**
 * Relaxes a distorted molecule and then lets it move at constant energy, writing both as one trajectory.
 *
 * @param file where the trajectory goes; it appears when it is complete.
 */
export async function simulate(
  potential: Potential,
  distorted: Structure,
  steps: number,
  file: string,
  options: { readonly signal: AbortSignal; readonly onStep: (done: number, total: number) => void },
): Promise<Simulation> {
  const { signal, onStep } = options;
  // A molecule is too little work for more than one thread.
  const forceField = forceFieldOf(potential, { threads: 1, signal });
  const writer = await StructureWriter.create(file, { signal });
  try {
    const before = await forceField(distorted);
    const relaxed = await relax(distorted, forceField, { maxForce: 0.01, maxSteps: 500, signal });
    const start = new Structure({
      positions: relaxed.structure.positions,
      species: distorted.species,
    });
    const states: DynamicsState[] = [];
    const velocities = thermalVelocities(start, temperature, 1);
    for await (const state of velocityVerlet(start, forceField, { timeStep, velocities })) {
      throwIfAborted(signal);
      if (state.step % writeEvery === 0) await writer.write(frame(state));
      states.push(state);
      onStep(state.step, steps);
      if (state.step >= steps) break;
    }
    await writer.close();

    const total = states.map(
      ({ potentialEnergy, kineticEnergy }) => potentialEnergy + kineticEnergy,
    );
    const deviations = total.map((energy) => Math.abs(energy - total[0]!));
    const largestDeviation = (1000 * Math.max(...deviations)) / start.length;
    const relaxation = {
      steps: relaxed.step,
      converged: relaxed.converged,
      maxForce: [largestForce(before.forces), relaxed.maxForce] as const,
      energyChange: relaxed.energy - before.energy,
    };
    const dynamics = { steps, duration: steps * timeStep, largestDeviation };
    const section = describe(relaxation, dynamics, states);
    return { relaxation, dynamics, section };
  } finally {
    await writer.discard();
  }
}

function frame({ structure, forces, velocities, potentialEnergy, time }: DynamicsState): Structure {
  const shape = [structure.length, 3];
  return new Structure({
    positions: structure.positions,
    species: structure.species,
    info: { time, energy: potentialEnergy },
    arrays: { forces: { data: forces, shape }, velocities: { data: velocities, shape } },
  });
}

function largestForce(forces: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < forces.length; i += 3) {
    largest = Math.max(largest, Math.hypot(forces[i]!, forces[i + 1]!, forces[i + 2]!));
  }
  return largest;
}

function describe(
  { steps, maxForce, energyChange }: Simulation['relaxation'],
  { duration, largestDeviation }: Simulation['dynamics'],
  states: readonly DynamicsState[],
): ReportSection {
  const x = states.map(({ time }) => time);
  const zero = states[0]!.potentialEnergy;
  const line = (name: string, energy: (state: DynamicsState) => number) => ({
    name,
    x,
    y: states.map(energy),
  });
  return {
    title: 'Ethanol with the saved potential',
    paragraphs: [
      `A distorted molecule was relaxed in ${steps} steps: its energy fell by ${(-energyChange).toFixed(3)} eV, the largest force on an atom from ${maxForce[0].toFixed(2)} to ${maxForce[1].toFixed(3)} eV/Å.`,
      `It then moved for ${duration} fs at constant energy, from velocities of ${temperature} K (velocity Verlet, steps of ${timeStep} fs). The total energy stayed within ${largestDeviation.toPrecision(2)} meV/atom, as it does when forces are the derivative of the energy.`,
    ],
    chart: {
      x: 'Time (fs)',
      y: 'Energy (eV)',
      caption: 'Potential energy is measured from the relaxed molecule.',
      lines: [
        line('total', (state) => state.potentialEnergy - zero + state.kineticEnergy),
        line('potential', (state) => state.potentialEnergy - zero),
        line('kinetic', (state) => state.kineticEnergy),
      ],
    },
  };
}
