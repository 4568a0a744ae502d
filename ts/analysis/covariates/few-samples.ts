import type { Matrix } from '../../common/matrix';
import { checkMemory } from '../../common/memory';
import { inTurns, Pace } from '../../common/turns';
import type { Steps } from '../../common/turns';
import { InvalidInputError, NumericalError } from '../../errors';
import { kernelMatrix } from '../../kernels';
import { callAsync } from '../../native/call';
import type { AsyncOptions } from '../../native/call';
import type { NativeAxes, NativeCovariateOptions } from '../../native/contract';
import { native } from '../../native/load';
import { emptyAxes, foundAxes, projected } from './axes';

/** Deviations below this part of the mean are rounding. */
const rounding = 1e-12;
/** That are turned over at a time. */
const numbersOfTile = 2 ** 18;

/**
 * Principal components, or covariates, of fewer samples than features: the same axes as from the F × F scatter, of the
 * N × N dot products X Xᵀ. Where coordinates are T = X Xᵀ P, axes are A = Xᵀ P, and loadings Λ⁻¹ Tᵀ X.
 *
 * @throws InvalidInputError naming a number that is none; MemoryLimitError for samples that do not fit twice, with their dot
 * products and the axes; NumericalError where samples do not differ in so many directions.
 */
export async function axesOfFewSamples(
  { values, shape }: Matrix,
  targets: Matrix | undefined,
  options: NativeCovariateOptions,
  { memoryLimit, ...run }: AsyncOptions & { readonly memoryLimit?: number | undefined },
): Promise<NativeAxes> {
  const [rows, columns] = shape;
  const what = `dot products of ${rows} samples of ${columns} features`;
  const ofAxes = 2 * options.count * (rows + columns);
  checkMemory(8 * (rows * (rows + columns) + ofAxes), memoryLimit, what);
  const { centred, mean } = await inTurns(centre(values, columns), run.signal);
  const matrix = await kernelMatrix(
    { values: centred, rows, columns },
    undefined,
    { type: 'dot-product', zeta: 1, normalize: false },
    { memoryLimit, ...run },
  );
  const out = emptyAxes(rows, targets?.shape[1] ?? 0, options.count, false);
  const labels = targets?.values ?? new Float64Array(0);
  const found = await callAsync(
    (call) => native().kernelPrincipalCovariates(matrix.values, labels, options, out, call),
    run,
  );
  const ofSamples = foundAxes(out, found);

  const { values: t } = await projected(matrix, ofSamples.axes, ofSamples.offset, run);
  const both = await inTurns(sideBySide(ofSamples, t), run.signal);
  const axes = new Float64Array(columns * found);
  const loadings = new Float64Array(found * columns);
  const zeros = new Float64Array(2 * found);
  const most = Math.ceil(numbersOfTile / rows);
  for (let first = 0; first < columns; first += most) {
    const width = Math.min(most, columns - first);
    const tile = new Float64Array(width * rows); // Xᵀ
    for (let i = 0; i < rows; i++) {
      for (let f = 0; f < width; f++) tile[f * rows + i] = centred[i * columns + first + f]!;
    }
    const along = await projected({ values: tile, shape: [width, rows] }, both, zeros, run);
    for (let f = 0; f < width; f++) {
      for (let k = 0; k < found; k++) {
        axes[(first + f) * found + k] = along.values[2 * f * found + k]!;
        loadings[k * columns + first + f] = along.values[(2 * f + 1) * found + k]!;
      }
    }
  }
  return inTurns(oriented({ ...ofSamples, axes, loadings, mean }), run.signal);
}

/** P and T Λ⁻¹, row by row. */
function* sideBySide({ axes, eigenvalues }: NativeAxes, t: Float64Array): Steps<Float64Array> {
  const count = eigenvalues.length;
  const both = new Float64Array(2 * axes.length);
  const pace = new Pace();
  for (let i = 0; i < axes.length / count; i++) {
    for (let k = 0; k < count; k++) {
      both[2 * i * count + k] = axes[i * count + k]!;
      both[(2 * i + 1) * count + k] = t[i * count + k]! / eigenvalues[k]!;
    }
    if (pace.passed(count)) yield;
  }
  return both;
}

/** Samples less their mean. @throws InvalidInputError naming a number that is none; NumericalError where none differ. */
function* centre(
  values: Float64Array,
  columns: number,
): Steps<{ centred: Float64Array; mean: Float64Array }> {
  const rows = values.length / columns;
  const pace = new Pace();
  const mean = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    let zero = 0; // x − x, or NaN
    for (let f = 0; f < columns; f++) {
      const x = values[i * columns + f]!;
      mean[f]! += x / rows;
      zero += x - x;
    }
    if (zero !== 0) {
      const bad = values.subarray(i * columns).findIndex((x) => !Number.isFinite(x));
      throw new InvalidInputError(`row ${i}, column ${bad}: expected a finite number`, {
        path: 'x',
      });
    }
    if (pace.passed(columns)) yield;
  }
  const centred = new Float64Array(values.length);
  let spread = 0;
  for (let i = 0; i < rows; i++) {
    for (let f = 0; f < columns; f++) {
      const x = values[i * columns + f]! - mean[f]!;
      centred[i * columns + f] = x;
      spread += x * x;
    }
    if (pace.passed(columns)) yield;
  }
  const size = rows * mean.reduce((sum, x) => sum + x * x, 0);
  if (spread > rounding ** 2 * size) return { centred, mean };
  throw new NumericalError('there is no variance: all samples are the same');
}

/** Turned so that the largest component of each axis is positive; equal ones are decided by the first. */
function* oriented(found: NativeAxes): Steps<NativeAxes> {
  const count = found.eigenvalues.length;
  const offset = new Float64Array(count);
  const { axes, loadings, targetLoadings, mean } = found;
  const features = mean.length;
  const targets = targetLoadings.length / count;
  const pace = new Pace();
  for (let k = 0; k < count; k++) {
    let largest = 0;
    for (let f = 0; f < features; f++) {
      const x = axes[f * count + k]!;
      if (Math.abs(x) > Math.abs(largest) * (1 + 1e-9)) largest = x;
    }
    if (largest < 0) {
      for (let f = 0; f < features; f++) {
        axes[f * count + k]! *= -1;
        loadings[k * features + f]! *= -1;
      }
      for (let p = 0; p < targets; p++) targetLoadings[k * targets + p]! *= -1;
    }
    for (let f = 0; f < features; f++) offset[k]! += axes[f * count + k]! * mean[f]!;
    if (pace.passed(3 * features)) yield;
  }
  return { ...found, offset };
}
