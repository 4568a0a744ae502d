import { inTurns, mapping } from '../../common/turns';
import type { Steps } from '../../common/turns';
import { show } from '../../common/validation';
import { InvalidInputError } from '../../errors';
import { checkedStructures } from '../../structures/input';
import { elementsIn } from '../../structures/elements';
import { collectingProperty } from '../../structures/property';
import type { PropertyLabels } from '../../structures/property';
import type { Structure, StructureLike } from '../../structures/structure';
import { weightsNamed } from '../sample-weights';
import type { CheckedPropertyConfig } from './config';

type Tensor = CheckedPropertyConfig['tensor'];

/** Where xx, yy, zz, yz, xz, xy are among the nine components of a tensor, and where each of the nine is among the six. */
const sixOfNine = [0, 4, 8, 5, 2, 1];
const nineOfSix = [0, 5, 4, 5, 1, 3, 4, 3, 2];

/** Structures with their labels. */
export interface LabelledStructures {
  readonly structures: readonly Structure[];
  /** Atomic numbers of their elements, ascending. */
  readonly species: readonly number[];
  readonly labels: PropertyLabels;
  /** How much the label of each sample counts; undefined where all count alike. */
  readonly weights: Float64Array | undefined;
}

/** Checks structures and collects their labels and weights. @throws InvalidInputError naming the structure. */
export async function collect(
  input: readonly StructureLike[],
  target: string,
  config: CheckedPropertyConfig,
  signal: AbortSignal | undefined,
): Promise<LabelledStructures> {
  const structures = await checkedStructures(input, signal);
  if (structures.length === 0) {
    throw new InvalidInputError('expected at least one structure, got none', {
      path: 'structures',
    });
  }
  if (typeof target !== 'string') {
    throw new InvalidInputError(`expected the name of a property, got ${show(target)}`, {
      path: 'target',
    });
  }
  if (config.baseline.label === target) {
    throw new InvalidInputError(
      `expected another property than ${target}: the difference to it is what is learned`,
      { path: 'baseline.label' },
    );
  }
  const labels = await labelsFor(structures, target, config, signal);
  const weights = await weightsNamed(config.sampleWeights, structures, labels.per, signal);
  return { structures, species: elementsIn(structures), labels, weights };
}

/** Labels of the structures, less the baseline's where it has any. @throws InvalidInputError naming the structure. */
export async function labelsFor(
  structures: readonly Structure[],
  target: string,
  { baseline, tensor }: Pick<CheckedPropertyConfig, 'baseline' | 'tensor'>,
  signal: AbortSignal | undefined,
): Promise<PropertyLabels> {
  const labels = await inTurns(collectingLabels(structures, target, tensor), signal);
  if (baseline.label === undefined) return labels;
  return difference(labels, await otherLabels(structures, baseline.label, tensor, signal));
}

/**
 * A property as it is learned: with `tensor: 'voigt'`, six numbers in Voigt's order as the 3 × 3 tensor that they are.
 *
 * @throws InvalidInputError where they are not six; predictions would have another shape than labels.
 */
export function* collectingLabels(
  structures: readonly Structure[],
  name: string,
  tensor: Tensor,
  setting?: string,
): Steps<PropertyLabels> {
  const labels = yield* collectingProperty(structures, name, setting);
  if (tensor !== 'voigt') return labels;
  const shape = labels.shape.join(', ');
  if (shape !== '6') {
    const remedy =
      shape === '3, 3' ? '; leave tensor out: 3 × 3 numbers are a tensor as they are' : '';
    throw new InvalidInputError(
      `"voigt" is for six numbers xx, yy, zz, yz, xz, xy in ${name}, got the shape [${shape}]${remedy}`,
      { path: 'tensor' },
    );
  }
  const { values } = labels;
  const samples = Array.from({ length: values.length / 6 }, (_, sample) => sample);
  const nine = new Float64Array(9 * samples.length);
  yield* mapping(samples, (sample) => {
    for (let k = 0; k < 9; k++) nine[9 * sample + k] = values[6 * sample + nineOfSix[k]!]!;
  });
  return { ...labels, shape: [3, 3], values: nine };
}

/** Predictions in the shape that labels were given in. @param values of samples of this shape. */
export function asGiven(
  shape: readonly number[],
  values: Float64Array,
  tensor: Tensor,
): { readonly shape: readonly number[]; readonly values: Float64Array } {
  if (tensor !== 'voigt') return { shape, values };
  const six = new Float64Array((values.length / 9) * 6);
  for (let i = 0; i < six.length; i++) six[i] = values[9 * Math.floor(i / 6) + sixOfNine[i % 6]!]!;
  return { shape: [6], values: six };
}

/** Δ-learning: adds the property whose difference was learned. */
export async function addOther(
  values: Float64Array,
  structures: readonly Structure[],
  { baseline, tensor }: Pick<CheckedPropertyConfig, 'baseline' | 'tensor'>,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (baseline.label === undefined) return;
  const other = await otherLabels(structures, baseline.label, tensor, signal);
  other.values.forEach((y, i) => (values[i]! += y));
}

/** The property of `baseline.label`, which errors name. */
function otherLabels(
  structures: readonly Structure[],
  name: string,
  tensor: Tensor,
  signal: AbortSignal | undefined,
): Promise<PropertyLabels> {
  return inTurns(collectingLabels(structures, name, tensor, 'baseline.label'), signal);
}

/** Labels from which another property of the same shape is taken off. @throws InvalidInputError */
function difference(labels: PropertyLabels, other: PropertyLabels): PropertyLabels {
  if (labels.per !== other.per || labels.shape.join() !== other.shape.join()) {
    throw new InvalidInputError(`${other.name} has another shape than ${labels.name}`, {
      path: 'baseline.label',
    });
  }
  return { ...labels, values: labels.values.map((y, i) => y - other.values[i]!) };
}
