export * from './errors';
export { systemInfo, type SystemInfo } from './system';
export * from './neighbours';
export * from './representations';
export type { AsyncOptions, SyncOptions } from './native/call';
