import { setImmediate as nextTurn } from 'node:timers/promises';

import type { StructureLike } from '../../ts';
import { PowerSpectrum } from '../../ts';

// What is measured is the machine's, too, so the bounds are generous: a calculation that held the event loop
// would give it no turn at all. The exact times are a stage of the benchmarks.

/** Runs work beside the event loop: how often that turned, and its longest wait over the time of the work. */
async function watch(work: () => Promise<unknown>): Promise<{ turns: number; longest: number }> {
  let done = false;
  const start = performance.now();
  const finished = work().finally(() => (done = true));
  let [turns, longest, last] = [0, 0, start];
  while (!done) {
    await nextTurn();
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    turns++;
  }
  await finished;
  return { turns, longest: longest / (last - start) };
}

const soap = new PowerSpectrum({ species: ['O', 'H'], normalize: true });
const edge = 22;
const count = edge ** 3;
const large: StructureLike = {
  positions: Float64Array.from({ length: 3 * count }, (_, k) => {
    const [atom, axis] = [Math.floor(k / 3), k % 3];
    return 2.2 * (Math.floor(atom / edge ** axis) % edge) + 0.3 * Math.sin(k);
  }),
  species: Int32Array.from({ length: count }, (_, atom) => (atom % 3 === 0 ? 8 : 1)),
};
const many = Array<StructureLike>(8000).fill({
  positions: new Float64Array([0, 0, 0, 0.76, 0.59, 0, -0.76, 0.59, 0]),
  species: Int32Array.of(8, 1, 1),
});

test.each([
  ['one large structure is computed', [large]],
  ['many small structures are computed', many],
])('the event loop goes on while %s', async (_, structures) => {
  const gradient = new Float64Array(soap.shape(structures).rows * soap.features).fill(1);
  for (const work of [
    () => soap.compute(structures, { threads: 1 }),
    () => soap.vjp(structures, gradient, { threads: 1 }),
  ]) {
    const { turns, longest } = await watch(work);
    expect(turns).toBeGreaterThan(20);
    expect(longest).toBeLessThan(0.5);
  }
});
