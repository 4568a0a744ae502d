import {
  dbscan,
  densityPeaks,
  findMotifs,
  hdbscan,
  KernelPrincipalComponents,
  kMeans,
  neighbourScores,
  PrincipalComponents,
  tsne,
  umap,
} from '../../analysis';
import type { AxesSummary } from '../../analysis';
import type { Matrix } from '../../common/matrix';
import { InvalidInputError } from '../../errors';
import type { KernelHyperparameters } from '../../kernels';
import type { AsyncOptions } from '../../native/call';
import type { MapProperty } from '../../report';

export const mapMethods = ['pca', 'pcovr', 'kernel-pca', 'kernel-pcovr', 'tsne', 'umap'] as const;
export type MapMethod = (typeof mapMethods)[number];

export interface MethodOptions extends AsyncOptions {
  readonly method: MapMethod;
  readonly targets?: Matrix | undefined;
  readonly mixing?: number | undefined;
  readonly landmarks?: number | undefined;
  readonly memoryLimit?: number | undefined;
  readonly seed: number;
}

export interface MadeMap {
  /** At least two. */
  readonly axes: MapProperty[];
  /** Coordinates along the leading components, in which clusters are looked for. */
  readonly components: Matrix;
  readonly explained?: Float64Array;
}

/** Kernels between points: as in most of the field's models, the square of the cosine. */
const kernel: KernelHyperparameters = { type: 'dot-product', zeta: 2 };
const mostComponents = 10;
/** Embeddings start from so many components. */
const embeddedComponents = 50;

/** Puts points on a map. */
export async function makeMap(features: Matrix, options: MethodOptions): Promise<MadeMap> {
  const { method, seed, targets, mixing, landmarks, memoryLimit, ...run } = options;
  const { threads, signal } = run;
  const quiet = { threads, signal };
  const [rows, columns] = features.shape;
  const embedded = method === 'tsne' || method === 'umap';
  const most = Math.min(embedded ? embeddedComponents : mostComponents, rows - 1, columns);
  type Fit = AxesSummary & { project(x: Matrix): Promise<Matrix> };
  const fit = async (count: number, aims?: Matrix): Promise<Fit> => {
    const common = { count, fewer: true, ...quiet, ...(aims && { targets: aims, mixing }) };
    if (method !== 'kernel-pca' && method !== 'kernel-pcovr') {
      return PrincipalComponents.fit(features, common);
    }
    return KernelPrincipalComponents.fit(features, kernel, { ...common, landmarks, memoryLimit });
  };
  // Targets with the variance of the points, so that mixing weighs like with like.
  const scaled = targets && asSpread(targets, await fit(1));
  const found = await fit(most, scaled);
  const components = await found.project(features);
  if (!embedded) {
    const name = {
      pca: 'PC',
      pcovr: 'PCov',
      'kernel-pca': 'kernel PC',
      'kernel-pcovr': 'kernel PCov',
    };
    const [, count] = components.shape;
    const axes = Array.from({ length: Math.max(2, Math.min(3, count)) }, (_, k) => ({
      name: `${name[method]} ${k + 1}`,
      values: k < count ? column(components, k) : new Float64Array(rows),
    }));
    return { axes, components, explained: found.explained };
  }
  const placed =
    method === 'tsne'
      ? await tsne(components, { seed, memoryLimit, ...run })
      : await umap(components, { seed, ...run });
  const label = method === 'tsne' ? 't-SNE' : 'UMAP';
  const axes = [0, 1].map((k) => ({ name: `${label} ${k + 1}`, values: column(placed, k) }));
  return { axes, components };
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
  return { name: name === 'motifs' ? 'motif' : 'cluster', classes: true, values: await find() };
}

/** How far each point is from its fifth neighbour. */
export async function outlierScores(components: Matrix, run: AsyncOptions): Promise<MapProperty> {
  const values = await neighbourScores(leading(components, 5), run);
  return { name: 'distance to the fifth neighbour', values };
}

function leading({ values, shape: [rows, columns] }: Matrix, most: number): Matrix {
  const count = Math.min(most, columns);
  const kept = new Float64Array(rows * count);
  for (let i = 0; i < rows; i++)
    kept.set(values.subarray(i * columns, i * columns + count), i * count);
  return { values: kept, shape: [rows, count] };
}
