import { dot } from '../common/arrays';

/** A value and its gradient. */
export interface Slope {
  readonly value: number;
  readonly gradient: readonly number[];
}

/** Where each coordinate may be. */
export interface Box {
  readonly least: readonly number[];
  readonly most: readonly number[];
}

export interface MinimizeOptions<At extends Slope = Slope> {
  readonly maxIterations: number;
  /** The end: no coordinate has a larger slope that leads anywhere inside the box. */
  readonly gradientTolerance: number;
  /** No step is longer than this in any coordinate. */
  readonly longestStep: number;
  /** Called after each iteration. */
  readonly onIteration?: ((iteration: number, at: At) => void) | undefined;
}

/** A point and what the function is there. */
export interface Place<At extends Slope> {
  readonly x: readonly number[];
  readonly at: At;
}

export interface Minimum<At extends Slope> extends Place<At> {
  /** Whether no step leads further down; else iterations ran out. */
  readonly converged: boolean;
}

/** A step and the change of the gradient along it. */
interface Pair {
  readonly step: readonly number[];
  readonly change: readonly number[];
}

const remembered = 10;
const mostBacktracks = 40;
/** Of the decrease that the slope promises (Armijo). */
const leastDecrease = 1e-4;
/** Smaller changes are rounding, in parts of the value. */
const rounding = 1e-14;

/**
 * Minimises a smooth function of few variables in a box: limited-memory BFGS (Nocedal and Wright, Numerical
 * Optimization, section 7.2) over the coordinates that no wall holds back, with a line search along the path that the
 * box bends (Bertsekas, SIAM J. Control Optim. 20, 221, 1982).
 *
 * @param evaluate undefined where the function is not defined: the step was too long.
 * @param start a place in the box.
 */
export async function minimizeInBox<At extends Slope>(
  evaluate: (x: readonly number[]) => Promise<At | undefined>,
  start: Place<At>,
  box: Box,
  { maxIterations, gradientTolerance, longestStep, onIteration }: MinimizeOptions<At>,
): Promise<Minimum<At>> {
  let { x, at } = start;
  let pairs: Pair[] = [];
  for (let iteration = 1; iteration <= maxIterations; iteration++) {
    const free = x.map((_, k) => !isHeld(box, x, at.gradient, k));
    const slopes = at.gradient.map((slope, k) => (free[k] ? slope : 0));
    if (largest(slopes) <= gradientTolerance) return { x, at, converged: true };
    const along = () => limited(direction(slopes, pairs, free), longestStep);
    let next = await search(evaluate, { x, at }, box, along());
    if (!next && pairs.length > 0) {
      // What was remembered misleads: begin anew.
      pairs = [];
      next = await search(evaluate, { x, at }, box, along());
    }
    if (!next) return { x, at, converged: true };
    const step = difference(next.x, x);
    const change = difference(next.at.gradient, at.gradient);
    if (dot(step, change) > 1e-10 * dot(change, change)) {
      pairs = [...pairs, { step, change }].slice(-remembered);
    }
    ({ x, at } = next);
    onIteration?.(iteration, at);
  }
  return { x, at, converged: false };
}

/** −H g with the inverse Hessian H that the pairs tell of, between free coordinates. */
function direction(gradient: readonly number[], pairs: readonly Pair[], free: readonly boolean[]) {
  const only = (vector: readonly number[]) => vector.map((value, k) => (free[k] ? value : 0));
  const known = pairs
    .map(({ step, change }) => ({ step: only(step), change: only(change) }))
    .filter(({ step, change }) => dot(step, change) > 0);
  const down = gradient.map((slope) => -slope);
  const last = known.at(-1);
  // Nothing is known of the scale: one unit.
  if (!last) return down.map((slope) => slope / Math.max(1, largest(down)));
  const parts: number[] = [];
  let q = down;
  for (const { step, change } of [...known].reverse()) {
    const part = dot(step, q) / dot(step, change);
    parts.unshift(part);
    q = q.map((value, k) => value - part * change[k]!);
  }
  const scale = dot(last.step, last.change) / dot(last.change, last.change);
  q = q.map((value) => scale * value);
  for (const [index, { step, change }] of known.entries()) {
    const rest = parts[index]! - dot(change, q) / dot(step, change);
    q = q.map((value, k) => value + rest * step[k]!);
  }
  return q;
}

/** The first point on the way that lies low enough, halving (or better) the way each time; none if there is none. */
async function search<At extends Slope>(
  evaluate: (x: readonly number[]) => Promise<At | undefined>,
  { x, at: { value, gradient } }: Place<At>,
  box: Box,
  way: readonly number[],
): Promise<Place<At> | undefined> {
  for (let part = 1, tries = 0; tries < mostBacktracks; tries++) {
    const next = inside(
      box,
      x.map((start, k) => start + part * way[k]!),
    );
    const promised = dot(gradient, difference(next, x));
    if (!(promised < -rounding * Math.abs(value))) return undefined;
    const at = await evaluate(next);
    if (at && at.value <= value + leastDecrease * promised) return { x: next, at };
    // The minimum of the parabola through both values and the slope.
    const parabola = at ? -promised / (2 * (at.value - value - promised)) : 0.25;
    part *= Math.min(0.5, Math.max(0.1, parabola));
  }
  return undefined;
}

/** Whether a coordinate is at a wall that keeps it from going down. */
const isHeld = (
  { least, most }: Box,
  x: readonly number[],
  gradient: readonly number[],
  k: number,
) => (x[k]! <= least[k]! && gradient[k]! > 0) || (x[k]! >= most[k]! && gradient[k]! < 0);

const inside = ({ least, most }: Box, x: readonly number[]) =>
  x.map((value, k) => Math.min(most[k]!, Math.max(least[k]!, value)));

const limited = (way: readonly number[], longest: number) => {
  const scale = Math.min(1, longest / largest(way));
  return way.map((value) => scale * value);
};

const difference = (a: readonly number[], b: readonly number[]) => a.map((x, k) => x - b[k]!);
const largest = (a: readonly number[]) => Math.max(0, ...a.map(Math.abs));
