// Structures that models are only compared with are checked before anything is trained.

import { learningCurve, Potential, properties, PropertyModel, Structure } from '../../ts';
import type { PropertyConfig, StructureLike } from '../../ts';
import { cli, temporaryFolder } from '../cli/support';
import { failing } from '../failing';

const pair = (x: number, info: StructureLike['info'], second = 'H') =>
  new Structure({ species: ['H', second], positions: [0, 0, 0, x, 0, 0], info });
const training = Array.from({ length: 8 }, (_, i) => pair(0.7 + 0.01 * i, { energy: i, rough: 0 }));
const representation = { cutoff: { radius: 2 }, basis: { maxAngular: 1, radial: { count: 2 } } };
const config = { representation, kernel: { zeta: 2 }, sparse: { count: 4 } };
const property: PropertyConfig = {
  terms: [{ representation }],
  regression: { type: 'sparse', count: 4 },
};
const good = pair(0.75, { energy: 0, rough: 0 });
const without = pair(0.75, { rough: 1 });
const unknown = pair(0.75, { energy: 0, rough: 0 }, 'F');
const infinite = pair(0.75, { energy: Infinity, rough: 0 });

test.each<[string, Structure, string, RegExp]>([
  [
    'a label that is missing',
    without,
    '[1]',
    /^\w+\[1\]: (info\.)?energy.*(is missing|got nothing)/,
  ],
  ['an infinite label', infinite, '[1]', /^\w+\[1\]: .*Infinity/],
  ['an unknown element', unknown, '[1].species', /element F is unknown .* trained on H/],
])('%s', async (_, bad, place, message) => {
  const given = [good, bad];
  const wrong = (argument: string) =>
    failing({
      code: 'INVALID_INPUT',
      path: argument + place,
      message: expect.stringMatching(message),
    });
  const onProgress = jest.fn();
  const options = { validation: given, onProgress };
  await expect(Potential.train(training, { config, ...options })).rejects.toEqual(
    wrong('validation'),
  );
  const model = PropertyModel.train(training, 'energy', { config: property, ...options });
  await expect(model).rejects.toEqual(wrong('validation'));
  const sizes = [4];
  const curve = learningCurve(training, given, { config, sizes, onProgress });
  await expect(curve).rejects.toEqual(wrong('test'));
  const kind = properties('energy');
  const other = learningCurve(training, given, { kind, config: property, sizes, onProgress });
  await expect(other).rejects.toEqual(wrong('test'));
  expect(onProgress).not.toHaveBeenCalled();
});

test('labels of another kind, of no kind, and no structures', async () => {
  const onProgress = jest.fn();
  const train = (validation: Structure[], more: PropertyConfig = {}) =>
    PropertyModel.train(training, 'energy', {
      config: { ...property, ...more },
      validation,
      onProgress,
    });
  await expect(train([pair(1, { energy: [1, 2, 3] })])).rejects.toThrow(
    /^validation\[0\]: energy: expected a number per structure, as energy was, got 3 numbers/,
  );
  await expect(train([pair(1, { energy: 1 })], { baseline: { label: 'rough' } })).rejects.toThrow(
    /^validation: baseline.label: no structure has rough; there is energy/,
  );
  await expect(train([])).rejects.toThrow('validation: expected at least one structure, got none');
  await expect(learningCurve(training, [without], { config, sizes: [4] })).rejects.toThrow(
    'test: there is no energy, no forces and no stress to compare with',
  );
  expect(onProgress).not.toHaveBeenCalled();
});

describe('the command line', () => {
  const folder = temporaryFolder();

  test('names file and frame', async () => {
    const frames = (energies: readonly string[]) =>
      energies.map((energy) => `2\n${energy}\nH 0 0 0\nH 0 0 0.74\n`).join('');
    const file = folder.write('train.xyz', frames(training.map((_, i) => `energy=${i}`)));
    const bad = folder.write('bad.xyz', frames(['energy=1', 'E=1']));
    const settings = folder.write('settings.json', JSON.stringify(config));
    const terms = folder.write('terms.json', JSON.stringify(property));
    const out = ['-o', folder.file('out.soapstone')];
    for (const args of [
      ['train', file, '--config', settings, '--validation', bad, ...out],
      ['train', file, '--target', 'energy', '--config', terms, '--validation', bad, ...out],
      ['learning-curve', file, '--config', settings, '--sizes', '4', '--test', bad],
    ]) {
      const { code, stderr } = await cli(args);
      expect({ args, code }).toEqual({ args, code: 1 });
      expect(stderr).toMatch(/^error: \S*bad\.xyz, frame 1 \(counted from 0\).*energy/);
    }
  });
});

test('uncertainties that rest on few structures come with a note', async () => {
  const noted = async (structures: readonly Structure[], uncertainty?: object) => {
    const options = { config: { ...config, ...uncertainty } };
    const { summary } = await Potential.train(structures, options);
    return summary.notes.filter((note) => note.startsWith('uncertainties'));
  };
  const few = [
    expect.stringContaining('fewer than 10 held-out labels that tell how wide they should be'),
  ];
  expect(await noted(training)).toEqual(few);
  expect(await noted(training.slice(0, 4))).toEqual(few);
  const many = Array.from({ length: 50 }, (_, i) => pair(0.7 + 0.01 * i, { energy: i }));
  expect(await noted(many)).toEqual([]);
  const committee = { uncertainty: { type: 'committee', members: 8 } } as const;
  expect(await noted(many.slice(0, 16), committee)).toEqual([]);
  // Members know too much of structures whose environments all are points: only held-out ones count.
  expect(await noted(many.slice(0, 16), { ...committee, sparse: { count: 'all' } })).toEqual([
    expect.stringContaining('of 3 structures only'),
  ]);
});

test('the difference of a property to itself is nothing to learn', async () => {
  const config = { ...property, baseline: { label: 'energy' } };
  await expect(PropertyModel.train(training, 'energy', { config })).rejects.toThrow(
    'baseline.label: expected another property than energy',
  );
  await expect(PropertyModel.train(training, undefined as never)).rejects.toThrow(
    'target: expected the name of a property, got nothing',
  );
});
