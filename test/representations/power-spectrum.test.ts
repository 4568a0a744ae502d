import { readFileSync } from 'node:fs';
import path from 'node:path';

import type { PowerSpectrumHyperparameters, StructureLike } from '../../ts';
import { PowerSpectrum } from '../../ts';
import { failing } from '../failing';

/** Nested arrays as the fixtures hold them. */
type Nested = number | readonly Nested[];

interface ReferenceCase {
  readonly name: string;
  readonly structure: StructureLike;
  readonly hyperparameters: PowerSpectrumHyperparameters;
  readonly species: readonly number[];
  readonly centres: readonly number[];
  readonly pairs: readonly (readonly [number, number])[];
  /** [centre][pair][l][n1][n2] */
  readonly values: readonly Nested[];
  /** [centre][atom][xyz][pair][l][n1][n2] */
  readonly positionGradients?: readonly (readonly (readonly Nested[])[])[];
  /** [centre][a][b][pair][l][n1][n2] */
  readonly strainGradients?: readonly (readonly (readonly Nested[])[])[];
}

const fixture = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/data/power_spectrum.json'), 'utf8'),
) as { readonly cases: readonly ReferenceCase[] };

const at = (nested: Nested, ...indices: readonly number[]): number =>
  indices.reduce<Nested>((value, index) => (value as readonly Nested[])[index]!, nested) as number;

/** A block of featomic's, [pair][l][n1][n2], as one of our rows: without its (−1)^l, pairs once times √2. */
function toOurs(soap: PowerSpectrum, { pairs }: ReferenceCase, block: Nested): number[] {
  return soap.labels.map(({ species: [a, b], l, n: [n, other] }) => {
    const pair = pairs.findIndex(([first, second]) => first === a && second === b);
    const twice = a === b && n !== other ? Math.SQRT2 : 1;
    return (-1) ** l * twice * at(block, pair, l, n!, other!);
  });
}

function expectClose(found: ArrayLike<number>, expected: readonly number[], tolerance = 1e-8) {
  const largest = Math.max(...expected.map(Math.abs));
  const error = Math.max(...expected.map((x, k) => Math.abs(x - found[k]!)));
  expect(found).toHaveLength(expected.length);
  expect(error).toBeLessThanOrEqual(tolerance * (largest || 1));
}

const random = (count: number): Float64Array =>
  Float64Array.from({ length: count }, (_, k) => Math.sin(1 + 7 * k));

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, x, k) => sum + x * b[k]!, 0);

describe('power spectra of featomic', () => {
  test.each(fixture.cases)('$name', async (reference) => {
    const { hyperparameters, species, structure, centres } = reference;
    const soap = new PowerSpectrum({ ...hyperparameters, species });
    const { values, columns } = soap.computeSync([structure]);
    const row = (k: number) => values.subarray(centres[k]! * columns, (centres[k]! + 1) * columns);
    centres.forEach((_, k) => expectClose(row(k), toOurs(soap, reference, reference.values[k]!)));

    const { positionGradients, strainGradients } = reference;
    if (!positionGradients || !strainGradients) return;
    const jacobian = await soap.jacobian([structure]);
    const rows = jacobian.computeSync();
    for (const [k, centre] of centres.entries()) {
      const expected = positionGradients[k]!.map((axes) =>
        axes.map((block) => toOurs(soap, reference, block)),
      );
      const found: Float64Array[][] = expected.map(() =>
        [0, 1, 2].map(() => new Float64Array(columns)),
      );
      for (let r = jacobian.first[centre]!; r < jacobian.first[centre + 1]!; r++) {
        found[jacobian.moved[r]!] = [0, 1, 2].map((axis) =>
          rows.subarray((3 * r + axis) * columns, (3 * r + axis + 1) * columns),
        );
      }
      expectClose(
        found.flat().flatMap((axis) => Array.from(axis)),
        expected.flat(2),
      );

      const weights = random(columns);
      const gradient = new Float64Array(values.length);
      gradient.set(weights, centre * columns);
      const { positions, strain } = soap.vjpSync([structure], gradient);
      const sumUp = (axes: readonly Nested[]) =>
        axes.map((block) => dot(weights, toOurs(soap, reference, block)));
      expectClose(positions, positionGradients[k]!.flatMap(sumUp));
      expectClose(strain, strainGradients[k]!.flatMap(sumUp));
    }
  });
});

const water: StructureLike = {
  positions: [
    [0, 0, 0],
    [0.76, 0.59, 0],
    [-0.76, 0.59, 0],
  ],
  species: ['O', 'H', 'H'],
};

const small: PowerSpectrumHyperparameters = {
  cutoff: { radius: 3, smoothing: { width: 1 } },
  basis: { maxAngular: 2, radial: { count: 3 } },
  species: ['O', 'H'],
};

describe('hyperparameters', () => {
  test('are filled in and kept', () => {
    expect(new PowerSpectrum({ species: [8, 'H', 1] }).hyperparameters).toEqual({
      type: 'power-spectrum',
      cutoff: { radius: 5, smoothing: { type: 'cosine', width: 5 } },
      density: { type: 'gaussian', width: 0.4, centerWeight: 1 },
      basis: { maxAngular: 6, radial: { type: 'gto', count: 8 }, accuracy: 1e-10 },
      species: [1, 8],
      normalize: false,
      channels: { type: 'elements' },
      coupling: { type: 'all' },
    });
  });

  test.each<[string, Record<string, unknown>]>([
    ['species', {}],
    ['species', { species: [] }],
    ['species[1]', { species: ['H', 'Xx'] }],
    ['cutoff.radius', { species: ['H'], cutoff: { radius: -5 } }],
    ['cutoff.smoothing.width', { species: ['H'], cutoff: { radius: 3, smoothing: { width: 4 } } }],
    ['density.width', { species: ['H'], density: { width: 0 } }],
    ['density.width', { species: ['H'], density: { width: NaN } }],
    ['density.centerWeight', { species: ['H'], density: { centerWeight: -1 } }],
    [
      'density.scaling.scale',
      { species: ['H'], density: { scaling: { type: 'willatt', rate: 1 } } },
    ],
    ['basis.maxAngular', { species: ['H'], basis: { maxAngular: 2.5 } }],
    ['basis.radial.count', { species: ['H'], basis: { radial: { count: 0 } } }],
    ['basis.accuracy', { species: ['H'], basis: { accuracy: 0 } }],
    ['normalize', { species: ['H'], normalize: 'yes' }],
  ])('%s is refused in %j', (path, hyperparameters) => {
    expect(() => new PowerSpectrum(hyperparameters)).toThrow(
      failing({ code: 'INVALID_INPUT', message: expect.stringContaining(path) }),
    );
  });

  test('an unknown key is refused by name', () => {
    const misspelt = { species: ['H'], density: { widht: 0.3 } } as PowerSpectrumHyperparameters;
    expect(() => new PowerSpectrum(misspelt)).toThrow(
      failing({ code: 'INVALID_INPUT', message: expect.stringContaining('widht') }),
    );
  });
});

describe('what comes out', () => {
  test('is known before it is computed', () => {
    const soap = new PowerSpectrum(small);
    const shape = soap.shape([water, water]);
    const result = soap.computeSync([water, water]);
    expect(shape).toEqual({ rows: 6, columns: soap.features, bytes: 8 * 6 * soap.features });
    expect(result).toMatchObject({ rows: 6, columns: soap.features });
    expect(result.values).toHaveLength(6 * soap.features);
  });

  test('has one label for each column', () => {
    const soap = new PowerSpectrum(small);
    expect(soap.labels).toHaveLength(soap.features);
    expect(soap.labels[0]).toEqual({ species: [1, 1], l: 0, n: [0, 0] });
    expect(soap.labels.at(-1)).toEqual({ species: [8, 8], l: 2, n: [2, 2] });
    expect(new Set(soap.labels.map((label) => JSON.stringify(label))).size).toBe(soap.features);
  });

  test('can be normalised', () => {
    const plain = new PowerSpectrum(small).computeSync([water]);
    const { values, columns } = new PowerSpectrum({ ...small, normalize: true }).computeSync([
      water,
    ]);
    for (let i = 0; i < 3; i++) {
      const row = values.subarray(i * columns, (i + 1) * columns);
      const before = plain.values.subarray(i * columns, (i + 1) * columns);
      expect(dot(row, row)).toBeCloseTo(1, 13);
      expectClose(
        row,
        Array.from(before, (x) => x / Math.sqrt(dot(before, before))),
        1e-14,
      );
    }
  });

  test('normalised has the Jacobian of normalised features', async () => {
    const unit = new PowerSpectrum({ ...small, normalize: true });
    const jacobian = await unit.jacobian([water]);
    const rows = jacobian.computeSync();
    const { features, first, moved } = jacobian;
    const weights = random(3 * features);
    const slopes = new Float64Array(9);
    for (let centre = 0; centre < 3; centre++) {
      const loss = weights.subarray(centre * features, (centre + 1) * features);
      for (let row = first[centre]!; row < first[centre + 1]!; row++) {
        for (let axis = 0; axis < 3; axis++) {
          const start = (3 * row + axis) * features;
          slopes[3 * moved[row]! + axis]! += dot(loss, rows.subarray(start, start + features));
        }
      }
    }
    expectClose(slopes, [...unit.vjpSync([water], weights).positions], 1e-12);
  });

  test('is empty for no structures', async () => {
    expect((await new PowerSpectrum(small).compute([])).values).toHaveLength(0);
  });
});

describe('in single precision', () => {
  const soap = new PowerSpectrum(small);
  const float32 = { precision: 'float32' } as const;

  test('each feature is that of double precision, rounded once', async () => {
    const exact = soap.computeSync([water, water]).values;
    const found = await soap.compute([water, water], float32);
    expect(found.values).toEqual(Float32Array.from(exact));
    expect(soap.computeSync([water, water], float32)).toEqual(found);
    const error = (value: number, k: number) => Math.abs(found.values[k]! - value);
    expect(exact.every((value, k) => error(value, k) <= 2 ** -24 * Math.abs(value))).toBe(true);
    expect(exact.some((value, k) => error(value, k) > 2 ** -26 * Math.abs(value))).toBe(true);
  });

  test('takes half the memory, which is known before', async () => {
    const shape = soap.shape([water], float32);
    expect(shape.bytes).toBe(soap.shape([water]).bytes / 2);
    const { values } = await soap.compute([water], { ...float32, memoryLimit: shape.bytes });
    expect(values.byteLength).toBe(shape.bytes);
  });

  test('normalised rows are rounded after they are normalised', () => {
    const unit = new PowerSpectrum({ ...small, normalize: true });
    const { values } = unit.computeSync([water], float32);
    expect(values).toEqual(Float32Array.from(unit.computeSync([water]).values));
  });

  test('the rows of a Jacobian are rounded, too', async () => {
    const jacobian = await soap.jacobian([water]);
    const exact = Float32Array.from(jacobian.computeSync({ from: 1 }));
    expect(jacobian.bytes({ from: 1 }, float32)).toBe(exact.byteLength);
    expect(await jacobian.compute({ from: 1 }, float32)).toEqual(exact);
    const out = new Float32Array(exact.length + 1).fill(NaN);
    expect(jacobian.computeSync({ from: 1 }, { ...float32, out }).buffer).toBe(out.buffer);
    expect(out.subarray(0, -1)).toEqual(exact);
    expect(out.at(-1)).toBeNaN();
  });

  test('results go into an array of that precision only', () => {
    const { rows, columns } = soap.shape([water]);
    const out = new Float32Array(rows * columns);
    expect(soap.computeSync([water], { ...float32, out }).values.buffer).toBe(out.buffer);
    const wrong = { out } as unknown as { out: Float64Array };
    expect(() => soap.computeSync([water], wrong)).toThrow(
      failing({ code: 'INVALID_INPUT', message: expect.stringContaining('float64, got') }),
    );
    expect(() => soap.computeSync([water], { precision: 'half' as 'float32' })).toThrow(
      failing({ code: 'INVALID_INPUT', message: expect.stringContaining('precision') }),
    );
  });

  test('the types say which array comes out', () => {
    const doubles: Float64Array = soap.computeSync([water]).values;
    const floats: Float32Array = soap.computeSync([water], float32).values;
    expect([doubles.BYTES_PER_ELEMENT, floats.BYTES_PER_ELEMENT]).toEqual([8, 4]);
  });
});

describe('what cannot be done', () => {
  const soap = new PowerSpectrum(small);

  test('an element without a channel is named, with its structure', async () => {
    const methane = { positions: [[0, 0, 0]], species: ['C'] };
    await expect(soap.compute([water, methane])).rejects.toThrow(
      failing({ code: 'INVALID_INPUT', message: expect.stringMatching(/structures\[1\].*\bC\b/) }),
    );
  });

  test('a result above the memory limit is refused before it is made', async () => {
    const { bytes } = soap.shape([water]);
    await expect(soap.compute([water], { memoryLimit: bytes - 1 })).rejects.toThrow(
      failing({ code: 'MEMORY_LIMIT' }),
    );
    const jacobian = await soap.jacobian([water]);
    expect(jacobian.bytes()).toBe(9 * 3 * soap.features * 8);
    await expect(jacobian.compute({}, { memoryLimit: jacobian.bytes() - 1 })).rejects.toThrow(
      failing({ code: 'MEMORY_LIMIT' }),
    );
    expect(await jacobian.compute({ from: 1, to: 2 })).toHaveLength(3 * 3 * soap.features);
  });

  test('rows of the Jacobian go into a given array that is long enough', async () => {
    const jacobian = await soap.jacobian([water]);
    const rows = await jacobian.compute({ from: 1, to: 3 });
    const out = new Float64Array(rows.length + 7).fill(NaN);
    const again = await jacobian.compute({ from: 1, to: 3 }, { out });
    expect(again.buffer).toBe(out.buffer);
    expect(again).toEqual(rows);
    expect(out.subarray(rows.length).every(Number.isNaN)).toBe(true);
    expect(() => jacobian.computeSync({ from: 1, to: 3 }, { out: out.subarray(8) })).toThrow(
      failing({ code: 'INVALID_INPUT', message: expect.stringContaining('out') }),
    );
  });

  test('features go into a given array that is long enough', async () => {
    const { values, rows, columns } = soap.computeSync([water]);
    const out = new Float64Array(rows * columns + 7).fill(NaN);
    const again = await soap.compute([water], { out });
    expect(again.values.buffer).toBe(out.buffer);
    expect(again.values).toEqual(values);
    expect(out.subarray(rows * columns).every(Number.isNaN)).toBe(true);
    await expect(soap.compute([water], { out: out.subarray(8) })).rejects.toThrow(
      failing({ code: 'INVALID_INPUT', message: expect.stringContaining('out') }),
    );
  });

  test('a gradient of the wrong size is refused', async () => {
    await expect(soap.vjp([water], new Float64Array(5))).rejects.toThrow(
      failing({ code: 'INVALID_INPUT', message: expect.stringContaining('gradient') }),
    );
  });

  test('a gradient may be in single precision, as features are, or a list', async () => {
    const single = new Float32Array(3 * soap.features).map((_, i) => Math.sin(i));
    const expected = soap.vjpSync([water], Float64Array.from(single));
    expect(await soap.vjp([water], single)).toEqual(expected);
    expect(soap.vjpSync([water], [...single])).toEqual(expected);
  });

  test('an aborted calculation rejects with an AbortError', async () => {
    await expect(soap.compute([water], { signal: AbortSignal.abort() })).rejects.toThrow(
      failing({ name: 'AbortError' }),
    );
    const many = Array<StructureLike>(20_000).fill(water);
    const controller = new AbortController();
    const stopped = soap.compute(many, {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(stopped).rejects.toThrow(failing({ name: 'AbortError' }));
  });
});
