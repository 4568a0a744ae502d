// Transfer between elements: potentials of Mo, Nb, Ta and W trained on unaries and binaries.

import path from 'node:path';

import { dataFile } from './common/data.mjs';
import { ours, runLines } from './common/programs.mjs';
import { digits } from './common/statistics.mjs';

export const title = 'Mo, Nb, Ta, W: trained on unaries and binaries, tested on both (MAE)';

const likeness = (count) => ({
  type: 'properties',
  count,
  widths: { electronegativity: 0.3, radius: 0.1, period: 1, group: 1 },
});

const models = {
  'a channel for each element': { type: 'elements' },
  'three channels by properties': likeness(3),
  'two channels by properties': likeness(2),
};

export async function run({ data, threads = 2, quick, log }) {
  const folder = path.dirname(dataFile(data, 'monbtaw/MoTa_SS.xyz'));
  const rows = [];
  const measurements = [];
  for (const [name, channels] of Object.entries(models)) {
    log(name);
    const results = await runLines(ours('alloys.mjs', folder), {
      channels: JSON.stringify(channels),
      every: quick ? 100 : 1,
      count: quick ? 100 : 2000,
      threads,
    });
    measurements.push(...results);
    rows.push(...results.map((result) => rowOf(name, result)));
  }
  return { how: 'one training each', rows, measurements };
}

const rowOf = (name, { set, energy, forces, seconds, secondsPerAtom, train, peakMemoryBytes }) => ({
  what: `${name}: ${set}`,
  measured: `${digits(1000 * energy.mae)} meV/atom, ${digits(forces.mae)} eV/Å`,
  details: `${train} training structures, ${digits(seconds)} s, ${digits(peakMemoryBytes / 1e9)} GB; energy and forces ${digits(1e6 * secondsPerAtom)} µs/atom`,
});
