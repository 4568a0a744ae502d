import type { PotentialConfig } from '../../models';

/** How much of everything a demo does. */
export interface DemoSettings {
  /** Every n-th training structure is used. */
  readonly stride: number;
  readonly config: PotentialConfig;
  /** Training structures of the learning curve, as parts of all. */
  readonly parts: readonly number[];
  /** Steps of dynamics, of {@link timeStep} fs. */
  readonly steps: number;
}

export const timeStep = 0.5;
/** Of the velocities that the dynamics starts with, in K. */
export const temperature = 300;

export const fullDemo: DemoSettings = {
  stride: 1,
  // Fewer sparse points than training would take by itself, for the sake of a minute; all else it finds.
  config: { sparse: { count: 1000 } },
  parts: [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1],
  steps: 1000,
};

export const fastDemo: DemoSettings = {
  stride: 3,
  config: {
    representation: {
      cutoff: { radius: 4.5 },
      density: { width: 0.3 },
      basis: { maxAngular: 4, radial: { count: 6 } },
    },
    kernel: { zeta: 2 },
    sparse: { count: 400 },
  },
  parts: [1 / 4, 1],
  steps: 100,
};
