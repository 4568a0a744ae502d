export { sphericalHarmonics, sphericalHarmonicsSync } from './spherical-harmonics';
export type { Harmonics, HarmonicsOptions } from './spherical-harmonics';
