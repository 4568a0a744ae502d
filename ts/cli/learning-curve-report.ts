import { fitPowerLaw } from '../analysis';
import type { LearningCurveStep, PowerLaw } from '../analysis';
import type { ReportData, ReportSection } from '../report';
import { packageVersion } from './package';

/** What a learning curve was computed from, in words. */
export interface LearningCurveFacts {
  /** A property; undefined for a potential. */
  readonly target: string | undefined;
  readonly trainedOn: string;
  readonly testedOn: string;
  readonly repeats: number;
  readonly configuration: unknown;
}

/** `3.4·N^−0.52 (± 0.03)`. */
export function describeLaw({ prefactor, exponent, exponentError }: PowerLaw): string {
  const error = exponentError === undefined ? '' : ` (± ${exponentError.toPrecision(1)})`;
  return `${prefactor.toPrecision(3)} · N^−${exponent.toFixed(2)}${error}`;
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
  { target, trainedOn, testedOn, repeats, configuration }: LearningCurveFacts,
): ReportData {
  return {
    title: `Learning curve of ${target ?? 'a potential'}`,
    description: `Errors on ${testedOn} after training on more and more of ${trainedOn}, with the same settings.`,
    summary: [
      { label: 'Repeats', value: repeats },
      { label: 'Largest training', value: steps.at(-1)!.structures },
    ],
    sections: Object.keys(steps[0]!.errors).map((name) =>
      section(steps, name, repeats, target ? '' : units[name]),
    ),
    configuration,
    versions: { soapstone: packageVersion(), 'Node.js': process.versions.node },
  };
}

const units: Readonly<Record<string, string>> = {
  energy: ' (eV/atom)',
  forces: ' (eV/Å)',
  stress: ' (eV/Å³)',
};

function section(
  steps: readonly LearningCurveStep[],
  name: string,
  repeats: number,
  unit = '',
): ReportSection {
  const x = steps.map(({ structures }) => structures);
  const law = lawOf(steps, name, 'rmse');
  const measures = ['mae', 'rmse'] as const;
  const lines = measures.map((measure) => ({
    name: measure.toUpperCase(),
    x,
    y: steps.map(({ errors }) => errors[name]![measure]),
    ...(repeats > 1 && { deviation: steps.map(({ spread }) => spread[name]![measure]) }),
  }));
  const fit = law && {
    name: 'power law of the RMSE',
    x,
    y: x.map((size) => law.prefactor * size ** -law.exponent),
  };
  const table = steps.map(
    ({ structures, errors }) =>
      `${structures}: MAE ${errors[name]!.mae.toPrecision(3)}, RMSE ${errors[name]!.rmse.toPrecision(3)}`,
  );
  return {
    title: name,
    paragraphs: [
      ...(law ? [`RMSE ≈ ${describeLaw(law)} for N training structures.`] : []),
      `${table.join('; ')}.`,
    ],
    chart: {
      x: 'training structures',
      y: `error${unit}`,
      caption:
        repeats > 1
          ? `Means of ${repeats} repeats, each with other structures; bars are one standard deviation.`
          : '',
      logarithmic: true,
      lines: [...lines, ...(fit ? [fit] : [])],
    },
  };
}
