// Draws docs/real-space.svg: the surroundings of the middle carbon of ethanol as its power spectrum sees them.
// Needs a built package; run it after a change of what the picture shows.

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { PowerSpectrum, readStructures, realSpaceCorrelation } from 'soapstone';
import * as vega from 'vega';
import { compile } from 'vega-lite';

const file = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const [ethanol] = await readStructures(file('data/ethanol-test.xyz'));
const soap = new PowerSpectrum({
  cutoff: { radius: 3.5, smoothing: { width: 0.5 } },
  density: { width: 0.2, centerWeight: 0 },
  basis: { maxAngular: 14, radial: { type: 'bessel', count: 16 } },
  species: ['H', 'C', 'O'],
});
const distance = (i, j) =>
  Math.hypot(...[0, 1, 2].map((a) => ethanol.positions[3 * j + a] - ethanol.positions[3 * i + a]));
const carbons = [...ethanol.symbols.keys()].filter((i) => ethanol.symbols[i] === 'C');
const oxygen = ethanol.symbols.indexOf('O');
const [centre, end] = carbons.sort((a, b) => distance(a, oxygen) - distance(b, oxygen));
const bond = distance(centre, end);

const { values, columns } = await soap.compute([ethanol]);
const features = values.subarray(centre * columns, (centre + 1) * columns);
const steps = { distance: 0.05, angle: 3 };
const second = Float64Array.from({ length: 52 }, (_, k) => 0.8 + steps.distance * k);
const degrees = Float64Array.from({ length: 60 }, (_, k) => steps.angle * (k + 0.5));
const cosines = degrees.map((angle) => Math.cos((angle * Math.PI) / 180));

const panel = (element) => {
  const species = ['C', element];
  const first = Float64Array.of(bond);
  const density = realSpaceCorrelation(soap, features, { species, first, second, cosines });
  const most = density.reduce((a, b) => Math.max(a, b));
  const cells = Array.from(density, (value, k) => ({
    r: second[Math.floor(k / degrees.length)],
    angle: degrees[k % degrees.length],
    value: value / most,
  })).filter(({ value }) => value > 0.02); // what is white anyway
  const axis = (title) => ({ title, grid: false, labelColor: '#444', titleColor: '#222' });
  return {
    title: { text: `C ${bond.toFixed(2)} Å from the centre, and ${element}`, fontSize: 13 },
    width: 230,
    height: 230,
    data: { values: cells },
    transform: [
      { calculate: `datum.r + ${steps.distance}`, as: 'r2' },
      { calculate: `datum.angle - ${steps.angle / 2}`, as: 'from' },
      { calculate: `datum.angle + ${steps.angle / 2}`, as: 'to' },
    ],
    mark: { type: 'rect', strokeWidth: 0.4 },
    encoding: {
      x: {
        field: 'r',
        type: 'quantitative',
        scale: { domain: [second[0], second.at(-1)], nice: false },
        axis: axis(`distance of ${element} (Å)`),
      },
      x2: { field: 'r2' },
      y: {
        field: 'from',
        type: 'quantitative',
        scale: { domain: [0, 180] },
        axis: { ...axis('angle (°)'), values: [0, 30, 60, 90, 120, 150, 180] },
      },
      y2: { field: 'to' },
      ...Object.fromEntries(
        ['color', 'stroke'].map((channel) => [
          channel,
          {
            field: 'value',
            type: 'quantitative',
            scale: { range: ['#ffffff', '#2171b5', '#08306b'], domain: [0, 0.5, 1] },
            legend: null,
          },
        ]),
      ),
    },
  };
};

const spec = {
  background: 'white',
  hconcat: ['O', 'H', 'C'].map(panel),
  resolve: { scale: { color: 'independent', stroke: 'independent' } },
};
const view = new vega.View(vega.parse(compile(spec).spec), { renderer: 'none' });
const svg = await view.toSVG();
writeFileSync(file('docs/real-space.svg'), `${svg.replaceAll(/(\d\.\d\d)\d+/g, '$1')}\n`);
