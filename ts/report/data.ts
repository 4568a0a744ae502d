import type { SearchSpace, Trial } from '../regression';
import type { ElementMapData } from './charts/element-map';

/**
 * What a report shows: plain data, so that a report can be made from a training run, an evaluation or numbers of
 * the caller's own.
 */
export interface ReportData {
  readonly title: string;
  /** One or two sentences under the title. */
  readonly description?: string | undefined;
  /** The facts at the top, in the order given. */
  readonly summary: readonly ReportFact[];
  /**
   * What errors and predictions are of, in this order; those that no set has are left out. Default: `energy` in
   * eV/atom, `forces` in eV/Å and `stress` in eV/Å^3.
   */
  readonly quantities?: readonly Quantity[] | undefined;
  /** One row per set of structures, such as training, held-out and validation, and one per part of it. */
  readonly errors?: readonly SetErrors[] | undefined;
  /** Predictions against reference values, one entry per set of structures. */
  readonly parity?: readonly SetParity[] | undefined;
  /** Errors and the standard deviations that were predicted for them, one entry per set and quantity. */
  readonly calibration?: readonly SetCalibration[] | undefined;
  /** What a search for settings tried. */
  readonly search?: SearchData | undefined;
  /** Errors against the number of training structures, in growing order of it. */
  readonly learningCurve?: LearningCurve | undefined;
  /** Further charts, tables and sentences of what was done with the model. */
  readonly sections?: readonly ReportSection[] | undefined;
  /** The resolved configuration, anything that JSON can hold. */
  readonly configuration?: unknown;
  /** Choices and warnings of the run that the reader should know. */
  readonly notes?: readonly string[] | undefined;
  /** Name and version of the programs that made the numbers. */
  readonly versions?: Readonly<Record<string, string>> | undefined;
}

/** One line of the summary. */
export interface ReportFact {
  readonly label: string;
  readonly value: string | number;
  readonly unit?: string | undefined;
}

/** A quantity that is predicted: what its numbers are called and measured in. */
export interface Quantity {
  /** Under which sets have it. */
  readonly key: string;
  /** In a sentence, such as `energy`. */
  readonly name: string;
  /** At the head of a chart or a column, such as `Energy`. Default: the name. */
  readonly title?: string | undefined;
  readonly unit?: string | undefined;
  /** A unit in which errors are numbers of a readable size, and how many of it make one of {@link unit}. */
  readonly errors?: { readonly unit: string; readonly factor: number } | undefined;
  /** What one value belongs to, such as `structures`. */
  readonly per: string;
  /** What the values of charts are measured from, if it is not their own zero. */
  readonly origin?: string | undefined;
}

/** Mean absolute and root mean square error, in the unit of the quantity. */
export interface ErrorPair {
  readonly mae: number;
  readonly rmse: number;
  /** The latter divided by the root mean square of the reference values. */
  readonly rmsRelative?: number | undefined;
}

/** Something of each quantity, by its key. */
export type PerQuantity<T> = Readonly<Record<string, T | undefined>>;

/** Errors of one set of structures; a quantity that the set does not have is absent. */
export interface SetErrors {
  readonly set: string;
  /** The part of the set that they are of, such as an element; it stands below the whole. */
  readonly part?: string | undefined;
  readonly errors: PerQuantity<ErrorPair>;
}

/** Reference values and predictions of the same length. */
export interface Pairs {
  readonly reference: ArrayLike<number>;
  readonly predicted: ArrayLike<number>;
}

/** Predictions against reference values of one set of structures. */
export interface SetParity {
  readonly set: string;
  readonly pairs: PerQuantity<Pairs>;
}

/** Errors of one quantity in one set of structures, and their standard deviations > 0, of the same length. */
export interface SetCalibration {
  readonly set: string;
  /** Key of the quantity; sets of the same one share a chart. */
  readonly quantity: string;
  readonly errors: ArrayLike<number>;
  readonly uncertainties: ArrayLike<number>;
}

/** A search for settings, such as `optimize` and `optimizeModel` return it. */
export interface SearchData {
  /** What was searched. */
  readonly space: SearchSpace;
  readonly trials: readonly Trial[];
  /** Whether scores are logarithms, as those of `optimizeModel`: they are shown as ratios to the best. Default: no. */
  readonly logarithmic?: boolean | undefined;
  /** Error of each quantity that the table shows, where the details of trials have it. Default `rmse`. */
  readonly metric?: 'mae' | 'rmse' | undefined;
}

/** Errors on one fixed set of structures after training on more and more. */
export interface LearningCurve {
  /** The structures that the errors are of, in words. */
  readonly set: string;
  readonly points: readonly LearningCurvePoint[];
}

export interface LearningCurvePoint {
  /** Number of training structures. */
  readonly structures: number;
  /** Means where training was repeated. */
  readonly errors: PerQuantity<ErrorPair>;
  /** Their standard deviations over repeats, each with other structures, drawn as error bars. */
  readonly spread?: PerQuantity<ErrorPair> | undefined;
}

/** A heading with sentences and a chart of lines. */
export interface ReportSection {
  readonly title: string;
  readonly paragraphs?: readonly string[] | undefined;
  readonly chart?: LineChartData | undefined;
  /** A map of elements. */
  readonly elements?: ElementMapData | undefined;
}

/** Lines over a common quantity, such as time. */
export interface LineChartData {
  /** Title of the axis with its unit, such as `time (fs)`. */
  readonly x: string;
  readonly y: string;
  readonly caption?: string | undefined;
  readonly lines: readonly {
    readonly name: string;
    readonly x: ArrayLike<number>;
    readonly y: ArrayLike<number>;
  }[];
}
