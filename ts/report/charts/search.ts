import type { MainEffect } from '../../regression/optimize/main-effects';
import type { Dimension, Json } from '../../regression/optimize/space';
import type { Trial } from '../../regression/optimize/state';
import { formatNumber } from '../quantities';
import { rangeOf, widened } from './bins';
import { logAxis, logRange } from './log-axis';
import type { Chart } from './parity';

/** How charts show the trials of a search. */
export interface SearchView {
  readonly trials: readonly Trial[];
  readonly best: Trial | undefined;
  /** The number that is shown for a score. */
  readonly value: (score: number) => number;
  readonly logarithmic: boolean;
  /** What that number is. */
  readonly title: string;
  readonly colour: (trial: Trial) => string;
}

/** Scores in the order of the trials, and the best of those so far that had as much effort. */
export function progressChart(view: SearchView): Chart {
  const { trials } = view;
  const x = {
    field: 'trial',
    type: 'quantitative' as const,
    scale: { domain: [-0.5, trials.length - 0.5], nice: false },
    axis: { title: 'Trial', grid: false, tickMinStep: 1, format: 'd' },
  };
  const failed = trials.filter(({ score }) => score === null);
  const lines = [...new Set(trials.map(({ budget }) => budget))].map((budget) => {
    const own = trials.filter((trial) => trial.budget === budget);
    const bests = own.reduce<number[]>(
      (least, { score }) => [...least, Math.min(least.at(-1) ?? Infinity, score ?? Infinity)],
      [],
    );
    const values = own.flatMap((trial, k) =>
      Number.isFinite(bests[k]) ? [{ trial: trial.trial, y: view.value(bests[k]!) }] : [],
    );
    return {
      data: { values },
      mark: {
        type: 'line' as const,
        interpolate: 'step-after' as const,
        color: view.colour(own[0]!),
        strokeWidth: 1.5,
      },
      encoding: { x, y: yAxis(view) },
    };
  });
  const crosses = {
    data: { values: failed.map(({ trial }) => ({ trial })) },
    mark: {
      type: 'text' as const,
      text: '×',
      color: 'var(--muted)',
      fontSize: 16,
      y: 8,
    },
    encoding: { x },
  };
  return {
    caption:
      'Points are trials, the ring is the best of them, the line the best so far.' +
      (failed.length > 0 ? ` × failed: ${formatNumber(failed.length)}.` : ''),
    spec: {
      width: 780,
      height: 240,
      layer: [
        ...lines,
        ...pointLayers(view, x, ({ trial }) => trial),
        ...(failed.length > 0 ? [crosses] : []),
      ],
    },
  };
}

/** Parts of the variance of scores that settings explain alone, and what they do together. */
export function importanceChart(
  names: readonly string[],
  parts: readonly number[],
  note: string,
): Chart {
  const rows = names
    .map((name, d) => ({ name, part: 100 * parts[d]!, color: 'var(--series-1)' }))
    .sort((a, b) => b.part - a.part);
  const together = 100 - rows.reduce((sum, { part }) => sum + part, 0);
  const values = [
    ...rows,
    { name: 'several together', part: Math.max(0, together), color: 'var(--muted)' },
  ].map((row) => ({ ...row, text: `${row.part.toFixed(row.part < 10 ? 1 : 0)} %` }));
  const y = {
    field: 'name',
    type: 'nominal' as const,
    sort: null,
    axis: { title: null, labelLimit: 300, ticks: false, domain: false },
  };
  const x = {
    field: 'part',
    type: 'quantitative' as const,
    scale: { domain: [0, 100], nice: false },
    axis: { title: 'Part of the variance of scores (%)', tickCount: 5 },
  };
  return {
    caption: `How much of the differences of scores in the space each setting explains alone, by a Gaussian process of the trials.${note}`,
    spec: {
      width: 460,
      height: { step: 26 },
      data: { values },
      layer: [
        {
          mark: { type: 'bar', height: 14, cornerRadiusEnd: 2 },
          encoding: { x, y, color: { field: 'color', type: 'nominal', scale: null } },
        },
        {
          mark: { type: 'text', align: 'left', dx: 5, color: 'var(--ink)', fontSize: 12 },
          encoding: { x, y, text: { field: 'text' } },
        },
      ],
    },
  };
}

/** Scores over the values of one setting; undefined when no trial succeeded. */
export function valueChart(
  view: SearchView,
  dimension: Dimension,
  effect: MainEffect | undefined,
): Chart | undefined {
  if (!view.best) return undefined;
  const x = valueAxis(dimension);
  const of = dimension.kind === 'number' ? (value: Json) => value as number : labelOf;
  const line = {
    data: {
      values: (effect?.expected ?? []).map(({ value, score }) => ({
        x: of(value),
        y: view.value(score),
      })),
    },
    mark:
      dimension.kind === 'number'
        ? { type: 'line' as const, color: 'var(--ink)', strokeWidth: 1.25, opacity: 0.8 }
        : { type: 'tick' as const, color: 'var(--ink)', thickness: 1.5, width: 30 },
    encoding: { x, y: yAxis(view) },
  };
  const points = pointLayers(view, x, ({ values }) => of(values[dimension.path]!));
  return {
    caption: '',
    spec: { width: 340, height: 240, layer: [...(effect ? [line] : []), ...points] },
  };
}

/** Points of all trials that succeeded, and a ring about the best. */
function pointLayers(view: SearchView, x: object, at: (trial: Trial) => number | string) {
  const { trials, best, value, colour } = view;
  const datum = (trial: Trial) => ({
    x: at(trial),
    trial: trial.trial,
    y: value(trial.score!),
    color: colour(trial),
  });
  const done = trials.filter(({ score }) => score !== null);
  const encoding = { x: x as { field: string; type: 'quantitative' }, y: yAxis(view) };
  return [
    {
      data: { values: done.map(datum) },
      mark: { type: 'circle' as const, size: 40, opacity: 0.75 },
      encoding: {
        ...encoding,
        color: { field: 'color', type: 'nominal' as const, scale: null },
      },
    },
    {
      data: { values: best ? [datum(best)] : [] },
      mark: {
        type: 'point' as const,
        size: 140,
        color: 'var(--ink)',
        strokeWidth: 1.5,
        opacity: 1,
      },
      encoding,
    },
  ];
}

function yAxis({ trials, value, logarithmic, title }: SearchView) {
  const shown = trials.flatMap(({ score }) => (score === null ? [] : value(score)));
  const field = { field: 'y', type: 'quantitative' as const };
  if (logarithmic) return { ...field, ...logAxis(logRange(shown), { title }) };
  const { min, max } = widened(rangeOf([shown]), 0.06);
  return {
    ...field,
    scale: { domain: [min, max], nice: false, zero: false },
    axis: { title, tickCount: 5 },
  };
}

function valueAxis(dimension: Dimension) {
  if (dimension.kind === 'choice') {
    return {
      field: 'x',
      type: 'nominal' as const,
      sort: null,
      scale: { domain: dimension.values.map(labelOf) },
      axis: { title: null, labelAngle: 0, labelLimit: 300 / dimension.values.length },
    };
  }
  const { low, high, log } = dimension;
  if (log) {
    const axis = logAxis(logRange([low, high]), { title: '', grid: false });
    return { field: 'x', type: 'quantitative' as const, ...axis };
  }
  const { min, max } = widened(rangeOf([[low, high]]), 0.04);
  return {
    field: 'x',
    type: 'quantitative' as const,
    scale: { domain: [min, max], nice: false, zero: false },
    axis: {
      title: null,
      grid: false,
      tickCount: 6,
      ...(dimension.integer && { tickMinStep: 1, format: 'd' }),
    },
  };
}

const labelOf = (value: Json): string =>
  typeof value === 'string' ? value : JSON.stringify(value);
