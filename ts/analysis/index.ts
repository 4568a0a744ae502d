export { kineticEnergy, temperatureOf, thermalVelocities, velocityVerlet } from './dynamics';
export type { DynamicsOptions, DynamicsState } from './dynamics';
export type { EnergyAndForces, ForceField } from './force-field';
export { relax } from './relaxation';
export type { Relaxation, RelaxationOptions, RelaxationStep } from './relaxation';
