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
