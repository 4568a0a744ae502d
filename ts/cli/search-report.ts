import type { Optimization, OptimizeOptions, SearchSpace } from '../regression/optimize';
import type { Quantity, ReportData } from '../report';
import { errorUnit, formatError, titleOf } from '../report/quantities';
import { errorsOf } from '../report/trial-table';
import { packageVersion } from './package';
import { formatSeconds } from './text';

/** What was searched, and how. */
export interface SearchFacts {
  /** What errors are of. */
  readonly quantities: readonly Quantity[];
  readonly space: SearchSpace;
  readonly method: NonNullable<OptimizeOptions['method']>;
  readonly folds: number | 'leave-one-out';
  readonly metric: 'mae' | 'rmse';
  /** What models are of. */
  readonly searched: string;
  readonly searchedOn: string;
  /** File of the best settings. */
  readonly output: string;
}

/** A report of a search for the settings of a model. */
export function searchReport(
  { best, trials, config }: Optimization<unknown>,
  { quantities, space, method, folds, metric, searched, searchedOn, output }: SearchFacts,
): ReportData {
  const failed = trials.filter(({ score }) => score === null).length;
  const errors = errorsOf(best);
  const seconds = trials.reduce((sum, trial) => sum + trial.seconds, 0);
  const parts =
    folds === 'leave-one-out'
      ? 'each structure, or group, by models that were trained without it'
      : `structures by models that were trained without them, ${folds} trainings a trial`;
  return {
    title: `Search for the settings of ${searched}`,
    description: `Errors of ${parts}, on ${searchedOn}.`,
    summary: [
      { label: 'Method', value: method },
      {
        label: 'Trials',
        value: failed > 0 ? `${trials.length}, ${failed} failed` : trials.length,
      },
      { label: 'Best trial', value: best.trial },
      ...quantities.flatMap((quantity) => {
        const error = errors[quantity.key];
        if (!error) return [];
        return {
          label: `${titleOf(quantity)} ${metric.toUpperCase()}`,
          value: formatError(quantity, error[metric]),
          unit: errorUnit(quantity),
        };
      }),
      { label: 'Time', value: formatSeconds(seconds) },
    ],
    quantities,
    search: { space, trials, metric, logarithmic: true },
    notes: [`The best settings are in ${output}: soapstone train … --config ${output}.`],
    configuration: config,
    versions: { soapstone: packageVersion(), 'Node.js': process.versions.node },
  };
}
