export type { MemoryOptions } from '../common/memory';
export type { PowerSpectrumHyperparameters, ResolvedPowerSpectrum } from './hyperparameters';
export { Jacobian } from './jacobian';
export type { CentreRange } from './jacobian';
export type { PowerSpectrumLabel } from './labels';
export type { OutputOptions, Precision, PrecisionArrays, PrecisionOptions } from './output';
export { PowerSpectrum } from './power-spectrum';
export type { Features, Representation, Shape, StructureGradient } from './representation';
