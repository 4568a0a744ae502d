import { integerBetween, validate } from '../common/validation';
import { acceptedElements } from '../density/channels';
import { isLongRange } from '../density/expansion';
import type { ResolvedExpansion } from '../density/expansion';
import type { RepresentationHandle } from '../native/contract';
import { native } from '../native/load';
import type { StructureCheck } from '../structures/batch';
import { chemicalSymbols, maxAtomicNumber } from '../structures/elements';
import { errorIn } from '../structures/input';
import { columnsSchema } from './hyperparameters';
import { Representation } from './representation';

/** What the hyperparameters of every representation of atoms have. */
interface CommonHyperparameters extends Pick<
  ResolvedExpansion,
  'density' | 'longRange' | 'channels'
> {
  /** Atomic numbers of the elements that structures may hold. */
  readonly species: readonly number[];
  /** Whether each row is divided by its Euclidean norm. */
  readonly normalize: boolean;
  /** Which columns of the full representation there are; all by default. */
  readonly columns?: readonly number[] | undefined;
}

/** Atomic environments as rows of features, on an object of the engine. */
export abstract class EnvironmentRepresentation<
  Hyperparameters extends CommonHyperparameters,
  Label,
> extends Representation<Hyperparameters, Label> {
  /** The engine's object, whose rows are not normalised; for the stages that build on this one. */
  readonly handle: RepresentationHandle;

  protected constructor(hyperparameters: Hyperparameters, handle: RepresentationHandle) {
    const representation = hyperparameters.normalize ? native().createNormalized(handle) : handle;
    const checkElements = elementCheck(hyperparameters);
    super(hyperparameters, {
      parts: [{ representation, weight: 1 }],
      check: isLongRange(hyperparameters)
        ? (structure, index) => {
            checkElements(structure, index);
            checkPeriodic(structure, index);
          }
        : checkElements,
    });
    this.handle = handle;
  }

  override select(columns: ArrayLike<number>): this {
    const ascending = ascendingColumns(columns, this.features);
    const { columns: own, ...hyperparameters } = this.hyperparameters;
    const Same = this.constructor as new (hyperparameters: object) => this;
    return new Same({
      ...hyperparameters,
      columns: own ? ascending.map((column) => own[column]) : ascending,
    });
  }
}

/** Indices of columns of a representation with so many features, ascending. @throws InvalidInputError */
export function ascendingColumns(columns: ArrayLike<number>, features: number): readonly number[] {
  const ascending = validate(
    columnsSchema,
    Array.from(columns).sort((a, b) => a - b),
    'columns',
  );
  validate(integerBetween(0, features - 1), ascending.at(-1), 'columns');
  return ascending;
}

/** Throws an error naming an element that has no place in the density. */
function elementCheck({ species, channels }: CommonHyperparameters): StructureCheck {
  const known = new Uint8Array(maxAtomicNumber + 1);
  for (const number of acceptedElements(channels, species)) known[number] = 1;
  const remedy =
    channels?.type === 'properties' && !channels.extrapolate
      ? '; channels.extrapolate lets others come by their properties'
      : '';
  return (structure, index) => {
    const { species: elements } = structure;
    // A plain loop: this runs over every atom of every call.
    let atom = 0;
    while (atom < elements.length && known[elements[atom]!]) atom++;
    if (atom === elements.length) return;
    const names = species.map((number) => chemicalSymbols[number]).join(', ');
    const message = `element ${chemicalSymbols[elements[atom]!]} of atom ${atom} (counted from 0) is not among those of the representation: ${names}${remedy}`;
    throw errorIn(structure, index, 'species', message);
  };
}

/** Throws an error for a structure that is not periodic along three vectors. */
const checkPeriodic: StructureCheck = (structure, index) => {
  const { pbc, volume } = structure;
  if (pbc.every(Boolean) && volume > 0) return;
  throw errorIn(
    structure,
    index,
    'pbc',
    'a long-range density needs a structure that is periodic along three vectors; give molecules and surfaces a cell with empty space around them and pbc: true',
  );
};
