import { Potential, Structure } from '../../ts';
import { randomNumbers } from '../../ts/common/random';
import { chooseCandidate, standardCandidate } from '../../ts/models/candidates';
import type { Candidate } from '../../ts/models/candidates';
import { checkConfig } from '../../ts/models/config';

const nothing = checkConfig(undefined);
const kindOf = ({ representation: { channels } }: Candidate) =>
  channels.type === 'properties' ? `${channels.count} mixed` : channels.type;

/** What is chosen for these elements if errors depend on the channels as said, and what was tried. */
async function chosen(species: readonly number[], scores: Readonly<Record<string, number>>) {
  const tried: string[] = [];
  const best = await chooseCandidate(
    nothing,
    species,
    (candidate) => {
      tried.push(kindOf(candidate));
      return Promise.resolve(scores[kindOf(candidate)] ?? 0);
    },
    () => undefined,
  );
  return { best, tried: [...new Set(tried)] };
}

describe('channels of elements', () => {
  test('one or two elements are kept apart', async () => {
    for (const species of [[14], [1, 8]]) {
      expect((await chosen(species, { '2 mixed': -9 })).tried).toEqual(['elements']);
    }
  });

  test('mixtures of more must be clearly better', async () => {
    const alloy = [41, 42, 73, 74];
    const { best, tried } = await chosen(alloy, { '2 mixed': -0.25 });
    expect(tried).toEqual(['elements', '2 mixed']);
    expect(kindOf(best)).toBe('elements');
    expect(best.representation.basis.maxAngular).toBe(6);
    const mixed = (await chosen(alloy, { '2 mixed': -0.35 })).best;
    expect(kindOf(mixed)).toBe('2 mixed');
    expect(mixed.representation.basis.maxAngular).toBe(8);
  });

  test('four channels compete where there are more elements than that', async () => {
    const { best, tried } = await chosen([1, 6, 7, 8, 16], { '4 mixed': -1, '2 mixed': -1.2 });
    expect(tried).toEqual(['elements', '4 mixed', '2 mixed']);
    expect(kindOf(best)).toBe('4 mixed');
  });

  test('more than eight elements are never kept apart', async () => {
    const many = Array.from({ length: 9 }, (_, k) => 21 + k);
    expect((await chosen(many, {})).tried).toEqual(['4 mixed', '2 mixed']);
    expect(kindOf(standardCandidate(nothing, many))).toBe('4 mixed');
  });

  test('elements are mixed by the properties that all of them have', () => {
    const nobleGases = [2, 10, 18, 36, 1, 6, 7, 8, 9];
    const { channels } = standardCandidate(nothing, nobleGases).representation;
    expect(channels).toMatchObject({ type: 'properties' });
    expect(Object.keys((channels as { widths: object }).widths)).toEqual([
      'radius',
      'period',
      'group',
    ]);
  });

  test('a representation that is given keeps those that it says', async () => {
    const config = checkConfig({ representation: { channels: { type: 'random', count: 2 } } });
    const candidate = standardCandidate(config, [41, 42, 73, 74]);
    expect(candidate.representation.channels).toEqual({ type: 'random', count: 2, seed: 0 });
  });
});

test('a potential of an alloy of elements that are alike mixes them by itself', async () => {
  const random = randomNumbers(3);
  const metals = [41, 42, 73, 74]; // Nb, Mo, Ta, W
  const structures = Array.from({ length: 40 }, () => {
    const species = Array.from({ length: 6 }, () => metals[Math.floor(4 * random())]!);
    // A chain of atoms beside each other, and pairs that attract and repel, a little stronger for 5d metals.
    const positions = Float64Array.from({ length: 18 }, (_, k) =>
      k % 3 === 0 ? 2.6 * (k / 3) + 0.5 * random() : 1.2 * random(),
    );
    let energy = 0;
    for (let i = 0; i < 6; i++) {
      for (let j = 0; j < i; j++) {
        const d = Math.hypot(
          ...[0, 1, 2].map((a) => positions[3 * i + a]! - positions[3 * j + a]!),
        );
        const strength = [i, j].reduce((product, k) => product * (species[k]! > 50 ? 1.1 : 1), 1);
        energy += strength * (Math.exp(3 * (2.7 - d)) - 2 * Math.exp(1.5 * (2.7 - d)));
      }
    }
    return new Structure({ species, positions, info: { energy } });
  });
  const { potential } = await Potential.train(structures);
  expect(potential.config.representation.channels).toMatchObject({ type: 'properties', count: 2 });

  const apart = await Potential.train(structures, {
    config: {
      representation: { ...potential.config.representation, channels: { type: 'elements' } },
    },
  });
  const error = ({ potential: { summary } }: { potential: Potential }) =>
    summary.heldOut.energy!.mae;
  expect(error({ potential })).toBeLessThan(0.75 * error(apart));
});
