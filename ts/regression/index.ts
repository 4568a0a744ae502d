export type { Matrix } from '../common/matrix';
export { cur, curSync, farthestPoints, farthestPointsSync } from './selection';
export type {
  CurOptions,
  CurSelection,
  FarthestPoints,
  FarthestPointsOptions,
  SelectionAxis,
} from './selection';
export { SparseGaussianProcess } from './sparse-gaussian-process';
export type { Covariance, FitErrors, Noise, Solution } from './sparse-gaussian-process';
export type { SparsePoints } from './sparse-points';
