export type { Pbc } from './cell';
export { atomicMasses, atomicNumber, chemicalSymbols } from './elements';
export { iterateStructures, readStructures, StructureWriter, writeStructures } from './extxyz';
export { Structure } from './structure';
export type { StructureLike } from './structure';
export { extractTargets } from './targets';
export type { TargetKeys, Targets } from './targets';
export { isShapedArray } from './values';
export type { AtomArray, InfoValue, ShapedArray } from './values';
