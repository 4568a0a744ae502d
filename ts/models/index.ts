export type { PotentialConfig, ResolvedPotentialConfig } from './config';
export type { Errors, Parities, Parity, QuantityErrors } from './evaluation';
export { Potential } from './potential';
export type { Evaluation, PotentialParts } from './potential';
export type { MemberPrediction, Prediction, PredictionOptions } from './prediction';
export type { TrainingSummary } from './summary';
export type { TrainingProgress } from './fit';
export type { TrainOptions } from './train';
export { loadModel } from './load';
export type { Model } from './load';
export * from './property';
export * from './optimize';
export { potentials, properties } from './model-kind';
export type {
  EvaluationRun,
  GrowingModel,
  ModelKind,
  NamedError,
  NamedErrors,
  TrainedModel,
} from './model-kind';
