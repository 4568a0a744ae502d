import { z } from 'zod';

import { atOnce, mapping } from '../common/turns';
import type { Steps } from '../common/turns';
import { validate } from '../common/validation';
import { InvalidInputError } from '../errors';
import { checkingStructures, errorAbout, requireStructures } from './input';
import type { Structure, StructureLike } from './structure';
import { isFloat64Array, isInt32Array, isShapedArray, numericData } from './values';
import type { InfoValue } from './values';

/** What a property belongs to. */
export type PropertyOwner = 'structure' | 'atom';

/** A property of all structures: one sample for each structure, or for each atom of each. */
export interface PropertyLabels {
  readonly name: string;
  readonly per: PropertyOwner;
  /** Shape of one sample: [] for a number, [3] for a vector, [3, 3] and [3, 3, 3] for tensors, [k] for others. */
  readonly shape: readonly number[];
  /** Samples × components, row-major, in the order of the structures and their atoms. */
  readonly values: Float64Array;
}

/** Components of one sample. */
export const componentsOf = (shape: readonly number[]): number =>
  shape.reduce((product, extent) => product * extent, 1);

/**
 * Collects a property by its name, wherever structures carry it: in `info` it belongs to the structure, in
 * `arrays` to each atom. Nine numbers are a 3 × 3 tensor, twenty-seven a 3 × 3 × 3 one.
 *
 * @throws FormatError with file and frame (InvalidInputError for a structure that was not read) where the
 *   property is missing, is not a number, is not finite, or has another shape than in the first structure.
 */
export function propertyLabels(structures: readonly StructureLike[], name: string): PropertyLabels {
  validate(z.string(), name, 'name');
  return atOnce(collectingProperty(atOnce(checkingStructures(structures)), name));
}

/** The same in steps. See {@link propertyLabels}. @param setting where the name comes from, for errors. */
export function* collectingProperty(
  structures: readonly Structure[],
  name: string,
  setting = 'target',
): Steps<PropertyLabels> {
  requireStructures(structures);
  const per = ownerOf(structures, name, setting);
  let first: readonly number[] | undefined;
  const samples = yield* mapping(structures, (_, s) => {
    const { data, shape } =
      per === 'structure' ? ofStructure(structures, s, name) : ofAtoms(structures, s, name);
    first ??= shape;
    if (shape.join() !== first.join()) {
      throw errorAbout(
        structures,
        s,
        `${name}: expected ${describe(first)}, as in the first structure, got ${describe(shape)}`,
      );
    }
    const bad = data.findIndex((x) => !Number.isFinite(x));
    if (bad >= 0) {
      const atom = Math.floor(bad / componentsOf(shape));
      const where = per === 'atom' ? ` for atom ${atom} (counted from 0)` : '';
      throw errorAbout(
        structures,
        s,
        `${name}: expected a finite number, got ${data[bad]}${where}`,
      );
    }
    return data;
  });
  const values = new Float64Array(samples.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const sample of samples) {
    values.set(sample, offset);
    offset += sample.length;
  }
  return { name, per, shape: first ?? [], values };
}

/** Whether structures have the property, and whose it is. */
function ownerOf(structures: readonly Structure[], name: string, setting: string): PropertyOwner {
  if (structures.some(({ info }) => info[name] !== undefined)) return 'structure';
  if (structures.some(({ arrays }) => arrays[name] !== undefined)) return 'atom';
  const names = new Set(
    structures.flatMap(({ info, arrays }) => [...Object.keys(info), ...Object.keys(arrays)]),
  );
  throw new InvalidInputError(
    `no structure has ${name}; there is ${names.size > 0 ? [...names].join(', ') : 'nothing else'}`,
    { path: setting },
  );
}

interface Sample {
  readonly data: Float64Array | Int32Array;
  readonly shape: readonly number[];
}

function ofStructure(structures: readonly Structure[], s: number, name: string): Sample {
  const value = structures[s]!.info[name];
  if (typeof value === 'number') return { data: Float64Array.of(value), shape: [] };
  const numeric = numericData(value);
  if (numeric?.data.length) return { data: numeric.data, shape: tensorShape(numeric.shape) };
  throw errorAbout(structures, s, `info.${name}: expected a number or numbers, got ${show(value)}`);
}

function ofAtoms(structures: readonly Structure[], s: number, name: string): Sample {
  const value = structures[s]!.arrays[name];
  const numeric = numericData(value);
  if (numeric?.data.length) {
    return { data: numeric.data, shape: tensorShape(numeric.shape.slice(1)) };
  }
  throw errorAbout(
    structures,
    s,
    `arrays.${name}: expected numbers for each atom, got ${show(value)}`,
  );
}

/** [1] is a number, [9] a tensor of rank two, [27] one of rank three. */
function tensorShape(shape: readonly number[]): readonly number[] {
  switch (shape.join()) {
    case '1':
      return [];
    case '9':
      return [3, 3];
    case '27':
    case '3,9':
    case '9,3':
      return [3, 3, 3];
    default:
      return shape;
  }
}

const describe = (shape: readonly number[]) =>
  shape.length === 0 ? 'a number' : `${shape.join(' × ')} numbers`;

function show(value: InfoValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (!isShapedArray(value)) return JSON.stringify(value);
  const { data, shape } = value;
  return isFloat64Array(data) || isInt32Array(data)
    ? `${data.length} values of shape [${shape.join(', ')}]`
    : 'text or logicals';
}
