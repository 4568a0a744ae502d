import { errorsWithUncertainty } from '../analysis/calibration';
import type { Parity } from '../models';
import type { Quantity, ReportData, SetCalibration, SetErrors, SetParity } from '../report';
import type { Structure } from '../structures/structure';
import { packageVersion } from './package';

/** Structures by the name under which a report shows them. */
export interface NamedStructures {
  readonly set: string;
  readonly structures: readonly Structure[];
}

/** What a report shows of one set of structures. */
export interface JudgedSet {
  /** Of the whole set, and of its parts. */
  readonly errors: readonly SetErrors[];
  readonly parity: SetParity;
  readonly calibration: readonly SetCalibration[];
}

/** What a report needs of a model of any kind. */
export interface ReportedModel extends Pick<
  ReportData,
  'title' | 'summary' | 'configuration' | 'notes'
> {
  /** What the sets show. */
  quantities(sets: readonly JudgedSet[]): readonly Quantity[];
  /** Errors that the model remembers: of the structures that it was fitted to, and of those held out before. */
  readonly training: readonly SetErrors[];
  readonly heldOut: readonly SetErrors[];
  /** Predictions for structures against their labels. */
  judge(structures: NamedStructures, uncertainty: boolean): Promise<JudgedSet>;
}

/**
 * The report of a training: its errors and settings, and predictions for its structures.
 *
 * @param tests further structures with labels, which were not fitted.
 * @param trainedOn in words.
 */
export async function trainingReport(
  model: ReportedModel,
  training: readonly Structure[],
  tests: readonly NamedStructures[],
  trainedOn: string,
): Promise<ReportData & { readonly errors: readonly SetErrors[] }> {
  // Of structures that were fitted, errors say nothing about uncertainties.
  const fitted = await model.judge({ set: 'Training', structures: training }, false);
  const judged = [];
  for (const test of tests) judged.push(await model.judge(test, true));
  const description =
    `Trained on ${trainedOn}. Held-out structures decided the settings that were not given; ` +
    'the model was then fitted to all.';
  const errors = [...fitted.errors, ...model.heldOut, ...judged.flatMap((test) => test.errors)];
  return { ...reportOf(model, description, [fitted, ...judged]), errors };
}

/** The report of an evaluation: predictions for some structures, beside the errors of training. */
export function evaluationReport(model: ReportedModel, judged: JudgedSet): ReportData {
  const description =
    `Evaluated on ${judged.parity.set}. ` +
    'Training and held-out structures are those that the model was made with.';
  const errors = [...judged.errors, ...model.training, ...model.heldOut];
  return { ...reportOf(model, description, [judged]), errors };
}

function reportOf(
  { title, summary, configuration, notes, ...model }: ReportedModel,
  description: string,
  judged: readonly JudgedSet[],
): ReportData {
  return {
    title,
    description,
    summary,
    quantities: model.quantities(judged),
    parity: judged.map(({ parity }) => parity),
    calibration: judged.flatMap(({ calibration }) => calibration),
    configuration,
    notes,
    versions: { soapstone: packageVersion(), 'Node.js': process.versions.node },
  };
}

/** Errors and uncertainties as a report shows them; none where uncertainties are not known. */
export function calibrationOfSet(
  set: string,
  quantity: string,
  parity: Parity | undefined,
): SetCalibration[] {
  return parity?.uncertainty ? [{ set, quantity, ...errorsWithUncertainty(parity) }] : [];
}
