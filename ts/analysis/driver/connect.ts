import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

import { integerBetween, validate } from '../../common/validation';
import { InvalidInputError, throwIfAborted } from '../../errors';

/** Where a program listens. */
export type SocketAddress =
  /** A socket in the file system. i-PI and ASE put theirs at `/tmp/ipi_NAME`. */
  | { readonly path: string }
  /** Host: default `localhost`. i-PI and ASE listen at 31415 unless told otherwise. */
  | { readonly host?: string | undefined; readonly port: number };

const fileSchema = z.strictObject({ path: z.string().min(1) });
const networkSchema = z.strictObject({
  host: z.string().min(1).default('localhost'),
  port: integerBetween(1, 65535),
});

/** The address with its host. @throws InvalidInputError where it is none. */
export function checkAddress(address: SocketAddress) {
  const isFile = typeof address === 'object' && address !== null && 'path' in address;
  return validate(isFile ? fileSchema : networkSchema, address, 'address');
}

/** What to call it in messages. */
export const nameOf = (address: SocketAddress): string =>
  'path' in address ? address.path : `${address.host ?? 'localhost'}:${address.port}`;

/** Time between two tries, ms. */
const pause = 100;
/** Nobody listens there, yet. */
const notYet = ['ECONNREFUSED', 'ENOENT'];

/**
 * A connection to a program, which may be about to start.
 *
 * @param patience seconds for which to try.
 * @throws InvalidInputError where nobody listens, AbortError.
 */
export async function connect(
  address: SocketAddress,
  patience: number,
  signal: AbortSignal | undefined,
): Promise<Socket> {
  const end = performance.now() + 1000 * patience;
  for (;;) {
    throwIfAborted(signal);
    try {
      return await connectOnce(address);
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException;
      if (notYet.includes(code) && performance.now() + pause < end) {
        await sleep(pause);
        continue;
      }
      const name = nameOf(address);
      throw new InvalidInputError(
        notYet.includes(code)
          ? `no program listens at ${name}: start it first, or wait longer`
          : `cannot connect to ${name}: ${message}`,
        { path: 'address', cause: error },
      );
    }
  }
}

function connectOnce(address: SocketAddress): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ ...address, noDelay: true, allowHalfOpen: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}
