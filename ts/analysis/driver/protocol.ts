/**
 * The messages of i-PI (V. Kapil et al., Comput. Phys. Commun. 236, 214 (2019)), which ASE's `SocketIOCalculator` sends
 * and takes as well. A message is a header of twelve characters and, for some, numbers: float64 and int32 without gaps,
 * little-endian as the machines are, in atomic units.
 *
 *     STATUS                                    READY or HAVEDATA
 *     INIT      bead, length, text              –
 *     POSDATA   h, h⁻¹, N, positions            –
 *     GETFORCE                                  FORCEREADY  energy, N, forces, virial, length, text
 *     EXIT                                      –
 *
 * h has lattice vectors as columns. h⁻¹ is not read: i-PI and ASE send the transpose of each other's. STATUS may be
 * left out: i-PI sends POSDATA and GETFORCE in one go.
 */

import { show } from '../../common/validation';
import { FormatError, InvalidInputError } from '../../errors';
import type { MemberPrediction } from '../../models';
import type { EnergyAndForces } from '../force-field';
import type { ByteReader } from './byte-reader';

/** Å and eV (CODATA 2022). */
const bohr = 0.529177210544;
const hartree = 27.211386245981;

/** What a program asks for. */
export type Request =
  | { readonly header: 'STATUS' | 'INIT' | 'GETFORCE' | 'EXIT' }
  | {
      readonly header: 'POSDATA';
      /** Lattice vectors as rows, Å. */
      readonly cell: Float64Array;
      /** N × 3, Å. */
      readonly positions: Float64Array;
    };

const headers = ['STATUS', 'INIT', 'POSDATA', 'GETFORCE', 'EXIT'] as const;
const headerBytes = 12;

/**
 * The next request; undefined where the program has hung up.
 *
 * @param atoms number of atoms that positions are expected of.
 * @param name what to call the program in messages.
 */
export async function readRequest(
  reader: ByteReader,
  atoms: number,
  name: string,
): Promise<Request | undefined> {
  const bytes = await reader.take(headerBytes);
  if (!bytes) return undefined;
  const text = bytes.toString('latin1').trimEnd();
  const header = headers.find((known) => known === text);
  if (header === undefined) {
    throw new FormatError(
      `expected one of ${headers.join(', ')}, got ${show(text)}: does this program speak the protocol of i-PI?`,
      { file: name },
    );
  }
  if (header === 'INIT') {
    // Nothing of this is needed: what a force field is, the caller knows.
    const length = (await reader.rest(8)).readInt32LE(4);
    if (length > 0) await reader.rest(length);
    return { header };
  }
  if (header !== 'POSDATA') return { header };
  const h = await numbers(reader, 9);
  await reader.rest(9 * 8);
  const count = (await reader.rest(4)).readInt32LE();
  if (count !== atoms) {
    throw new InvalidInputError(
      `expected the ${atoms} atoms of the structure in the same order, got ${count} from ${name}`,
      { path: 'positions' },
    );
  }
  const cell = Float64Array.from(h, (_, i) => bohr * h[3 * (i % 3) + Math.floor(i / 3)]!);
  return { header, cell, positions: (await numbers(reader, 3 * count)).map((x) => bohr * x) };
}

async function numbers(reader: ByteReader, count: number): Promise<Float64Array> {
  const bytes = await reader.rest(8 * count);
  return Float64Array.from({ length: count }, (_, i) => bytes.readDoubleLE(8 * i));
}

/** The answer to STATUS. */
export const statusOf = (hasData: boolean): Buffer => headed(hasData ? 'HAVEDATA' : 'READY');

const headed = (header: string) => Buffer.from(header.padEnd(headerBytes), 'latin1');

/** The answer to GETFORCE. @param volume of the cell, Å³. */
export function forcesOf(result: EnergyAndForces, volume: number): Buffer {
  const text = Buffer.from(JSON.stringify(extrasOf(result, volume)));
  const { energy, forces, stress } = result;
  return Buffer.concat([
    headed('FORCEREADY'),
    doubles([energy / hartree]),
    int32(forces.length / 3),
    doubles(forces.map((x) => x * forceUnit)),
    doubles(virialOf(stress, volume)),
    int32(text.length),
    text,
  ]);
}

/** Hartree per bohr for 1 eV/Å. */
const forceUnit = bohr / hartree;

/** −∂E/∂ε in hartree. */
const virialOf = (stress: Float64Array | undefined, volume: number): ArrayLike<number> =>
  stress?.map((x) => (-volume * x) / hartree) ?? new Float64Array(9);

/** What i-PI calls extras, in atomic units too; those of a committee have the names that its `ffcommittee` reads. */
function extrasOf({ energyUncertainty, members }: EnergyAndForces, volume: number): object {
  const each = (take: (member: MemberPrediction) => ArrayLike<number>) =>
    members!.map((member) => Array.from(take(member)));
  return {
    ...(energyUncertainty !== undefined && { energy_uncertainty: energyUncertainty / hartree }),
    ...(members && {
      committee_pot: members.map(({ energy }) => energy / hartree),
      committee_force: each(({ forces }) => forces!.map((x) => x * forceUnit)),
      committee_virial: each(({ stress }) => virialOf(stress, volume)),
    }),
  };
}

function doubles(values: ArrayLike<number>): Buffer {
  const bytes = Buffer.alloc(8 * values.length);
  for (let i = 0; i < values.length; i++) bytes.writeDoubleLE(values[i]!, 8 * i);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
