import type { ElementMapData } from './charts/element-map';

/**
 * What a report shows: plain data, so that a report can be made from a training run, an evaluation or numbers of
 * the caller's own. Units: energies in eV/atom, forces in eV/Å, stresses in eV/Å^3.
 */
export interface ReportData {
  readonly title: string;
  /** One or two sentences under the title. */
  readonly description?: string | undefined;
  /** The facts at the top, in the order given. */
  readonly summary: readonly ReportFact[];
  /** One row per set of structures, such as training, held-out and validation. */
  readonly errors?: readonly SetErrors[] | undefined;
  /** Predictions against reference values, one entry per set of structures. */
  readonly parity?: readonly SetParity[] | undefined;
  /** Errors and the standard deviations that were predicted for them, one entry per set and quantity. */
  readonly calibration?: readonly SetCalibration[] | undefined;
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

/** Mean absolute and root mean square error, in the unit of the quantity. */
export interface ErrorPair {
  readonly mae: number;
  readonly rmse: number;
}

/** Errors of one set of structures; a quantity that the set does not have is absent. */
export interface SetErrors {
  readonly set: string;
  /** eV/atom. */
  readonly energy?: ErrorPair | undefined;
  /** eV/Å, per component. */
  readonly forces?: ErrorPair | undefined;
  /** eV/Å^3, per component. */
  readonly stress?: ErrorPair | undefined;
}

/** Reference values and predictions of the same length. */
export interface Pairs {
  readonly reference: ArrayLike<number>;
  readonly predicted: ArrayLike<number>;
}

/** Predictions against reference values of one set of structures. */
export interface SetParity {
  readonly set: string;
  /** eV/atom, one value per structure. */
  readonly energy?: Pairs | undefined;
  /** eV/Å, three components per atom. */
  readonly forces?: Pairs | undefined;
  /** eV/Å^3, six or nine components per structure. */
  readonly stress?: Pairs | undefined;
  /** What the energies are measured from, if it is not the zero of the reference method. */
  readonly energyOrigin?: string | undefined;
}

/** Errors of one quantity in one set of structures, and their standard deviations > 0, of the same length. */
export interface SetCalibration {
  readonly set: string;
  /** The quantity, such as `Energy`; sets of the same one share a chart. */
  readonly name: string;
  readonly unit?: string | undefined;
  readonly errors: ArrayLike<number>;
  readonly uncertainties: ArrayLike<number>;
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
  /** eV/atom. */
  readonly energy?: ErrorPair | undefined;
  /** eV/Å, per component. */
  readonly forces?: ErrorPair | undefined;
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
  /** Both axes logarithmic, for numbers > 0; points are marked. Default false. */
  readonly logarithmic?: boolean | undefined;
  readonly lines: readonly {
    readonly name: string;
    readonly x: ArrayLike<number>;
    readonly y: ArrayLike<number>;
    /** Half the length of an error bar at each point. */
    readonly deviation?: ArrayLike<number> | undefined;
  }[];
}
