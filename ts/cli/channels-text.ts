import { channelCount, elementWeights } from '../density/channels';
import type { ResolvedChannels } from '../density/channels';
import { chemicalSymbols } from '../structures/elements';

/** Of a representation whose channels mix elements, how and with what weights, in a line; else nothing. */
export function describeChannels(representation: {
  readonly channels?: ResolvedChannels | undefined;
  readonly species: readonly number[];
}): string[] {
  const { channels, species } = representation;
  const mixed = channels && elementWeights(channels, species);
  if (!mixed) return [];
  const weights = species.map((number) => {
    const row = mixed.rows[mixed.species.indexOf(number)]!;
    return `${chemicalSymbols[number]} ${row.map((u) => u.toFixed(2)).join(' ')}`;
  });
  return [`${channelCount(channels, species)}, ${channels.type}: ${weights.join(', ')}`];
}
