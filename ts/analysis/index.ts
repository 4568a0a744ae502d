export { kineticEnergy, temperatureOf, thermalVelocities, velocityVerlet } from './dynamics';
export type { DynamicsOptions, DynamicsState } from './dynamics';
export { forceFieldOf } from './force-field';
export type { EnergyAndForces, ForceField } from './force-field';
export { relax } from './relaxation';
export type { Relaxation, RelaxationOptions, RelaxationStep } from './relaxation';
export { learningCurve } from './learning-curve';
export type { LearningCurveOptions, LearningCurveStep } from './learning-curve';
