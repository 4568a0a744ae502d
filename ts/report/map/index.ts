export { toChemiscope, writeChemiscope } from './chemiscope';
export type { MapData, MapProperty } from './data';
export { renderMap, writeMap } from './page';
