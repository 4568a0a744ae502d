import type { Matrix } from '../../common/matrix';
import type { Distinct } from './copies';
import { addElement, widthOf } from './irreps';
import type { LabelledPart } from './irreps';
import type { FittedPart } from './parts';

/** What weights make of the kernels of all samples, gathered part by part and group by group. */
export class Outputs {
  readonly #fitted: readonly FittedPart[];
  /** The element of each sample. */
  readonly #centres: Int32Array;
  /** Times that the targets of a part are there: for each member of a committee. */
  readonly #times: number;
  readonly #values: readonly Float64Array[];
  readonly #filled: number[];

  /** @param centres elements of samples of a property of atoms; of structures it only counts. */
  constructor(fitted: readonly FittedPart[], centres: Int32Array, times: number) {
    this.#fitted = fitted;
    this.#centres = centres;
    this.#times = times;
    this.#values = fitted.map((part) => {
      const own = centres.reduce((count, number) => count + Number(isOf(part, number)), 0);
      return new Float64Array(own * widthOf(part) * times);
    });
    this.#filled = fitted.map(() => 0);
  }

  /** Adds rows of a part, in units of its scale. @param distinct which samples they are for, copies put together. */
  add(part: number, { values, shape: [rows, columns] }: Matrix, distinct?: Distinct): void {
    const { scale } = this.#fitted[part]!;
    const to = this.#values[part]!;
    let at = this.#filled[part]!;
    for (let row = 0; row < (distinct?.of.length ?? rows); row++) {
      const from = (distinct?.of[row] ?? row) * columns;
      for (let c = 0; c < columns; c++) to[at++] = scale * values[from + c]!;
    }
    this.#filled[part] = at;
  }

  /** The parts of all samples, elements put together: those of one member. */
  parts(member: number): LabelledPart[] {
    const samples = this.#centres.length;
    const result: LabelledPart[] = [];
    for (const [p, { lambda, sigma, copies, centre }] of this.#fitted.entries()) {
      const components = 2 * lambda + 1;
      let whole = result.find((other) => other.lambda === lambda && other.sigma === sigma);
      if (!whole) {
        const values = new Float64Array(samples * components * copies);
        const labels = { values, shape: [samples * components, copies] as const };
        result.push((whole = { lambda, sigma, copies, labels }));
      }
      const values = this.#columns(p, member * copies, copies);
      const labels = { values, shape: [values.length / copies, copies] as const };
      addElement(whole.labels.values, { lambda, sigma, copies, centre, labels }, this.#centres);
    }
    return result;
  }

  #columns(part: number, first: number, count: number): Float64Array {
    const all = this.#values[part]!;
    const columns = this.#times * count;
    return Float64Array.from(
      { length: all.length / this.#times },
      (_, at) => all[Math.floor(at / count) * columns + first + (at % count)]!,
    );
  }
}

/** Whether a sample around this element has this part. */
export const isOf = ({ centre }: Pick<FittedPart, 'centre'>, number: number): boolean =>
  centre === undefined || number === centre;

/** The sum of squares, already taken, of what each sample has in all parts. */
export function summedSquares(parts: readonly LabelledPart[], samples: number): Float64Array {
  const sum = new Float64Array(samples);
  for (const { labels } of parts) {
    const components = labels.values.length / samples;
    labels.values.forEach((v, i) => (sum[Math.floor(i / components)]! += v));
  }
  return sum;
}

/** Standard deviation of each sample, root mean square over its components, of deviations whose mean is zero. */
export function spreadOf(members: readonly Float64Array[], components: number): Float64Array {
  const sum = new Float64Array((members[0]?.length ?? 0) / components);
  for (const own of members) {
    own.forEach((d, i) => (sum[Math.floor(i / components)]! += d * d));
  }
  return sum.map((square) => Math.sqrt(square / (components * (members.length - 1))));
}

/** Uncertainties of samples, NaN for those of which no part was learned. @param centres the element of each sample. */
export function whereLearned(
  uncertainties: Float64Array,
  fitted: readonly FittedPart[],
  centres: Int32Array,
): Float64Array {
  return uncertainties.map((u, s) => (fitted.some((part) => isOf(part, centres[s]!)) ? u : NaN));
}

/** The number of a sample for each of its components. */
export const eachComponent = (samples: Float64Array, components: number): Float64Array =>
  components === 1
    ? samples
    : Float64Array.from(
        { length: components * samples.length },
        (_, i) => samples[Math.floor(i / components)]!,
      );
