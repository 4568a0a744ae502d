import type { KeysOf } from '../common/options';
import { Pace } from '../common/turns';
import type { Steps } from '../common/turns';
import { InvalidInputError } from '../errors';
import type { StructureBatch } from '../structures/batch';

/** An environment: the index of its structure and, in that, of the atom in its centre. */
export type Environment = readonly [structure: number, atom: number];

/** Which rows are computed. */
export interface EnvironmentOptions {
  /** Environments whose features are wanted, a row for each, in this order. Default: all. */
  readonly environments?: readonly Environment[] | undefined;
}

export const environmentKeys: KeysOf<EnvironmentOptions> = { environments: true };

/**
 * The row of each atom of a batch among those of some environments, −1 for atoms that have none.
 *
 * @throws InvalidInputError for an environment that there is not, or that comes twice.
 */
export function* rowOfAtoms(
  { offsets, species }: StructureBatch,
  environments: readonly Environment[],
): Steps<Int32Array> {
  const pace = new Pace();
  const rowOf = new Int32Array(species.length).fill(-1);
  for (const [row, [structure, atom]] of environments.entries()) {
    const first = offsets[structure] ?? NaN;
    const count = (offsets[structure + 1] ?? NaN) - first;
    const exists = Number.isInteger(atom) && atom >= 0 && atom < count;
    if (!exists || rowOf[first + atom] !== -1) {
      const among = Number.isNaN(count)
        ? `one of ${offsets.length - 1} structures`
        : `one of ${count} atoms of structure ${structure}`;
      throw new InvalidInputError(
        exists
          ? `atom ${atom} of structure ${structure} is asked for twice, first in row ${rowOf[first + atom]}`
          : `expected ${among}, counted from 0, got [${structure}, ${atom}]`,
        { path: `environments[${row}]` },
      );
    }
    rowOf[first + atom] = row;
    if (pace.passed(workPerEnvironment)) yield;
  }
  return rowOf;
}

const workPerEnvironment = 8;
