// Two threads against one, in turn, on one large cell and on many small molecules; and the results of both,
// which must be the same to the last bit. What two cores are worth here, shared caches and memory considered, two
// processes on one thread each show, which have nothing to wait for.

import { workFile } from './common/paths.mjs';
import { ours, runProgram } from './common/programs.mjs';
import { Skipped } from './common/skipped.mjs';
import { atLeast, digits, median, withSpread } from './common/statistics.mjs';
import { ethanolMolecules, siliconCell, written } from './common/workloads.mjs';

export const title = 'Two threads against one: n = 8, l ≤ 6, 5 Å; forces with M = 500, ζ = 4';

const target = 1.85;

const representation = {
  cutoff: { radius: 5, smoothing: { width: 0.5 } },
  density: { width: 0.4 },
  basis: { maxAngular: 6, radial: { count: 8 } },
};

/** Everything given, so that what is timed is the fit and not a search. */
const config = (count) => ({
  representation,
  kernel: { zeta: 4 },
  sparse: { count },
  noise: { energy: 0.01, forces: 0.05 },
  validation: { fraction: 0 },
});

export async function run({ quick, all, rounds, runs, log }) {
  if (all < 2) throw new Skipped('this process may use one processor only');
  const sparse = quick ? 50 : 500;
  const rows = [];
  const measurements = [];
  for (const [name, { large, toTrain }] of Object.entries(subjects(quick))) {
    const file = await written(`threads-${name}`, large());
    const training = await written(`threads-${name}-labelled`, toTrain(), { labelled: true });
    log(`${name}: a model`);
    const model = workFile(`threads-${name}.soapstone`);
    const settings = JSON.stringify(config(sparse));
    const train = { test: training, model, threads: all, config: settings };
    await runProgram(ours('train.mjs', training), train);
    for (const [label, what, structures, flags, turns] of [
      ['neighbour list', 'neighbours', file, {}, rounds],
      ['power spectrum', 'values', file, {}, rounds],
      ['energy + forces', 'prediction', file, { model }, Math.min(rounds, 3)],
      ['training', 'training', training, { config: settings }, Math.min(rounds, 3)],
    ]) {
      log(`${name}: ${label}`);
      const found = [];
      const start = (more) =>
        runProgram(ours('threads.mjs', structures), {
          what,
          ...flags,
          runs: what === 'training' ? Math.min(runs, 3) : runs,
          ...more,
        });
      for (let turn = 0; turn < turns; turn++) found.push(await start());
      const together = await Promise.all([start({ most: 1 }), start({ most: 1 })]);
      // Lists are mostly written to new memory, which the system hands out; they have no target.
      const least = what === 'neighbours' ? undefined : target;
      rows.push(...rowsOf(`${name}, ${found[0].atoms} atoms: ${label}`, found, together, least));
      measurements.push(...found, ...together);
    }
  }
  const how = `${rounds} processes in each of which one and two threads take turns ${runs} times; predictions ${Math.min(rounds, 3)} × ${runs}, training ${Math.min(rounds, 3)} × ${Math.min(runs, 3)}`;
  return { how, rows, measurements };
}

/** Structures to compute on, and labelled ones, of the same kind, to train on. */
function subjects(quick) {
  return {
    'one cell of silicon': {
      large: () => [siliconCell(quick ? 6 : 12, 4)],
      toTrain: () => [siliconCell(quick ? 4 : 8, 6)],
    },
    'ethanol molecules': {
      large: () => ethanolMolecules(quick ? 200 : 2000),
      toTrain: () => ethanolMolecules(quick ? 50 : 500),
    },
  };
}

function rowsOf(what, found, together, least) {
  const time = (quantity) => `${withSpread(found.map(quantity), 1e6)} µs/atom`;
  const one = time((measurement) => measurement.one.median);
  const two = time((measurement) => measurement.two.median);
  const speedups = found.flatMap((measurement) => measurement.speedups);
  const alone = median(found.map((measurement) => measurement.one.median));
  const processes = together.reduce((sum, { one }) => sum + alone / one.median, 0);
  const identical = found.every((measurement) => measurement.identical);
  return [
    atLeast(
      what,
      speedups,
      least,
      '×',
      `${one}, on two threads ${two}; two processes beside each other: ${digits(processes)}×`,
    ),
    {
      what: `${what}, results`,
      measured: identical ? 'the same bits' : 'different bits',
      target: 'the same bits',
      met: identical,
    },
  ];
}
