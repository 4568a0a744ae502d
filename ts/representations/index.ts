export type { MemoryOptions } from '../common/memory';
export { alchemicalCoupling } from './alchemical-coupling';
export type { AlchemicalCoupling, ElementLikeness } from './alchemical-coupling';
export { AtomicClusterExpansion } from './atomic-cluster-expansion';
export type {
  AtomicClusterExpansionHyperparameters,
  ResolvedAtomicClusterExpansion,
} from './atomic-cluster-expansion';
export { Bispectrum } from './bispectrum';
export type { BispectrumHyperparameters, ResolvedBispectrum } from './bispectrum';
export { Concatenation } from './concatenation';
export type {
  ConcatenationHyperparameters,
  ConcatenationLabel,
  ConcatenationPart,
  ResolvedConcatenation,
} from './concatenation';
export { createRepresentation } from './create';
export type {
  AnyRepresentation,
  RepresentationHyperparameters,
  RepresentationType,
} from './create';
export type { Environment, EnvironmentOptions } from './environment-rows';
export type { EnvironmentRepresentation } from './environment-representation';
export type { AnyEnvironmentRepresentation, EnvironmentHyperparameters } from './environments';
export { EquivariantPowerSpectrum } from './equivariant-power-spectrum';
export type {
  EquivariantPowerSpectrumHyperparameters,
  ResolvedEquivariantPowerSpectrum,
} from './equivariant-power-spectrum';
export type { PowerSpectrumHyperparameters, ResolvedPowerSpectrum } from './hyperparameters';
export { Jacobian } from './jacobian';
export type { CentreRange } from './jacobian';
export type { PowerSpectrumLabel } from './labels';
export { optimalRadialBasis } from './optimal-radial-basis';
export type {
  OptimalBasis,
  OptimalBasisOptions,
  WithContractedBasis,
} from './optimal-radial-basis';
export type { OutputOptions, Precision, PrecisionArrays, PrecisionOptions } from './output';
export { PowerSpectrum } from './power-spectrum';
export type { Features, Representation, Shape, StructureGradient } from './representation';
export type {
  TensorParity,
  ProductBasis,
  ProductBlock,
  ProductFactor,
  ProductLabel,
} from './product-basis';
export { RadialSpectrum } from './radial-spectrum';
export type { RadialSpectrumHyperparameters, ResolvedRadialSpectrum } from './radial-spectrum';
export { realSpaceCorrelation } from './real-space';
export type { RealSpaceGrid } from './real-space';
export { SphericalExpansion } from './spherical-expansion';
export type {
  ResolvedSphericalExpansion,
  SphericalExpansionHyperparameters,
} from './spherical-expansion';
export { SphericalExpansionByPair } from './spherical-expansion-by-pair';
export type {
  PairLabel,
  ResolvedSphericalExpansionByPair,
  SphericalExpansionByPairHyperparameters,
} from './spherical-expansion-by-pair';
export { StructureAverage } from './structure-average';
export type {
  ResolvedStructureAverage,
  StructureAverageHyperparameters,
} from './structure-average';
