// Curves as pictures: SVG, drawn by Vega without a browser.

import { writeFileSync } from 'node:fs';

import * as vega from 'vega';
import * as vegaLite from 'vega-lite';

const colours = ['#1f6fb5', '#d5671b', '#2d8a57', '#8a56b0', '#b03a5b', '#5b6470'];

/**
 * Draws curves on a logarithmic horizontal axis, several panels side by side.
 *
 * @param panels {title, x, y, band, logarithmic, curves: [{name, points: [{x, y, bandLow, bandHigh}]}]} each; the last
 *   two where `band` asks for the area between them. `logarithmic`: the vertical axis, too, as of learning curves.
 */
export async function drawCurves(file, panels) {
  const spec = {
    background: 'white',
    padding: 12,
    config,
    hconcat: panels.map(panel),
    resolve: { scale: { color: 'independent', y: 'independent', x: 'independent' } },
    spacing: 36,
  };
  const view = new vega.View(vega.parse(vegaLite.compile(spec).spec), { renderer: 'none' });
  try {
    writeFileSync(file, `${await view.toSVG()}\n`);
  } finally {
    view.finalize();
  }
}

function panel({ title, x, y, curves, band, logarithmic }) {
  const values = curves.flatMap(({ name, points }) => points.map((point) => ({ name, ...point })));
  const names = curves.map(({ name }) => name);
  const encoding = {
    x: logarithmic
      ? logarithmicAxis('x', x, values)
      : { field: 'x', type: 'quantitative', scale: { type: 'log' }, axis: powersOfTen(x) },
    y: logarithmic
      ? logarithmicAxis('y', y, values)
      : {
          field: 'y',
          type: 'quantitative',
          scale: { zero: true },
          axis: { title: y, tickCount: 6 },
        },
    color: {
      field: 'name',
      type: 'nominal',
      sort: null,
      scale: { domain: names, range: colours },
      legend: {
        title: null,
        orient: 'bottom',
        columns: 3,
        columnPadding: 14,
        symbolOpacity: 1,
        labelLimit: 300,
      },
    },
  };
  const middle = band
    ? [
        {
          mark: { type: 'area', opacity: 0.13 },
          encoding: {
            ...encoding,
            y: { ...encoding.y, field: 'bandLow' },
            y2: { field: 'bandHigh' },
          },
        },
      ]
    : [];
  return {
    title: { text: title, fontSize: 14, anchor: 'start' },
    width: 360,
    height: 240,
    data: { values },
    layer: [
      ...middle,
      { mark: { type: 'line', strokeWidth: 1.6 }, encoding },
      { mark: { type: 'point', filled: true, size: 42, opacity: 1 }, encoding },
    ],
  };
}

/** From the largest of 1, 2 and 5 in a decade that is below all values to the smallest above, ticks at each. */
function logarithmicAxis(field, title, values) {
  const numbers = values.map((value) => value[field]);
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  const steps = [];
  for (let decade = -6; decade <= 9; decade++) {
    for (const digit of [1, 2, 5]) steps.push(Number(`${digit}e${decade}`));
  }
  const from = steps.findLast((step) => step <= least);
  const to = steps.find((step) => step >= most);
  return {
    field,
    type: 'quantitative',
    scale: { type: 'log', domain: [from, to], nice: false },
    axis: {
      title,
      labelFlush: false,
      values: steps.filter((step) => step >= from && step <= to),
      labelExpr: 'datum.value',
    },
  };
}

const powersOfTen = (title) => ({
  title,
  grid: false,
  labelFlush: false,
  // Powers of ten alone: 10³, not 1,000.
  values: [10, 100, 1e3, 1e4, 1e5, 1e6],
  labelExpr: "'10' + ['⁰','¹','²','³','⁴','⁵','⁶'][round(log(datum.value) / log(10))]",
});

const config = {
  font: 'system-ui, -apple-system, Segoe UI, Roboto, Helvetica Neue, Arial, sans-serif',
  axis: {
    labelColor: '#444b54',
    titleColor: '#1b1f24',
    domainColor: '#d5dae1',
    tickColor: '#d5dae1',
    gridColor: '#e8ebef',
    labelFontSize: 12,
    titleFontSize: 12,
    titleFontWeight: 'normal',
  },
  legend: { labelFontSize: 12, labelColor: '#1b1f24' },
  view: { stroke: 'transparent' },
};
