import type { StructureCheck } from '../structures/batch';
import { chemicalSymbols, maxAtomicNumber } from '../structures/elements';
import { errorIn } from '../structures/input';

/**
 * Throws for an element that a model does not know, naming it and the structure.
 *
 * @param what kind of model.
 * @param remedy what may be done about it.
 */
export function elementCheck(known: readonly number[], what: string, remedy = ''): StructureCheck {
  const knows = new Uint8Array(maxAtomicNumber + 1);
  for (const number of known) knows[number] = 1;
  return (structure, s) => {
    const { species } = structure;
    // A plain loop: this runs over every atom of every call.
    let atom = 0;
    while (atom < species.length && knows[species[atom]!]) atom++;
    if (atom === species.length) return;
    const names = known.map((number) => chemicalSymbols[number]).join(', ');
    const message = `element ${chemicalSymbols[species[atom]!]} is unknown to this ${what}, which was trained on ${names}${remedy}`;
    throw errorIn(structure, s, 'species', message);
  };
}
