import { errorUnit, formatError, potentialQuantities } from '../report/quantities';
import type { Json, Trial } from '../regression/optimize';
import { formatSeconds } from './text';

/** Errors as the trials of models have them in their details. */
interface ErrorDetail {
  readonly mae: number;
  readonly rmse: number;
}

/** Lines of the trials of a search, one at a time: what was tried and what came of it. */
export class TrialTable {
  /** @param property whether errors are of a property, whose unit is not known. */
  constructor(
    private readonly metric: 'mae' | 'rmse',
    private readonly property: boolean,
  ) {}

  /** A row; the best trial so far is marked by a star. */
  row(trial: Trial, best: Trial | undefined): string {
    const { budget, score, error, seconds, values, details } = trial;
    const cells = [
      `${trial === best ? '*' : ' '}${String(trial.trial).padStart(4)}`,
      budget === 1 ? '' : `${(100 * budget).toPrecision(3)} % of the data,`,
      score === null ? `failed: ${error ?? ''};` : this.errors(details, score),
      `${formatSeconds(seconds)}:`,
      Object.entries(values)
        .map(([path, value]) => `${path.split('.').slice(-2).join('.')} ${JSON.stringify(value)}`)
        .join(', '),
    ];
    return cells.filter((cell) => cell !== '').join('  ');
  }

  private errors(details: Json | undefined, score: number): string {
    if (typeof details !== 'object' || details === null) return score.toPrecision(4);
    return Object.entries(details)
      .map(([name, value]) => {
        const error = (value as unknown as ErrorDetail)[this.metric];
        const known = this.property
          ? undefined
          : potentialQuantities.find(({ key }) => key === name);
        if (!known) return `${name} ${error.toPrecision(3)}`;
        return `${name} ${formatError(known, error)} ${errorUnit(known)}`;
      })
      .join('  ');
  }
}
