import { createHash } from 'node:crypto';

import { bytesOf } from '../common/element-types';
import { readSafetensors, writeSafetensors } from '../common/safetensors';
import type { Safetensors, Tensor } from '../common/safetensors';
import { FormatError } from '../errors';

/*
 * Every model is one safetensors file: metadata that say what it is, in JSON where it is more than a word,
 * tensors, and a checksum over all of it.
 */

/** What a model's file holds, without what every such file has. */
export interface ModelContents {
  /** What the model is, such as `soapstone-potential`. */
  readonly kind: string;
  /** Version of the layout of this kind. */
  readonly version: number;
  /** Values that JSON can hold, by name. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/** A kind of model: its layout's version and the names that its file must have, no more and no less. */
export interface ModelKind {
  readonly kind: string;
  /** That is written. */
  readonly version: number;
  /** Older ones that are read, too: of the same names. */
  readonly older?: readonly number[];
  readonly metadata: readonly string[];
  /** Names of tensors, given the metadata. */
  readonly tensors: (metadata: Readonly<Record<string, unknown>>) => readonly string[];
}

const common = ['checksum', 'kind', 'version'];

/** Writes a model's file: whole, or not at all. */
export async function writeModel(path: string, contents: ModelContents): Promise<void> {
  const { kind, version, tensors } = contents;
  const metadata: Record<string, string> = { kind, version: String(version) };
  for (const [name, value] of Object.entries(contents.metadata)) {
    metadata[name] = JSON.stringify(value);
  }
  metadata.checksum = checksumOf({ tensors, metadata });
  await writeSafetensors(path, { tensors, metadata });
}

/**
 * Reads a model's file of one of these kinds.
 *
 * @throws FormatError when it is of another kind, of another version, damaged, or has unknown or missing parts.
 */
export async function readModel(path: string, kinds: readonly ModelKind[]): Promise<ModelContents> {
  const file = await readSafetensors(path);
  const fail = (message: string) => new FormatError(message, { file: path });
  const found = kinds.find(({ kind }) => kind === file.metadata.kind);
  if (!found) {
    const expected = kinds.map(({ kind }) => kind).join(' or ');
    throw fail(
      `expected a file of kind ${expected}, got ${file.metadata.kind ?? 'one without a kind'}`,
    );
  }
  const version = [found.version, ...(found.older ?? [])].find(
    (known) => String(known) === file.metadata.version,
  );
  if (version === undefined) {
    throw fail(
      `format version ${file.metadata.version ?? 'not given'}; this soapstone reads version ${found.version}: update it, or train again`,
    );
  }
  expectNames('metadata', Object.keys(file.metadata), [...common, ...found.metadata], fail);
  if (checksumOf(file) !== file.metadata.checksum) {
    throw fail('its checksum does not match: the file is damaged');
  }
  // From here on the file is one that we wrote, to the last bit.
  const metadata = Object.fromEntries(
    found.metadata.map((name) => [name, JSON.parse(file.metadata[name]!) as unknown]),
  );
  expectNames('tensors', [...file.tensors.keys()], found.tensors(metadata), fail);
  return { kind: found.kind, version, metadata, tensors: file.tensors };
}

/** SHA-256 of everything in the file but the checksum itself. */
function checksumOf({ tensors, metadata }: Safetensors): string {
  const hash = createHash('sha256');
  for (const name of Object.keys(metadata).sort()) {
    if (name !== 'checksum') hash.update(`${name}\0${metadata[name]!}\0`);
  }
  for (const name of [...tensors.keys()].sort()) {
    const { data, shape } = tensors.get(name)!;
    hash.update(`${name}\0${data.constructor.name}\0${shape.join()}\0`);
    hash.update(bytesOf(data));
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
