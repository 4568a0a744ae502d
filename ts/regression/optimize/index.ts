export { optimize } from './optimize';
export type { Optimization, OptimizeOptions, Score, TrialContext } from './optimize';
export type { Json, SearchSpace } from './space';
export type { Trial } from './state';
