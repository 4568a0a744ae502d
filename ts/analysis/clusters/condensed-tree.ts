import type { HierarchicalClusters } from './hdbscan';

/** A cluster of the condensed tree: it is born at a density λ = 1/distance and loses points until it splits or ends. */
interface Cluster {
  readonly birth: number;
  readonly parent: number;
  readonly children: number[];
  /** Σ over its points of λ at which they leave, less that of birth. */
  stability: number;
  /** The last λ at which it loses points or splits. */
  death: number;
}

/**
 * Clusters from a minimum spanning tree, its edges sorted by length. Splits that leave fewer than `leastSize` points
 * are points that fall out; of the clusters that are left, those are chosen whose stability is more than that of their
 * descendants; the whole is never one.
 */
export function condense(
  ends: Int32Array,
  lengths: Float64Array,
  points: number,
  leastSize: number,
): HierarchicalClusters {
  const merges = mergeTree(ends, points);
  const clusters: Cluster[] = [newCluster(0, -1)];
  /** Cluster in which each point was last, and the λ at which it left. */
  const last = new Int32Array(points);
  const left = new Float64Array(points);
  const stack: [node: number, cluster: number][] = points > 1 ? [[2 * points - 2, 0]] : [];
  while (stack.length > 0) {
    const [node, index] = stack.pop()!;
    const cluster = clusters[index]!;
    const length = lengths[node - points]!;
    const lambda = length > 0 ? 1 / length : Infinity;
    const sides = [merges.left[node - points]!, merges.right[node - points]!];
    if (lambda < Infinity) cluster.death = Math.max(cluster.death, lambda);
    const large = sides.filter((side) => merges.size(side) >= leastSize);
    for (const side of sides) {
      const stays = merges.size(side) >= leastSize;
      if (stays && large.length === 1) {
        stack.push([side, index]);
        continue;
      }
      cluster.stability += (lambda - cluster.birth) * merges.size(side) || 0;
      if (stays) {
        cluster.children.push(clusters.length);
        clusters.push(newCluster(lambda, index));
        if (side < points) {
          last[side] = clusters.length - 1;
          left[side] = lambda;
        } else stack.push([side, clusters.length - 1]);
      } else {
        for (const point of merges.leaves(side)) {
          last[point] = index;
          left[point] = lambda;
        }
      }
    }
  }
  return label(clusters, last, left);
}

const newCluster = (birth: number, parent: number): Cluster => ({
  birth,
  parent,
  children: [],
  stability: 0,
  death: 0,
});

/** Single linkage: node n + e joins two nodes by edge e. */
function mergeTree(ends: Int32Array, points: number) {
  const count = Math.max(0, points - 1);
  const [left, right] = [new Int32Array(count), new Int32Array(count)];
  const sizes = new Int32Array(points + count).fill(1);
  const root = Int32Array.from({ length: points + count }, (_, node) => node);
  const find = (node: number) => {
    while (root[node] !== node) {
      root[node] = root[root[node]!]!;
      node = root[node]!;
    }
    return node;
  };
  for (let edge = 0; edge < count; edge++) {
    const [a, b] = [find(ends[2 * edge]!), find(ends[2 * edge + 1]!)];
    left[edge] = a;
    right[edge] = b;
    root[a] = root[b] = points + edge;
    sizes[points + edge] = sizes[a]! + sizes[b]!;
  }
  return {
    left,
    right,
    size: (node: number) => sizes[node]!,
    *leaves(node: number): Generator<number> {
      const stack = [node];
      while (stack.length > 0) {
        const next = stack.pop()!;
        if (next < points) yield next;
        else stack.push(left[next - points]!, right[next - points]!);
      }
    },
  };
}

function label(clusters: Cluster[], last: Int32Array, left: Float64Array): HierarchicalClusters {
  // From the leaves up: a cluster is chosen unless its descendants are more stable together.
  const chosen = new Set<number>();
  const best = clusters.map(({ stability }) => stability);
  for (let index = clusters.length - 1; index > 0; index--) {
    const { children, stability } = clusters[index]!;
    const below = children.reduce((sum, child) => sum + best[child]!, 0);
    if (children.length > 0 && below > stability) best[index] = below;
    else chosen.add(index);
  }
  // The highest chosen one of each branch counts.
  const owner = new Int32Array(clusters.length).fill(-1);
  const names = new Map<number, number>();
  for (let index = 1; index < clusters.length; index++) {
    const above = owner[clusters[index]!.parent]!;
    if (above >= 0) owner[index] = above;
    else if (chosen.has(index)) {
      owner[index] = names.size;
      names.set(index, names.size);
    }
  }
  const labels = last.map((cluster) => owner[cluster]!);
  const deaths = [...names.keys()].map((index) => clusters[index]!.death);
  const probabilities = Float64Array.from(labels, (name, point) => {
    if (name < 0) return 0;
    const [most, own] = [deaths[name]!, left[point]!];
    return most === 0 || !Number.isFinite(own) ? 1 : Math.min(own, most) / most;
  });
  return { labels, clusters: names.size, probabilities };
}
