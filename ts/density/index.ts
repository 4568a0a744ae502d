export { cutoffFunction, radialBasis, radialIntegrals, radialScaling } from './radial-functions';
export type { RadialFunctions, RadialHyperparameters } from './radial-functions';
