import { fitPowerLaw } from '../analysis';
import type { LearningCurveStep, PowerLaw } from '../analysis';
import { potentialQuantities } from '../report/quantities';
import type { Quantity, ReportData } from '../report';
import { packageVersion } from './package';

/** What a learning curve was computed from, in words. */
export interface LearningCurveFacts {
  /** A property; undefined for a potential. */
  readonly property: Pick<Quantity, 'name' | 'unit'> | undefined;
  readonly trainedOn: string;
  readonly testedOn: string;
  readonly repeats: number;
  readonly configuration: unknown;
}

/** The power law of an error's decay, if there is one. */
export function lawOf(
  steps: readonly LearningCurveStep[],
  name: string,
  measure: 'mae' | 'rmse',
): PowerLaw | undefined {
  return fitPowerLaw(
    steps.map(({ structures }) => structures),
    steps.map(({ errors }) => errors[name]![measure]),
  );
}

/** A report with a logarithmic chart for each error. */
export function learningCurveReport(
  steps: readonly LearningCurveStep[],
  { property, trainedOn, testedOn, repeats, configuration }: LearningCurveFacts,
): ReportData {
  return {
    title: `Learning curve of ${property?.name ?? 'a potential'}`,
    description: `Errors on ${testedOn} after training on more and more of ${trainedOn}, with the same settings.`,
    summary: [
      { label: 'Repeats', value: repeats },
      { label: 'Largest training', value: steps.at(-1)!.structures },
    ],
    quantities: property ? [{ ...property, key: property.name, per: '' }] : potentialQuantities,
    learningCurve: {
      set: testedOn,
      points: repeats > 1 ? steps : steps.map(({ structures, errors }) => ({ structures, errors })),
    },
    configuration,
    versions: { soapstone: packageVersion(), 'Node.js': process.versions.node },
  };
}
