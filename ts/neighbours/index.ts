export { neighbourList, neighbourListSync } from './neighbour-list';
export type { NeighbourList, NeighbourOptions } from './neighbour-list';
export { NeighbourMemory } from './memory';
