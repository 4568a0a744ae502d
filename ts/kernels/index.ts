export type { KernelHyperparameters, ResolvedKernel } from './hyperparameters';
export {
  kernelDiagonal,
  kernelMatrix,
  kernelMatrixSync,
  normalizeKernel,
  structureKernel,
  structureKernelSync,
  sumKernel,
  sumKernelSync,
} from './kernel-matrix';
export type {
  KernelOptions,
  SpeciesCoupling,
  StructureAggregate,
  StructureKernelOptions,
} from './kernel-matrix';
export { kernelRows, writeKernelMatrix } from './kernel-rows';
export type { KernelBlock, KernelRows, KernelRowsOptions } from './kernel-rows';
export type { Samples } from './samples';
export { kernelMatrixGradient, weightedKernelMatrix } from './weighted-kernel';
export type {
  KernelGradient,
  KernelGradientOptions,
  KernelTerm,
  TermGradient,
  WeightedKernelOptions,
} from './weighted-kernel';
