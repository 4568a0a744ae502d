export * from './errors';
export { systemInfo, type SystemInfo } from './system';
