export type { SocketAddress } from './connect';
export { drive } from './drive';
export type { DriveOptions, DriveStep } from './drive';
