import { minimizeInBox } from './box-minimizer';
import type { Slope } from './box-minimizer';
import { departure, notPositiveDefinite, positiveDefinite, ridgeRange } from './channel-problem';
import type { ChannelCourse, ChannelProblem } from './channel-problem';
import type { ChannelStart } from './channel-state';

/** A longer step of a weight, or of ln λ, is more than slopes can tell. */
const longestStep = 1;
/** No slope of −ln p is larger at the end. */
const tolerance = 1e-2;

/** −ln p with the prior, and where. */
interface Point extends Slope {
  readonly x: readonly number[];
}

/** Goes downhill in −ln p by L-BFGS from a start, or on from where it was. */
export async function descendLikelihood(
  { likelihood, prior, labels, spread, ridge: firstRidge, run }: ChannelProblem,
  { origin: centre, before, iterations, keep, onIteration }: ChannelCourse,
): Promise<ChannelStart> {
  const origin = [...centre, Math.log(firstRidge)];
  const evaluate = async (x: readonly number[]): Promise<Point | undefined> => {
    const ridge = Math.exp(x.at(-1)!);
    const slope = await positiveDefinite(
      likelihood.at(prior.weights(x), labels, ridge, undefined, run),
    );
    if (!slope) return undefined;
    const gradient = prior
      .gradient(slope.weights)
      .map((g, k) => g + (x[k]! - centre[k]!) / spread ** 2);
    return {
      x,
      value: slope.value + departure(x, centre, spread),
      gradient: [...gradient, slope.ridge * ridge],
    };
  };
  const x = before?.x ?? origin;
  const at = await evaluate(x);
  if (!at) throw notPositiveDefinite();
  const first = before?.first ?? at.value;
  const from = before?.iteration ?? 0;
  let iteration = from;
  let latest: ChannelStart | undefined;
  const wall = (most: number, ofRidge: number) =>
    origin.map((_, k) => (k === origin.length - 1 ? Math.log(ofRidge) : most));
  const end = await minimizeInBox(
    async (place) => {
      if (latest) await keep(latest);
      latest = undefined;
      return evaluate(place);
    },
    { x, at },
    { least: wall(-Infinity, ridgeRange[0]), most: wall(Infinity, ridgeRange[1]) },
    {
      maxIterations: iterations - from,
      gradientTolerance: tolerance,
      longestStep,
      onIteration: (step, { value, x: place }: Point) => {
        iteration = from + step;
        latest = { iteration, first, value, x: [...place], done: false };
        onIteration(iteration);
      },
    },
  );
  return { iteration, first, value: end.at.value, x: [...end.x], done: end.converged };
}
