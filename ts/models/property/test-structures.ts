import { FormatError, InvalidInputError } from '../../errors';
import type { PropertyLabels } from '../../structures/property';
import { elementsIn } from '../../structures/elements';
import { checkedStructures } from '../../structures/input';
import type { Structure, StructureLike } from '../../structures/structure';
import { elementCheck } from '../element-check';
import { ofArgument } from '../test-structures';
import type { TestArgument } from '../test-structures';
import type { CheckedPropertyConfig } from './config';
import { chooseKernel } from './default-terms';
import { labelsFor } from './labels';
import { elementsOf, resolveTerms } from './prepare';

/**
 * Checks structures that a model of a property will be compared with, before it is trained on others.
 *
 * @throws FormatError naming file and frame (InvalidInputError for a structure that was not read) where labels are
 *   missing, not finite or of another kind, or an element is unknown.
 */
export async function checkPropertyTest(
  input: readonly StructureLike[],
  argument: TestArgument,
  training: readonly Structure[],
  target: string,
  config: CheckedPropertyConfig,
  signal: AbortSignal | undefined,
): Promise<Structure[]> {
  const wanted = await labelsFor(training, target, config, signal);
  const species = elementsIn(training);
  const { terms, centres } = chooseKernel(config, species, wanted);
  const known = elementsOf(resolveTerms(terms, species), { centres });
  return ofArgument(argument, async () => {
    const structures = await checkedStructures(input, signal);
    if (structures.length === 0) {
      throw new InvalidInputError('expected at least one structure, got none', {
        path: 'structures',
      });
    }
    requireSameKind(wanted, await labelsFor(structures, target, config, signal), structures);
    structures.forEach(elementCheck(known, 'model'));
    return structures;
  });
}

type Kind = Pick<PropertyLabels, 'name' | 'per' | 'shape'>;

/** Fails for labels of another shape, or of atoms instead of structures, than a model was trained on. */
export function requireSameKind(
  wanted: Kind,
  labels: Kind,
  structures: readonly Structure[],
): void {
  if (labels.per === wanted.per && labels.shape.join() === wanted.shape.join()) return;
  const of = ({ per, shape }: Kind) =>
    `${shape.length > 0 ? `${shape.join(' × ')} numbers` : 'a number'} per ${per}`;
  const message = `${labels.name}: expected ${of(wanted)}, as ${wanted.name} was, got ${of(labels)}`;
  const source = structures[0]?.source;
  throw source
    ? new FormatError(message, source)
    : new InvalidInputError(message, { path: 'structures[0]' });
}
