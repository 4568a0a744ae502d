export {
  AbortError,
  FormatError,
  InvalidInputError,
  MemoryLimitError,
  NativeLoadError,
  NumericalError,
  SoapstoneError,
} from './errors';
export type { ErrorCode, FileLocation } from './errors';
export type { FilePath } from './common/files';
export { systemInfo, type SystemInfo } from './system';
export * from './math';
export * from './structures';
export * from './neighbours';
export * from './density';
export * from './representations';
export * from './kernels';
export * from './regression';
export * from './models';
export type { AsyncOptions, SyncOptions } from './native/call';
export * from './analysis';
export * from './report';
