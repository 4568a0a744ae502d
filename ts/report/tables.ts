import type { LearningCurve, PerQuantity, ErrorPair, Quantity, SetErrors } from './data';
import { html, nothing } from './html';
import type { Html } from './html';
import { errorUnit, formatError, formatNumber, formatSignificant, titleOf } from './quantities';

/** Errors of every set and its parts, some columns for each quantity that any of them has. */
export function errorTable(quantities: readonly Quantity[], rows: readonly SetErrors[]): Html {
  return table(
    quantities,
    'Structures',
    rows.map(({ set, part, errors }) => ({
      head: part ?? set,
      isPart: part !== undefined,
      errors,
    })),
  );
}

/** The numbers of the learning curve. */
export function learningCurveTable(
  quantities: readonly Quantity[],
  { points }: LearningCurve,
): Html {
  return table(
    quantities,
    'Training structures',
    points.map(({ structures, errors, spread }) => ({
      head: formatNumber(structures),
      errors,
      spread,
    })),
  );
}

interface Row {
  readonly head: string;
  readonly isPart?: boolean;
  readonly errors: PerQuantity<ErrorPair>;
  readonly spread?: PerQuantity<ErrorPair> | undefined;
}

function table(quantities: readonly Quantity[], corner: string, rows: readonly Row[]): Html {
  const shown = quantities.filter(({ key }) => rows.some(({ errors }) => errors[key]));
  const isRelative = ({ key }: Quantity) =>
    rows.some(({ errors }) => errors[key]?.rmsRelative !== undefined);
  const head = (quantity: Quantity, measure: string, unit = errorUnit(quantity)) =>
    html`<th scope="col">
      ${titleOf(quantity)} ${measure}${unit ? html`<br />${unit}` : nothing}
    </th>`;
  const cells = (row: Row, quantity: Quantity) => {
    const errors = row.errors[quantity.key];
    const spread = row.spread?.[quantity.key];
    const cell = (measure: 'mae' | 'rmse') => {
      const deviation =
        spread && spread[measure] > 1e-6 * (errors?.[measure] ?? 0) ? spread[measure] : undefined;
      return errors
        ? `${formatError(quantity, errors[measure])}${deviation ? ` ± ${formatError(quantity, deviation, 2)}` : ''}`
        : '–';
    };
    const relative = errors?.rmsRelative;
    return html`<td>${cell('mae')}</td>
      <td>${cell('rmse')}</td>
      ${
        isRelative(quantity)
          ? html`<td>
              ${relative === undefined ? '–' : `${formatSignificant(100 * relative, 3)}`}
            </td>`
          : nothing
      }`;
  };
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th scope="col">${corner}</th>
          ${shown.map(
            (quantity) =>
              html`${head(quantity, 'MAE')} ${head(quantity, 'RMSE')}
              ${isRelative(quantity) ? head(quantity, 'RMSE / rms', '%') : nothing}`,
          )}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr${row.isPart ? html` class="part"` : nothing}>
              <th scope="row">${row.head}</th>
              ${shown.map((quantity) => cells(row, quantity))}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
