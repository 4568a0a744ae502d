import type { Errors } from './evaluation';

/** How a training went; plain JSON, kept in the model's file. */
export interface TrainingSummary {
  readonly structures: number;
  readonly atoms: number;
  /** Sparse points of each element, by chemical symbol. */
  readonly sparsePoints: Readonly<Record<string, number>>;
  /** What was converted, found or looks odd, in words. */
  readonly notes: readonly string[];
  /** Errors of the finished model on all structures that it was fitted to. */
  readonly training: Errors;
  /** Errors on the held-out structures, of the model fitted without them. */
  readonly heldOut: Errors;
  /** Errors of the finished model on the structures given for validation. */
  readonly validation?: Errors;
  /** Wall time. */
  readonly seconds: number;
  /** Largest resident memory of the process so far. */
  readonly peakMemoryBytes: number;
}
