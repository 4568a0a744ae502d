import { Concatenation, createRepresentation, PowerSpectrum, StructureAverage } from '../../ts';
import type { RepresentationHyperparameters, StructureLike } from '../../ts';
import { someStructures } from '../properties/structures';

const species = [1, 8];
const basis = { maxAngular: 2, radial: { count: 3 } };
const short = { cutoff: { radius: 2.5 }, basis, species, normalize: true } as const;
const long = { type: 'bispectrum', cutoff: { radius: 3.5 }, basis, species } as const;
const parts = [
  { weight: 0.5, representation: short },
  { weight: 2, representation: long },
];
const structures = [...someStructures(7, species), ...someStructures(30, species)];
const atoms = structures.map(({ length }) => length);
const total = atoms.reduce((sum, n) => sum + n, 0);

const numbers = (count: number): Float64Array =>
  Float64Array.from({ length: count }, (_, k) => Math.sin(1 + 7 * k));

function expectClose(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance = 1e-12,
): void {
  const all = Array.from(expected);
  const largest = all.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  expect(found).toHaveLength(all.length);
  const error = all.reduce((most, x, k) => Math.max(most, Math.abs(x - found[k]!)), 0);
  expect(error).toBeLessThanOrEqual(tolerance * largest);
}

/** The slopes of `loss` in every position of a structure, from differences. */
function slopes(structure: StructureLike, loss: (moved: StructureLike) => number): number[] {
  const step = 1e-4;
  const at = (k: number, by: number): number => {
    const positions = Float64Array.from(structure.positions as ArrayLike<number>);
    positions[k]! += by;
    return loss({ ...structureOf(structure), positions });
  };
  return Array.from({ length: 3 * structure.species.length }, (_, k) => {
    const difference = (by: number): number => at(k, by) - at(k, -by);
    return (8 * difference(step) - difference(2 * step)) / (12 * step);
  });
}

const structureOf = ({ species, cell, pbc }: StructureLike) => ({ species, cell, pbc });

describe('a concatenation', () => {
  const both = new Concatenation({ parts });
  const made = parts.map(({ representation }) => createRepresentation(representation));
  const widths = made.map(({ features }) => features);

  test('is its parts side by side, each times its weight', () => {
    const { values, columns } = both.computeSync(structures);
    expect(columns).toBe(widths[0]! + widths[1]!);
    made.forEach((part, p) => {
      const own = part.computeSync(structures).values;
      const first = p * widths[0]!;
      const found = Array.from({ length: total }, (_, i) =>
        Array.from(values.subarray(i * columns + first, i * columns + first + widths[p]!)),
      ).flat();
      expectClose(
        found,
        own.map((x) => x * parts[p]!.weight),
      );
      expect(both.labels[first]).toEqual({ part: p, label: part.labels[0] });
    });
    const { values: rounded } = both.computeSync(structures, { precision: 'float32' });
    expect(rounded).toEqual(Float32Array.from(values));
  });

  test('has the sum of their derivatives, and their Jacobians', async () => {
    const gradient = numbers(total * both.features);
    const found = both.vjpSync(structures, gradient);
    const jacobian = await both.jacobian(structures);
    const rows = jacobian.computeSync();
    const positions = new Float64Array(3 * total);
    for (let i = 0; i < total; i++) {
      for (let row = jacobian.first[i]!; row < jacobian.first[i + 1]!; row++) {
        for (let axis = 0; axis < 3; axis++) {
          for (let f = 0; f < both.features; f++) {
            positions[3 * jacobian.moved[row]! + axis]! +=
              gradient[i * both.features + f]! * rows[(3 * row + axis) * both.features + f]!;
          }
        }
      }
    }
    expectClose(found.positions, positions);
    const part = await jacobian.compute({ from: 3, to: 9 });
    const [from, to] = [jacobian.first[3]!, jacobian.first[9]!];
    expect(part).toEqual(rows.subarray(3 * both.features * from, 3 * both.features * to));
  });

  test('has selected columns, and a JSON form', () => {
    const few = both.select([1, widths[0]! + 2, 0]);
    expect(few.labels).toEqual([0, 1, widths[0]! + 2].map((column) => both.labels[column]));
    const last = both.select([both.features - 1]);
    expect(last.parts).toHaveLength(1);
    const json = JSON.parse(JSON.stringify(few.hyperparameters)) as RepresentationHyperparameters;
    expect(createRepresentation(json).computeSync(structures)).toEqual(few.computeSync(structures));
  });

  test('gives its elements to the parts, and says where a part is wrong', () => {
    const given = {
      type: 'concatenation',
      species: ['O'],
      parts: [{ representation: {} }],
    } as const;
    expect(createRepresentation(given).hyperparameters).toMatchObject({
      parts: [{ weight: 1, representation: { species: [8] } }],
    });
    const wrong = (representation: object) => () =>
      createRepresentation({
        ...given,
        parts: [{ representation }],
      });
    expect(wrong({ cutoff: 3 })).toThrow(/parts\[0\]\.representation\.cutoff/);
    expect(wrong({ type: 'concatenation', parts: [] })).toThrow(/parts\[0\]\.representation\.type/);
  });
});

describe.each(['mean', 'sum'] as const)('the %s over structures', (reduction) => {
  const of = { type: 'concatenation', parts } as const;
  const outer = new StructureAverage({ of, reduction });
  const inner = new StructureAverage({ of, reduction, average: 'inner' });
  const { features } = outer;
  const share = (s: number) => (reduction === 'mean' ? 1 / atoms[s]! : 1);

  test('has a row for each structure, and the labels of what is averaged', () => {
    expect(outer.shape(structures)).toEqual({
      rows: structures.length,
      columns: features,
      bytes: 8 * structures.length * features,
    });
    expect(inner.labels).toEqual(outer.of.labels);
  });

  test('outer: sums features', () => {
    const { values } = outer.of.computeSync(structures);
    const expected = new Float64Array(structures.length * features);
    let row = 0;
    structures.forEach((_, s) => {
      for (let i = 0; i < atoms[s]!; i++, row++) {
        for (let f = 0; f < features; f++) {
          expected[s * features + f]! += share(s) * values[row * features + f]!;
        }
      }
    });
    expectClose(outer.computeSync(structures).values, expected);
  });

  test('inner: is the power spectrum of summed coefficients', () => {
    const common = { cutoff: { radius: 3 }, basis, species };
    const expansion = createRepresentation({ type: 'spherical-expansion', ...common });
    const average = { type: 'structure-average', reduction, average: 'inner' } as const;
    const spectrum = new StructureAverage({ ...average, of: common });
    const { values } = spectrum.computeSync(structures);
    const { values: c } = expansion.computeSync(structures);
    // Columns of the expansion: l, then m, then elements, then n.
    const count = basis.radial.count;
    const at = (l: number, m: number, a: number, n: number) =>
      ((l * l + m) * species.length + a) * count + n;
    const expected: number[] = [];
    let first = 0;
    structures.forEach((_, s) => {
      const sum = new Float64Array(expansion.features);
      for (let i = first; i < first + atoms[s]!; i++) {
        sum.forEach((__, k) => (sum[k]! += share(s) * c[i * sum.length + k]!));
      }
      first += atoms[s]!;
      for (const label of new PowerSpectrum(common).labels) {
        const { l } = label;
        const [n, other] = label.n as unknown as [number, number];
        const [a, b] = (label.species as unknown as [number, number]).map((z) =>
          species.indexOf(z),
        );
        let dot = 0;
        for (let m = 0; m <= 2 * l; m++) dot += sum[at(l, m, a!, n)]! * sum[at(l, m, b!, other)]!;
        const twice = a === b && n === other ? 1 : Math.SQRT2;
        expected.push((twice * dot) / Math.sqrt(2 * l + 1));
      }
    });
    expectClose(values, expected);
  });

  test.each([
    ['outer', outer],
    ['inner', inner],
  ])('%s: its derivatives are slopes, and its Jacobian agrees', async (_, average) => {
    const some = structures.slice(0, 2);
    const gradient = numbers(some.length * features);
    const found = average.vjpSync(some, gradient);
    const expected = some.flatMap((structure, s) =>
      slopes(structure, (moved) => {
        const { values } = average.computeSync([moved]);
        return values.reduce((sum, x, f) => sum + x * gradient[s * features + f]!, 0);
      }),
    );
    expectClose(found.positions, expected, 1e-7);
    const jacobian = await average.jacobian(some);
    expect(Array.from(jacobian.first)).toEqual([0, atoms[0], atoms[0]! + atoms[1]!]);
    const rows = jacobian.computeSync();
    const positions = Float64Array.from(found.positions, (__, k) => {
      const s = Math.floor(k / 3) < atoms[0]! ? 0 : 1;
      let dot = 0;
      for (let f = 0; f < features; f++)
        dot += gradient[s * features + f]! * rows[k * features + f]!;
      return dot;
    });
    expectClose(positions, found.positions);
    const second = await jacobian.compute({ from: 1, to: 2 }, { precision: 'float32' });
    expect(second).toEqual(Float32Array.from(rows.subarray(3 * features * atoms[0]!)));
  });

  test.each([
    ['outer', outer],
    ['inner', inner],
  ])('%s: any number of threads gives the same bits, in one structure too', async (_, average) => {
    // A long chain, and many small structures.
    const chain = {
      positions: Array.from({ length: 700 }, (__, i) => [i * 1.1, Math.sin(i), Math.cos(3 * i)]),
      species: Array.from({ length: 700 }, (__, i) => species[i % 2]!),
    };
    const many: StructureLike[] = [chain, ...structures, chain];
    const gradient = numbers(many.length * features);
    const single = average.computeSync(many, { threads: 1 });
    const derivative = average.vjpSync(many, gradient, { threads: 1 });
    for (const threads of [2, 3]) {
      expect(average.computeSync(many, { threads })).toEqual(single);
      expect(await average.compute(many, { threads })).toEqual(single);
      expect(average.vjpSync(many, gradient, { threads })).toEqual(derivative);
    }
  });

  test('has selected columns, and a JSON form', () => {
    const few = inner.select([4, 2]);
    expect(few.labels).toEqual([inner.labels[2], inner.labels[4]]);
    const json = JSON.parse(JSON.stringify(few.hyperparameters)) as RepresentationHyperparameters;
    expect(createRepresentation(json).computeSync(structures)).toEqual(few.computeSync(structures));
  });
});

test('averages of averages are refused', () => {
  const of = { type: 'structure-average', of: short };
  expect(() => new StructureAverage({ of } as never)).toThrow(/of\.type: expected one of/);
});
