import { randomNumbers } from '../../ts/common/random';
import {
  amplitudeFor,
  committeeFactor,
  outOfBag,
  shareOut,
  unseenBy,
} from '../../ts/models/committee';
import { failing } from '../failing';

const random = randomNumbers(11);
const gaussian = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const committee = { uncertainty: { type: 'committee', members: 10 }, seed: 1 } as const;

describe('structures are shared out', () => {
  const heldOut = new Set([0, 5, 17, 40]);
  const groups = shareOut(50, heldOut, committee, 8);

  test('among blocks, those that are held out among blocks of their own', () => {
    for (let s = 0; s < 50; s++) {
      expect(groups.heldOut.includes(groups.of[s]!)).toBe(heldOut.has(s));
    }
    const sizes = Array.from({ length: 8 }, (_, b) => groups.of.filter((g) => g === b).length);
    expect(Math.min(...sizes)).toBeGreaterThan(0);
    expect(sizes.slice(0, 7).every((n) => n === 6 || n === 7)).toBe(true);
  });

  test('so that half of the members see each of them', () => {
    expect(groups.without).toHaveLength(10);
    for (let s = 0; s < 50; s++) expect(unseenBy(groups, s)).toHaveLength(5);
    expect(new Set(groups.without.map((blocks) => [...blocks].sort().join())).size).toBeGreaterThan(
      6,
    );
  });

  test('without a committee only into those that are fitted and those that are not', () => {
    const { of, count, without } = shareOut(
      50,
      heldOut,
      { uncertainty: { type: 'variance' }, seed: 1 },
      8,
    );
    expect([...of.keys()].filter((s) => of[s] === 1)).toEqual([...heldOut]);
    expect([count, without.length]).toEqual([2, 0]);
  });

  test('unless they are too few', () => {
    expect(() => shareOut(15, new Set(), committee, 8)).toThrow(
      failing({ code: 'INVALID_INPUT', path: 'uncertainty.type' }),
    );
  });
});

/** Errors α times as large as the members spread, seen through n of N members. */
function ratiosOf(count: number, n: number, alpha: number): Float64Array {
  return Float64Array.from({ length: count }, () => {
    const members = Array.from({ length: n }, gaussian);
    const unseen = [...members.keys()];
    const { error, variance } = outOfBag((i) => members[i]!, alpha * gaussian(), unseen, 1e9);
    return Math.abs(error) / Math.sqrt(variance);
  });
}

describe('the factor', () => {
  test.each([0.5, 1, 3])('of many errors is found without bias: %d', (alpha) => {
    expect(committeeFactor(ratiosOf(20_000, 8, alpha), 8, 1e6) / alpha).toBeCloseTo(1, 1.3);
    // What is not corrected is larger.
    expect(Math.sqrt(amplitudeFor(ratiosOf(20_000, 8, alpha))) / alpha).toBeGreaterThan(1.05);
  });

  test('of few errors is the most likely', () => {
    let sum = 0;
    for (let k = 0; k < 200; k++) sum += committeeFactor(ratiosOf(90, 16, 2), 16, 32) ** 2;
    expect(Math.sqrt(sum / 200)).toBeCloseTo(2, 1);
  });

  test('does not vanish where members agree with labels', () => {
    expect(committeeFactor(new Float64Array(200), 8, 16)).toBe(1);
  });
});

test('members that leave a block out differ less than all do, by what sampling says', () => {
  // Means of half of the blocks: σ² of those without block 0 against that of all.
  const blocks = Array.from({ length: 8 }, gaussian);
  const picks: number[][] = [];
  for (let bits = 0; bits < 256; bits++) {
    const pick = [...blocks.keys()].filter((b) => bits & (1 << b));
    if (pick.length === 4) picks.push(pick);
  }
  const mean = (pick: number[]) => pick.reduce((sum, b) => sum + blocks[b]!, 0) / 4;
  const variance = (left: number) => {
    const unseen = [...picks.keys()].filter((i) => !picks[i]!.includes(left));
    return outOfBag((i) => mean(picks[i]!), 0, unseen, 8).variance;
  };
  const average = [...blocks.keys()].reduce((sum, b) => sum + variance(b), 0) / 8;
  const all = picks.map(mean);
  const center = all.reduce((sum, y) => sum + y, 0) / all.length;
  const total = all.reduce((sum, y) => sum + (y - center) ** 2, 0) / (all.length - 1);
  expect(average / total).toBeCloseTo(1, 1);
});
