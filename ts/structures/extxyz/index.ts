export { iterateStructures, readStructures } from './read';
export type { ReadOptions } from './read';
export { StructureWriter, writeStructures } from './write';
export type { WriteOptions } from './write';
