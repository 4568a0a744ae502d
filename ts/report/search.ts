import { inTurns } from '../common/turns';
import { InvalidInputError } from '../errors';
import { mainEffects } from '../regression/optimize/main-effects';
import type { MainEffect } from '../regression/optimize/main-effects';
import { isBetter } from '../regression/optimize/optimize';
import { Space } from '../regression/optimize/space';
import type { Dimension, Json } from '../regression/optimize/space';
import type { Trial } from '../regression/optimize/state';
import { importanceChart, progressChart, valueChart } from './charts/search';
import type { SearchView } from './charts/search';
import type { Quantity, SearchData } from './data';
import { html, nothing } from './html';
import type { Html } from './html';
import { facts, figure, legend } from './parts';
import { formatSignificant } from './quantities';
import { seriesColour } from './style';
import { shortPath, trialTable } from './trial-table';

/** What was tried and what came of it, which settings matter, and which are the best. */
export async function searchPart(
  quantities: readonly Quantity[],
  { space: given, trials, logarithmic = false, metric = 'rmse' }: SearchData,
): Promise<Html> {
  const space = new Space(given);
  const { dimensions } = space;
  checkTrials(trials, dimensions);
  const best = trials.reduce<Trial | undefined>(
    (most, trial) => (isBetter(trial, most) ? trial : most),
    undefined,
  );
  const budgets = [...new Set(trials.map(({ budget }) => budget))].sort((a, b) => a - b);
  const efforts = budgets.length > 1 ? budgets.map(effortName) : [];
  const view: SearchView = {
    trials,
    best,
    value: (score) => (logarithmic ? Math.exp(score - (best?.score ?? 0)) : score),
    logarithmic,
    title: logarithmic ? 'Error relative to best' : 'Score',
    colour: ({ budget }) => seriesColour(budgets.indexOf(budget)),
  };
  // Scores with other efforts do not compare: those that most trials have.
  const usual = mostFrequent(trials.map(({ budget }) => budget));
  const alike = trials.filter(({ budget }) => budget === usual);
  const effects = await inTurns(
    mainEffects(
      space,
      alike.map(({ point, budget, score }) => ({ point, budget, score: score ?? undefined })),
    ),
  );
  const effort = efforts.length > 0 ? ` Of trials with ${effortName(usual)}.` : '';
  const progress = await figure('search-trials', '', progressChart(view), 'Scores of all trials');
  return html`<h2>Best settings</h2>
    ${best ? facts(settings(best)) : nothing}
    <h2>Search</h2>
    ${legend(efforts, (name) => seriesColour(efforts.indexOf(name)))} ${progress}
    ${effects && dimensions.length > 1 ? await importance(dimensions, effects, effort) : nothing}
    <h2>Scores over settings</h2>
    <p>
      Each point is a trial, the ring the
      best.${effects ? ` The line is what is expected of a value when all other settings are averaged over.${effort}` : ''}
    </p>
    ${legend(efforts, (name) => seriesColour(efforts.indexOf(name)))}
    <div class="charts">${await values(view, dimensions, effects)}</div>
    <h2>Trials</h2>
    ${trialTable(quantities, dimensions, view, metric)}`;
}

/** Fails for trials of another space. */
function checkTrials(trials: readonly Trial[], dimensions: readonly Dimension[]): void {
  for (const [index, { point, values: tried }] of trials.entries()) {
    const missing = dimensions.find(({ path }) => tried[path] === undefined);
    if (!missing && point.length === dimensions.length) continue;
    throw new InvalidInputError(
      `expected ${dimensions.map(({ path }) => path).join(', ')}, which the space leaves open, got ${Object.keys(tried).join(', ') || 'nothing'}`,
      { path: `search.trials[${index}]` },
    );
  }
}

async function importance(
  dimensions: readonly Dimension[],
  effects: readonly MainEffect[],
  effort: string,
): Promise<Html> {
  const chart = importanceChart(
    dimensions.map(({ path }) => shortPath(path)),
    effects.map(({ part }) => part),
    effort,
  );
  return html`<h2>Which settings matter</h2>
    ${await figure('search-importance', '', chart, 'Importance of each setting')}`;
}

async function values(
  view: SearchView,
  dimensions: readonly Dimension[],
  effects: readonly MainEffect[] | undefined,
): Promise<Html[]> {
  const figures: Html[] = [];
  for (const [d, dimension] of dimensions.entries()) {
    const chart = valueChart(view, dimension, effects?.[d]);
    if (chart) figures.push(await figure(`search-value-${d}`, dimension.path, chart));
  }
  return figures;
}

const settings = ({ values: chosen }: Trial) =>
  Object.entries(chosen).map(([path, value]) => ({ label: shortPath(path), value: shown(value) }));

const shown = (value: Json): string | number =>
  typeof value === 'number' || typeof value === 'string' ? value : JSON.stringify(value);

const effortName = (budget: number): string =>
  budget === 1 ? 'full effort' : `${formatSignificant(100 * budget, 3)} % of the effort`;

function mostFrequent(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]![0];
}
