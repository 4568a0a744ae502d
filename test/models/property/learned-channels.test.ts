import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { PropertyConfig } from '../../../ts';
import { InvalidInputError, PropertyModel, Structure, writeStructures } from '../../../ts';
import { randomNumbers } from '../../../ts/common/random';
import { cli as soapstone } from '../../cli/support';

const charge: Readonly<Record<string, number>> = { Li: 1, Na: 1.1, K: 1.2, O: -2, S: -1.9, F: -1 };

/** Clusters of three atoms with a label that follows from products of charges. */
function clusters(count: number, elements: readonly string[], seed = 1): Structure[] {
  const random = randomNumbers(seed);
  return Array.from({ length: count }, () => {
    const species = [0, 1, 2].map(() => elements[Math.floor(elements.length * random())]!);
    const positions = [0, 1, 2].map((i) =>
      [0, 1, 2].map((axis) => 1.7 * Number(axis === i) + 0.2 * random()),
    );
    const label = species.reduce(
      (sum, a, i) =>
        species.slice(0, i).reduce((part, b, j) => {
          const r = Math.hypot(...positions[i]!.map((x, k) => x - positions[j]![k]!));
          return part + (charge[a]! * charge[b]!) / r;
        }, sum),
      0,
    );
    return Structure.from({ species, positions, info: { label } });
  });
}

const elements = ['Li', 'O', 'F', 'Na', 'S'];
const representation = { cutoff: { radius: 4 }, basis: { maxAngular: 1, radial: { count: 2 } } };
const learned = (more: object = {}): PropertyConfig => ({
  terms: [
    {
      representation: {
        ...representation,
        channels: { type: 'learned', count: 2, iterations: 15 },
      },
      kernel: { type: 'dot-product', zeta: 2 },
    },
  ],
  regression: { type: 'full' },
  centres: 'any',
  baseline: { type: 'mean' },
  aggregate: 'mean',
  ...more,
});

const train = clusters(60, elements);
const test_ = clusters(40, elements, 9);
const folder = mkdtempSync(join(tmpdir(), 'soapstone-learned-'));
afterAll(() => rmSync(folder, { recursive: true }));

let model: PropertyModel;
beforeAll(async () => {
  model = await PropertyModel.train(train, 'label', { config: learned() });
});

test('training learns channels, which the configuration then gives', async () => {
  const { channels } = model.config.terms[0]!.representation;
  if (channels.type !== 'given') throw new Error('expected weights');
  expect(Object.keys(channels.weights).sort()).toEqual([...elements].sort());
  const random = learned({
    terms: [{ representation: { ...representation, channels: { type: 'random', count: 2 } } }],
  });
  const other = await PropertyModel.train(train, 'label', { config: random });
  const [own, theirs] = [await model.evaluate(test_), await other.evaluate(test_)];
  expect(own.errors.mae).toBeLessThan(0.8 * theirs.errors.mae);
  // Training again with what was decided is the same model.
  const again = await PropertyModel.train(train, 'label', {
    config: model.config as PropertyConfig,
  });
  expect((await again.evaluate(test_)).errors).toEqual(own.errors);
});

test('a model keeps its channels in its file; info and elements show them', async () => {
  const file = join(folder, 'model.soapstone');
  await model.save(file);
  const loaded = await PropertyModel.load(file);
  expect(await loaded.predict(test_)).toEqual(await model.predict(test_));
  const info = await soapstone(['info', file]);
  expect(info.stdout).toMatch(/channels 1 +2, given: Li /);

  const [html, svg, json] = ['html', 'svg', 'json'].map((end) => join(folder, `map.${end}`));
  for (const output of [html!, svg!, json!]) {
    expect((await soapstone(['elements', file, '-o', output])).code).toBe(0);
  }
  expect(readFileSync(html!, 'utf8')).toContain('By electronegativity');
  const drawn = readFileSync(svg!, 'utf8');
  expect(drawn.match(/<path\b[^>]*\bfill=/g)).toHaveLength(5);
  for (const symbol of elements) expect(drawn).toContain(`>${symbol}</text`);
  const weights = JSON.parse(readFileSync(json!, 'utf8')) as object;
  expect(weights).toEqual(
    (model.config.terms[0]!.representation.channels as { weights: object }).weights,
  );
});

const twoRandom = { type: 'random', count: 2 } as const;

test('elements says which terms there are, and writes what it can only', async () => {
  const file = join(folder, 'terms.soapstone');
  const terms = [
    { representation },
    { representation: { ...representation, channels: twoRandom } },
  ];
  await (
    await PropertyModel.train(train.slice(0, 20), 'label', { config: learned({ terms }) })
  ).save(file);
  const run = (...args: string[]) => soapstone(['elements', file, ...args]);
  const output = join(folder, 'terms.json');
  expect(await run('-o', output)).toMatchObject({ code: 0 });
  expect(await run('-o', output, '--term', '2')).toMatchObject({ code: 0 });
  for (const term of ['1', '3']) {
    const { code, stderr } = await run('-o', output, '--term', term);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `--term: ${file} has 2 terms, of which elements are mixed by 2; got ${term}`,
    );
  }
  const usage = await run('-o', join(folder, 'terms.png'));
  expect(usage.code).toBe(2);
  expect(usage.stderr).toContain('Expected a name that ends in .html, .svg or .json.');
  const { stdout } = await run('--help');
  expect(stdout).toMatch(/\(default: the\s+first\s+that\s+mixes/);
  expect(stdout).not.toContain('default: 0');
});

test('alternating least squares learn channels, which info shows', async () => {
  const channels = { type: 'learned', method: 'alternating', count: 2, iterations: 15 };
  const config = learned({
    terms: [
      {
        representation: { ...representation, channels },
        kernel: { type: 'dot-product', zeta: 2 },
      },
    ],
  });
  const alternating = await PropertyModel.train(train, 'label', { config });
  const { channels: own } = alternating.config.terms[0]!.representation;
  expect(own.type).toBe('given');
  expect(own).not.toEqual(model.config.terms[0]!.representation.channels);
  const mae = async (trained: PropertyModel) => (await trained.evaluate(test_)).errors.mae;
  expect(await mae(alternating)).toBeLessThan(await mae(model));
  const file = join(folder, 'alternating.soapstone');
  await alternating.save(file);
  expect((await soapstone(['info', file])).stdout).toMatch(/channels 1 +2, given: Li /);
});

test('a model whose elements are channels has no map', async () => {
  const file = join(folder, 'plain.soapstone');
  const config = learned({ terms: [{ representation }] });
  await (await PropertyModel.train(train.slice(0, 20), 'label', { config })).save(file);
  const { code, stderr } = await soapstone(['elements', file, '-o', join(folder, 'none.html')]);
  expect(code).toBe(1);
  expect(stderr).toContain('no term has channels that mix elements; train with "channels"');
});

test('soapstone train learns channels', async () => {
  const [structures, config, output] = ['train.xyz', 'config.json', 'cli.soapstone'].map((name) =>
    join(folder, name),
  );
  await writeStructures(structures!, train);
  writeFileSync(config!, JSON.stringify(learned()));
  const { code } = await soapstone([
    'train',
    structures!,
    '--target',
    'label',
    '--config',
    config!,
    '-o',
    output!,
  ]);
  expect(code).toBe(0);
  expect((await PropertyModel.load(output!)).config.terms[0]!.representation.channels).toEqual(
    model.config.terms[0]!.representation.channels,
  );
});

describe('elements that a model never saw', () => {
  const unseen = clusters(3, ['K', 'O'], 4);
  const properties = (extrapolate: boolean) =>
    learned({
      terms: [
        {
          representation: {
            ...representation,
            channels: {
              type: 'properties',
              count: 3,
              widths: { electronegativity: 1, group: 5 },
              extrapolate,
            },
          },
        },
      ],
    });

  test('are refused by name, with the choice to extrapolate', async () => {
    await expect(model.predict(unseen)).rejects.toThrow(
      /element K is unknown to this model, which was trained on Li, O, F, Na, S$/,
    );
    const other = await PropertyModel.train(train, 'label', { config: properties(false) });
    await expect(other.predict(unseen)).rejects.toThrow(
      'element K is unknown to this model, which was trained on Li, O, F, Na, S; channels.extrapolate with centres: "any" lets others come by their properties',
    );
  });

  test('are as their properties say where that was chosen', async () => {
    const other = await PropertyModel.train(train, 'label', { config: properties(true) });
    const { errors } = await other.evaluate(unseen);
    const scale = await PropertyModel.train(train, 'label', {
      config: learned({ terms: [{ representation }], baseline: { type: 'mean' } }),
    });
    expect(errors.rmsRelative).toBeLessThan(0.6);
    expect(other.summary.notes.join()).not.toContain('extrapolate');
    await expect(scale.predict(unseen)).rejects.toThrow('element K is unknown');
  });
});

test('a note says where elements cannot come, though channels could take them', async () => {
  const config = {
    ...learned({
      terms: [
        {
          representation: {
            ...representation,
            channels: { type: 'properties', count: 2, widths: { group: 5 }, extrapolate: true },
          },
        },
      ],
    }),
    centres: 'same-element',
  } as const;
  const other = await PropertyModel.train(train.slice(0, 20), 'label', { config });
  expect(other.summary.notes.join()).toContain(
    'terms[0].representation.channels.extrapolate does nothing without "centres": "any"',
  );
});

test('wrong labels of little weight do no harm to channels', async () => {
  const isWrong = (s: number) => s % 4 === 0;
  const spoilt = train.map(({ positions, species, info }, s) =>
    Structure.from({
      positions,
      species,
      info: isWrong(s)
        ? { label: 4 - 2 * (info.label as number), w: 1e-6 }
        : { label: info.label!, w: 1 },
    }),
  );
  const maeOf = async (structures: readonly Structure[], more: object) => {
    const trained = await PropertyModel.train(structures, 'label', { config: learned(more) });
    return (await trained.evaluate(test_)).errors.mae;
  };
  const right = await maeOf(
    train.filter((_, s) => !isWrong(s)),
    {},
  );
  expect(await maeOf(spoilt, { sampleWeights: 'w' })).toBeLessThan(1.5 * right);
  expect(await maeOf(spoilt, {})).toBeGreaterThan(2 * right);
});

test.each([
  [
    'a property of atoms',
    'charges',
    learned(),
    'centres: a property of atoms is learned element by element',
  ],
  [
    'channels of a property of atoms',
    'charges',
    learned({ centres: 'same-element' }),
    'terms[0].representation.channels.type: channels are learned from one number for each structure',
  ],
  [
    'another kernel',
    'label',
    learned({
      terms: [
        {
          representation: { ...representation, channels: { type: 'learned', count: 2 } },
          kernel: { type: 'gaussian', width: 1 },
        },
      ],
    }),
    'channels are learned for normalised dot products to a whole power',
  ],
  [
    'another method of learning',
    'label',
    learned({
      terms: [{ representation: { channels: { type: 'learned', count: 2, method: 'lbfgs' } } }],
    }),
    'terms[0].representation.channels.method: expected "likelihood" or "alternating"',
  ],
  [
    'an unknown key of learning',
    'label',
    learned({
      terms: [{ representation: { channels: { type: 'learned', count: 2, zeta: 3 } } }],
    }),
    'terms[0].representation.channels.zeta: unknown key',
  ],
])('refused: %s', async (_, target, config, message) => {
  const atoms = train.map(
    ({ species, positions, info }) =>
      new Structure({
        species,
        positions,
        info,
        arrays: { charges: { data: Float64Array.of(1, 2, 3), shape: [3] } },
      }),
  );
  const attempt = PropertyModel.train(atoms, target, { config });
  await expect(attempt).rejects.toThrow(InvalidInputError);
  await expect(attempt).rejects.toThrow(message);
});

test('labels that are all the same leave nothing to learn', async () => {
  const constant = train.map(
    ({ species, positions }) => new Structure({ species, positions, info: { label: 2.5 } }),
  );
  const flat = await PropertyModel.train(constant, 'label', { config: learned() });
  expect(flat.summary.notes.join()).toContain('nothing to learn');
  const [prediction] = await flat.predict(test_);
  expect(prediction!.values[0]).toBeCloseTo(2.5, 10);
});
