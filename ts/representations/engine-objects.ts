import { callSync } from '../native/call';
import type { RepresentationHandle } from '../native/contract';

/** Engine objects in use: they never change, and their splines take a millisecond or two to make. */
const inUse = new Map<string, WeakRef<RepresentationHandle>>();

/** The engine's object for these hyperparameters: one in use, or a new one. */
export function engineObject(
  hyperparameters: { readonly type: string; readonly normalize: boolean },
  create: () => RepresentationHandle,
): RepresentationHandle {
  const key = JSON.stringify({ ...hyperparameters, normalize: undefined });
  const handle = inUse.get(key)?.deref() ?? callSync(create);
  for (const [other, reference] of inUse) if (!reference.deref()) inUse.delete(other);
  inUse.set(key, new WeakRef(handle));
  return handle;
}
