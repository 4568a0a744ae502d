import type { LearningCurve, SetErrors } from './data';
import { html } from './html';
import type { Html } from './html';
import { formatError, formatNumber, quantities } from './quantities';
import type { Quantity } from './quantities';

/** Errors of every set, a pair of columns for each quantity that any set has. */
export function errorTable(rows: readonly SetErrors[]): Html {
  const shown = quantities.filter(({ key }) => rows.some((row) => row[key]));
  return table(
    shown,
    'Structures',
    rows.map((row) => ({ head: row.set, row })),
  );
}

/** The numbers of the learning curve. */
export function learningCurveTable({ points }: LearningCurve): Html {
  const shown = quantities.filter(
    ({ key }) => key !== 'stress' && points.some((point) => point[key]),
  );
  return table(
    shown,
    'Training structures',
    points.map((point) => ({ head: formatNumber(point.structures), row: point })),
  );
}

function table(
  shown: readonly Quantity[],
  corner: string,
  rows: readonly { readonly head: string; readonly row: Omit<SetErrors, 'set'> }[],
): Html {
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th scope="col">${corner}</th>
          ${shown.map(
            ({ name, errorUnit }) =>
              html`<th scope="col">${name} MAE<br />${errorUnit}</th>
                <th scope="col">${name} RMSE<br />${errorUnit}</th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ head, row }) =>
            html`<tr>
              <th scope="row">${head}</th>
              ${shown.map(({ key }) => {
                const errors = row[key];
                return errors
                  ? html`<td>${formatError(errors.mae)}</td>
                      <td>${formatError(errors.rmse)}</td>`
                  : html`<td>–</td>
                      <td>–</td>`;
              })}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
