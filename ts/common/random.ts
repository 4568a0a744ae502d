/** A stream of pseudo-random numbers in [0, 1), the same on every machine for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The items in random order. */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}

/** Some of the numbers 0 … total − 1, drawn at random, in ascending order; all where there are no more. */
export function someOf(total: number, count: number, random: () => number): Int32Array {
  if (total <= count) return Int32Array.from({ length: total }, (_, i) => i);
  // R. W. Floyd: each choice is as likely as any other, and only those chosen are remembered.
  const chosen = new Set<number>();
  for (let last = total - count; last < total; last++) {
    const drawn = Math.floor(random() * (last + 1));
    chosen.add(chosen.has(drawn) ? last : drawn);
  }
  return Int32Array.from(chosen).sort();
}

/** A stream of normal random numbers of mean 0 and variance 1 for a seed of several parts. */
export function normalNumbers(seed: readonly number[]): () => number {
  const random = randomNumbers(
    seed.reduce((state, part) => randomNumbers(state + part)() * 2 ** 32, 0),
  );
  return () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    return radius * Math.cos(2 * Math.PI * random());
  };
}
