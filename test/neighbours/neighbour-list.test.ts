import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';

import type { NeighbourList } from '../../ts';
import { neighbourList, neighbourListSync, NeighbourMemory } from '../../ts';
import type { Atoms, Neighbour } from './brute-force';
import { bruteForce } from './brute-force';

interface ReferenceCase extends Atoms {
  readonly name: string;
  readonly cutoff: number;
  readonly pairs: {
    readonly i: readonly number[];
    readonly j: readonly number[];
    readonly shift: readonly (readonly number[])[];
    readonly distance: readonly number[];
  };
}

const fixture = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/data/neighbours.json'), 'utf8'),
) as { readonly cases: readonly ReferenceCase[] };

const withSpecies = ({ positions, cell, pbc }: Atoms) => ({
  positions,
  cell,
  pbc,
  species: positions.map(() => 14),
});

/** The neighbours of atom i in a list. */
function row(list: NeighbourList, i: number): Neighbour[] {
  const result: Neighbour[] = [];
  for (let p = list.first[i]!; p < list.first[i + 1]!; p++) {
    result.push({
      j: list.neighbours[p]!,
      shift: [...list.shifts.subarray(3 * p, 3 * p + 3)],
      vector: [...list.vectors.subarray(3 * p, 3 * p + 3)],
    });
  }
  return result;
}

const identities = (neighbours: readonly Neighbour[]) =>
  neighbours.map(({ j, shift }) => [j, ...shift]);

const silicon = {
  positions: [
    [0, 0, 0],
    [1.3575, 1.3575, 1.3575],
  ],
  species: ['Si', 'Si'],
  cell: [
    [0, 2.715, 2.715],
    [2.715, 0, 2.715],
    [2.715, 2.715, 0],
  ],
};

describe('lists of vesin, matscipy and a loop over images', () => {
  test.each(fixture.cases)('$name', (reference) => {
    const { cutoff } = reference;
    const [list] = neighbourListSync([withSpecies(reference)], { cutoff });
    const { i, j, shift, distance } = reference.pairs;
    const centres = reference.positions.flatMap((_, centre) =>
      row(list!, centre).map(() => centre),
    );
    expect(centres).toEqual(i);
    expect([...list!.neighbours]).toEqual(j);
    expect([...list!.shifts]).toEqual(shift.flat());
    distance.forEach((d, p) => {
      const vector = list!.vectors.subarray(3 * p, 3 * p + 3);
      expect(Math.hypot(...vector)).toBeCloseTo(d, 10);
    });
  });
});

describe('random structures', () => {
  const number = (min: number, max: number) =>
    fc.double({ min, max, noNaN: true, noDefaultInfinity: true });
  const vector = (min: number, max: number) =>
    fc.array(number(min, max), { minLength: 3, maxLength: 3 });
  // Lengths from smaller to larger than the cutoff; the skew may be large, the volume is never near zero.
  const cell = fc
    .tuple(vector(1.5, 7), vector(-3, 3), fc.boolean())
    .map(([[a, b, c], [p, q, r], leftHanded]) => {
      const rows = [
        [a!, 0, 0],
        [p!, b!, 0],
        [q!, r!, c!],
      ];
      return leftHanded ? [rows[1]!, rows[0]!, rows[2]!] : rows;
    });
  const atoms: fc.Arbitrary<Atoms> = fc.record({
    positions: fc.array(vector(-9, 9), { minLength: 1, maxLength: 9 }),
    cell,
    pbc: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
  });
  const cutoff = number(0.5, 4);

  test('have the neighbours that trying every image finds', () => {
    fc.assert(
      fc.property(atoms, cutoff, (structure, radius) => {
        const [list] = neighbourListSync([withSpecies(structure)], { cutoff: radius });
        structure.positions.forEach((_, i) => {
          const found = row(list!, i);
          const expected = bruteForce(structure, radius, i);
          expect(identities(found)).toEqual(identities(expected));
          found.forEach(({ vector: r }, n) =>
            r.forEach((x, axis) => expect(x).toBeCloseTo(expected[n]!.vector[axis]!, 10)),
          );
        });
      }),
      { numRuns: 200 },
    );
  });

  test('are seen alike from both ends of a pair, to the last bit', () => {
    fc.assert(
      fc.property(atoms, cutoff, (structure, radius) => {
        const [list] = neighbourListSync([withSpecies(structure)], { cutoff: radius });
        // Keys without the sign of zero.
        const key = (i: number, j: number, values: readonly number[]) =>
          [i, j, ...values.map((x) => x + 0)].join();
        const pairs = structure.positions.flatMap((_, i) =>
          row(list!, i).map((pair) => ({ i, ...pair })),
        );
        const keys = new Set(
          pairs.map(({ i, j, shift, vector: r }) => key(i, j, [...shift, ...r])),
        );
        for (const { i, j, shift, vector: r } of pairs) {
          expect(keys).toContain(
            key(
              j,
              i,
              [...shift, ...r].map((x) => -x),
            ),
          );
        }
      }),
      { numRuns: 50 },
    );
  });

  test('of a batch have the lists they have alone, at any number of threads and off the event loop', async () => {
    const batches = fc.array(atoms, { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        batches,
        cutoff,
        fc.integer({ min: 1, max: 5 }),
        async (batch, radius, threads) => {
          const structures = batch.map(withSpecies);
          const alone = structures.flatMap((s) => neighbourListSync([s], { cutoff: radius }));
          expect(neighbourListSync(structures, { cutoff: radius, threads })).toEqual(alone);
          expect(await neighbourList(structures, { cutoff: radius, threads })).toEqual(alone);
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('a calculation off the event loop', () => {
  test('tells its progress', async () => {
    const calls: number[][] = [];
    const structures = Array.from({ length: 7 }, () => silicon);
    const onProgress = (...call: number[]) => calls.push(call);
    await neighbourList(structures, { cutoff: 3, onProgress });
    expect(calls.at(-1)).toEqual([7, 7]);
  });

  test('uses the positions as they were when it was called', async () => {
    const positions = new Float64Array([0, 0, 0, 0, 0, 1]);
    const promise = neighbourList([{ positions, species: ['H', 'H'] }], { cutoff: 2 });
    positions[5] = 9;
    const [list] = await promise;
    expect([...list!.vectors]).toEqual([0, 0, 1, 0, 0, -1]);
  });

  test('is not begun when the signal has been aborted', async () => {
    const signal = AbortSignal.abort('enough');
    await expect(neighbourList([silicon], { cutoff: 3, signal })).rejects.toMatchObject({
      name: 'AbortError',
      code: 'ABORTED',
      cause: 'enough',
    });
  });

  test('ends soon after the signal is aborted', async () => {
    const controller = new AbortController();
    const structures = Array.from({ length: 400 }, () => silicon);
    const promise = neighbourList(structures, {
      cutoff: 25,
      threads: 1,
      signal: controller.signal,
    });
    controller.abort();
    await expect(promise).rejects.toMatchObject({ name: 'AbortError', code: 'ABORTED' });
  });

  test('is rejected with what the progress function throws', async () => {
    const structures = Array.from({ length: 400 }, () => silicon);
    const onProgress = () => {
      throw new TypeError('mine');
    };
    const promise = neighbourList(structures, { cutoff: 25, threads: 1, onProgress });
    await expect(promise).rejects.toThrow('mine');
  });
});

describe('input without meaning', () => {
  test.each([0, -1, NaN, Infinity, '3' as unknown as number, undefined as unknown as number])(
    'cutoff %p',
    async (cutoff) => {
      const expected = { code: 'INVALID_INPUT', path: 'cutoff' };
      expect(() => neighbourListSync([silicon], { cutoff })).toThrow(
        expect.objectContaining(expected) as Error,
      );
      await expect(neighbourList([silicon], { cutoff })).rejects.toMatchObject(expected);
    },
  );

  test.each([0, -2, 1.5, NaN])('threads %p', async (threads) => {
    const expected = { code: 'INVALID_INPUT', path: 'threads' };
    expect(() => neighbourListSync([silicon], { cutoff: 3, threads })).toThrow(
      expect.objectContaining(expected) as Error,
    );
    await expect(neighbourList([silicon], { cutoff: 3, threads })).rejects.toMatchObject(expected);
  });

  test('names the structure', () => {
    const broken = { ...silicon, positions: [0, 0, 0, 0, NaN, 0] };
    expect(() => neighbourListSync([silicon, broken], { cutoff: 3 })).toThrow(/structures\[1\]/);
  });

  test('a cutoff beyond all memory', async () => {
    const expected = { name: 'MemoryLimitError', code: 'MEMORY_LIMIT' };
    expect(() => neighbourListSync([silicon], { cutoff: 1e5 })).toThrow(
      expect.objectContaining(expected) as Error,
    );
    await expect(neighbourList([silicon], { cutoff: 1e5 })).rejects.toMatchObject(expected);
  });

  test('an atom too many cells away, which only the engine sees', async () => {
    const far = { ...silicon, positions: [0, 0, 0, 0, 1e15, 0] };
    const promise = neighbourList([silicon, far], { cutoff: 3 });
    await expect(promise).rejects.toThrow(/structures\[1\]: positions: atom 1/);
    await expect(promise).rejects.toMatchObject({ name: 'InvalidInputError' });
  });
});

test('no structures have no lists', async () => {
  expect(neighbourListSync([], { cutoff: 3 })).toEqual([]);
  expect(await neighbourList([], { cutoff: 3 })).toEqual([]);
});

describe('memory that is used again', () => {
  const pair = { positions: [0, 0, 0, 0, 0, 1.5], species: ['O', 'H'] };

  test('holds the lists of the last call, whether they are larger or smaller', async () => {
    const memory = new NeighbourMemory();
    for (const [structures, cutoff] of [
      [[silicon, pair], 3],
      [[silicon, silicon], 6],
      [[pair], 3],
      [[silicon, pair, silicon], 4],
    ] as const) {
      const expected = neighbourListSync(structures, { cutoff });
      expect(neighbourListSync(structures, { cutoff, memory })).toEqual(expected);
      expect(await neighbourList(structures, { cutoff, memory })).toEqual(expected);
    }
  });

  test('is not asked for anew', () => {
    const memory = new NeighbourMemory();
    const [first] = neighbourListSync([silicon], { cutoff: 6, memory });
    const { bytes } = memory;
    const [second] = neighbourListSync([silicon], { cutoff: 3, memory });
    expect(second!.vectors.buffer).toBe(first!.vectors.buffer);
    expect(memory.bytes).toBe(bytes);
  });

  test('belongs to one call at a time', async () => {
    const memory = new NeighbourMemory();
    const running = neighbourList([silicon], { cutoff: 3, memory });
    expect(() => neighbourListSync([silicon], { cutoff: 3, memory })).toThrow(
      expect.objectContaining({ name: 'InvalidInputError', path: 'memory' }),
    );
    await running;
    // Also after a call that fails.
    expect(() => neighbourListSync([silicon], { cutoff: 1e5, memory })).toThrow();
    expect(neighbourListSync([pair], { cutoff: 3, memory })).toHaveLength(1);
  });
});

test('the arrays belong to the realm of the caller', () => {
  const [list] = neighbourListSync([silicon], { cutoff: 3 });
  expect(list!.first).toBeInstanceOf(Float64Array);
  expect(list!.neighbours).toBeInstanceOf(Int32Array);
  expect(list!.shifts).toBeInstanceOf(Int32Array);
  expect(list!.vectors).toBeInstanceOf(Float64Array);
});

test('worker threads find the same, several at a time', async () => {
  const [expected] = neighbourListSync([silicon], { cutoff: 5 });
  const inWorker = () =>
    new Promise<NeighbourList[]>((resolve, reject) => {
      const worker = new Worker(path.join(__dirname, 'worker.mjs'), {
        workerData: { structures: [silicon], options: { cutoff: 5, threads: 2 } },
      });
      worker.once('message', resolve);
      worker.once('error', reject);
    });
  const results = await Promise.all([inWorker(), inWorker(), inWorker()]);
  // Without the classes, which in Jest are not those of Node itself.
  const plain = ({ first, neighbours, shifts, vectors }: NeighbourList) =>
    [first, neighbours, shifts, vectors].map((values) => Array.from(values));
  results.forEach((result) => expect(result.map(plain)).toEqual([plain(expected!)]));
});
