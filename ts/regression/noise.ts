import type { AsyncOptions } from '../native/call';
import type { FitErrors, Noise, SparseGaussianProcess } from './sparse-gaussian-process';

/** Noise levels that are fixed; the others are searched for. */
export type FixedNoise = { readonly [Name in keyof Noise]?: Noise[Name] | undefined };

/** What does well on many data sets; the search begins here. */
const standard: Noise = { energy: 1e-3, forces: 10 ** -1.5, stress: 1e-3 };

/** Standard values for the levels that are not fixed. */
export const completeNoise = ({ energy, forces, stress }: FixedNoise): Noise => ({
  energy: energy ?? standard.energy,
  forces: forces ?? standard.forces,
  stress: stress ?? standard.stress,
});

/** How good a solution is, the smaller the better. */
export type Score = (heldOut: FitErrors) => number;

/** The best noise found and its score. */
export interface NoiseChoice {
  readonly noise: Noise;
  readonly score: number;
}

const quantities = ['energy', 'forces', 'stress'] as const;
/** Powers of ten within which levels are looked for. */
const bounds = { least: -6, most: 1 };

/**
 * Finds noise levels whose solution errs little on held-out structures: a pattern search over the powers of
 * ten, which leaves the standard levels only for a significant gain. Each step costs one factorisation.
 */
export async function chooseNoise(
  process: SparseGaussianProcess,
  fixed: FixedNoise,
  present: readonly (keyof Noise)[],
  score: Score,
  options: AsyncOptions & {
    /** The groups that judge. Default [1]. */
    readonly heldOut?: readonly number[];
    /** A step of half a decade must lower the score by this much. Default 0. */
    readonly significant?: number;
    /** Step lengths in decades, one after the other. */
    readonly steps?: readonly number[];
  } = {},
): Promise<NoiseChoice> {
  const { threads, signal, onProgress, significant = 0, steps = [0.5, 0.25] } = options;
  const { heldOut = [1] } = options;
  const free = quantities.filter((name) => present.includes(name) && fixed[name] === undefined);
  const scores = new Map<string, number>();
  const noiseAt = (point: readonly number[]): Noise => ({
    ...completeNoise(fixed),
    ...Object.fromEntries(free.map((name, index) => [name, 10 ** point[index]!])),
  });
  const evaluate = async (point: readonly number[]): Promise<number> => {
    const key = point.join();
    let value = scores.get(key);
    if (value === undefined) {
      value = score((await process.solve(noiseAt(point), heldOut, { threads, signal })).heldOut);
      scores.set(key, value);
      onProgress?.(scores.size, scores.size + 1);
    }
    return value;
  };

  let best = free.map((name) => Math.log10(standard[name]));
  let bestScore = await evaluate(best);
  for (const step of steps) {
    for (let improved = true; improved;) {
      improved = false;
      for (const [index] of free.entries()) {
        for (const direction of [-step, step]) {
          const point = best.map((x, k) => (k === index ? x + direction : x));
          if (point[index]! < bounds.least || point[index]! > bounds.most) continue;
          const value = await evaluate(point);
          if (!(value < bestScore - significant * (step / 0.5))) continue;
          [best, bestScore, improved] = [point, value, true];
        }
      }
    }
  }
  return { noise: noiseAt(best), score: bestScore };
}
