import {
  dbscan,
  densityPeaks,
  findMotifs,
  hdbscan,
  KernelPrincipalComponents,
  kMeans,
  nearestNeighbours,
  neighbourScores,
  PrincipalComponents,
  tsne,
  umap,
} from '../../analysis';
import type { AxesSummary, CovariateOptions, SampleBlock } from '../../analysis';
import { bytesOfSums } from '../../analysis/covariates/principal-components';
import { rowsOf } from '../../analysis/points';
import { concatenated } from '../../common/arrays';
import type { Matrix } from '../../common/matrix';
import { checkMemory } from '../../common/memory';
import type { MemoryOptions } from '../../common/memory';
import { randomNumbers, someOf } from '../../common/random';
import { InvalidInputError } from '../../errors';
import type { KernelHyperparameters } from '../../kernels';
import type { AsyncOptions } from '../../native/call';
import { farthestPoints } from '../../regression';
import type { MapProperty } from '../../report';
import type { MapPoints } from './features';

export const mapMethods = ['pca', 'pcovr', 'kernel-pca', 'kernel-pcovr', 'tsne', 'umap'] as const;
export type MapMethod = (typeof mapMethods)[number];

const coordinates: Readonly<Record<MapMethod, string>> = {
  pca: 'PC',
  pcovr: 'PCov',
  'kernel-pca': 'kernel PC',
  'kernel-pcovr': 'kernel PCov',
  tsne: 't-SNE',
  umap: 'UMAP',
};
const axisName = (method: MapMethod, axis: number) => `${coordinates[method]} ${axis + 1}`;
const mostAxes = 3;

/** What a map calls its axes, clusters and outliers. */
export const ownNames = (
  method: MapMethod,
  cluster: ClusterChoice | undefined,
  points: number,
): string[] => [
  ...Array.from({ length: mostAxes }, (_, k) => axisName(method, k)),
  ...(cluster ? [clusterName(cluster)] : []),
  outlierName(points),
];

export interface MethodOptions extends AsyncOptions {
  readonly method: MapMethod;
  readonly targets?: Matrix | undefined;
  readonly mixing?: number | undefined;
  /** How many points kernels stand on. Default: all of 5000, of more points 500 landmarks. */
  readonly landmarks?: number | 'all' | undefined;
  readonly memoryLimit?: number | undefined;
  readonly seed: number;
}

export interface MadeMap {
  /** At least two. */
  readonly axes: MapProperty[];
  /** Coordinates along the leading components, in which clusters are looked for. */
  readonly components: Matrix;
  readonly explained?: Float64Array;
  /** How many points kernels stand on, unless on all. */
  readonly landmarks?: number | undefined;
}

/** Kernels between points: as in most of the field's models, the square of the cosine. */
const kernel: KernelHyperparameters = { type: 'dot-product', zeta: 2 };
const mostComponents = 10;
/** Embeddings start from so many components. */
const embeddedComponents = 50;

/**
 * Kernels of more points than this stand on landmarks unless told otherwise: those of 10⁴ with all others take 800 MB and five
 * times as long, and move the leading eigenvalues by less than 10⁻³ of themselves (bench/maps.mjs).
 */
const mostWithoutLandmarks = 5000;
const standardLandmarks = 500;

/** Landmarks are picked among so many points, drawn at random, and at least so many for each. */
const landmarkPool = { least: 20_000, perLandmark: 4 };

/** Puts points on a map. */
export async function makeMap(points: MapPoints, options: MethodOptions): Promise<MadeMap> {
  const { method, seed, targets, mixing, memoryLimit, threads, signal, onProgress } = options;
  const run = { threads, signal, onProgress };
  const quiet = { threads, signal };
  const [rows, columns] = points.shape;
  const embedded = method === 'tsne' || method === 'umap';
  const withKernel = method === 'kernel-pca' || method === 'kernel-pcovr';
  const landmarks = withKernel ? landmarksOf(options, rows) : undefined;
  const most = Math.min(
    embedded ? embeddedComponents : mostComponents,
    rows - 1,
    withKernel ? (landmarks ?? rows) : columns,
  );
  const support =
    landmarks !== undefined ? await landmarksAmong(points, landmarks, seed, quiet) : undefined;
  type Fit = AxesSummary & { project(x: Matrix): Promise<Matrix> };
  const fit = async (count: number, aims?: Matrix): Promise<Fit> => {
    const common = { count, fewer: true, ...quiet, ...(aims && { mixing }) };
    if (!withKernel) return componentsOf(points, aims, { ...common, memoryLimit });
    if (support) {
      const blocks = withTargets(points.blocks(), aims);
      return KernelPrincipalComponents.fitBlocks(blocks, support, kernel, {
        ...common,
        memoryLimit,
      });
    }
    const all = await points.all('take --landmarks N');
    return KernelPrincipalComponents.fit(all, kernel, {
      ...common,
      ...(aims && { targets: aims }),
      memoryLimit,
    });
  };
  // Targets with the variance of the points, so that mixing weighs like with like.
  const scaled = targets && asSpread(targets, await fit(1));
  const found = await fit(most, scaled);
  const components = await projectAll(points, found);
  if (!embedded) {
    const [, count] = components.shape;
    const axes = Array.from({ length: Math.max(2, Math.min(mostAxes, count)) }, (_, k) => ({
      name: axisName(method, k),
      values: k < count ? column(components, k) : new Float64Array(rows),
    }));
    return { axes, components, explained: found.explained, landmarks };
  }
  const placed =
    method === 'tsne'
      ? await tsne(components, { seed, memoryLimit, ...run })
      : await umap(components, { seed, ...run });
  const axes = [0, 1].map((k) => ({ name: axisName(method, k), values: column(placed, k) }));
  return { axes, components };
}

/** How many points kernels stand on; undefined: on all. */
function landmarksOf({ landmarks }: MethodOptions, rows: number): number | undefined {
  if (landmarks === 'all') return undefined;
  return landmarks ?? (rows > mostWithoutLandmarks ? standardLandmarks : undefined);
}

/** Sums over features may take so much, whatever is kept of the features themselves. */
const sumsLimit = 4 * 2 ** 30;

/** Of fewer points than features by their dot products; else by sums over features, for which points stream by. */
async function componentsOf(
  points: MapPoints,
  targets: Matrix | undefined,
  { memoryLimit = 0, ...options }: CovariateOptions & MemoryOptions & AsyncOptions,
): Promise<PrincipalComponents> {
  const [rows, columns] = points.shape;
  if (rows < columns && points.fits) {
    // Dot products take less than the features, which are kept.
    const fit = { ...options, memoryLimit: Infinity, ...(targets && { targets }) };
    return PrincipalComponents.fit(await points.all(''), fit);
  }
  const limit = Math.max(memoryLimit, sumsLimit);
  checkMemory(
    bytesOfSums(columns),
    limit,
    `sums of ${columns} × ${columns} features`,
    'take a --config with fewer, such as by "channels" that mix elements, or --method kernel-pca --landmarks N',
    '--memory-limit',
  );
  const blocks = withTargets(points.blocks(), targets);
  return PrincipalComponents.fitBlocks(blocks, { ...options, memoryLimit: limit });
}

async function projectAll(
  points: MapPoints,
  found: { project(x: Matrix): Promise<Matrix> },
): Promise<Matrix> {
  const blocks: Matrix[] = [];
  for await (const block of points.blocks()) blocks.push(await found.project(block));
  const columns = blocks[0]?.shape[1] ?? 0;
  const values = concatenated(blocks.map((block) => block.values));
  return { values, shape: [points.shape[0], columns] };
}

/** Points that are far from each other. */
async function landmarksAmong(
  points: MapPoints,
  count: number,
  seed: number,
  run: AsyncOptions,
): Promise<Matrix> {
  const [rows] = points.shape;
  if (count > rows) {
    throw new InvalidInputError(
      `expected at most ${rows} landmarks, one for each point, got ${count}`,
      {
        path: '--landmarks',
      },
    );
  }
  const size = Math.max(landmarkPool.least, landmarkPool.perLandmark * count);
  const pool = await points.rows(someOf(rows, size, randomNumbers(seed)));
  const { indices } = await farthestPoints(pool, count, run);
  return rowsOf(pool, indices);
}

async function* withTargets(
  blocks: AsyncIterable<Matrix>,
  targets: Matrix | undefined,
): AsyncGenerator<SampleBlock> {
  let first = 0;
  for await (const x of blocks) {
    const last = first + x.shape[0];
    const columns = targets?.shape[1] ?? 0;
    yield {
      x,
      ...(targets && {
        targets: {
          values: targets.values.subarray(first * columns, last * columns),
          shape: [last - first, columns],
        },
      }),
    };
    first = last;
  }
}

/** Targets of variance 1 times the deviation of the points in all directions. */
function asSpread({ values, shape }: Matrix, { eigenvalues, explained }: AxesSummary): Matrix {
  const deviation = Math.sqrt(eigenvalues[0]! / explained[0]! / shape[0]);
  return { values: values.map((x) => x * deviation), shape };
}

const column = ({ values, shape: [rows, columns] }: Matrix, k: number): Float64Array =>
  Float64Array.from({ length: rows }, (_, i) => values[i * columns + k]!);

/** How clusters are looked for: `k-means:8`, `dbscan:0.3`, `hdbscan:20`, `density-peaks`, `motifs`. */
export interface ClusterChoice {
  readonly name: string;
  readonly value?: number | undefined;
}

const clusterNames = ['k-means', 'dbscan', 'hdbscan', 'density-peaks', 'motifs'];
export const clusterForms =
  'k-means:N, dbscan:RADIUS, hdbscan:SIZE, density-peaks, density-peaks:N or motifs';

/** @returns undefined for what is none of the forms. */
export function parseClusters(text: string): ClusterChoice | undefined {
  const [name = '', given, ...rest] = text.split(':');
  const value = given === undefined ? undefined : Number(given);
  const needsValue = name === 'k-means' || name === 'dbscan';
  const isWhole = name === 'dbscan' || value === undefined || Number.isInteger(value);
  if (!clusterNames.includes(name) || rest.length > 0 || (needsValue && value === undefined))
    return undefined;
  if (value !== undefined && (!(value > 0) || !isWhole || name === 'motifs')) return undefined;
  return { name, value };
}

export async function findClusters(
  { name, value }: ClusterChoice,
  components: Matrix,
  seed: number,
  run: AsyncOptions,
): Promise<MapProperty> {
  const [rows] = components.shape;
  if ((name === 'k-means' || name === 'density-peaks') && value !== undefined && value > rows) {
    throw new InvalidInputError(
      `expected at most ${rows} clusters, one for each point, got ${value}`,
      {
        path: '--cluster',
      },
    );
  }
  const five = leading(components, 5);
  const find = async (): Promise<Int32Array> => {
    if (name === 'k-means') return (await kMeans(five, value!, { seed, ...run })).labels;
    if (name === 'dbscan') return (await dbscan(five, { radius: value!, ...run })).labels;
    if (name === 'hdbscan')
      return (await hdbscan(five, { leastSize: Math.min(rows, value ?? 10), ...run })).labels;
    if (name === 'density-peaks')
      return (await densityPeaks(five, { count: value, ...run })).labels;
    return (await findMotifs(leading(components, 3), run)).labels;
  };
  return { name: clusterName({ name }), classes: true, values: await find() };
}

const clusterName = ({ name }: ClusterChoice) => (name === 'motifs' ? 'motif' : 'cluster');

/** Of more points than this, neighbours are looked for among so many, drawn at random. */
const mostNeighbours = 50_000;

const outlierName = (points: number) =>
  `distance to the fifth neighbour${points > mostNeighbours ? ` among ${mostNeighbours}` : ''}`;

/** How far each point is from its fifth neighbour. */
export async function outlierScores(
  components: Matrix,
  seed: number,
  run: AsyncOptions,
): Promise<MapProperty> {
  const five = leading(components, 5);
  const [rows] = five.shape;
  const name = outlierName(rows);
  if (rows <= mostNeighbours) return { name, values: await neighbourScores(five, run) };
  const among = rowsOf(five, someOf(rows, mostNeighbours, randomNumbers(seed)));
  const { distances } = await nearestNeighbours(five, 6, { among, ...run });
  // A point that was drawn itself is its own nearest neighbour.
  const values = Float64Array.from({ length: rows }, (_, i) =>
    distances[6 * i] === 0 ? distances[6 * i + 5]! : distances[6 * i + 4]!,
  );
  return { name, values };
}

function leading({ values, shape: [rows, columns] }: Matrix, most: number): Matrix {
  const count = Math.min(most, columns);
  const kept = new Float64Array(rows * count);
  for (let i = 0; i < rows; i++)
    kept.set(values.subarray(i * columns, i * columns + count), i * count);
  return { values: kept, shape: [rows, count] };
}
