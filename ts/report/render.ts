import { writeFileAtomic } from '../common/atomic-file';
import { pathOf } from '../common/files';
import type { FilePath } from '../common/files';
import { reliabilityChart, spreadChart } from './charts/calibration';
import { elementMap } from './charts/element-map';
import { errorHistogram } from './charts/error-histogram';
import { learningCurveChart } from './charts/learning-curve';
import { lineChart } from './charts/lines';
import { parityChart } from './charts/parity';
import { checkReport } from './check';
import type {
  LearningCurve,
  Quantity,
  ReportData,
  ReportSection,
  SetCalibration,
  SetParity,
} from './data';
import { html, nothing, trusted } from './html';
import type { Html } from './html';
import { facts, figure, legend } from './parts';
import { potentialQuantities, titleOf } from './quantities';
import { searchPart } from './search';
import { seriesColour, style } from './style';
import { errorTable, learningCurveTable } from './tables';

/**
 * Makes a report: one HTML document that holds its charts and style, asks for nothing from anywhere, and reads
 * well on light and dark screens and on paper.
 *
 * @throws InvalidInputError naming what is wrong, such as a member that reports do not have.
 */
export async function renderReport(data: ReportData): Promise<string> {
  checkReport(data);
  const { title, description, summary, errors, parity, learningCurve, sections, notes } = data;
  const { quantities = potentialQuantities, search } = data;
  const body: Html[] = [
    html`<h1>${title}</h1>`,
    description === undefined ? nothing : html`<p class="description">${description}</p>`,
    facts(summary),
    search?.trials.length ? await searchPart(quantities, search) : nothing,
    errors?.length
      ? html`<h2>Errors</h2>
          ${errorTable(quantities, errors)}`
      : nothing,
    parity?.length ? await predictions(quantities, parity) : nothing,
    data.calibration?.length
      ? await uncertainty(
          quantities,
          data.calibration,
          (parity ?? []).map(({ set }) => set),
        )
      : nothing,
    learningCurve?.points.length ? await learning(quantities, learningCurve) : nothing,
    ...(await further(sections ?? [])),
    notes?.length
      ? html`<h2>Notes</h2>
          <ul class="notes">
            ${notes.map((note) => html`<li>${note}</li> `)}
          </ul>`
      : nothing,
    data.configuration === undefined ? nothing : configuration(data.configuration),
    versions(data.versions ?? {}),
  ];
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'"
        />
        <title>${title}</title>
        <style>
          ${trusted(style)}
        </style>
      </head>
      <body>
        ${body}
      </body>
    </html>`.html;
}

/** Renders a report into a file, which appears only when it is complete. */
export async function writeReport(file: FilePath, data: ReportData): Promise<void> {
  await writeFileAtomic(pathOf(file), [Buffer.from(await renderReport(data))]);
}

/** Points that one chart may have, and all charts of predictions: a page with more would be slow to open. */
const maxPoints = { chart: 5000, page: 20_000 };

async function predictions(
  quantities: readonly Quantity[],
  sets: readonly SetParity[],
): Promise<Html> {
  const figures: Html[] = [];
  const shown = quantities.filter(({ key }) => sets.some(({ pairs }) => pairs[key]));
  const points = Math.min(maxPoints.chart, Math.round(maxPoints.page / shown.length));
  for (const quantity of shown) {
    const id = String(figures.length / 2);
    const title = titleOf(quantity);
    const parity = parityChart(sets, quantity, points);
    const errors = errorHistogram(sets, quantity);
    if (parity)
      figures.push(await figure(`parity-${id}`, `${title}: predicted and reference`, parity));
    if (errors)
      figures.push(await figure(`errors-${id}`, `${title}: distribution of errors`, errors));
  }
  return html`<h2>Predictions</h2>
    ${legend(
      sets.map(({ set }) => set),
      (set) => seriesColour(sets.findIndex((other) => other.set === set)),
    )}
    <div class="charts">${figures}</div>`;
}

async function uncertainty(
  quantities: readonly Quantity[],
  sets: readonly SetCalibration[],
  others: readonly string[],
): Promise<Html> {
  // A set has the same colour in all charts of the page.
  const names = [...new Set([...others, ...sets.map(({ set }) => set)])];
  const colour = (set: string) => seriesColour(names.indexOf(set));
  const figures: Html[] = [];
  for (const quantity of quantities) {
    const own = sets.filter((set) => set.quantity === quantity.key && set.errors.length > 0);
    if (own.length === 0) continue;
    const id = `uncertainty-${figures.length}`;
    const title = titleOf(quantity);
    figures.push(
      await figure(`${id}-curve`, `${title}: reliability`, reliabilityChart(own, colour)),
    );
    figures.push(
      await figure(
        `${id}-spread`,
        `${title}: errors and their uncertainties`,
        spreadChart(own, quantity, colour),
      ),
    );
  }
  if (figures.length === 0) return nothing;
  return html`<h2>Uncertainty</h2>
    ${legend([...new Set(sets.map(({ set }) => set))], colour)}
    <div class="charts">${figures}</div>`;
}

async function learning(quantities: readonly Quantity[], curve: LearningCurve): Promise<Html> {
  const figures: Html[] = [];
  for (const quantity of quantities) {
    const chart = learningCurveChart(curve, quantity);
    const id = `learning-${figures.length}`;
    if (chart) figures.push(await figure(id, titleOf(quantity), chart));
  }
  return html`<h2>Learning curve</h2>
    <p>
      Errors on ${curve.set} after training on a growing number of structures with the same
      configuration.${
        curve.points.some(({ spread }) => spread)
          ? ' Means over repeats, each with other structures; bars are one standard deviation.'
          : ''
      }
    </p>
    <div class="charts">${figures}</div>
    ${learningCurveTable(quantities, curve)}`;
}

async function further(sections: readonly ReportSection[]): Promise<Html[]> {
  const parts: Html[] = [];
  for (const [index, { title, paragraphs = [], chart, elements }] of sections.entries()) {
    parts.push(
      html`<h2>${title}</h2>
        ${paragraphs.map((paragraph) => html`<p>${paragraph}</p>`)}
        ${chart ? await figure(`section-${index}`, '', lineChart(chart), title) : nothing}
        ${elements ? html`<figure>${await elementMap(elements)}</figure>` : nothing}`,
    );
  }
  return parts;
}

function configuration(value: unknown): Html {
  return html`<h2>Configuration</h2>
    <details>
      <summary>Every setting as it was used</summary>
      <pre>${JSON.stringify(value, null, 2)}</pre>
    </details>`;
}

function versions(programs: Readonly<Record<string, string>>): Html {
  const list = Object.entries(programs).map(([name, version]) => `${name} ${version}`);
  return html`<footer>${list.join(' · ')}</footer>`;
}
