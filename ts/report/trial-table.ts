import { z } from 'zod';

import type { Dimension, Json } from '../regression/optimize/space';
import type { Trial } from '../regression/optimize/state';
import type { SearchView } from './charts/search';
import type { Quantity } from './data';
import { html, nothing } from './html';
import type { Html } from './html';
import { errorUnit, formatError, formatNumber, formatSignificant, titleOf } from './quantities';

/** A page with more rows would be slow to open. */
const mostRows = 500;

/** Errors as trials of models have them in their details. */
const errorsSchema = z.record(z.string(), z.object({ mae: z.number(), rmse: z.number() }));

/** Errors of a trial by the key of the quantity; none where its details are something else. */
export const errorsOf = ({ details }: Trial): z.output<typeof errorsSchema> =>
  errorsSchema.safeParse(details).data ?? {};

/** The last names of a path, which mostly say which it is. */
export const shortPath = (path: string): string => path.split('.').slice(-2).join('.');

/** Settings, errors and scores of trials, the best first. */
export function trialTable(
  quantities: readonly Quantity[],
  dimensions: readonly Dimension[],
  { trials, best, value, logarithmic }: SearchView,
  metric: 'mae' | 'rmse',
): Html {
  const rows = [...trials].sort(byMerit).slice(0, mostRows);
  const errors = new Map(rows.map((trial) => [trial, errorsOf(trial)]));
  const shown = quantities.filter(({ key }) => rows.some((trial) => errors.get(trial)![key]));
  const hasEfforts = trials.some(({ budget }) => budget !== trials[0]!.budget);
  const head = (title: string, unit: string | undefined) =>
    html`<th scope="col">${title}${unit ? html`<br />${unit}` : nothing}</th>`;
  const outcome = (trial: Trial) =>
    trial.score === null
      ? html`<td class="text" colspan="${shown.length + 1}">failed: ${trial.error ?? ''}</td>`
      : html`${shown.map((quantity) => {
            const error = errors.get(trial)![quantity.key];
            return html`<td>${error ? formatError(quantity, error[metric]) : '–'}</td>`;
          })}
          <td>${formatSignificant(value(trial.score), 4)}</td>`;
  return html`${
      rows.length < trials.length
        ? html`<p>The best ${formatNumber(mostRows)} of ${formatNumber(trials.length)}.</p>`
        : nothing
    }
    <div class="scroll">
      <table class="trials">
        <thead>
          <tr>
            ${head('Trial', undefined)} ${hasEfforts ? head('Effort', '%') : nothing}
            ${dimensions.map(({ path }) => head(shortPath(path), undefined))}
            ${shown.map((quantity) =>
              head(`${titleOf(quantity)} ${metric.toUpperCase()}`, errorUnit(quantity)),
            )}
            ${logarithmic ? head('Error', '× best') : head('Score', undefined)} ${head('Time', 's')}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (trial) =>
              html`<tr${trial === best ? html` class="best"` : nothing}>
                <td>${trial.trial}</td>
                ${hasEfforts ? html`<td>${formatSignificant(100 * trial.budget, 3)}</td>` : nothing}
                ${dimensions.map(({ path }) => html`<td>${textOf(trial.values[path])}</td>`)}
                ${outcome(trial)}
                <td>${formatSignificant(trial.seconds, 3)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

/** Scores with less effort do not compare with those of more; what failed comes last. */
const byMerit = (a: Trial, b: Trial): number =>
  Number(a.score === null) - Number(b.score === null) ||
  b.budget - a.budget ||
  (a.score ?? 0) - (b.score ?? 0) ||
  a.trial - b.trial;

const textOf = (value: Json | undefined): string =>
  typeof value === 'string'
    ? value
    : typeof value === 'number'
      ? formatNumber(value)
      : JSON.stringify(value ?? null);
