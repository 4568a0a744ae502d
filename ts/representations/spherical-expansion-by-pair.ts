import { checkMemory, memoryKeys } from '../common/memory';
import type { MemoryOptions } from '../common/memory';
import { asyncKeys, checkOptions, syncKeys } from '../common/options';
import { nativeExpansion } from '../density/expansion';
import { resolveRadial } from '../density/radial-functions';
import type { RadialHyperparameters, ResolvedRadial } from '../density/radial-functions';
import { InvalidInputError } from '../errors';
import { callAsync, callSync } from '../native/call';
import type { AsyncOptions, SyncOptions } from '../native/call';
import type { PairExpansionHandle } from '../native/contract';
import { native } from '../native/load';
import type { NeighbourList } from '../neighbours';

export type SphericalExpansionByPairHyperparameters = RadialHyperparameters;
export type ResolvedSphericalExpansionByPair = ResolvedRadial;

/** What a column of the expansion by pair is. */
export interface PairLabel {
  /** Angular momentum. */
  readonly l: number;
  /** Its component, −l … l. */
  readonly m: number;
  /** Radial function. */
  readonly n: number;
}

const computeKeys = { ...asyncKeys, ...memoryKeys };
const computeSyncKeys = { ...syncKeys, ...memoryKeys };

/**
 * The terms ⟨nl|r_ij⟩ Y_lm(r̂_ij) of the spherical expansion, one row for each pair of neighbours: what bonds and
 * messages between atoms are described with. Summed over the neighbours of an element and with the centre's own
 * density added they are {@link SphericalExpansion}. Columns run over l, then m, then n.
 *
 * @example
 * const byPair = new SphericalExpansionByPair({ cutoff: { radius: 4 } });
 * const [list] = await neighbourList([structure], { cutoff: 4 });
 * const rows = await byPair.compute(list);
 */
export class SphericalExpansionByPair {
  /** Hyperparameters with all defaults filled in. */
  readonly hyperparameters: ResolvedSphericalExpansionByPair;
  /** Number of columns F = (maxAngular + 1)² n. */
  readonly features: number;
  readonly #handle: PairExpansionHandle;

  /** @throws InvalidInputError naming the path of what is wrong; NumericalError for a basis that is too large. */
  constructor(hyperparameters: SphericalExpansionByPairHyperparameters = {}) {
    const resolved = resolveRadial(hyperparameters);
    const expansion = nativeExpansion({ ...resolved, species: [1] });
    this.hyperparameters = resolved;
    this.features = (expansion.maxAngular + 1) ** 2 * expansion.radialCount;
    this.#handle = callSync(() => native().createPairExpansion(expansion));
  }

  /** What each column is. */
  get labels(): PairLabel[] {
    const { maxAngular, radial } = this.hyperparameters.basis;
    return Array.from({ length: maxAngular + 1 }, (_, l) =>
      Array.from({ length: 2 * l + 1 }, (__, k) =>
        Array.from({ length: radial.count }, (___, n) => ({ l, m: k - l, n })),
      ),
    ).flat(2);
  }

  /**
   * The expansion of every pair of a list; pairs as far as the cutoff have zeros. Runs off the event loop.
   *
   * @returns P × F numbers, row-major.
   * @throws MemoryLimitError when they would take more than `memoryLimit` bytes.
   */
  async compute(
    pairs: Pick<NeighbourList, 'vectors'>,
    options: AsyncOptions & MemoryOptions = {},
  ): Promise<Float64Array> {
    checkOptions(options, computeKeys);
    const values = this.#allocate(pairs, options);
    await callAsync(
      (call) => native().pairValues(this.#handle, pairs.vectors, values, call),
      options,
    );
    return values;
  }

  /** The same on the calling thread, which waits for it. See {@link compute}. */
  computeSync(
    pairs: Pick<NeighbourList, 'vectors'>,
    options: SyncOptions & MemoryOptions = {},
  ): Float64Array {
    checkOptions(options, computeSyncKeys);
    const values = this.#allocate(pairs, options);
    callSync((call) => native().pairValues(this.#handle, pairs.vectors, values, call), options);
    return values;
  }

  /**
   * The vector–Jacobian product: from ∂L/∂features, P × F, the derivatives ∂L/∂r_ij of a loss L, P × 3, in its unit
   * per Å. What moves atom j moves r_ij along, and r_ji and atom i against it.
   */
  async vjp(
    pairs: Pick<NeighbourList, 'vectors'>,
    gradient: Float64Array,
    options: AsyncOptions = {},
  ): Promise<Float64Array> {
    checkOptions(options, asyncKeys);
    const result = this.#gradient(pairs, gradient);
    await callAsync(
      (call) => native().pairVjp(this.#handle, pairs.vectors, gradient, result, call),
      options,
    );
    return result;
  }

  /** The same on the calling thread, which waits for it. See {@link vjp}. */
  vjpSync(
    pairs: Pick<NeighbourList, 'vectors'>,
    gradient: Float64Array,
    options: SyncOptions = {},
  ): Float64Array {
    checkOptions(options, syncKeys);
    const result = this.#gradient(pairs, gradient);
    callSync(
      (call) => native().pairVjp(this.#handle, pairs.vectors, gradient, result, call),
      options,
    );
    return result;
  }

  #allocate({ vectors }: Pick<NeighbourList, 'vectors'>, options: MemoryOptions): Float64Array {
    const size = (vectors.length / 3) * this.features;
    checkMemory(8 * size, options.memoryLimit, 'the expansion by pair');
    return new Float64Array(size);
  }

  #gradient({ vectors }: Pick<NeighbourList, 'vectors'>, gradient: Float64Array): Float64Array {
    const pairs = vectors.length / 3;
    if (gradient.length !== pairs * this.features) {
      throw new InvalidInputError(
        `expected ${pairs} × ${this.features} numbers, got ${gradient.length}`,
        { path: 'gradient' },
      );
    }
    return new Float64Array(vectors.length);
  }
}
