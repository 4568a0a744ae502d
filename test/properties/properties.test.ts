import { InvalidInputError, Structure } from '../../ts';
import {
  doubled,
  moved,
  permuted,
  rotation,
  smoothStructures,
  strained,
  times,
  transformed,
  translated,
} from './structures';
import type { Outcome, Subject } from './subject';
import { subjects } from './subjects';

const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** Largest difference, relative to `scale` or to the largest number that is expected. */
function expectClose(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  scale = largest(expected),
): void {
  expect(found).toHaveLength(expected.length);
  const error = largest(Array.from(expected, (value, k) => value - found[k]!));
  expect(error).toBeLessThanOrEqual(tolerance * Math.max(scale, 1e-3));
}

/** The slope at zero of a function of a step, its error of order step⁴. */
function slope(f: (step: number) => number): number {
  const step = 1e-4;
  return (8 * (f(step) - f(-step)) - (f(2 * step) - f(-2 * step))) / (12 * step);
}

const indices = (count: number): number[] => Array.from({ length: count }, (_, k) => k);

// Rows: representations and models. Columns: what holds for every one of them.
describe.each(Object.entries(subjects))('%s', (_, make) => {
  let subject: Subject;
  let structures: Structure[];
  let outcomes: Outcome[];
  const one = (structure: Structure): Outcome => subject.computeSync([structure])[0]!;

  beforeAll(async () => {
    subject = await make();
    structures = smoothStructures(1000, subject.species, subject.kinks);
    if (subject.longRange) {
      const more = smoothStructures(2000, subject.species, subject.kinks);
      structures = [...structures, ...more].filter(({ pbc }) => pbc.every(Boolean));
    }
    outcomes = subject.computeSync(structures);
  });

  test('its gradient is the slope of the sum in every position', () => {
    structures.forEach((structure, s) => {
      const slopes = indices(3 * structure.length).map((k) =>
        slope((step) => one(moved(structure, k, step)).sum),
      );
      expectClose(
        outcomes[s]!.positions,
        slopes,
        1e-8,
        largest(slopes) + Math.abs(outcomes[s]!.sum),
      );
    });
  });

  test('its strain derivative is the slope of the sum in every strain', () => {
    structures.forEach((structure, s) => {
      // Models give stress, which says nothing where there is no volume.
      if (largest(outcomes[s]!.strain) === 0) return expect(structure.volume).toBe(0);
      const slopes = indices(9).map((k) =>
        slope((step) => one(strained(structure, Math.floor(k / 3), k % 3, step)).sum),
      );
      expectClose(outcomes[s]!.strain, slopes, 1e-8, largest(slopes) + Math.abs(outcomes[s]!.sum));
    });
  });

  test('a rotation turns the derivatives and nothing else', () => {
    const turn = rotation(3);
    const back = indices(9).map((k) => turn[3 * (k % 3) + Math.floor(k / 3)]!);
    structures.forEach((structure, s) => {
      const { rows, sum, positions, strain } = outcomes[s]!;
      const rotated = one(transformed(structure, turn));
      expectClose(rotated.rows, rows, 1e-11);
      expectClose([rotated.sum], [sum], 1e-11);
      expectClose(rotated.positions, times(positions, turn), 1e-10);
      const turned = indices(3).flatMap((a) =>
        Array.from(times(strain, turn).slice(3 * a, 3 * a + 3)),
      );
      const expected = indices(9).map((k) =>
        indices(3).reduce(
          (x, c) => x + back[3 * Math.floor(k / 3) + c]! * turned[3 * c + (k % 3)]!,
          0,
        ),
      );
      expectClose(rotated.strain, expected, 1e-10);
    });
  });

  test('a translation changes nothing', () => {
    structures.forEach((structure, s) => {
      const shifted = one(translated(structure, [12.3, -4.5, 0.678]));
      expectClose(shifted.rows, outcomes[s]!.rows, 1e-11);
      expectClose(shifted.positions, outcomes[s]!.positions, 1e-10);
      expectClose(shifted.strain, outcomes[s]!.strain, 1e-10);
    });
  });

  test('atoms may come in any order', () => {
    structures.forEach((structure, s) => {
      const order = indices(structure.length).reverse();
      const reordered = one(permuted(structure, order));
      const { rows, sum, positions, strain } = outcomes[s]!;
      const columns = rows.length / structure.length;
      const pick = (values: Float64Array, width: number): number[] =>
        order.flatMap((i) => Array.from(values.subarray(width * i, width * (i + 1))));
      expectClose(reordered.rows, pick(rows, columns), 1e-12);
      expectClose([reordered.sum], [sum], 1e-12);
      expectClose(reordered.positions, pick(positions, 3), 1e-11);
      expectClose(reordered.strain, strain, 1e-11);
    });
  });

  test('a supercell is as many copies of the cell', () => {
    structures.forEach((structure, s) => {
      const { structure: supercell, copies } = doubled(structure);
      const found = one(supercell);
      const { rows, sum, positions, strain } = outcomes[s]!;
      const repeat = (values: Float64Array): number[] =>
        indices(copies).flatMap(() => Array.from(values));
      expectClose(found.rows, repeat(rows), 1e-11);
      expectClose([found.sum], [copies * sum], 1e-11);
      expectClose(found.positions, repeat(positions), 1e-10);
      expectClose(
        found.strain,
        strain.map((x) => copies * x),
        1e-10,
      );
    });
  });

  test('an atom comes in at the cutoff without a step in value or slope', () => {
    // A pair, and a third atom at the cutoff of the first and beyond that of the second.
    const { cutoff, species } = subject;
    const withThirdAt = (distance: number): Outcome =>
      one(
        new Structure({
          positions: [
            [0, 0, 0],
            [0, 0, -1.1],
            [0, 0, distance],
          ],
          species: indices(3).map((i) => species[i % species.length]!),
        }),
      );
    if (subject.longRange) {
      // Nothing is outside, and a molecule is not periodic.
      return expect(() => withThirdAt(cutoff)).toThrow(InvalidInputError);
    }
    const outside = withThirdAt(cutoff);
    expect(withThirdAt(cutoff + 0.5).sum).toBe(outside.sum);
    const justInside = withThirdAt(cutoff - 1e-6);
    expectClose(justInside.rows, outside.rows, 1e-10);
    expectClose(justInside.positions, outside.positions, 1e-4);
    const inside = withThirdAt(cutoff - 1e-3);
    expectClose(inside.rows, outside.rows, 1e-4);
    expect(inside.sum).not.toBe(outside.sum);
  });

  test('no force is left over', () => {
    for (const { positions } of outcomes) {
      const net = indices(3).map((axis) =>
        positions.reduce((sum, x, k) => (k % 3 === axis ? sum + x : sum), 0),
      );
      expectClose(net, [0, 0, 0], 1e-11, largest(positions));
    }
  });

  test('a batch is its structures one by one', () => {
    structures.forEach((structure, s) => {
      const { rows, sum, positions, strain } = outcomes[s]!;
      const alone = one(structure);
      expectClose(alone.rows, rows, 1e-13);
      expectClose([alone.sum], [sum], 1e-13);
      expectClose(alone.positions, positions, 1e-12);
      expectClose(alone.strain, strain, 1e-12);
    });
  });

  test('asynchronous is synchronous', async () => {
    expect(await subject.compute(structures)).toEqual(outcomes);
  });

  test('any number of threads gives the same bits', () => {
    const many = [...structures, ...structures, ...structures];
    const single = subject.computeSync(many, { threads: 1 });
    for (const threads of [2, 3]) expect(subject.computeSync(many, { threads })).toEqual(single);
  });
});
