import { InvalidInputError, SoapstoneError } from '../errors';
import type { StructureLike } from '../structures/structure';
import type { TargetKeys } from '../structures/targets';
import { prepare } from './data-set';
import type { DataSet } from './data-set';
import { elementCheck } from './element-check';
import { presentQuantities } from './fit';

/** Structures that a model is only compared with. */
export type TestArgument = 'validation' | 'test';

/** Runs a check of structures; what it says of structures, or of a target, is said of those of this argument. */
export async function ofArgument<Result>(
  argument: TestArgument,
  check: () => Promise<Result>,
): Promise<Result> {
  try {
    return await check();
  } catch (cause) {
    // A file that is named needs no other name.
    if (!SoapstoneError.is(cause) || cause.code !== 'INVALID_INPUT') throw cause;
    const { path = '', message } = cause as InvalidInputError;
    if (!path.startsWith('structures')) {
      throw new InvalidInputError(message, { path: argument, cause });
    }
    throw new InvalidInputError(message.slice(`${path}: `.length), {
      path: argument + path.slice('structures'.length),
      cause,
    });
  }
}

/**
 * Checks structures that a potential will be compared with, before it is trained.
 *
 * @param species that it will know.
 * @throws FormatError naming file and frame (InvalidInputError for a structure that was not read) where labels are
 *   missing or not finite, or an element is unknown.
 */
export async function prepareTest(
  input: readonly StructureLike[],
  argument: TestArgument,
  {
    species,
    keys,
    requireEnergy = true,
    signal,
  }: {
    readonly species: readonly number[];
    readonly keys: TargetKeys | undefined;
    readonly requireEnergy?: boolean;
    readonly signal: AbortSignal | undefined;
  },
): Promise<DataSet> {
  return ofArgument(argument, async () => {
    const data = await prepare(input, keys, signal, { requireEnergy });
    if (presentQuantities(data.targets).length === 0) {
      throw new InvalidInputError('there is no energy, no forces and no stress to compare with', {
        path: 'structures',
      });
    }
    data.structures.forEach(elementCheck(species, 'potential'));
    return data;
  });
}
