import { createHash } from 'node:crypto';

import { bytesOf } from '../common/element-types';
import { readSafetensors, writeSafetensors } from '../common/safetensors';
import type { Safetensors, Tensor } from '../common/safetensors';
import { FormatError } from '../errors';
import type { PotentialParts } from './potential';

/*
 * A potential's file is a safetensors file. Its metadata say what it is, in JSON where it is more than a word;
 * its tensors are, for M sparse points of F features,
 *
 *   points     M × F          F32  features of the sparse points, normalised
 *   first      elements + 1   I32  where each element's points begin and end
 *   weights    M              F64  eV
 *   posterior  M (M + 1) / 2  F32  packed lower Cholesky factor of 1 + Σ σ⁻² ΦᵀΦ
 *
 * and a checksum covers all of it.
 */

const kind = 'soapstone-potential';
const version = 1;
const metadataNames = ['amplitude', 'checksum', 'configuration', 'kind', 'summary', 'version'];
const tensorNames = ['first', 'points', 'posterior', 'weights'];

/** Writes the parts of a potential. */
export async function savePotential(path: string, parts: PotentialParts): Promise<void> {
  const { config, summary, points, weights, covariance } = parts;
  const size = weights.length;
  const contents: Safetensors = {
    tensors: new Map<string, Tensor>([
      ['points', { data: points.values, shape: [size, points.values.length / size] }],
      ['first', { data: points.first, shape: [points.first.length] }],
      ['weights', { data: weights, shape: [size] }],
      ['posterior', { data: covariance.posterior, shape: [covariance.posterior.length] }],
    ]),
    metadata: {
      kind,
      version: String(version),
      configuration: JSON.stringify(config),
      summary: JSON.stringify(summary),
      amplitude: String(covariance.amplitude),
    },
  };
  await writeSafetensors(path, {
    ...contents,
    metadata: { ...contents.metadata, checksum: checksumOf(contents) },
  });
}

/** Reads the parts of a potential. @throws FormatError saying what is wrong with the file. */
export async function loadPotential(path: string): Promise<PotentialParts> {
  const contents = await readSafetensors(path);
  const { tensors, metadata } = contents;
  const fail = (message: string) => new FormatError(message, { file: path });

  if (metadata.kind !== kind) {
    throw fail(`not a potential of soapstone (its kind is ${metadata.kind ?? 'not given'})`);
  }
  if (metadata.version !== String(version)) {
    throw fail(
      `format version ${metadata.version ?? 'not given'}; this soapstone reads version ${version}: update it, or train again`,
    );
  }
  expectNames('metadata', Object.keys(metadata), metadataNames, fail);
  expectNames('tensors', [...tensors.keys()], tensorNames, fail);
  if (checksumOf(contents) !== metadata.checksum) {
    throw fail('its checksum does not match: the file is damaged');
  }
  // From here on the file is one that we wrote, to the last bit.
  return {
    config: JSON.parse(metadata.configuration!) as PotentialParts['config'],
    summary: JSON.parse(metadata.summary!) as PotentialParts['summary'],
    points: {
      values: tensors.get('points')!.data as Float32Array,
      first: tensors.get('first')!.data as Int32Array,
    },
    weights: tensors.get('weights')!.data as Float64Array,
    covariance: {
      posterior: tensors.get('posterior')!.data as Float32Array,
      amplitude: Number(metadata.amplitude),
    },
  };
}

/** SHA-256 of everything in the file but the checksum itself. */
function checksumOf({ tensors, metadata }: Safetensors): string {
  const hash = createHash('sha256');
  for (const name of metadataNames) {
    if (name !== 'checksum') hash.update(`${name}\0${metadata[name] ?? ''}\0`);
  }
  for (const name of tensorNames) {
    const tensor = tensors.get(name);
    if (!tensor) continue;
    hash.update(`${name}\0${tensor.data.constructor.name}\0${tensor.shape.join()}\0`);
    hash.update(bytesOf(tensor.data));
  }
  return hash.digest('hex');
}

function expectNames(
  what: string,
  found: readonly string[],
  expected: readonly string[],
  fail: (message: string) => FormatError,
): void {
  const missing = expected.filter((name) => !found.includes(name));
  const unknown = found.filter((name) => !expected.includes(name));
  if (missing.length > 0) throw fail(`${what}: ${missing.join(', ')} missing`);
  if (unknown.length > 0) throw fail(`${what}: unknown ${unknown.join(', ')}`);
}
