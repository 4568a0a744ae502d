export { tsne } from './tsne';
export type { TsneMap, TsneOptions } from './tsne';
export { umap } from './umap';
export type { UmapOptions } from './umap';
