import { Worker } from 'node:worker_threads';
import type * as Umap from 'umap-js';
import type { Matrix } from '../../common/matrix';
import { asyncKeys, checkOptions } from '../../common/options';
import type { KeysOf } from '../../common/options';
import { randomNumbers } from '../../common/random';
import { integerBetween, numberThat, positive, validate } from '../../common/validation';
import { AbortError, InvalidInputError, throwIfAborted } from '../../errors';
import type { AsyncOptions } from '../../native/call';
import { nearestNeighbours } from '../nearest-neighbours';
import { checkPoints } from '../points';
import type { Points } from '../points';

export interface UmapOptions extends AsyncOptions {
  /** Neighbours each point is held together with. Default 15, or all there are. */
  readonly neighbours?: number | undefined;
  /** Least distance of points on the map. Default 0.1. */
  readonly leastDistance?: number | undefined;
  /** Scale of the map. Default 1. */
  readonly spread?: number | undefined;
  /** Default: 500, or 200 for more than 10 000 points. */
  readonly epochs?: number | undefined;
  /** The same seed gives the same map. Default 0. */
  readonly seed?: number | undefined;
}

const umapKeys: KeysOf<UmapOptions> = {
  ...asyncKeys,
  neighbours: true,
  leastDistance: true,
  spread: true,
  epochs: true,
  seed: true,
};

/**
 * UMAP: a map on which neighbours stay neighbours, N × 2, by the package umap-js with exact neighbours. Runs on a worker
 * thread. Progress counts epochs.
 *
 * Method: L. McInnes, J. Healy, J. Melville, arXiv:1802.03426 (2018).
 *
 * @throws InvalidInputError naming what is wrong.
 */
export async function umap(points: Points, given: UmapOptions = {}): Promise<Matrix> {
  const {
    neighbours,
    leastDistance = 0.1,
    spread = 1,
    epochs,
    seed = 0,
    ...run
  } = checkOptions(given, umapKeys);
  const x = checkPoints(points, 'points');
  const [rows] = x.shape;
  if (rows < 4) {
    throw new InvalidInputError(`expected at least 4 points, got ${rows}`, { path: 'points' });
  }
  const most = rows - 2; // umap-js wants more points than that and the point itself
  const count = validate(integerBetween(2, most), neighbours ?? Math.min(15, most), 'neighbours');
  validate(positive(), spread, 'spread');
  const least = validate(
    numberThat('a number from 0 to the spread', (value) => value >= 0 && value <= spread),
    leastDistance,
    'leastDistance',
  );
  const steps = epochs ?? (rows > 10_000 ? 200 : 500);
  const parameters = {
    // umap-js counts a point among its own neighbours.
    nNeighbors: count + 1,
    minDist: least,
    spread,
    nEpochs: validate(integerBetween(1, 2 ** 31 - 1), steps, 'epochs'),
  };
  validate(integerBetween(0, Number.MAX_SAFE_INTEGER), seed, 'seed');
  const { threads, signal } = run;
  const { indices, distances } = await nearestNeighbours(x, count, { threads, signal });
  const values = await onWorker({ rows, count, indices, distances, parameters, seed }, run);
  return { values, shape: [rows, 2] };
}

interface Task {
  readonly rows: number;
  readonly count: number;
  readonly indices: Int32Array;
  readonly distances: Float64Array;
  readonly parameters: object;
  readonly seed: number;
}

type Message =
  { readonly done: number; readonly total: number } | { readonly values: Float64Array };

/** Runs {@link work} on a thread of its own, which ends when the signal is aborted. */
async function onWorker(task: Task, { signal, onProgress }: AsyncOptions): Promise<Float64Array> {
  throwIfAborted(signal);
  // As text, so that it is the same from TypeScript and from what is made of it.
  const code = `(${work.toString()})(require, ${randomNumbers.toString()})`;
  const workerData = { task, library: require.resolve('umap-js') };
  const worker = new Worker(code, { eval: true, workerData });
  const cancel = () => void worker.terminate();
  // An exception of the caller's own function ends the work.
  let thrown: { readonly error: unknown } | undefined;
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    return await new Promise<Float64Array>((resolve, reject) => {
      worker.on('message', (message: Message) => {
        if ('values' in message) return resolve(message.values);
        try {
          onProgress?.(message.done, message.total);
        } catch (error) {
          thrown = { error };
          cancel();
        }
      });
      worker.on('error', reject);
      worker.on('exit', () => reject(new AbortError(undefined, { cause: signal?.reason })));
    });
  } catch (error) {
    throw thrown ? thrown.error : error;
  } finally {
    signal?.removeEventListener('abort', cancel);
    await worker.terminate();
  }
}

/** What the worker does; it sees nothing of this file. */
function work(load: NodeJS.Require, makeRandom: (seed: number) => () => number): void {
  const { parentPort, workerData } = load('node:worker_threads') as {
    parentPort: { postMessage: (message: Message) => void };
    workerData: { task: Task; library: string };
  };
  const { task, library } = workerData;
  const { rows, count, parameters, seed } = task;
  const { UMAP } = load(library) as typeof Umap;
  const map = new UMAP({ ...parameters, random: makeRandom(seed) });
  const rowsOf = (own: number[], of: ArrayLike<number>) =>
    own.map((first, i) => [first, ...Array.from({ length: count }, (_, k) => of[i * count + k]!)]);
  const all = Array.from({ length: rows }, (_, i) => i);
  map.setPrecomputedKNN(
    rowsOf(all, task.indices),
    rowsOf(
      all.map(() => 0),
      task.distances,
    ),
  );
  const total = map.initializeFit(all.map((i) => [i]));
  for (let done = 1; done <= total; done++) {
    map.step();
    if (done % 10 === 0 || done === total) parentPort.postMessage({ done, total });
  }
  parentPort.postMessage({ values: Float64Array.from(map.getEmbedding().flat()) });
}
