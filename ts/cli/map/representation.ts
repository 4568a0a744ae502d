import { channelCount, mixedByLikeness } from '../../density/channels';
import { InvalidInputError } from '../../errors';
import { createRepresentation } from '../../representations';
import type { AnyRepresentation, RepresentationHyperparameters } from '../../representations';

/** Without a configuration, this many channels at most: more elements are mixed by what they are like. */
const mostChannels = 6;

/**
 * What a map places points by: that of a configuration, else a power spectrum, which costs the same however many
 * elements there are.
 *
 * @param species ascending atomic numbers of the elements that there are.
 * @throws InvalidInputError for features that turn with a structure: a copy of it would stand elsewhere.
 */
export function mapRepresentation(
  given: RepresentationHyperparameters | undefined,
  species: readonly number[],
): AnyRepresentation {
  const representation = createRepresentation({
    ...(given ?? defaults(species)),
    species: given?.species ?? species,
  });
  const turning = typeThatTurns(representation.hyperparameters);
  if (turning === undefined) return representation;
  throw new InvalidInputError(
    `expected invariants, such as of a power-spectrum; features of ${turning} turn with a structure`,
    { path: '--config' },
  );
}

/** What a representation's channels mix, if they do. */
export function mixedChannels({ hyperparameters }: AnyRepresentation): string | undefined {
  if (!('channels' in hyperparameters)) return undefined;
  const { channels, species } = hyperparameters;
  if (channels.type === 'elements') return undefined;
  return `${channelCount(channels, species)}, of ${species.length} elements`;
}

function defaults(species: readonly number[]): RepresentationHyperparameters {
  return species.length > mostChannels ? { channels: mixedByLikeness(mostChannels, species) } : {};
}

/** The first type whose features are no invariants, with why. */
function typeThatTurns(hyperparameters: AnyRepresentation['hyperparameters']): string | undefined {
  switch (hyperparameters.type) {
    case 'concatenation':
      return hyperparameters.parts
        .map(({ representation }) => typeThatTurns(representation))
        .find((type) => type !== undefined);
    case 'structure-average':
      return typeThatTurns(hyperparameters.of);
    case 'spherical-expansion':
      return hyperparameters.basis.maxAngular > 0
        ? 'a spherical-expansion with basis.maxAngular > 0'
        : undefined;
    case 'equivariant-power-spectrum':
    case 'ace': {
      const { type, ranks } = hyperparameters;
      return ranks.some((rank) => rank > 0) ? `${type} of ranks ${ranks.join(', ')}` : undefined;
    }
    default:
      return undefined;
  }
}
