export type { MemoryOptions } from '../common/memory';
export type { PowerSpectrumHyperparameters, ResolvedPowerSpectrum } from './hyperparameters';
export { Jacobian } from './jacobian';
export type { CentreRange, JacobianOutputOptions } from './jacobian';
export type { PowerSpectrumLabel } from './labels';
export { PowerSpectrum } from './power-spectrum';
export type { Features, OutputOptions, Shape, StructureGradient } from './power-spectrum';
