import type { Steps } from '../../common/turns';
import type { Dimension } from './space';

/** What the surrogate expects of a point. */
export interface Expectation {
  readonly mean: number;
  readonly deviation: number;
}

/** Hyperparameters by their natural logarithms: a length per dimension, then the variance of the noise. */
type Logarithms = readonly number[];

/** Where the search for hyperparameters begins, and the centre of their log-normal prior. */
const usual = { length: Math.log(0.5), noise: Math.log(1e-3) };
/** Widths of the prior: few trials say little about many hyperparameters. */
const spread = { length: 1, noise: 2 };
const stepLengths = [1, 0.5, 0.25];

/**
 * A Gaussian process of scores over the unit cube of a search: Matérn kernel of smoothness 5/2 with a length per
 * dimension, hyperparameters of largest posterior probability (a pattern search, so that equal scores give an
 * equal surrogate). For the some hundred trials of a search; models of structures use the native engine.
 */
export class Surrogate {
  private constructor(
    /** Of each dimension. */
    private readonly unordered: readonly number[],
    private readonly points: readonly (readonly number[])[],
    private readonly fit: Fit,
    private readonly lengths: readonly number[],
    private readonly scale: { readonly mean: number; readonly deviation: number },
  ) {}

  /** Fits N points to N finite scores, N ≥ 2, in steps. */
  static *fitting(
    dimensions: readonly Dimension[],
    points: readonly (readonly number[])[],
    scores: readonly number[],
  ): Steps<Surrogate> {
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length;
    // Equal scores are as good as any others: all is expected to be the same.
    const deviation = Math.sqrt(variance) || 1;
    const targets = scores.map((score) => (score - mean) / deviation);
    const unordered = dimensions.map(unorderedValues);
    const attempt = (logarithms: Logarithms) =>
      fitAt(unordered, points, targets, logarithms.map(Math.exp));

    let best: Logarithms = [...dimensions.map(() => usual.length), usual.noise];
    let bestFit = attempt(best);
    for (const step of stepLengths) {
      for (let improved = true; improved;) {
        improved = false;
        for (let k = 0; k < best.length; k++) {
          for (const direction of [-step, step]) {
            const trial = best.map((x, index) => (index === k ? x + direction : x));
            const fit = attempt(trial);
            yield;
            if (posterior(fit, trial) <= posterior(bestFit, best) + 1e-9) continue;
            [best, bestFit, improved] = [trial, fit, true];
          }
        }
      }
    }
    const lengths = best.slice(0, -1).map(Math.exp);
    return new Surrogate(unordered, points, bestFit, lengths, { mean, deviation });
  }

  /** Mean and standard deviation of the score at a point, without the noise of a trial. */
  at(point: readonly number[]): Expectation {
    const { factor, amplitude } = this.fit;
    const k = this.correlations(point);
    const explained = forward(factor, k).reduce((sum, value) => sum + value * value, 0);
    const variance = amplitude * Math.max(0, 1 - explained);
    return { mean: this.mean(k), deviation: this.scale.deviation * Math.sqrt(variance) };
  }

  /** The mean alone, which costs less. */
  meanAt(point: readonly number[]): number {
    return this.mean(this.correlations(point));
  }

  private correlations(point: readonly number[]): number[] {
    return this.points.map((other) => matern(this.unordered, this.lengths, point, other));
  }

  private mean(correlations: readonly number[]): number {
    const { weights } = this.fit;
    const mean = correlations.reduce((sum, value, i) => sum + value * weights[i]!, 0);
    return this.scale.mean + this.scale.deviation * mean;
  }
}

interface Fit {
  /** Rows of the lower Cholesky factor of the correlation matrix with noise. */
  readonly factor: readonly (readonly number[])[];
  readonly weights: readonly number[];
  /** Variance of the prior, the most likely one. */
  readonly amplitude: number;
  /** Logarithm of the marginal likelihood, but for a constant. */
  readonly likelihood: number;
}

function fitAt(
  unordered: readonly number[],
  points: readonly (readonly number[])[],
  targets: readonly number[],
  hyperparameters: readonly number[],
): Fit {
  const lengths = hyperparameters.slice(0, -1);
  const noise = hyperparameters.at(-1)! + 1e-9;
  const factor: number[][] = [];
  for (const [i, point] of points.entries()) {
    const row: number[] = [];
    for (let j = 0; j < i; j++) {
      let value = matern(unordered, lengths, point, points[j]!);
      for (let k = 0; k < j; k++) value -= row[k]! * factor[j]![k]!;
      row.push(value / factor[j]![j]!);
    }
    // At least the noise, in exact arithmetic.
    const rest = row.reduce((left, value) => left - value * value, 1 + noise);
    factor.push([...row, Math.sqrt(Math.max(rest, noise))]);
  }
  const whitened = forward(factor, targets);
  const count = targets.length;
  const square = whitened.reduce((sum, value) => sum + value * value, 0);
  const amplitude = Math.max(square / count, 1e-12);
  const logarithm = factor.reduce((sum, row) => sum + Math.log(row.at(-1)!), 0);
  return {
    factor,
    weights: backward(factor, whitened),
    amplitude,
    likelihood: -0.5 * count * Math.log(amplitude) - logarithm,
  };
}

/** Logarithm of the posterior probability of hyperparameters, but for a constant. */
function posterior({ likelihood }: Fit, logarithms: Logarithms): number {
  return logarithms.reduce((sum, x, k) => {
    const name = k < logarithms.length - 1 ? 'length' : 'noise';
    return sum - 0.5 * ((x - usual[name]) / spread[name]) ** 2;
  }, likelihood);
}

function matern(
  unordered: readonly number[],
  lengths: readonly number[],
  x: readonly number[],
  y: readonly number[],
): number {
  let square = 0;
  for (let d = 0; d < unordered.length; d++) {
    square += (distance(unordered[d]!, x[d]!, y[d]!) / lengths[d]!) ** 2;
  }
  const r = Math.sqrt(5 * square);
  return (1 + r + (r * r) / 3) * Math.exp(-r);
}

/** How many values without an order a dimension has; 0: its values have one. */
const unorderedValues = (dimension: Dimension): number =>
  dimension.kind === 'number' || dimension.values.every((value) => typeof value === 'number')
    ? 0
    : dimension.values.length;

/** Values without an order are all equally far from each other. */
function distance(unordered: number, x: number, y: number): number {
  if (unordered === 0) return x - y;
  return Math.floor(x * unordered) === Math.floor(y * unordered) ? 0 : 1;
}

/** L⁻¹ b. */
function forward(factor: readonly (readonly number[])[], b: readonly number[]): number[] {
  const x: number[] = [];
  for (const [i, row] of factor.entries()) {
    let value = b[i]!;
    for (let k = 0; k < i; k++) value -= row[k]! * x[k]!;
    x.push(value / row[i]!);
  }
  return x;
}

/** L⁻ᵀ b. */
function backward(factor: readonly (readonly number[])[], b: readonly number[]): number[] {
  const x = [...b];
  for (let i = x.length - 1; i >= 0; i--) {
    x[i] = x[i]! / factor[i]![i]!;
    for (let k = 0; k < i; k++) x[k] = x[k]! - factor[i]![k]! * x[i]!;
  }
  return x;
}
