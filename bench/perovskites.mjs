// Chemical space: learning curves of the formation energy of perovskites of 56 elements.

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { elementMapSvg } from '../dist/index.js';
import { drawCurves } from './common/charts.mjs';
import { dataFile } from './common/data.mjs';
import { workFile } from './common/paths.mjs';
import { ours, runLines } from './common/programs.mjs';
import { digits } from './common/statistics.mjs';

export const title = 'Perovskites of 56 elements, formation energy: MAE on 3785 test structures';

const sizes = [50, 100, 200, 500, 1000, 2000, 3787];

const names = {
  elements: 'all elements',
  electronegativity: 'electronegativity, six channels',
  'd = 1': 'one learned channel',
  'd = 2': 'two learned channels',
  'd = 4': 'four learned channels',
  compound: 'compound of all elements at three cutoffs and four learned channels',
};

export async function run({ data, threads = 2, quick, log }) {
  log('learning curves');
  // Learning of channels that was cut off goes on.
  const state = workFile('perovskites');
  mkdirSync(state, { recursive: true });
  const measurements = await runLines(
    ours('perovskites.mjs', dataFile(data, 'perovskites/perov5_val.xyz')),
    {
      test: dataFile(data, 'perovskites/perov5_test.xyz'),
      sizes: (quick ? [50] : sizes).join(','),
      state,
      threads,
    },
  );
  if (!quick) await draw(measurements);
  return { how: 'one run', rows: rowsOf(measurements), measurements };
}

/** The pictures of docs/: learning curves, and the map of two learned channels. */
export async function draw(measurements) {
  const docs = (name) => path.join(import.meta.dirname, '..', 'docs', name);
  const curves = Object.entries(names).map(([model, name]) => ({
    name: name.replace(/ of all elements at three cutoffs and four learned channels/, ''),
    points: measurements
      .filter((line) => line.model === model)
      .map(({ size, mae }) => ({ x: size, y: mae })),
  }));
  await drawCurves(docs('perovskites.svg'), [
    {
      title: 'Formation energy of perovskites',
      x: 'training structures',
      y: 'MAE (eV)',
      logarithmic: true,
      curves,
    },
  ]);
  const { weights } = measurements.filter(({ model }) => model === 'd = 2').at(-1);
  writeFileSync(docs('elements-map.svg'), await elementMapSvg({ weights, colour: 'group' }));
}

/** A row for each model, and how far the compound is below all elements. */
export function rowsOf(measurements) {
  const of = (model) => measurements.filter((line) => line.model === model);
  const rows = Object.entries(names).map(([model, what]) => ({
    what,
    measured: of(model)
      .map(({ size, mae }) => `${size}: ${digits(mae)}`)
      .join(', '),
    details: 'eV, by training structures',
  }));
  const { size: last, weights } = of('compound').at(-1);
  rows.push({
    what: `weights of the compound, ${last} training structures`,
    measured: weights.map((weight) => digits(weight)).join(' : '),
    details: 'all elements to 5, 3.5 and 4.2 Å, channels',
  });
  const below = (size) => {
    const [one, other] = ['compound', 'elements'].map((model) =>
      of(model).find((line) => line.size === size),
    );
    return one && other && 1 - one.mae / other.mae;
  };
  const largest = Math.max(...measurements.map(({ size }) => size));
  for (const [size, least] of [
    [100, 0.25],
    [largest, 0],
  ]) {
    const part = below(size);
    if (part === undefined) continue;
    rows.push({
      what: `compound below all elements, ${size} training structures`,
      measured: `${digits(100 * part)} %`,
      target: `≥ ${100 * least} %`,
      met: part >= least,
    });
  }
  return rows;
}
