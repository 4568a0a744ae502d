import * as soapstone from '../ts';

/*
 * Programs without types may give anything to public functions: an error of the package says what, where, and what was
 * expected.
 */

const { KernelPrincipalComponents, PrincipalComponents } = soapstone;
const { optimize, Potential, PropertyModel, renderMap, renderReport, toChemiscope } = soapstone;

/** What a program without types gives. */
const any = (value: unknown) => value as never;

const report = (more: object) => renderReport({ title: 'x', summary: [], ...more });
const line = { name: 'a', x: [1], y: [1, 2] };
const chart = { x: 'a', y: 'b', lines: [line] };
const atom = { positions: [[0, 0, 0]], species: ['H'] };
const distances = new Float64Array(3);
const space = { a: { $choice: [1, 2] } };
const trial = { trial: 0, budget: 1, point: [0.5], values: { b: 1 }, score: 1, seconds: 1 };

test.each<[string, () => unknown, RegExp]>([
  ['Potential', () => new Potential(any(undefined)), /^parts: expected an object, got nothing/],
  ['Potential', () => new Potential(any({})), /^config: expected an object, got nothing/],
  ['Potential.create', () => Potential.create(any({ config: {} })), /^config\.representation: /],
  ['PropertyModel', () => new PropertyModel(any({})), /^config: expected an object, got nothing/],
  ['renderReport', () => renderReport(any(null)), /^data: expected an object, got null/],
  ['renderReport', () => renderReport(any({})), /^title: expected a string, got nothing/],
  ['renderReport', () => report({ sumary: [] }), /^sumary: unknown key, expected one of .*summary/],
  ['renderReport', () => report({ notes: 'all' }), /^notes: expected an array, got "all"/],
  [
    'renderReport',
    () => report({ sections: [{ title: 'a', chart }] }),
    /^sections\[0\]\.chart\.lines\[0\]\.y: expected 1 numbers, got 2/,
  ],
  [
    'renderReport',
    () => report({ parity: [{ set: 'a', pairs: { energy: { reference: [1], predicted: {} } } }] }),
    /^parity\[0\]\.pairs\.energy\.predicted: expected an array of numbers, got \{\}/,
  ],
  [
    'renderReport',
    () => report({ parity: [{ set: 'a', pairs: { energy: { reference: [1], predicted: [] } } }] }),
    /^parity\[0\]\.pairs\.energy\.predicted: expected 1 numbers, got 0/,
  ],
  [
    'renderReport',
    () => report({ search: { space, trials: [trial] } }),
    /^search\.trials\[0\]: expected a, which the space leaves open, got b/,
  ],
  ['renderMap', () => renderMap(any({})), /^title: expected a string, got nothing/],
  [
    'renderMap',
    () => renderMap(any({ title: 'x', structures: [{}], per: 'atom', axes: [], properties: [] })),
    /^structures\[0\]: expected a Structure/,
  ],
  ['toChemiscope', () => toChemiscope(any({ titel: 'x' })), /^title: expected a string/],
  ['optimize', () => optimize(space, any({})), /^objective: expected a function .*, got \{\}/],
  ['optimize', () => optimize(space, () => 1, any(null)), /^options: expected an object, got null/],
  [
    'optimize',
    () => optimize(space, () => 1, { onTrial: any(1) }),
    /^onTrial: expected a function/,
  ],
  ['toCartesian', () => soapstone.toCartesian(any([null]), 1, 1), /^parts\[0\]: expected an obj/],
  ['toCartesian', () => soapstone.toCartesian([], -1, 1), /^rank: expected an integer from 0/],
  ['toCartesian', () => soapstone.toCartesian([], 1, NaN), /^tensors: expected an integer/],
  ['toSpherical', () => soapstone.toSpherical(any({}), 1), /^values: expected an array of numbers/],
  ['atomicNumber', () => soapstone.atomicNumber(any(6)), /^symbol: expected a chemical symbol/],
  ['propertyLabels', () => soapstone.propertyLabels([any({})], 'x'), /^structures\[0\]/],
  ['propertyLabels', () => soapstone.propertyLabels([], any(null)), /^name: expected a string/],
  ['extractTargets', () => soapstone.extractTargets([any({})]), /^structures\[0\]/],
  ['cutoffFunction', () => soapstone.cutoffFunction(any(null), distances), /^hyperparameters: /],
  [
    'radialBasis',
    () => soapstone.radialBasis({}, any(undefined)),
    /^distances: expected a Float64/,
  ],
  ['radialScaling', () => soapstone.radialScaling({}, any({})), /^distances: expected a Float64/],
  ['realSpaceCorrelation', () => soapstone.realSpaceCorrelation(any({}), [], any({})), /^soap: /],
  ['normalizeKernel', () => soapstone.normalizeKernel(any({})), /^kernel\.shape\[0\]: expected/],
  ['weightedKernelMatrix', () => soapstone.weightedKernelMatrix([any({})]), /^terms\[0\]\.x: /],
  ['foldsOf', () => soapstone.foldsOf(any({})), /^assigned: expected an array/],
  ['maximizeWeightLikelihood', () => soapstone.maximizeWeightLikelihood(any('x')), /^sets: /],
  ['learnChannels', () => soapstone.learnChannels([], [], any(undefined)), /^options: expected/],
  [
    'SparseGaussianProcess',
    () => soapstone.SparseGaussianProcess.create(any(1), any({}), 2),
    /^points/,
  ],
  ['properties', () => soapstone.properties(any(1)), /^target: expected a string, got 1/],
  [
    'kineticEnergy',
    () => soapstone.kineticEnergy(atom, any({})),
    /^velocities: expected a Float64/,
  ],
  ['temperatureOf', () => soapstone.temperatureOf(any(null), distances), /^expected a structure/],
  ['thermalVelocities', () => soapstone.thermalVelocities(atom, any('1')), /^temperature: /],
  ['fitPowerLaw', () => soapstone.fitPowerLaw(any({}), []), /^sizes: expected an array/],
  ['calibration', () => soapstone.calibration(any(null), []), /^errors: expected an array of num/],
  ['calibration', () => soapstone.calibration([1], [1], 0), /^levels: expected an integer/],
  [
    'calibrationOf',
    () => soapstone.calibrationOf(any({})),
    /^parity\.reference: expected an array/,
  ],
  ['PrincipalComponents', () => PrincipalComponents.fitBlocks(any(1)), /^blocks: expected blocks/],
  ['PrincipalComponents', () => PrincipalComponents.fitBlocks([any(1)]), /^blocks\[0\]: expected/],
  [
    'KernelPrincipalComponents',
    () => KernelPrincipalComponents.fit(any('x'), any({})),
    /^x\.shape/,
  ],
  ['GaussianMixture', () => new soapstone.GaussianMixture(any([]), any({}), any([])), /^means\.sh/],
  ['elementMapSvg', () => soapstone.elementMapSvg(any(null)), /^data: expected an object/],
])('%s: %s is refused', async (_, call, message) => {
  const error: unknown = await Promise.resolve()
    .then(call)
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringMatching(message) as string,
  });
});
