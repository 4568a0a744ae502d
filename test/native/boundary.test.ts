import { Bispectrum, PowerSpectrum } from '../../ts';
import { callSync } from '../../ts/native/call';
import { native } from '../../ts/native/load';
import type { NativeSyncOptions } from '../../ts/native/contract';
import { toBatch } from '../../ts/structures/batch';
import { failing } from '../failing';

/* What TypeScript checks first is checked again where a mistake would read or write memory of others, or end Node. */

const basis = { maxAngular: 1, radial: { count: 2 } };
const parameters = { cutoff: { radius: 3 }, density: { width: 0.5 }, basis, species: [1, 8] };
const spectrum = new PowerSpectrum(parameters);
const bispectrum = new Bispectrum(parameters);
const water = toBatch([{ species: ['O', 'H', 'H'], positions: [0, 0, 0, 0, 0, 1, 0, 1, 0] }]);
const sync: NativeSyncOptions = { async: false, threads: 1 };
const numbers = (count: number) => Float64Array.from({ length: count }, (_, i) => i + 1);

const samples = (offsets: number[]) => ({
  values: numbers(8),
  rows: 4,
  features: 2,
  components: 1,
  offsets: Int32Array.from(offsets),
  mean: false,
});

const sparseKernel = (first: number[]) => ({
  representation: spectrum.handle,
  points: new Float32Array(3 * spectrum.features).fill(1),
  first: Int32Array.from(first),
  zeta: 2,
});

const candidates = [numbers(6), 2, false, new Float64Array(0), 1] as const;

test.each([
  [
    'a block that is not there',
    () => native().productLabels(bispectrum.handle, 99, new Int32Array(0), new Int32Array(0)),
    /./,
  ],
  [
    'offsets that do not begin at 0',
    () => kernelOf([1, 4]),
    /offsets: expected numbers that ascend from 0 to 4/,
  ],
  ['offsets that go beyond', () => kernelOf([0, 5]), /got 5 in place 1/],
  ['offsets that go back', () => kernelOf([0, 3, 1, 4]), /got 1 in place 2/],
  ['a structure without environments', () => kernelOf([0, 2, 2, 4]), /got 2 in place 2/],
  ['no offsets', () => kernelOf([]), /got none in place 0/],
  [
    'points that do not begin at 0',
    () => fitOf([1, 2, 3]),
    /first: expected numbers that ascend from 0 to 3/,
  ],
  ['points that go back', () => fitOf([0, 4, 3]), /got 4 in place 1|got 3 in place 2/],
  ['points below 0', () => fitOf([0, -1, 3]), /got -1 in place 1/],
  ['points that are not there', () => fitOf([0, 2, 5]), /got 5 in place 2/],
  ['points of other elements', () => fitOf([0, 1, 2, 3]), /expected 3 offsets/],
  [
    'an atom without a structure',
    () =>
      native().computeValues(
        rows(),
        { ...water, offsets: Int32Array.of(0, 2) },
        undefined,
        numbers(0),
        sync,
      ),
    /batch\.offsets/,
  ],
  [
    'a row beyond the last',
    () => native().computeValues(rows(), water, Int32Array.of(-1, 1, -1), numbers(0), sync),
    /rowOf/,
  ],
  [
    'no leading vector',
    () =>
      native().cur(
        ...candidates,
        { leading: 0, recomputeEvery: 1 },
        new Int32Array(1),
        new Float64Array(1),
        sync,
      ),
    /leading: expected a number from 1 to 3, got 0/,
  ],
  [
    'less than none',
    () => native().leverageScores(...candidates, -1, new Float64Array(3), sync),
    /leading: expected a number from 1 to 3, got -1/,
  ],
  [
    'more centres than points',
    () =>
      native().kMeans(
        numbers(4),
        2,
        numbers(6),
        undefined,
        { iterations: 9, tolerance: 1e-3 },
        new Int32Array(2),
        sync,
      ),
    /centres/,
  ],
  [
    'no kernel of points',
    () => native().createProjectedProcess(new Float64Array(0), 1, 1, sync),
    /pointKernel: not square/,
  ],
  ['a sample without atoms', () => likelihoodOf([0, 2, 2, 3]), /got 2 in place 2/],
  ['samples that go back', () => likelihoodOf([0, 3, 1, 3]), /got 1 in place 2/],
  [
    'a name that is unknown',
    () =>
      native().kernelMatrix(
        samples([0, 4]),
        undefined,
        { type: 'kernel' as 'gaussian', normalize: true },
        undefined,
        undefined,
        numbers(1),
        sync,
      ),
    /type: unknown name/,
  ],
])('refuses %s', (_, call, message) => {
  expect(() => callSync(call)).toThrow(failing({ message: expect.stringMatching(message) }));
});

const rows = () => native().createRows([{ representation: spectrum.handle, weight: 1 }], undefined);

function kernelOf(offsets: number[]): void {
  const kernel = { type: 'gaussian', normalize: false, width: 1 } as const;
  native().kernelMatrix(
    samples(offsets),
    undefined,
    kernel,
    undefined,
    undefined,
    numbers(1),
    sync,
  );
}

function fitOf(first: number[]): unknown {
  return native().createSparseFit(sparseKernel(first), 1, sync);
}

function likelihoodOf(offsets: number[]): unknown {
  const kernel = { offsets: Int32Array.from(offsets), zeta: 1, mean: false, sameSpecies: false };
  const { expansion } = likelihood;
  return native().createChannelLikelihood(spectrum.handle, expansion, water, kernel, sync);
}

const likelihood = {
  expansion: {
    cutoff: 3,
    cutoffType: 'cosine',
    width: 0.5,
    local: true,
    gaussianWidth: 0.5,
    centerWeight: 1,
    maxAngular: 1,
    radialType: 'gto',
    radialCount: 2,
    accuracy: 1e-8,
    species: Int32Array.of(1, 8),
  },
} as const;
