import { radialBasis } from '../density';
import { numbers, show, validate } from '../common/validation';
import { InvalidInputError } from '../errors';
import { atomicNumber } from '../structures/elements';
import type { ResolvedPowerSpectrum } from './hyperparameters';
import type { PowerSpectrum } from './power-spectrum';

/** Where a correlation of the density is wanted. */
export interface RealSpaceGrid {
  /** The two elements α and β, as symbols or atomic numbers. */
  readonly species: readonly [number | string, number | string];
  /** N₁ distances r₁ in Å. */
  readonly first: Float64Array;
  /** N₂ distances r₂ in Å. */
  readonly second: Float64Array;
  /** N_ω cosines ω of the angle between the two directions. */
  readonly cosines: Float64Array;
}

/**
 * An environment's power spectrum seen in real space,
 *
 *     ⟨αr₁ βr₂ ω|X⟩ = ∫ dR̂ ρ^α(R̂ r₁) ρ^β(R̂ r₂)
 *                    = 1/4π Σ_{l n n'} √(2l+1) p^{αβ}_{nn'l} R_nl(r₁) R_n'l(r₂) P_l(ω),
 *
 * the density of element α at distance r₁ times that of β at r₂ in a direction with ω = cos θ between them, averaged
 * over all rotations (the review's Eq. 9 and Fig. 1; ∫ dR̂ = 1): a peak says that the environment has such a pair of
 * neighbours. What it shows is what the basis resolves: take large `radial.count` and `maxAngular` for sharp
 * pictures. In Å⁻³ with Gaussians, which are normalised by the integral of their square.
 *
 * @param features the row of one environment, as the power spectrum gives it, not normalised.
 * @returns N₁ × N₂ × N_ω numbers.
 * @throws InvalidInputError when the power spectrum is not of this kind or the grid is not valid.
 */
export function realSpaceCorrelation(
  soap: PowerSpectrum,
  features: ArrayLike<number>,
  grid: RealSpaceGrid,
): Float64Array {
  if ((soap as PowerSpectrum | undefined)?.hyperparameters?.type !== 'power-spectrum') {
    throw new InvalidInputError(`expected a PowerSpectrum, got ${show(soap)}`, { path: 'soap' });
  }
  validate(numbers, features, 'features');
  const { hyperparameters, labels } = soap;
  if (hyperparameters.normalize) {
    throw new InvalidInputError('expected false: the norm of a row is lost in normalising it', {
      path: 'normalize',
    });
  }
  if (hyperparameters.longRange) {
    throw new InvalidInputError('expected none: one density, local or long-range', {
      path: 'longRange',
    });
  }
  if (hyperparameters.channels.type !== 'elements') {
    throw new InvalidInputError('expected "elements": mixtures do not tell elements apart', {
      path: 'channels.type',
    });
  }
  if (hyperparameters.coupling.type !== 'all') {
    throw new InvalidInputError(
      `expected all, got ${hyperparameters.coupling.type}: only all pairs of densities tell where neighbours are`,
      { path: 'coupling.type' },
    );
  }
  if (hyperparameters.density.type === 'power-law' || hyperparameters.longRange) {
    throw new InvalidInputError('expected a local density', { path: 'density.type' });
  }
  if (hyperparameters.columns) {
    throw new InvalidInputError('expected none: all columns are needed', { path: 'columns' });
  }
  if (features.length !== soap.features) {
    throw new InvalidInputError(
      `expected the ${soap.features} numbers of one environment, got ${features.length}`,
      { path: 'features' },
    );
  }
  const [alpha, beta] = grid.species.map((given, k) => {
    const number = typeof given === 'string' ? atomicNumber(given) : given;
    if (number === undefined || !hyperparameters.species.includes(number)) {
      throw new InvalidInputError(`expected an element of the power spectrum, got ${given}`, {
        path: `species[${k}]`,
      });
    }
    return number;
  }) as [number, number];
  const count = hyperparameters.basis.radial.count;
  const ranks = hyperparameters.basis.maxAngular + 1;
  const { values: left } = radialBasis(ofElement(hyperparameters, alpha), grid.first);
  const { values: right } = radialBasis(ofElement(hyperparameters, beta), grid.second);
  const legendre = legendrePolynomials(ranks, grid.cosines);
  const [rows, columns, angles] = [grid.first.length, grid.second.length, grid.cosines.length];
  const result = new Float64Array(rows * columns * angles);
  const radial = new Float64Array(ranks);
  // p^{αβ}_{nn'l} in full: the row holds one of two equal ones, times √2.
  const full = new Float64Array(ranks * count * count);
  labels.forEach(({ species: [a, b], n: [n, m], l }, column) => {
    if (n === null || m === null) return; // only of other couplings
    const same = a === b && n === m;
    const value = features[column]! * Math.sqrt(2 * l + 1) * (same ? 1 : Math.SQRT1_2);
    if (a === alpha && b === beta) full[(l * count + n) * count + m] = value;
    if (a === beta && b === alpha) full[(l * count + m) * count + n] = value;
  });
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      for (let l = 0; l < ranks; l++) {
        let sum = 0;
        for (let n = 0; n < count; n++) {
          let inner = 0;
          for (let m = 0; m < count; m++) {
            inner += full[(l * count + n) * count + m]! * right[(j * ranks + l) * count + m]!;
          }
          sum += left[(i * ranks + l) * count + n]! * inner;
        }
        radial[l] = sum / (4 * Math.PI);
      }
      const at = (i * columns + j) * angles;
      for (let k = 0; k < angles; k++) {
        let sum = 0;
        for (let l = 0; l < ranks; l++) sum += radial[l]! * legendre[k * ranks + l]!;
        result[at + k] = sum;
      }
    }
  }
  return result;
}

/** With the radial functions of one element, where each has its own. */
function ofElement({ cutoff, basis, species }: ResolvedPowerSpectrum, element: number) {
  const { radial } = basis;
  if (radial.type !== 'contracted') return { cutoff, basis };
  const coefficients = [radial.coefficients[species.indexOf(element)]!];
  return { cutoff, basis: { ...basis, radial: { ...radial, coefficients } } };
}

/** P_l(ω) for l < ranks, [ω][l]; (l + 1) P_{l+1} = (2l + 1) ω P_l − l P_{l−1}. */
function legendrePolynomials(ranks: number, cosines: Float64Array): Float64Array {
  const values = new Float64Array(cosines.length * ranks);
  cosines.forEach((cosine, k) => {
    if (!(Math.abs(cosine) <= 1)) {
      throw new InvalidInputError(`expected a number from −1 to 1, got ${cosine}`, {
        path: `cosines[${k}]`,
      });
    }
    let [before, now] = [0, 1];
    for (let l = 0; l < ranks; l++) {
      values[k * ranks + l] = now;
      [before, now] = [now, ((2 * l + 1) * cosine * now - l * before) / (l + 1)];
    }
  });
  return values;
}
