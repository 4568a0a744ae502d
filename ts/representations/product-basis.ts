import type { NativeProducts, RepresentationHandle } from '../native/contract';
import { native } from '../native/load';
import { engineObject } from './engine-objects';
import { channelsOf, nativeExpansion } from '../density/expansion';
import type { Channel, ResolvedExpansion } from '../density/expansion';
import { EnvironmentRepresentation } from './environment-representation';

/** Parities that features may have: `proper` is that of harmonics, (−1)^λ. */
export type TensorParity = 'proper' | 'pseudo' | 'both';

/** One coefficient c^α_nlm of a product; m is summed over. */
export interface ProductFactor extends Channel {
  /** Radial function. */
  readonly n: number;
  /** Angular momentum. */
  readonly l: number;
}

/** What a column of a product basis is. */
export interface ProductLabel {
  /** Rank λ of the spherical tensor that the column is a component of. */
  readonly lambda: number;
  /** Its component μ = −λ … λ. */
  readonly mu: number;
  /** TensorParity: 1 for proper tensors, −1 for pseudotensors. */
  readonly sigma: 1 | -1;
  /** The ν coefficients, ascending by l, element and n. */
  readonly factors: readonly ProductFactor[];
  /** L of the first factor, of the first two coupled, of the first three …; the last is λ. */
  readonly ranks: readonly number[];
}

/** Columns of one order, rank and parity, which follow each other: μ slowest, functions fastest. */
export interface ProductBlock {
  /** Number ν of factors. */
  readonly order: number;
  readonly lambda: number;
  readonly sigma: 1 | -1;
  /** First column. */
  readonly column: number;
  /** Number of functions, each of 2λ + 1 components. */
  readonly functions: number;
}

interface ProductHyperparameters extends ResolvedExpansion {
  readonly type: string;
  readonly normalize: boolean;
  readonly columns?: readonly number[] | undefined;
}

/**
 * Products of ν expansion coefficients, coupled to spherical tensors of rank λ. One recursion makes them all:
 *
 *     A^{(ν+1)}_λμ = Σ_{m m'} ⟨L m; l m'|λ μ⟩ A^{(ν)}_Lm c^α_nlm',   A^{(0)} = 1
 *
 * Order ν = 1 is the expansion, ν = 2 the (equivariant) power spectrum, ν = 3 the bispectrum, all orders up to
 * some ν the atomic cluster expansion. Each product is there once, times √ of the number of orders of its
 * factors. Method: Nigam, Pozdnyakov and Ceriotti, J. Chem. Phys. 153, 121101 (2020).
 */
export abstract class ProductBasis<
  Hyperparameters extends ProductHyperparameters,
> extends EnvironmentRepresentation<Hyperparameters, ProductLabel> {
  /** The columns in blocks of one order, rank λ and parity. */
  readonly blocks: readonly ProductBlock[];

  protected constructor(hyperparameters: Hyperparameters, products: Products) {
    super(hyperparameters, create(hyperparameters, products));
    let column = 0;
    this.blocks = native()
      .productBlocks(this.handle)
      .map((block) => {
        const first = column;
        column += (2 * block.lambda + 1) * block.functions;
        return { ...block, column: first };
      });
  }

  override get labels(): ProductLabel[] {
    const channels = channelsOf(this.hyperparameters);
    return this.blocks.flatMap((block, index) => {
      const { order, lambda, sigma, functions } = block;
      const numbers = new Int32Array(3 * functions * order);
      const chains = new Int32Array(functions * order);
      native().productLabels(this.handle, index, numbers, chains);
      const products = Array.from({ length: functions }, (_, q) => ({
        factors: Array.from({ length: order }, (_, k) => {
          const at = 3 * (q * order + k);
          return { ...channels[numbers[at]!]!, n: numbers[at + 1]!, l: numbers[at + 2]! };
        }),
        ranks: Array.from(chains.subarray(q * order, (q + 1) * order)),
      }));
      return Array.from({ length: 2 * lambda + 1 }, (_, component) =>
        products.map((product) => ({ lambda, mu: component - lambda, sigma, ...product })),
      ).flat();
    });
  }
}

/** Which products a basis has. */
interface Products {
  readonly orders: readonly [least: number, most: number];
  readonly ranks: readonly number[];
  readonly parity: TensorParity;
  readonly maxDegree?: number;
  readonly angularWeight?: number;
}

function create(
  hyperparameters: ProductHyperparameters,
  { orders, ranks, parity, maxDegree = Infinity, angularWeight = 1 }: Products,
): RepresentationHandle {
  const products: NativeProducts = {
    leastOrder: orders[0],
    mostOrder: orders[1],
    lambdas: Int32Array.from(ranks),
    even: parity !== 'pseudo',
    odd: parity !== 'proper',
    mostDegree: maxDegree,
    angularWeight,
    ...(hyperparameters.columns && { columns: Int32Array.from(hyperparameters.columns) }),
  };
  return engineObject(hyperparameters, () =>
    native().createProductBasis(nativeExpansion(hyperparameters), products),
  );
}
