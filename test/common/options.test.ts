// Programs without types may misspell any option: none is taken without a word.

import {
  alchemicalCoupling,
  assignFolds,
  cur,
  curSync,
  dbscan,
  densityPeaks,
  elementsReport,
  extractTargets,
  farthestPoints,
  farthestPointsSync,
  findMotifs,
  forceFieldOf,
  GaussianProcess,
  hdbscan,
  iterateStructures,
  KernelPrincipalComponents,
  kernelMatrix,
  kernelMatrixGradient,
  kernelMatrixSync,
  kernelRows,
  kMeans,
  learnChannels,
  learningCurve,
  leverageScores,
  leverageScoresSync,
  leverageSelection,
  leverageSelectionSync,
  localPredictionRigidity,
  mahalanobisScores,
  maximizeLogMarginalLikelihood,
  maximizeWeightLikelihood,
  nearestNeighbours,
  neighbourList,
  neighbourListSync,
  neighbourScores,
  optimalRadialBasis,
  optimize,
  optimizeModel,
  Potential,
  PowerSpectrum,
  PrincipalComponents,
  ProjectedPosterior,
  ProjectedProcess,
  PropertyModel,
  readStructures,
  relax,
  RidgeRegression,
  selectBatch,
  SphericalExpansionByPair,
  SparseGaussianProcess,
  sphericalHarmonics,
  sphericalHarmonicsSync,
  structureKernel,
  structureKernelSync,
  StructureWriter,
  sumKernel,
  sumKernelSync,
  tsne,
  umap,
  velocityVerlet,
  weightedKernelMatrix,
  writeKernelMatrix,
  writeStructures,
} from '../../ts';
import type { Jacobian, Samples } from '../../ts';
import { failing } from '../failing';
import { molecules, representation } from './hydrogen';

const config = { representation, kernel: { zeta: 2 }, sparse: { count: 4 } };
const soap = new PowerSpectrum(representation);
const byPair = new SphericalExpansionByPair({ cutoff: { radius: 2 } });
const pairs = neighbourListSync(molecules.slice(0, 1), { cutoff: 2 })[0]!;
const matrix = (rows: number, columns: number) => ({
  values: Float64Array.from({ length: rows * columns }, (_, i) => Math.sin(1 + i)),
  shape: [rows, columns] as const,
});
const points = matrix(8, 2);
const samples: Samples = { values: points.values, rows: 8, columns: 2 };
const offsets = Int32Array.of(0, 4, 8);
const unit = { values: Float64Array.of(1, 0, 0, 1), shape: [2, 2] as const };
const labels = matrix(2, 1);
const kernel = { type: 'gaussian', width: 1 } as const;
const terms = [{ x: samples, kernel }];
const still = () => ({ energy: 0, forces: new Float64Array(6) });

const point = soap.computeSync(molecules.slice(0, 1)).values.subarray(0, soap.features);
const sparsePoints = { values: new Float32Array(point), first: Int32Array.of(0, 1) };

let potential: Potential;
let sparse: SparseGaussianProcess;
let model: PropertyModel;
let jacobian: Jacobian;
let process: GaussianProcess;
let projected: ProjectedProcess;
let posterior: ProjectedPosterior;
let ridge: RidgeRegression;
let components: PrincipalComponents;
let ofKernels: KernelPrincipalComponents;
beforeAll(async () => {
  ({ potential } = await Potential.train(molecules, { config }));
  const property = { terms: [{ representation }] };
  model = await PropertyModel.train(molecules, 'energy', { config: property });
  sparse = await SparseGaussianProcess.create(soap, sparsePoints, 2);
  jacobian = await soap.jacobian(molecules);
  process = await GaussianProcess.fit(unit, labels, { noise: 1 });
  projected = await ProjectedProcess.create(unit);
  await projected.add(unit, labels);
  await projected.solve({ noise: 1 });
  posterior = await ProjectedPosterior.create(unit, await projected.posteriorFactor());
  ridge = await RidgeRegression.fit(points, matrix(8, 1), { ridge: 1 });
  components = await PrincipalComponents.fit(points, { count: 1 });
  ofKernels = await KernelPrincipalComponents.fit(points, kernel, { count: 1, landmarks: 4 });
});

/** What a call is given beside its own options, of a type that lets it. */
type Misspelt = Record<never, never>;

test.each<[name: string, call: (misspelt: Misspelt) => unknown]>([
  ['compute', (o) => soap.compute(molecules, o)],
  ['computeSync', (o) => soap.computeSync(molecules, o)],
  ['shape', (o) => soap.shape(molecules, o)],
  ['vjp', (o) => soap.vjp(molecules, new Float64Array(12 * soap.features), o)],
  ['vjpSync', (o) => soap.vjpSync(molecules, new Float64Array(12 * soap.features), o)],
  ['jacobian', (o) => soap.jacobian(molecules, o)],
  ['Jacobian.bytes', (o) => jacobian.bytes({}, o)],
  ['Jacobian.bytes of a range', (o) => jacobian.bytes(o)],
  ['Jacobian.compute', (o) => jacobian.compute({}, o)],
  ['Jacobian.computeSync', (o) => jacobian.computeSync({}, o)],
  ['Jacobian.computeSync of a range', (o) => jacobian.computeSync(o)],
  ['SphericalExpansionByPair.compute', (o) => byPair.compute(pairs, o)],
  ['SphericalExpansionByPair.computeSync', (o) => byPair.computeSync(pairs, o)],
  ['SphericalExpansionByPair.vjp', (o) => byPair.vjp(pairs, byPair.computeSync(pairs), o)],
  ['SphericalExpansionByPair.vjpSync', (o) => byPair.vjpSync(pairs, byPair.computeSync(pairs), o)],
  ['optimalRadialBasis', (o) => optimalRadialBasis(molecules, representation, { count: 1, ...o })],
  ['alchemicalCoupling', (o) => alchemicalCoupling(['C', 'N'], { type: 'electronegativity' }, o)],
  ['neighbourList', (o) => neighbourList(molecules, { cutoff: 2, ...o })],
  ['neighbourListSync', (o) => neighbourListSync(molecules, { cutoff: 2, ...o })],
  ['sphericalHarmonics', (o) => sphericalHarmonics(Float64Array.of(1, 0, 0), 1, o)],
  ['sphericalHarmonicsSync', (o) => sphericalHarmonicsSync(Float64Array.of(1, 0, 0), 1, o)],
  ['kernelMatrix', (o) => kernelMatrix(samples, undefined, kernel, o)],
  ['kernelMatrixSync', (o) => kernelMatrixSync(samples, undefined, kernel, o)],
  ['sumKernel', (o) => sumKernel(samples, offsets, samples, kernel, o)],
  ['sumKernelSync', (o) => sumKernelSync(samples, offsets, samples, kernel, o)],
  ['structureKernel', (o) => structureKernel(samples, offsets, undefined, undefined, kernel, o)],
  [
    'structureKernelSync',
    (o) => structureKernelSync(samples, offsets, undefined, undefined, kernel, o),
  ],
  ['kernelRows', (o) => kernelRows(samples, undefined, kernel, o)],
  ['writeKernelMatrix', (o) => writeKernelMatrix('nowhere.npy', samples, undefined, kernel, o)],
  ['weightedKernelMatrix', (o) => weightedKernelMatrix(terms, o)],
  ['kernelMatrixGradient', (o) => kernelMatrixGradient(terms, o)],
  ['Potential.train', (o) => Potential.train(molecules, { config, ...o })],
  ['Potential.predict', (o) => potential.predict(molecules, o)],
  ['Potential.predictSync', (o) => potential.predictSync(molecules, o)],
  ['Potential.evaluate', (o) => potential.evaluate(molecules, o)],
  ['Potential.rigidity', (o) => potential.rigidity(molecules, o)],
  ['PropertyModel.train', (o) => PropertyModel.train(molecules, 'energy', o)],
  ['PropertyModel.predict', (o) => model.predict(molecules, o)],
  ['PropertyModel.evaluate', (o) => model.evaluate(molecules, o)],
  ['PropertyModel.rigidity', (o) => model.rigidity(molecules, o)],
  ['learningCurve', (o) => learningCurve(molecules, molecules, { sizes: [2], config, ...o })],
  ['optimizeModel', (o) => optimizeModel(molecules, { space: {}, ...o })],
  ['optimize', (o) => optimize({ x: { $uniform: [0, 1] } }, () => 0, { trials: 1, ...o })],
  ['selectBatch', (o) => selectBatch(potential, molecules, { count: 1, ...o })],
  ['forceFieldOf', (o) => forceFieldOf(potential, o)],
  ['relax', (o) => relax(molecules[0]!, still, o)],
  ['velocityVerlet', (o) => velocityVerlet(molecules[0]!, still, o).next()],
  ['learnChannels', (o) => learnChannels(molecules, [1, 2], { representation, count: 1, ...o })],
  ['GaussianProcess.fit', (o) => GaussianProcess.fit(unit, labels, { noise: 1, ...o })],
  ['GaussianProcess.predict', (o) => process.predict(unit, o)],
  ['GaussianProcess.variance', (o) => process.variance(unit, new Float64Array(2), o)],
  [
    'GaussianProcess.logMarginalLikelihoodGradient',
    (o) => process.logMarginalLikelihoodGradient([], o),
  ],
  ['GaussianProcess.leaveOneOut', (o) => process.leaveOneOut(o)],
  ['GaussianProcess.leaveGroupsOut', (o) => process.leaveGroupsOut(Int32Array.of(0, 2), o)],
  ['ProjectedProcess.create', (o) => ProjectedProcess.create(unit, o)],
  ['ProjectedProcess.add', (o) => projected.add(unit, labels, o)],
  ['ProjectedProcess.solve', (o) => projected.solve({ noise: 1, ...o })],
  ['ProjectedProcess.members', (o) => projected.members({ noise: 1, without: [], ...o })],
  ['ProjectedProcess.posteriorFactor', (o) => projected.posteriorFactor(o)],
  ['ProjectedPosterior.create', (o) => ProjectedPosterior.create(unit, new Float32Array(3), o)],
  ['ProjectedPosterior.variance', (o) => posterior.variance(unit, new Float64Array(2), o)],
  ['RidgeRegression.fit', (o) => RidgeRegression.fit(points, matrix(8, 1), { ridge: 1, ...o })],
  [
    'RidgeRegression.leaveOneOut',
    (o) => RidgeRegression.leaveOneOut(points, matrix(8, 1), { ridge: 1, ...o }),
  ],
  ['RidgeRegression.predict', (o) => ridge.predict(points, o)],
  [
    'maximizeLogMarginalLikelihood',
    (o) => maximizeLogMarginalLikelihood(terms, matrix(8, 1), { noise: 1, ...o }),
  ],
  [
    'maximizeWeightLikelihood',
    (o) => maximizeWeightLikelihood([{ kernels: [unit], targets: labels, noise: 1 }], o),
  ],
  [
    'localPredictionRigidity',
    (o) => localPredictionRigidity([points], [points], { regularizer: 1, ...o }),
  ],
  ['SparseGaussianProcess.create', (o) => SparseGaussianProcess.create(soap, sparsePoints, 2, o)],
  ['SparseGaussianProcess.solve', (o) => sparse.solve({ energy: 1, forces: 1, stress: 1 }, [], o)],
  [
    'SparseGaussianProcess.members',
    (o) => sparse.members({ energy: 1, forces: 1, stress: 1 }, [], o),
  ],
  ['assignFolds', (o) => assignFolds(6, { folds: 2, ...o })],
  ['cur', (o) => cur(points, 1, o)],
  ['curSync', (o) => curSync(points, 1, o)],
  ['farthestPoints', (o) => farthestPoints(points, 1, o)],
  ['farthestPointsSync', (o) => farthestPointsSync(points, 1, o)],
  ['leverageScores', (o) => leverageScores(points, o)],
  ['leverageScoresSync', (o) => leverageScoresSync(points, o)],
  ['leverageSelection', (o) => leverageSelection(points, 1, o)],
  ['leverageSelectionSync', (o) => leverageSelectionSync(points, 1, o)],
  ['PrincipalComponents.fit', (o) => PrincipalComponents.fit(points, o)],
  ['PrincipalComponents.fitBlocks', (o) => PrincipalComponents.fitBlocks([{ x: points }], o)],
  ['PrincipalComponents.project', (o) => components.project(points, o)],
  ['KernelPrincipalComponents.fit', (o) => KernelPrincipalComponents.fit(points, kernel, o)],
  ['KernelPrincipalComponents.fitKernel', (o) => KernelPrincipalComponents.fitKernel(unit, o)],
  [
    'KernelPrincipalComponents.fitBlocks',
    (o) => KernelPrincipalComponents.fitBlocks([{ x: points }], points, kernel, o),
  ],
  ['KernelPrincipalComponents.project', (o) => ofKernels.project(points, o)],
  ['KernelPrincipalComponents.projectKernel', (o) => ofKernels.projectKernel(matrix(1, 4), o)],
  ['KernelPrincipalComponents.novelty', (o) => ofKernels.novelty(points, o)],
  ['tsne', (o) => tsne(points, { iterations: 1, ...o })],
  ['umap', (o) => umap(points, { epochs: 1, ...o })],
  ['dbscan', (o) => dbscan(points, { radius: 1, ...o })],
  ['hdbscan', (o) => hdbscan(points, o)],
  ['densityPeaks', (o) => densityPeaks(points, o)],
  ['kMeans', (o) => kMeans(points, 2, o)],
  ['findMotifs', (o) => findMotifs(points, o)],
  ['nearestNeighbours', (o) => nearestNeighbours(points, 1, o)],
  ['neighbourScores', (o) => neighbourScores(points, o)],
  ['mahalanobisScores', (o) => mahalanobisScores(points, o)],
  ['readStructures', (o) => readStructures('nowhere.xyz', o)],
  ['iterateStructures', (o) => iterateStructures('nowhere.xyz', o).next()],
  ['writeStructures', (o) => writeStructures('nowhere/at/all.xyz', molecules, o)],
  ['StructureWriter.create', (o) => StructureWriter.create('nowhere/at/all.xyz', o)],
  ['extractTargets', (o) => extractTargets(molecules, {}, o)],
  ['elementsReport', (o) => elementsReport({ H: [1], O: [2] }, o)],
])('%s refuses options that it does not know', async (_, call) => {
  const misspelt = { thread: 2 };
  await expect((async () => call(misspelt))()).rejects.toEqual(
    failing({
      code: 'INVALID_INPUT',
      path: 'thread',
      message: expect.stringMatching(/^thread: unknown (option, expected one of \w|key)/),
    }),
  );
});

test('the options that there are are named, and where they stand', async () => {
  const compute = soap.compute(molecules, { thread: 2 } as object);
  await expect(compute).rejects.toThrow(
    'thread: unknown option, expected one of environments, memoryLimit, onProgress, out, precision, signal, threads',
  );
  const train = Potential.train(molecules, { config, keys: { energies: 'E' } as object });
  await expect(train).rejects.toThrow(
    'keys.energies: unknown option, expected one of energy, forces, stress',
  );
});

test.each([null, 2, 'threads'])('options are an object, not %p', async (given) => {
  await expect(soap.compute(molecules, given as never)).rejects.toThrow(
    `options: expected an object, got ${given}`,
  );
});

test('a signal and a function to call are what they should be', async () => {
  const given = (options: object) => soap.compute(molecules, options);
  await expect(given({ signal: 3 })).rejects.toThrow(failing({ path: 'signal' }));
  await expect(given({ signal: null })).rejects.toThrow('signal: expected an AbortSignal');
  await expect(given({ onProgress: 'log' })).rejects.toThrow('onProgress: expected a function');
  await given({ signal: undefined, onProgress: undefined });
});
