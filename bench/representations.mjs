// Power spectra and their derivatives beside featomic, DScribe, quippy and qmllib.

import { agreementRow, speedRows } from './common/comparison.mjs';
import { inTurn, ours, runProgram } from './common/programs.mjs';
import { atMost, median, withSpread } from './common/statistics.mjs';
import { workload } from './common/workloads.mjs';
import { peer, peersInstalled } from './peers/peer.mjs';

export const title =
  'Power spectrum: 5 Å, σ = 0.4 Å; ours into an array that is reused, the Jacobian 16 MB at a time';

const small = { count: 8, maxAngular: 6 };
const large = { count: 12, maxAngular: 9 };

/** How many times faster than each peer the values are to be. */
const valuesTarget = {
  silicon: { featomic: 12, DScribe: 12 },
  water: { featomic: 12, DScribe: 10 },
  ethanol: { featomic: 20, DScribe: 6 },
};
const jacobianTarget = { featomic: 5, quippy: 10 };

/** Most of a vjp's time, in forward passes. */
const vjpTarget = 2.5;

/** A program's command for a file, and what it is told besides the hyperparameters. */
const program = (command, script, own) => (file, flags) =>
  runProgram(command(script, file), { ...flags, ...own });
const values = {
  soapstone: program(ours, 'power-spectrum.mjs', { gram: 12 }),
  featomic: program(peer, 'featomic_soap.py', { gram: 12 }),
  DScribe: program(peer, 'dscribe_soap.py'),
  quippy: program(peer, 'quippy_soap.py'),
};
const jacobians = {
  soapstone: program(ours, 'jacobian.mjs'),
  featomic: program(peer, 'featomic_soap.py', { gradients: true }),
  quippy: program(peer, 'quippy_soap.py', { gradients: true }),
};
const { soapstone, featomic, DScribe } = values;
const jacobiansBesideFeatomic = { soapstone: jacobians.soapstone, featomic: jacobians.featomic };

export async function run(context) {
  const { runs, all } = context;
  const fewRuns = Math.min(runs, 3);
  const rows = [];
  const measurements = [];
  const add = (part) => {
    rows.push(...part.rows);
    measurements.push(...part.measurements);
  };
  for (const [name, target] of Object.entries(valuesTarget)) {
    const goal = { target, aim: '20×' };
    add(await compare(context, name, values, { ...small, threads: 1, runs }, goal));
    const beside = { soapstone, featomic, DScribe };
    add(await compare(context, name, beside, { ...large, threads: 1, runs }, goal));
    if (all > 1) add(await compare(context, name, beside, { ...small, threads: all, runs }));
  }
  for (const name of Object.keys(valuesTarget)) {
    const goal = { what: ', Jacobian', target: jacobianTarget, aim: 'memory bandwidth' };
    const flags = { ...small, threads: 1, runs: fewRuns };
    add(await compare(context, name, jacobians, flags, goal));
    const beside = jacobiansBesideFeatomic;
    add(await compare(context, name, beside, { ...large, threads: 1, runs: 1 }, goal));
    const { what } = goal;
    if (all > 1) add(await compare(context, name, beside, { ...flags, threads: all }, { what }));
  }
  for (const name of Object.keys(valuesTarget)) {
    for (const basis of [small, large]) add(await vjp(context, name, basis));
  }
  for (const name of Object.keys(valuesTarget)) {
    for (const basis of [small, large]) add(await selectedColumns(context, name, basis));
  }
  if (peersInstalled()) {
    add(await besideFchl(context, '', soapstone));
    add(await besideFchl(context, ', Jacobian', jacobians.soapstone, { gradients: true }));
  }
  const how = `${context.rounds} rounds in turn, ${runs} timed runs in each; of Jacobians ${fewRuns}, those of n = 12 one`;
  return { how, rows, measurements };
}

/** Part of the columns that are selected in {@link selectedColumns}. */
const fraction = 0.1;

/** All columns and a tenth of them in turn: how much sooner the few are there. */
async function selectedColumns(context, name, basis) {
  const what = `${name}, n = ${basis.count}, l ≤ ${basis.maxAngular}, ${100 * fraction} % of the columns (FPS)`;
  context.log(what);
  const file = await fileOf(context, name);
  const flags = { radius: 5, smoothing: 0.5, width: 0.4, ...basis, threads: 1, runs: context.runs };
  const start = program(ours, 'power-spectrum.mjs', {});
  const results = await inTurn(
    {
      soapstone: () => start(file, { ...flags, fraction }),
      'all columns': () => start(file, flags),
    },
    context.quick ? 1 : context.rounds,
  );
  return {
    rows: speedRows(what, results, { scale: 1e6, unit: 'µs/atom' }),
    measurements: Object.values(results).flat(),
  };
}

const fileOf = ({ quick }, name) => workload(quick ? `${name}-small` : name);

/** Runs programs in turn: rows of their times, and of the agreement with featomic. */
async function compare(context, name, programs, flags, { what = '', target, aim } = {}) {
  const { count, maxAngular, threads } = flags;
  const onThreads = threads > 1 ? `, ${threads} threads` : '';
  const label = `${name}, n = ${count}, l ≤ ${maxAngular}${onThreads}${what}`;
  context.log(label);
  const file = await fileOf(context, name);
  const hyperparameters = { radius: 5, smoothing: 0.5, width: 0.4 };
  const present = Object.entries(programs).filter(
    ([program]) => program === 'soapstone' || peersInstalled(),
  );
  const results = await inTurn(
    Object.fromEntries(
      present.map(([program, start]) => [
        program,
        () => start(file, { ...hyperparameters, ...flags }),
      ]),
    ),
    context.quick ? 1 : context.rounds,
  );
  const [mine] = results.soapstone;
  const [theirs] = results.featomic ?? [];
  return {
    rows: [
      ...speedRows(label, results, { target, aim, scale: 1e6, unit: 'µs/atom' }),
      ...(theirs ? [agreement(label, mine, theirs)] : []),
    ],
    measurements: Object.values(results).flat(),
  };
}

/**
 * featomic's numbers and ours are to be the same: the norm of everything, and of values the scalar products of
 * some atoms' features, which no choice of signs or order can change. The others' conventions differ.
 */
function agreement(label, mine, theirs) {
  const what = theirs.gram ? 'norm and Gram matrix' : 'norm';
  // The norm is much larger than a scalar product: each is taken relative to its own size.
  const largest = Math.max(...(theirs.gram ?? []).flat().map(Math.abs));
  const numbers = ({ norm, gram = [] }) => [
    norm / theirs.norm,
    ...gram.flat().map((product) => product / largest),
  ];
  return agreementRow(`${label}: ${what} against featomic`, numbers(mine), numbers(theirs), 1e-6);
}

/** The vector–Jacobian product in units of our own forward pass. */
async function vjp(context, name, basis) {
  const label = `${name}, n = ${basis.count}, l ≤ ${basis.maxAngular}: vjp / values`;
  context.log(label);
  const file = await fileOf(context, name);
  const measure = () => runProgram(ours('vjp.mjs', file), { ...basis, runs: context.runs });
  const { vjp } = await inTurn({ vjp: measure }, context.quick ? 1 : context.rounds);
  const time = (quantity) => `${withSpread(vjp.map(quantity), 1e6)} µs/atom`;
  const forward = ({ forward }) => forward.median;
  const backward = ({ secondsPerUnit }) => secondsPerUnit.median;
  const ratio = median(vjp.map((round) => backward(round) / forward(round)));
  const details = `${time(backward)}, values ${time(forward)}; the aim: 1.5×`;
  return { rows: [atMost(label, ratio, vjpTarget, 2, '×', details)], measurements: vjp };
}

/** FCHL19 is for molecules, and another representation: how long it takes, for scale. */
async function besideFchl(context, what, spectrum, flags) {
  const label = `ethanol${what}, qmllib's FCHL19 (another representation)`;
  context.log(label);
  const file = await fileOf(context, 'ethanol');
  const runs = { threads: 1, runs: Math.min(context.runs, 3) };
  const results = await inTurn(
    {
      soapstone: () => spectrum(file, { ...small, ...runs }),
      FCHL19: () => runProgram(peer('qmllib_fchl19.py', file), { ...runs, ...flags }),
    },
    context.quick ? 1 : context.rounds,
  );
  return {
    rows: speedRows(label, results, { scale: 1e6, unit: 'µs/atom' }),
    measurements: Object.values(results).flat(),
  };
}
