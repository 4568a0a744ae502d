export { potentials } from './model-kind';
export type { ModelKind, NamedError, NamedErrors, TrainedModel } from './model-kind';
export { optimizeModel } from './optimize-model';
export type { OptimizeModelOptions } from './optimize-model';
