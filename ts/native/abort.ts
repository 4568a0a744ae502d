/** What each signal stops: one listener for all of it, since Node warns of more than ten on one signal. */
const stoppedBy = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls `stop` when the signal is aborted. @returns what ends this. */
export function onAbort(signal: AbortSignal, stop: () => void): () => void {
  let stops = stoppedBy.get(signal);
  if (!stops) {
    const all = new Set<() => void>();
    stoppedBy.set(signal, (stops = all));
    signal.addEventListener('abort', () => all.forEach((each) => each()), { once: true });
  }
  const own = stops;
  own.add(stop);
  return () => void own.delete(stop);
}
