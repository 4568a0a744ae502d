import { concatenated } from '../common/arrays';
import { inTurns, mapping } from '../common/turns';
import type { Steps } from '../common/turns';
import { FormatError, InvalidInputError } from '../errors';
import { collectingProperty } from '../structures/property';
import type { PropertyOwner } from '../structures/property';
import type { Structure } from '../structures/structure';

/*
 * How much labels count. A weight w divides the variance of a label's noise, as w equal samples would: in the fit, and
 * wherever labels decide something, be it in training or in a search. Errors that are reported are of all labels alike.
 */

/**
 * Weights that structures or their atoms carry under this name, one for each sample; atoms have that of their structure.
 * Without a name all samples count alike.
 *
 * @param per what a sample is.
 * @throws FormatError with file and frame (InvalidInputError for a structure that was not read) where one is missing,
 *   not finite or not greater than zero.
 */
export async function weightsNamed(
  name: string | undefined,
  structures: readonly Structure[],
  per: PropertyOwner,
  signal: AbortSignal | undefined,
): Promise<Float64Array | undefined> {
  if (name === undefined) return undefined;
  return inTurns(collectingWeights(structures, name, per), signal);
}

function* collectingWeights(
  structures: readonly Structure[],
  name: string,
  per: PropertyOwner,
): Steps<Float64Array> {
  const path = 'sampleWeights';
  const given = yield* collectingProperty(structures, name, path);
  if (given.shape.length > 0 || (given.per === 'atom' && per === 'structure')) {
    throw new InvalidInputError(
      `${name}: expected one number for each ${per}, got ${given.shape.join(' × ') || 'one'} for each ${given.per}`,
      { path },
    );
  }
  let at = 0;
  const weights = yield* mapping(structures, ({ length, source }, s) => {
    const own = given.values.subarray(at, (at += given.per === 'atom' ? length : 1));
    const bad = own.find((weight) => !(weight > 0));
    if (bad !== undefined) {
      const message = `${name}: expected weights > 0, got ${bad}`;
      throw source
        ? new FormatError(message, source)
        : new InvalidInputError(message, { path: `structures[${s}]` });
    }
    return per === given.per ? own : new Float64Array(length).fill(own[0]!);
  });
  return concatenated(weights);
}

/** The weights of the samples of some structures. */
export function weightsAmong(
  weights: Float64Array,
  structures: readonly Structure[],
  per: PropertyOwner,
  keep: (structure: number) => boolean,
): Float64Array {
  let at = 0;
  return concatenated(
    structures
      .map(({ length }) => weights.subarray(at, (at += per === 'atom' ? length : 1)))
      .filter((_, s) => keep(s)),
  );
}
