import { checkMatrix } from '../common/matrix';
import type { Matrix } from '../common/matrix';
import { asyncKeys, checkOptions } from '../common/options';
import type { KeysOf } from '../common/options';
import { positive, validate } from '../common/validation';
import { InvalidInputError } from '../errors';
import type { AsyncOptions } from '../native/call';
import { GaussianProcess } from './gaussian-process';
import { rowProducts } from './row-products';

export interface RigidityOptions extends AsyncOptions {
  /** Regularisation λ of the linear model, in units of the mean square of rows. */
  readonly regularizer: number;
}

const rigidityKeys: KeysOf<RigidityOptions> = { ...asyncKeys, regularizer: true };

/**
 * Local prediction rigidity of environments: how firmly a linear model that learns from properties of structures,
 * averages over their environments, holds on to what it says of a single one,
 *
 *   LPR_i = 1 / (x_i (XᵀX + λ)⁻¹ x_iᵀ),
 *
 * X the mean features of the training structures, all features divided by the root mean square of the rows of training
 * environments. Method: S. Chong, F. Grasselli, C. Ben Mahmoud, J. D. Morrow, V. L. Deringer and M. Ceriotti,
 * J. Chem. Theory Comput. 19, 8020 (2023). Models have it for their own kernel: `Potential.rigidity`,
 * `PropertyModel.rigidity`.
 *
 * @param training features of the environments of each training structure.
 * @param test those of structures whose environments are asked about.
 * @returns a number for each environment of each test structure; the larger, the better it is known.
 */
export async function localPredictionRigidity(
  training: readonly Matrix[],
  test: readonly Matrix[],
  given: RigidityOptions,
): Promise<Float64Array[]> {
  const { regularizer, ...run } = checkOptions(given, rigidityKeys);
  validate(positive(), regularizer, 'regularizer');
  if (training.length === 0) {
    throw new InvalidInputError('expected at least one structure, got none', { path: 'training' });
  }
  const columns = checkMatrix(training[0], 'training[0]').shape[1];
  const check = (path: string) => (matrix: Matrix, s: number) =>
    checkMatrix(matrix, `${path}[${s}]`, { columns });
  const known = training.map(check('training'));
  const asked = test.map(check('test'));
  let [square, count] = [0, 0];
  for (const { values, shape } of known) {
    values.forEach((x) => (square += x * x));
    count += shape[0];
  }
  const scale = square / count;
  if (!(scale > 0 && Number.isFinite(scale))) {
    throw new InvalidInputError(`expected finite features that are not all zero`, {
      path: 'training',
    });
  }
  // Xᵀ, columns × structures, so that XᵀX is the matrix of dot products of its rows.
  const means = new Float64Array(columns * known.length);
  known.forEach(({ values, shape }, s) => {
    values.forEach((x, at) => (means[(at % columns) * known.length + s]! += x / shape[0]));
  });
  const covariance = await rowProducts({ values: means, shape: [columns, known.length] }, run);
  // (XᵀX + λ)⁻¹ x of each environment x are weights of a Gaussian process; features stay unscaled, λ is scaled instead.
  const rows = asked.reduce((sum, { shape }) => sum + shape[0], 0);
  const targets = new Float64Array(columns * rows);
  let first = 0;
  for (const { values, shape } of asked) {
    values.forEach((x, at) => {
      targets[(at % columns) * rows + first + Math.floor(at / columns)] = x;
    });
    first += shape[0];
  }
  if (rows === 0) return [];
  const { weights } = await GaussianProcess.fit(
    covariance,
    { values: targets, shape: [columns, rows] },
    { noise: Math.sqrt(regularizer * scale), ...run },
  );
  const products = new Float64Array(rows);
  weights.values.forEach((w, at) => (products[at % rows]! += w * targets[at]!));
  first = 0;
  return asked.map(({ shape }) => {
    const own = products.subarray(first, (first += shape[0]));
    return own.map((product) => 1 / product);
  });
}
