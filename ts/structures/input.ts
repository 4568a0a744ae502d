import { inTurns, mapping } from '../common/turns';
import type { Steps } from '../common/turns';
import { FormatError, InvalidInputError, SoapstoneError } from '../errors';
import { nameOf, requireObject, Structure } from './structure';
import type { StructureLike } from './structure';

/** Throws for what is no list of objects, naming the argument: programs without types may give anything. */
export function requireStructures(input: readonly object[], argument = 'structures'): void {
  if (!Array.isArray(input)) {
    const got = Structure.is(input) ? 'a single structure' : nameOf(input);
    throw new InvalidInputError(`expected an array of structures, got ${got}`, { path: argument });
  }
  input.forEach((structure: unknown, s) => requireObject(structure, `${argument}[${s}]`));
}

/** A structure of such a list. @throws InvalidInputError naming it where it is not valid. */
export function structureAt(
  input: StructureLike,
  index: number,
  argument = 'structures',
): Structure {
  try {
    return Structure.from(input);
  } catch (error) {
    if (!SoapstoneError.is(error)) throw error;
    throw within(`${argument}[${index}]`, error);
  }
}

/** All of them, in turns of the event loop. */
export function checkedStructures(
  input: readonly StructureLike[],
  signal: AbortSignal | undefined,
  argument = 'structures',
): Promise<Structure[]> {
  return inTurns(checkingStructures(input, argument), signal);
}

/** The same in steps. */
export function* checkingStructures(
  input: readonly StructureLike[],
  argument = 'structures',
): Steps<Structure[]> {
  requireStructures(input, argument);
  return yield* mapping(input, (structure, s) => structureAt(structure, s, argument));
}

/** An error about structure `index`, which says where it came from. */
export function errorAbout(
  structures: readonly Structure[],
  index: number,
  message: string,
): FormatError | InvalidInputError {
  return errorIn(structures[index]!, index, '', message);
}

/** The same about a member of it. */
export function errorIn(
  { source }: Pick<Structure, 'source'>,
  index: number,
  member: keyof Structure | '',
  message: string,
): FormatError | InvalidInputError {
  const path = `structures[${index}]${member && `.${member}`}`;
  return source ? new FormatError(message, source) : new InvalidInputError(message, { path });
}

/** An error about a part of an argument, of which the part alone knew only itself. */
function within(outer: string, cause: SoapstoneError): InvalidInputError {
  const { path } = cause as { readonly path?: unknown };
  if (typeof path !== 'string') return new InvalidInputError(cause.message, { path: outer, cause });
  const message = cause.message.slice(`${path}: `.length);
  return new InvalidInputError(message, { path: `${outer}.${path}`, cause });
}
