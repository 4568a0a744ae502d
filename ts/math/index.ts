export { sphericalHarmonics, sphericalHarmonicsSync } from './spherical-harmonics';
export type { Harmonics, HarmonicsOptions } from './spherical-harmonics';
export { toCartesian, toSpherical } from './spherical-tensors';
export type { SphericalPart } from './spherical-tensors';
