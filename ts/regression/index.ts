export type { Matrix } from '../common/matrix';
export * from './selection';
export * from './optimize';
export { SparseGaussianProcess } from './sparse-gaussian-process';
export type { Covariance, FitErrors, Noise, Solution } from './sparse-gaussian-process';
export type { SparsePoints } from './sparse-points';
export { assignFolds, foldsOf } from './folds';
export type { Fold, FoldOptions } from './folds';
export { GaussianProcess } from './gaussian-process';
export type { GaussianProcessOptions, LeaveOneOut } from './gaussian-process';
export { maximizeLogMarginalLikelihood } from './marginal-likelihood';
export type {
  HyperparameterBounds,
  HyperparameterName,
  LikelihoodMaximum,
  LikelihoodOptions,
} from './marginal-likelihood';
export { maximizeWeightLikelihood } from './kernel-weights';
export type { KernelWeights, KernelWeightsOptions, WeightedSamples } from './kernel-weights';
export { localPredictionRigidity } from './local-prediction-rigidity';
export type { RigidityOptions } from './local-prediction-rigidity';
export { ProjectedPosterior, ProjectedProcess } from './projected-process';
export type { ProjectedOptions, ProjectedSolution } from './projected-process';
export { RidgeRegression } from './ridge-regression';
export type { RidgeRegressionOptions } from './ridge-regression';
export { learnChannels } from './learn-channels';
export type { ChannelLearning, LearnChannelsOptions, LearnedChannels } from './learn-channels';
