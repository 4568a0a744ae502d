export { iterateStructures, readStructures } from './read';
export type { ReadOptions } from './read';
