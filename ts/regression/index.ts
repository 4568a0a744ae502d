export { cur, curSync, farthestPoints, farthestPointsSync } from './selection';
export type {
  CurOptions,
  CurSelection,
  FarthestPoints,
  FarthestPointsOptions,
  Matrix,
  SelectionAxis,
} from './selection';
export { SparseGaussianProcess } from './sparse-gaussian-process';
export type { Covariance, FitErrors, Noise, Solution } from './sparse-gaussian-process';
export type { SparsePoints } from './sparse-points';
