import type { PowerSpectrumHyperparameters } from '../../ts';
import {
  AtomicClusterExpansion,
  Bispectrum,
  EquivariantPowerSpectrum,
  PowerSpectrum,
  RadialSpectrum,
  SphericalExpansion,
  SphericalExpansionByPair,
} from '../../ts';
import { concatenation, ofConcatenation, structureAverage } from './averages';
import { byPair } from './by-pair';
import { linear } from './loss';
import { potential } from './potential';
import { products, representation, subjectOf } from './subject';
import type { Subject } from './subject';

/** The rows of the table. A new representation or model is one more. */
export const subjects: Readonly<Record<string, () => Promise<Subject>>> = {
  'power spectrum, two species': () =>
    powerSpectrum({ cutoff: { radius: 3, smoothing: { width: 0.7 } }, species: [1, 8] }),
  'power spectrum, one species': () => powerSpectrum({ cutoff: { radius: 3.5 }, species: [14] }),
  'power spectrum, three species, radial scaling': () =>
    powerSpectrum({
      cutoff: { radius: 3, smoothing: { width: 0.5 } },
      density: { width: 0.5, scaling: { type: 'willatt', scale: 1.5, rate: 1, exponent: 3 } },
      species: [1, 6, 8],
    }),
  'power spectrum, power law, no weight on the centre': () =>
    powerSpectrum({
      cutoff: { radius: 3.2, smoothing: { width: 0.6 } },
      density: { centerWeight: 0, scaling: { type: 'willatt', scale: 2, rate: 0, exponent: 2 } },
      species: [1, 8],
    }),
  'power spectrum, narrow Gaussians, high angular momentum': () =>
    powerSpectrum({
      cutoff: { radius: 2.8, smoothing: { width: 1 } },
      density: { width: 0.2 },
      basis: { maxAngular: 9, radial: { count: 3 } },
      species: [8],
    }),
  'power spectrum, radial only': () =>
    powerSpectrum({
      cutoff: { radius: 3, smoothing: { width: 1 } },
      basis: { maxAngular: 0, radial: { count: 9 } },
      species: [1, 8],
    }),
  'power spectrum, normalised': () =>
    powerSpectrum({
      cutoff: { radius: 3, smoothing: { width: 0.7 } },
      species: [1, 8],
      normalize: true,
    }),
  'power spectrum, same element only': () =>
    powerSpectrum({ cutoff, species: [1, 6, 8], coupling: { type: 'same-element' } }),
  'power spectrum, one density tells elements and distances apart': () =>
    powerSpectrum({ cutoff, species: [1, 8], coupling: { type: 'mu' } }),
  'power spectrum, no density tells elements apart, one resolves distances': () =>
    powerSpectrum({ cutoff, species: [1, 6, 8], coupling: { type: 'mu', species: 0, radial: 1 } }),
  'power spectrum of mixed elements': () =>
    powerSpectrum({
      cutoff,
      species: [1, 6, 8],
      coupling: { type: 'mixing', over: 'species', count: 2 },
    }),
  'power spectrum of mixed radial functions, normalised': () =>
    powerSpectrum({
      cutoff,
      species: [1, 8],
      coupling: { type: 'mixing', over: 'radial', count: 3 },
      normalize: true,
    }),
  'power spectrum of random projections': () =>
    powerSpectrum({ cutoff, species: [1, 6, 8], coupling: { type: 'projection', count: 20 } }),
  ...Object.fromEntries(
    (
      [
        { type: 'given', weights: { H: [1, 0.2], C: [0, 0.7], O: [-0.6, 0.5] } },
        { type: 'properties', count: 2, widths: { electronegativity: 0.5, radius: 0.3 } },
      ] as const
    ).map((channels) => [
      `power spectrum of channels, ${channels.type}`,
      () => powerSpectrum({ cutoff, species: [1, 6, 8], channels }),
    ]),
  ),
  'spherical expansion of random channels': () =>
    products(new SphericalExpansion({ ...environment, ...channels })),
  'radial spectrum of random channels, normalised': () =>
    representation(
      new RadialSpectrum({
        cutoff,
        basis: { radial: { count: 5 } },
        normalize: true,
        ...channels,
      }),
    ),
  'equivariant power spectrum of random channels': () =>
    products(new EquivariantPowerSpectrum({ ...environment, ...channels, ranks: [0, 1] })),
  'bispectrum of random channels': () =>
    representation(
      new Bispectrum({ cutoff, basis: { maxAngular: 2, radial: { count: 2 } }, ...channels }),
    ),
  'atomic cluster expansion of random channels': () =>
    representation(
      new AtomicClusterExpansion({
        cutoff,
        basis: { maxAngular: 3, radial: { count: 4 } },
        maxDegree: 6,
        ...channels,
      }),
    ),
  'spherical expansion': () =>
    products(new SphericalExpansion({ ...environment, species: [1, 8] })),
  'spherical expansion by pair': () =>
    byPair(
      new SphericalExpansionByPair({
        cutoff: { radius: 3, smoothing: { width: 0.7 } },
        basis: { maxAngular: 2, radial: { count: 3 } },
      }),
      [1, 8],
    ),
  'radial spectrum': () =>
    representation(
      new RadialSpectrum({ cutoff, basis: { radial: { count: 5 } }, species: [1, 8] }),
    ),
  'equivariant power spectrum, proper and pseudotensors': () =>
    products(
      new EquivariantPowerSpectrum({
        ...environment,
        species: [1, 8],
        ranks: [0, 1, 2, 3],
        parity: 'both',
      }),
    ),
  bispectrum: () =>
    representation(
      new Bispectrum({
        cutoff,
        basis: { maxAngular: 2, radial: { count: 3 } },
        species: [1, 8],
        parity: 'both',
      }),
    ),
  'atomic cluster expansion of four neighbours, normalised': () =>
    representation(
      new AtomicClusterExpansion({
        ...environment,
        species: [1, 8],
        maxOrder: 4,
        maxDegree: 7,
        normalize: true,
      }),
    ),
  'atomic cluster expansion, vectors': () =>
    products(
      new AtomicClusterExpansion({
        ...environment,
        species: [14],
        maxOrder: 3,
        maxDegree: 8,
        ranks: [1],
        parity: 'both',
      }),
    ),
  'power spectrum of points on Bessel functions': () =>
    powerSpectrum({
      cutoff: { radius: 3, smoothing: { type: 'polynomial', width: 1 } },
      density: { type: 'delta' },
      basis: { maxAngular: 3, radial: { type: 'bessel', count: 4 } },
      species: [1, 8],
    }),
  'atomic cluster expansion of points on Chebyshev polynomials': () =>
    representation(
      new AtomicClusterExpansion({
        cutoff: { radius: 3, smoothing: { type: 'polynomial' } },
        density: { type: 'delta', centerWeight: 0 },
        basis: { maxAngular: 4, radial: { type: 'chebyshev', count: 5 } },
        species: [14],
        maxDegree: 8,
      }),
    ),
  'power spectrum, selected columns, normalised': () =>
    powerSpectrum({
      cutoff: { radius: 3, smoothing: { width: 0.7 } },
      species: [1, 8],
      normalize: true,
      columns: Array.from({ length: 29 }, (_, k) => 5 * k),
    }),
  'bispectrum, selected columns': () =>
    representation(
      new Bispectrum({
        cutoff,
        basis: { maxAngular: 2, radial: { count: 3 } },
        species: [1, 8],
        parity: 'both',
        columns: Array.from({ length: 40 }, (_, k) => 7 * k),
      }),
    ),
  'concatenation of two scales': () => subjectOf(concatenation, linear, ofConcatenation),
  ...Object.fromEntries(
    (['outer', 'inner'] as const).map((average) => [
      `${average} average over structures`,
      () => structureAverage(average, subjectOf(concatenation, linear, ofConcatenation)),
    ]),
  ),
  'power spectrum on Bernstein polynomials': () =>
    powerSpectrum({
      cutoff: { radius: 3, smoothing: { width: 0.7 } },
      basis: { maxAngular: 3, radial: { type: 'bernstein', count: 4 } },
      species: [14],
    }),
  'power spectrum on monomials, tanh cutoff': () =>
    powerSpectrum({
      cutoff: { radius: 3, smoothing: { type: 'tanh' } },
      basis: { maxAngular: 2, radial: { type: 'monomial', count: 3 } },
      species: [1, 8],
    }),
  'power spectrum on a quadrature': () =>
    powerSpectrum({
      cutoff: { radius: 3, smoothing: { width: 0.7 } },
      basis: { maxAngular: 3, radial: { type: 'legendre-dvr', count: 6 } },
      species: [1, 8],
    }),
  'power spectrum on splines': () =>
    powerSpectrum({
      cutoff: { radius: 3, smoothing: { width: 0.7 } },
      basis: { maxAngular: 3, radial: { type: 'spline', points: bumps(4) }, accuracy: 1e-8 },
      species: [14],
    }),
  'long-range expansion': () =>
    products(
      new SphericalExpansion({
        ...environment,
        density: { type: 'power-law', width: 0.8, centerWeight: 0.5 },
        species: [1, 8],
      }),
    ),
  'long-range power spectrum of dispersion on Bessel functions': () =>
    representation(
      new PowerSpectrum({
        cutoff,
        density: { type: 'power-law', exponent: 6, width: 0.9, kCutoff: 6 },
        basis: { maxAngular: 3, radial: { type: 'bessel', count: 4 } },
        species: [14],
        normalize: true,
      }),
    ),
  'power spectrum, a local density crossed with a long-range one': () =>
    powerSpectrum({ ...environment, longRange: { width: 0.8 }, species: [1, 8] }),
  'atomic cluster expansion of a local and a long-range density': () =>
    representation(
      new AtomicClusterExpansion({
        ...environment,
        density: { type: 'delta' },
        longRange: { width: 1, exponent: 3 },
        species: [14],
        maxDegree: 6,
      }),
    ),
  'power spectrum on contracted functions, others for each element': () =>
    powerSpectrum({
      cutoff,
      basis: {
        maxAngular: 2,
        radial: { type: 'contracted', from: { count: 6 }, coefficients: contraction(3, 3, 2, 6) },
      },
      species: [1, 6, 8],
    }),
  'potential of energies and forces': () =>
    potential([1, 8], { sparse: { count: 20 }, noise: { energy: 0.01, forces: 0.1, stress: 1 } }),
  'potential of energies, forces and stresses': () =>
    potential([14], {
      kernel: { zeta: 4 },
      sparse: { count: 12 },
      noise: { energy: 0.01, forces: 0.1, stress: 0.01 },
    }),
  'potential on a compressed power spectrum': () =>
    potential([1, 6, 8], {
      representation: {
        cutoff: { radius: 3, smoothing: { width: 0.8 } },
        basis: { maxAngular: 3, radial: { count: 4 } },
        coupling: { type: 'projection', count: 30 },
      },
      sparse: { count: 15 },
      noise: { energy: 0.01, forces: 0.1, stress: 1 },
    }),
  'potential of random channels': () =>
    potential([1, 6, 8], {
      representation: {
        cutoff: { radius: 3, smoothing: { width: 0.8 } },
        basis: { maxAngular: 3, radial: { count: 4 } },
        channels: channels.channels,
      },
      sparse: { count: 15 },
      noise: { energy: 0.01, forces: 0.1, stress: 0.1 },
    }),
  'potential with a linear kernel': () =>
    potential([1, 6, 8], {
      kernel: { zeta: 1 },
      sparse: { count: 15 },
      noise: { energy: 0.01, forces: 0.1, stress: 1 },
    }),
};

const cutoff = { radius: 3, smoothing: { width: 0.7 } };
const environment = { cutoff, basis: { maxAngular: 3, radial: { count: 3 } } };
const channels = { species: [1, 6, 8], channels: { type: 'random', count: 2 } } as const;

const powerSpectrum = (hyperparameters: PowerSpectrumHyperparameters): Promise<Subject> =>
  representation(
    new PowerSpectrum({ basis: { maxAngular: 3, radial: { count: 4 } }, ...hyperparameters }),
  );

/** Radial functions with a maximum each, by their values at 31 points. */
const bumps = (count: number): number[][] =>
  Array.from({ length: count }, (_, n) =>
    Array.from({ length: 31 }, (__, k) => Math.exp(-8 * (k / 30 - (n + 0.5) / count) ** 2)),
  );

/** Numbers without a pattern, [element][l][n][k]. */
const contraction = (...[length, ...inner]: number[]): never[] =>
  Array.from({ length: length! }, (_, k) =>
    inner.length > 0 ? contraction(...inner) : Math.sin(1 + 7 * k + length!),
  ) as never[];
