// npm run bench [-- FLAGS]; --help lists them, README.md says what is measured.

import { writeFileSync } from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';

import { describeMachine, keepResults, toTable } from './common/report.mjs';
import { Skipped } from './common/skipped.mjs';
import * as alloys from './alloys.mjs';
import * as couplings from './couplings.mjs';
import * as fullKernel from './full-kernel.mjs';
import * as growth from './growth.mjs';
import * as elements from './elements.mjs';
import * as perovskites from './perovskites.mjs';
import * as eventLoop from './event-loop.mjs';
import * as harmonics from './harmonics.mjs';
import * as kernels from './kernels.mjs';
import * as longRange from './long-range.mjs';
import * as maps from './maps.mjs';
import * as models from './models.mjs';
import * as neighbours from './neighbours.mjs';
import * as prediction from './prediction.mjs';
import * as properties from './properties.mjs';
import * as products from './products.mjs';
import * as representations from './representations.mjs';
import * as roofline from './roofline.mjs';
import * as selection from './selection.mjs';
import * as twoThreads from './threads.mjs';
import * as training from './training.mjs';
import * as uncertainties from './uncertainties.mjs';
import { peersInstalled } from './peers/peer.mjs';

const stages = {
  roofline,
  neighbours,
  harmonics,
  representations,
  products,
  couplings,
  elements,
  'long-range': longRange,
  selection,
  kernels,
  maps,
  threads: twoThreads,
  growth,
  'event-loop': eventLoop,
  models,
  'full-kernel': fullKernel,
  uncertainties,
  properties,
  perovskites,
  alloys,
  training,
  prediction,
};

const help = `npm run bench -- [FLAGS]

  --only NAME   a stage, as often as wanted; without it all of them, which takes hours:
                ${Object.keys(stages)
                  .join(', ')
                  .replace(/(.{60,75}) /g, '$1\n                ')}
  --quick       small parts, to see that it works; RESULTS.md stays as it is
  --data DIR    folder of published data (default: SOAPSTONE_DATA)
  --threads N   of training
  --fits N      how often training takes turns with gap_fit
  --json FILE   the results of this run`;

const flags = readFlags();
if (flags.help) {
  console.log(help);
  process.exit(0);
}
const unknown = flags.only.find((name) => !(name in stages));
if (unknown) refuse(`--only ${unknown}: expected ${Object.keys(stages).join(', ')}`);
const threads = numberOf('threads');
const fits = numberOf('fits');
if (!peersInstalled()) {
  console.error('No other programs are installed to measure beside: npm run bench:peers does so.');
}

const context = {
  quick: flags.quick,
  data: flags.data,
  /** Threads of every program; undefined: what the stage is defined with. */
  threads,
  /** Threads where a stage measures with all of them. */
  all: os.availableParallelism(),
  /** How often the programs take turns, and timed runs of each in every turn. */
  ...(flags.quick ? { rounds: 2, runs: 2, fits: 1 } : { rounds: 5, runs: 5, fits: 2 }),
  /** How often gap_fit and we train in turn; gap_fit takes minutes. */
  ...(fits && { fits }),
};
const results = {};
for (const name of Object.keys(stages).filter((stage) => flags.only.includes(stage))) {
  const { title, run } = stages[name];
  results[name] = {
    title,
    date: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    load: os.loadavg()[0].toFixed(1),
    how: `${context.rounds} rounds in turn, ${context.runs} timed runs in each`,
    ...(await attempt(() => run({ ...context, log: (what) => console.error(`${name}: ${what}`) }))),
  };
  console.log(toTable(results[name]));
  // What was measured before stays where nothing could be measured now.
  const { failed, skipped } = results[name];
  if (!flags.quick && !failed && !skipped) await keepResults({ [name]: results[name] });
}
if (flags.json) writeFileSync(flags.json, `${JSON.stringify(results, null, 2)}\n`);
if (flags.quick) console.log('A quick look at small parts: the targets are not meant for it.');

function readFlags() {
  try {
    const options = {
      help: { type: 'boolean', short: 'h' },
      only: { type: 'string', multiple: true, default: Object.keys(stages) },
      quick: { type: 'boolean', default: false },
      data: { type: 'string', default: process.env.SOAPSTONE_DATA },
      threads: { type: 'string' },
      fits: { type: 'string' },
      json: { type: 'string' },
    };
    return parseArgs({ options }).values;
  } catch (error) {
    return refuse(error.message);
  }
}

function numberOf(name) {
  if (flags[name] === undefined) return undefined;
  const value = Number(flags[name]);
  if (!(Number.isInteger(value) && value > 0))
    refuse(`--${name} ${flags[name]}: expected a number`);
  return value;
}

function refuse(message) {
  console.error(`${message}\n\n${help}`);
  process.exit(2);
}

async function attempt(run) {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Skipped) return { rows: [], measurements: [], skipped: error.message };
    // The other stages are worth having all the same.
    console.error(error);
    process.exitCode = 1;
    return { rows: [], measurements: [], failed: true };
  }
}
