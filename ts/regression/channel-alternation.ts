import type { Matrix } from '../common/matrix';
import type { ChannelRegression } from './channel-likelihood';
import { departure, notPositiveDefinite, positiveDefinite, ridgeRange } from './channel-problem';
import type { ChannelCourse, ChannelProblem } from './channel-problem';
import type { ChannelStart } from './channel-state';
import { GaussianProcess } from './gaussian-process';
import { rowProducts } from './row-products';

/** −ln p falls by less than this at the end. */
const tolerance = 1e-2;
/** Parts of a step that are tried: 1, ½, ¼ … */
const mostBacktracks = 14;

/** The regression at some u, and where. */
interface Place {
  /** As the prior has it. */
  readonly x: readonly number[];
  readonly weights: Float64Array;
  readonly regression: ChannelRegression;
  /** −ln p with the prior. */
  readonly value: number;
}

/**
 * Learns the regression and u by turns, each by least squares, from a start, or on from where it was:
 *
 * 1. the regression at fixed u, in closed form, α = (K + λ W⁻¹)⁻¹ y with the most likely λ;
 * 2. a step of u at a given regression, see {@link leastSquaresStep}, as far as −ln p falls.
 */
export async function alternateLeastSquares(
  problem: ChannelProblem,
  { origin, before, iterations, keep, onIteration }: ChannelCourse,
): Promise<ChannelStart> {
  const { likelihood, prior, labels, spread, ridge, run } = problem;
  const regress = async (
    x: readonly number[],
    range: readonly [least: number, most: number],
  ): Promise<Place | undefined> => {
    const weights = prior.weights(x);
    const regression = await positiveDefinite(likelihood.regression(weights, labels, range, run));
    if (!regression) return undefined;
    return { x, weights, regression, value: regression.value + departure(x, origin, spread) };
  };
  const begun = before
    ? await regress(before.x.slice(0, -1), ridgeRange)
    : await regress(origin, [ridge, ridge]);
  if (!begun) throw notPositiveDefinite();

  let at = begun;
  const first = before?.first ?? at.value;
  const here = (iteration: number, done: boolean): ChannelStart => ({
    iteration,
    first,
    value: at.value,
    x: [...at.x, Math.log(at.regression.ridge)],
    done,
  });
  for (let iteration = (before?.iteration ?? 0) + 1; ; iteration++) {
    const step = await positiveDefinite(leastSquaresStep(problem, origin, at));
    let next: Place | undefined;
    for (let tries = 0; step && !next && tries < mostBacktracks; tries++) {
      const there = at.x.map((x, k) => x + 0.5 ** tries * step[k]!);
      const tried = await regress(there, ridgeRange);
      if (tried && tried.value < at.value) next = tried;
    }
    if (!next) return here(iteration - 1, true);
    const fallen = at.value - next.value;
    at = next;
    onIteration(iteration);
    const latest = here(iteration, fallen < tolerance);
    if (latest.done || iteration === iterations) return latest;
    await keep(latest);
  }
}

/**
 * The step δ that least squares take. While references B and their α stay what they are, predictions are functions
 * f_A(u) = Σ_B α_B k(A(u), B) of u alone, with the Jacobian J in the coordinates x of the prior. The step is where
 *
 *   g · δ + ½ δᵀ [Jᵀ (K + λ W⁻¹)⁻¹ J / s² + 1 / spread²] δ
 *
 * is least. The curvature is that of |y − f − J δ|² / (s² λ) after the weights of the regression have followed δ; with
 * weights that stay, W/λ in the place of (K + λ W⁻¹)⁻¹, steps are as small as λ is. The slope g is that of the squares'
 * average over all weights that the regression finds likely, which is the slope of −ln p (as in expectation
 * maximisation), with the prior; that of the mean weights alone, −Jᵀα/s², favours kernels under which any labels fit.
 */
async function leastSquaresStep(
  { likelihood, prior, labels, spread, run }: ChannelProblem,
  origin: readonly number[],
  { x, weights, regression: { alpha, kernel, ridge, variance } }: Place,
): Promise<number[]> {
  const slope = await likelihood.at(weights, labels, ridge, undefined, run);
  const g = prior.gradient(slope.weights).map((s, k) => s + (x[k]! - origin[k]!) / spread ** 2);
  const byWeights = await likelihood.jacobian(weights, alpha, run);
  const [rows, columns] = byWeights.shape;
  const jacobian = Array.from({ length: rows }, (_, a) =>
    prior.gradient(byWeights.values.subarray(a * columns, (a + 1) * columns)),
  );

  // With c = (spread/s)², δ = −spread² (g − c Jᵀ β), (K + λ W⁻¹ + c J Jᵀ) β = J g (Woodbury).
  const c = spread ** 2 / variance;
  const { values: products } = await rowProducts(
    { values: Float64Array.from(jacobian.flat()), shape: [rows, columns] },
    run,
  );
  const joint: Matrix = {
    values: kernel.values.map((k, i) => k + c * products[i]!),
    shape: kernel.shape,
  };
  const along = Float64Array.from(jacobian, (row) => row.reduce((sum, j, k) => sum + j * g[k]!, 0));
  const { weights: beta } = await GaussianProcess.fit(
    joint,
    { values: along, shape: [rows, 1] },
    { noise: Math.sqrt(ridge), weights: labels.weights, ...run },
  );
  const rest = [...g];
  jacobian.forEach((row, a) => row.forEach((j, k) => (rest[k]! -= c * beta.values[a]! * j)));
  return rest.map((s) => -(spread ** 2) * s);
}
