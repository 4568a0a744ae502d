import { spawnSync } from 'node:child_process';
import path from 'node:path';

const dist = path.resolve(__dirname, '../../dist/index.js');

const inWorker = `
  const { neighbourList } = require(${JSON.stringify(dist)});
  const chain = {
    positions: Float64Array.from({ length: 3000 }, (_, i) => (i % 3 === 0 ? i / 3 : 0)),
    species: new Int32Array(1000).fill(6),
  };
  const structures = Array(100).fill(chain);
  neighbourList(structures, { cutoff: 5, threads: 4 }).then((lists) =>
    require('node:worker_threads').parentPort.postMessage(lists.length),
  );
`;

const inMain = `
  const { Worker } = require('node:worker_threads');
  (async () => {
    for (let round = 0; round < 3; ++round) {
      const worker = new Worker(${JSON.stringify(inWorker)}, { eval: true });
      worker.once('message', (structures) => console.log(structures));
      const code = await new Promise((resolve) => worker.once('exit', resolve));
      if (code !== 0) process.exitCode = code;
    }
  })();
`;

// Node unloads an addon when the last worker that loaded it ends; the threads that libgomp started
// live on and crash in code that is gone, unless the addon is linked with -z nodelete. Hence a
// process whose main thread never loads it.
test('workers come and go, each with a parallel calculation', () => {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, ['-e', inMain], {
    encoding: 'utf8',
  });
  expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
  expect(stdout).toBe('100\n100\n100\n');
});

/** Calculations of so many iterations, one after the other; says so once the first is under way. */
const calculating = (iterations: number) => `
  const values = Float64Array.from({ length: 3000 }, (_, i) => Math.sin(i * i));
  const { tsne } = require(${JSON.stringify(dist)});
  const calculate = () =>
    tsne({ values, shape: [1000, 3] }, {
      iterations: ${iterations},
      onProgress: () => {
        started?.();
        started = undefined;
      },
    }).then(calculate);
  calculate();
`;

test('a worker may be terminated in the middle of a calculation', () => {
  const worker = `
    let started = () => require('node:worker_threads').parentPort.postMessage('started');
    ${calculating(300)}
  `;
  const main = `
    const { Worker } = require('node:worker_threads');
    (async () => {
      for (let round = 0; round < 3; ++round) {
        const workers = [1, 2].map(() => new Worker(${JSON.stringify(worker)}, { eval: true }));
        await Promise.all(workers.map((w) => new Promise((resolve) => w.once('message', resolve))));
        console.log(await Promise.all(workers.map((w) => w.terminate())));
      }
    })();
  `;
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, ['-e', main], {
    encoding: 'utf8',
  });
  expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
  expect(stdout).toBe('[ 1, 1 ]\n'.repeat(3));
});

test.each([
  ['process.exit', 'process.exit(7)', 7],
  ['an error that nobody catches', 'setImmediate(() => { throw "uncaught"; })', 1],
])('%s ends calculations in progress, for which Node would wait', (_, statement, code) => {
  const program = `let started = () => { ${statement}; };\n${calculating(2 ** 31 - 1)}`;
  const { status, signal } = spawnSync(process.execPath, ['-e', program], { timeout: 20_000 });
  expect({ status, signal }).toEqual({ status: code, signal: null });
});
