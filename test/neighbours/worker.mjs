// Finds neighbours on a worker thread, with the package as it was built.

import { parentPort, workerData } from 'node:worker_threads';

import { neighbourList } from '../../dist/index.js';

parentPort.postMessage(await neighbourList(workerData.structures, workerData.options));
