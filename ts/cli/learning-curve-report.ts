import { fitPowerLaw } from '../analysis';
import type { LearningCurveStep, PowerLaw } from '../analysis';
import type { Quantity, ReportData } from '../report';
import { describeLaw } from '../report/charts/learning-curve';
import { errorUnit, formatError, scaledError, titleOf, withUnit } from '../report/quantities';
import { packageVersion } from './package';
import { alignColumns } from './text';

/** What a learning curve was computed from, in words. */
export interface LearningCurveFacts {
  /** What errors are of. */
  readonly quantities: readonly Quantity[];
  /** What was learned. */
  readonly learned: string;
  readonly trainedOn: string;
  readonly testedOn: string;
  readonly repeats: number;
  readonly configuration: unknown;
}

/** The power law of the decay of the root mean square error of each quantity, where there is one. */
export function powerLaws(
  steps: readonly LearningCurveStep[],
): Record<string, PowerLaw | undefined> {
  const sizes = steps.map(({ structures }) => structures);
  const names = Object.keys(steps[0]!.errors);
  return Object.fromEntries(
    names.map((name) => [
      name,
      fitPowerLaw(
        sizes,
        steps.map(({ errors }) => errors[name]!.rmse),
      ),
    ]),
  );
}

/** Lines of a table of errors with their spread, and of their power laws. */
export function learningCurveTable(
  steps: readonly LearningCurveStep[],
  quantities: readonly Quantity[],
): string[] {
  const laws = powerLaws(steps);
  const shown = quantities.filter(({ key }) => key in laws);
  const units = shown.map((quantity) => errorUnit(quantity) ?? '').flatMap((unit) => [unit, unit]);
  const rows = steps.map(({ structures, errors, spread }) => [
    String(structures),
    ...shown.flatMap((quantity) =>
      (['mae', 'rmse'] as const).map((measure) => {
        const [mean, deviation] = [errors, spread].map((of) => of[quantity.key]![measure]);
        const bar = deviation! > 0 ? ` ± ${formatError(quantity, deviation!, 2)}` : '';
        return formatError(quantity, mean!) + bar;
      }),
    ),
  ]);
  const names = shown.flatMap((quantity) => [`${titleOf(quantity)} MAE`, 'RMSE']);
  return [
    ...alignColumns([['structures', ...names], ['', ...units], ...rows]),
    ...shown.flatMap((quantity) => {
      const law = laws[quantity.key];
      if (!law) return [];
      const prefactor = scaledError(quantity, law.prefactor);
      const unit = errorUnit(quantity);
      return [`${withUnit(titleOf(quantity), unit)}: RMSE ≈ ${describeLaw({ ...law, prefactor })}`];
    }),
  ];
}

/** A report with a logarithmic chart for each error. */
export function learningCurveReport(
  steps: readonly LearningCurveStep[],
  { quantities, learned, trainedOn, testedOn, repeats, configuration }: LearningCurveFacts,
): ReportData {
  return {
    title: `Learning curve of ${learned}`,
    description: `Errors on ${testedOn} after training on more and more of ${trainedOn}, with the same settings.`,
    summary: [
      { label: 'Repeats', value: repeats },
      { label: 'Largest training', value: steps.at(-1)!.structures },
    ],
    quantities,
    learningCurve: {
      set: testedOn,
      points: repeats > 1 ? steps : steps.map(({ structures, errors }) => ({ structures, errors })),
    },
    configuration,
    versions: { soapstone: packageVersion(), 'Node.js': process.versions.node },
  };
}
