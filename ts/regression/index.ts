export { SparseGaussianProcess } from './sparse-gaussian-process';
export type { Covariance, FitErrors, Noise, Solution } from './sparse-gaussian-process';
export type { SparsePoints } from './sparse-points';
