import type { NativeSystemInfo } from './native/system-contract';
import { native } from './native/load';

/** How the engine was built, and the threads it would use. */
export type SystemInfo = NativeSystemInfo;

/**
 * Describes the native engine that this process uses.
 *
 * @throws NativeLoadError when the engine cannot be loaded.
 */
export function systemInfo(): SystemInfo {
  return native().systemInfo();
}
