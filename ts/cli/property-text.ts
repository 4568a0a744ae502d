import type { PropertyConfig, PropertyModel, PropertyTarget } from '../models';
import { unitOf } from '../models/property/units';
import type { Quantity } from '../report';
import { chemicalSymbols } from '../structures/elements';

/*
 * Models of properties in words.
 */

/** `3 × 3 numbers for each structure, in eV`. */
export function describeTarget({ per, shape, unit }: PropertyTarget): string {
  const numbers = shape.length === 0 ? 'a number' : `${shape.join(' × ')} numbers`;
  return `${numbers} for each ${per}${unit === undefined ? '' : `, in ${unit}`}`;
}

/** `power-spectrum to 5 Å, dot-product, weight 1`. */
export function describeTerm({
  representation: { type, cutoff },
  kernel,
  weight,
}: PropertyModel['config']['terms'][number]): string {
  return `${type} to ${cutoff.radius} Å, ${kernel.type}, weight ${Number(weight.toPrecision(3))}`;
}

export const elementsOf = ({ species }: PropertyModel): string[] =>
  species.map((number) => chemicalSymbols[number]!);

/** A property before there is a model of it, as reports take it. */
export const quantityOf = (name: string, { unit }: PropertyConfig): Quantity => ({
  key: name,
  name,
  unit: unitOf(name, unit),
  per: '',
});
