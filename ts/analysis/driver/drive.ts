import { addAbortSignal } from 'node:stream';

import { checkOptions } from '../../common/options';
import type { KeysOf } from '../../common/options';
import { numberThat, validate } from '../../common/validation';
import { FormatError, InvalidInputError, throwIfAborted } from '../../errors';
import { Structure } from '../../structures/structure';
import type { StructureLike } from '../../structures/structure';
import { evaluated, movable } from '../force-field';
import type { EnergyAndForces, ForceField } from '../force-field';
import { ByteReader } from './byte-reader';
import { checkAddress, connect, nameOf } from './connect';
import type { SocketAddress } from './connect';
import { forcesOf, readRequest, statusOf } from './protocol';

/** Which program is driven, and how. */
export interface DriveOptions {
  readonly address: SocketAddress;
  /** Seconds for which to wait for the program to listen. Default 10. */
  readonly patience?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called after every step. */
  readonly onStep?: ((step: DriveStep) => void) | undefined;
}

const driveKeys: KeysOf<DriveOptions> = {
  address: true,
  patience: true,
  signal: true,
  onStep: true,
};

export interface DriveStep {
  /** Number of steps done: structures that the program wanted the forces of. */
  readonly step: number;
  /** eV. */
  readonly energy: number;
  /** Where the program has moved the atoms. */
  readonly structure: Structure;
}

/**
 * Drives the atoms of another program, which integrates, samples or relaxes: i-PI, or whatever runs with ASE's
 * `SocketIOCalculator`. Connects to the socket at which it listens and answers with energies, forces and virials until it
 * ends. The uncertainty of the energy and what members of a committee say, where the force field gives them, go along as
 * extras.
 *
 * Programs send positions and cells alone: elements and periodic axes are those of `initial`, and so are the number and
 * order of atoms.
 *
 * @param forceField with stresses for periodic structures.
 * @returns the number of steps.
 * @throws InvalidInputError where nobody listens, or for other atoms than those of `initial`; FormatError for what is no
 *   message of i-PI; AbortError, and what `forceField` throws. The program sees that the connection has ended.
 */
export async function drive(
  initial: StructureLike,
  forceField: ForceField,
  options: DriveOptions,
): Promise<{ readonly steps: number }> {
  const { address, patience = 10, signal, onStep } = checkOptions(options, driveKeys);
  const checked = checkAddress(address);
  validate(seconds, patience, 'patience');
  const given = movable(Structure.from(initial));
  // What is wrong with elements or forces is better known before the program begins.
  await resultOf(forceField, given);
  const name = nameOf(checked);
  const socket = await connect(checked, patience, signal);
  // Also heard after the loop below has ended.
  socket.on('error', () => undefined);
  if (signal) addAbortSignal(signal, socket);
  // A program that has ended without a word wants nothing more.
  const hungUp = (error: unknown): undefined => {
    throwIfAborted(signal);
    if (!isHangUp(error)) throw error;
  };
  let steps = 0;
  try {
    const reader = new ByteReader(socket as AsyncIterable<Buffer>, name);
    let ready: Buffer | undefined;
    for (;;) {
      const request = await readRequest(reader, given.length, name).catch(hungUp);
      if (!request || request.header === 'EXIT') return { steps };
      if (request.header === 'STATUS') {
        socket.write(statusOf(ready !== undefined));
      } else if (request.header === 'POSDATA') {
        const structure = moved(given, request);
        const result = await resultOf(forceField, structure);
        ready = forcesOf(result, structure.volume);
        steps++;
        onStep?.({ step: steps, energy: result.energy, structure });
      } else if (request.header === 'GETFORCE') {
        if (!ready) throw new FormatError('GETFORCE came before POSDATA', { file: name });
        socket.write(ready);
        ready = undefined;
      }
    }
  } catch (error) {
    throwIfAborted(signal);
    throw error;
  } finally {
    socket.destroySoon();
  }
}

const seconds = numberThat('a number >= 0 s', (value) => value >= 0);

/** A molecule has no cell, whatever the program says of the box that it moves it in. */
function moved(
  { species, pbc, cell, info, arrays }: Structure,
  request: { readonly cell: Float64Array; readonly positions: Float64Array },
): Structure {
  return new Structure({
    positions: request.positions,
    species,
    cell: pbc.includes(true) ? request.cell : cell,
    pbc,
    info,
    arrays,
  });
}

async function resultOf(forceField: ForceField, structure: Structure): Promise<EnergyAndForces> {
  const result = await evaluated(forceField, structure);
  if (result.stress || !structure.pbc.includes(true)) return result;
  throw new InvalidInputError(
    'expected { energy, forces, stress } of a periodic structure: forceFieldOf(potential, { stress: true })',
    { path: 'forceField' },
  );
}

/** Whether a program has ended without a word. */
const isHangUp = (error: unknown): boolean =>
  hangUps.includes((error as NodeJS.ErrnoException).code ?? '');

const hangUps = ['ECONNRESET', 'EPIPE', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_PREMATURE_CLOSE'];
