export type { AxesSummary, CovariateOptions } from './axes';
export { KernelPrincipalComponents } from './kernel-principal-components';
export type { KernelCovariateOptions } from './kernel-principal-components';
export { PrincipalComponents } from './principal-components';
export type { SampleBlock } from './principal-components';
