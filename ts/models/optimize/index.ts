export { optimizeModel } from './optimize-model';
export type { OptimizeModelOptions } from './optimize-model';
