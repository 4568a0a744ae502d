import type { Trial } from '../regression/optimize';
import type { Quantity } from '../report';
import { errorUnit, formatError } from '../report/quantities';
import { errorsOf, shortPath } from '../report/trial-table';
import { formatSeconds } from './text';

/** Lines of the trials of a search, one at a time: what was tried and what came of it. */
export class TrialTable {
  /** @param quantities what errors are of. */
  constructor(
    private readonly metric: 'mae' | 'rmse',
    private readonly quantities: readonly Quantity[],
  ) {}

  /** A row; the best trial so far is marked by a star. */
  row(trial: Trial, best: Trial | undefined): string {
    const { budget, score, error, seconds, values } = trial;
    const cells = [
      `${trial === best ? '*' : ' '}${String(trial.trial).padStart(4)}`,
      budget === 1 ? '' : `${(100 * budget).toPrecision(3)} % of the data,`,
      score === null ? `failed: ${error ?? ''};` : this.errors(trial, score),
      `${formatSeconds(seconds)}:`,
      Object.entries(values)
        .map(([path, value]) => `${shortPath(path)} ${JSON.stringify(value)}`)
        .join(', '),
    ];
    return cells.filter((cell) => cell !== '').join('  ');
  }

  private errors(trial: Trial, score: number): string {
    const errors = Object.entries(errorsOf(trial));
    if (errors.length === 0) return score.toPrecision(4);
    return errors
      .map(([name, { [this.metric]: error }]) => {
        const quantity = this.quantities.find(({ key }) => key === name);
        if (!quantity) return `${name} ${error.toPrecision(3)}`;
        return [name, formatError(quantity, error), errorUnit(quantity) ?? ''].join(' ').trimEnd();
      })
      .join('  ');
  }
}
