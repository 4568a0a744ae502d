export * from './errors';
export { systemInfo, type SystemInfo } from './system';
export * from './structures';
export * from './neighbours';
export * from './representations';
export * from './regression';
export * from './models';
export type { AsyncOptions, SyncOptions } from './native/call';
