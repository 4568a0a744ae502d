// Programs without types may give anything where structures are expected.

import { tmpdir } from 'node:os';
import path from 'node:path';

import {
  extractTargets,
  learnChannels,
  learningCurve,
  neighbourList,
  neighbourListSync,
  optimalRadialBasis,
  optimizeModel,
  Potential,
  PowerSpectrum,
  properties,
  propertyLabels,
  PropertyModel,
  relax,
  selectBatch,
  Structure,
  thermalVelocities,
  writeStructures,
} from '../../ts';
import type { StructureLike } from '../../ts';
import { failing } from '../failing';

const bonds = Array.from({ length: 6 }, (_, i) => 0.7 + 0.02 * i);
const molecules = bonds.map(
  (x) => new Structure({ species: ['H', 'H'], positions: [0, 0, 0, x, 0, 0], info: { energy: x } }),
);
const representation = {
  cutoff: { radius: 2 },
  basis: { maxAngular: 1, radial: { count: 2 } },
  species: [1],
};
const soap = new PowerSpectrum(representation);
const config = { representation, kernel: { zeta: 2 }, sparse: { count: 4 } };
const property = { terms: [{ representation }] };
let potential: Potential;
let model: PropertyModel;
beforeAll(async () => {
  ({ potential } = await Potential.train(molecules, { config }));
  model = await PropertyModel.train(molecules, 'energy', { config: property });
});

type Given = readonly StructureLike[];
const sizes = [2];
const space = { ...config, sparse: { count: { $choice: [2, 4] } } };
const entries: [name: string, call: (given: Given) => unknown, argument?: string][] = [
  ['Potential.train', (given) => Potential.train(given, { config })],
  [
    'Potential.train',
    (validation) => Potential.train(molecules, { config, validation }),
    'validation',
  ],
  ['Potential.predict', (given) => potential.predict(given)],
  ['Potential.predictSync', (given) => potential.predictSync(given)],
  ['Potential.evaluate', (given) => potential.evaluate(given)],
  ['Potential.rigidity', (given) => potential.rigidity(given)],
  ['PropertyModel.train', (given) => PropertyModel.train(given, 'energy', { config: property })],
  [
    'PropertyModel.train',
    (validation) => PropertyModel.train(molecules, 'energy', { config: property, validation }),
    'validation',
  ],
  ['PropertyModel.predict', (given) => model.predict(given)],
  ['PropertyModel.evaluate', (given) => model.evaluate(given)],
  ['PropertyModel.rigidity', (given) => model.rigidity(given)],
  ['optimizeModel', (given) => optimizeModel(given, { space, folds: 2 })],
  ['learningCurve', (given) => learningCurve(given, molecules, { config, sizes })],
  ['learningCurve', (test) => learningCurve(molecules, test, { config, sizes }), 'test'],
  [
    'learningCurve of a property',
    (test) =>
      learningCurve(molecules, test, { kind: properties('energy'), config: property, sizes }),
    'test',
  ],
  ['selectBatch', (given) => selectBatch(potential, given, { count: 1 }), 'pool'],
  ['compute', (given) => soap.compute(given)],
  ['computeSync', (given) => soap.computeSync(given)],
  ['vjp', (given) => soap.vjp(given, new Float64Array(0))],
  ['vjpSync', (given) => soap.vjpSync(given, new Float64Array(0))],
  ['jacobian', (given) => soap.jacobian(given)],
  ['shape', (given) => soap.shape(given)],
  ['neighbourList', (given) => neighbourList(given, { cutoff: 2 })],
  ['neighbourListSync', (given) => neighbourListSync(given, { cutoff: 2 })],
  ['optimalRadialBasis', (given) => optimalRadialBasis(given, representation, { count: 1 })],
  ['learnChannels', (given) => learnChannels(given, [1, 2], { representation, count: 1 })],
  ['extractTargets', (given) => extractTargets(given)],
  ['propertyLabels', (given) => propertyLabels(given, 'energy')],
];

test.each(entries)('%s says that it expects structures', async (_, call, path = 'structures') => {
  const wrong: [given: unknown, path: string][] = [
    [null, path],
    ['water.xyz', path],
    [molecules[0], path],
    [[undefined], `${path}[0]`],
    [[molecules[0], null], `${path}[1]`],
    [[molecules[0], 'H2'], `${path}[1]`],
  ];
  // Without an optional argument there is nothing wrong.
  if (path !== 'validation') wrong.push([undefined, path]);
  for (const [given, place] of wrong) {
    const message = expect.stringContaining('expected a');
    await expect((async () => call(given as Given))()).rejects.toEqual(
      failing({ code: 'INVALID_INPUT', path: place, message }),
    );
  }
});

test.each<[string, (given: StructureLike) => unknown]>([
  ['new Structure', (given) => new Structure(given)],
  ['thermalVelocities', (given) => thermalVelocities(given, 300)],
  ['relax', (given) => relax(given, () => ({ energy: 0, forces: new Float64Array(3) }))],
  ['writeStructures', (given) => writeStructures('nowhere.xyz', given as never)],
])('%s says so of what is none', async (_, call) => {
  for (const given of [undefined, null, 'H2']) {
    await expect((async () => call(given as never))()).rejects.toEqual(
      failing({ code: 'INVALID_INPUT', message: expect.stringContaining('structure') }),
    );
  }
});

test.each<[name: string, call: (given: Given) => unknown]>([
  ['predict', (given) => potential.predict(given, { uncertainty: true })],
  ['compute', (given) => soap.compute(given)],
  ['vjp', (given) => soap.vjp(given, new Float64Array(26 * soap.features))],
  ['jacobian', (given) => soap.jacobian(given)],
])('an atom that is impossibly far away is one of a structure: %s', async (_, call) => {
  const far = { species: ['H', 'H'], positions: [0, 0, 0, 1e200, 0, 0] };
  await expect(call([...molecules, ...molecules, far])).rejects.toThrow(
    /^structures\[12\]: positions: atom 1 has a coordinate/,
  );
});

test('a single structure is no list of them to write, and other things are no models', async () => {
  const file = path.join(tmpdir(), 'soapstone-never-written.xyz');
  await expect(writeStructures(file, molecules[0] as never)).rejects.toThrow(
    'structures: expected an array of structures, got a single structure',
  );
  await expect(selectBatch({} as never, molecules, { count: 1 })).rejects.toThrow(
    /^model.kind: expected "potential" or "property", got nothing/,
  );
});
