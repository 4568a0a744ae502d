import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { drive, forceFieldOf } from '../../ts/analysis';
import type { DriveOptions, EnergyAndForces, ForceField } from '../../ts/analysis';
import { Potential } from '../../ts/models';
import { readStructures, Structure } from '../../ts/structures';
import { failing } from '../failing';

interface Step {
  readonly positions: readonly (readonly number[])[];
  readonly cell: readonly (readonly number[])[];
  readonly energy: number;
  readonly forces: readonly (readonly number[])[];
  readonly stress?: readonly (readonly number[])[];
}

interface Conversation {
  readonly program: string;
  readonly species: readonly string[];
  readonly pbc: readonly boolean[];
  readonly sent: string;
  readonly answered: string;
  readonly steps: readonly Step[];
}

const { conversations } = JSON.parse(
  readFileSync(path.join(__dirname, '..', 'reference', 'data', 'i_pi.json'), 'utf8'),
) as { readonly conversations: readonly Conversation[] };

let folder: string;
const servers: Server[] = [];

beforeAll(() => (folder = mkdtempSync(path.join(tmpdir(), 'soapstone-drive-'))));
afterEach(() => servers.splice(0).forEach((server) => server.close()));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;

/** A program that does this with whoever connects. */
function listening(converse: (client: Socket) => void, at: string | number = `socket-${count++}`) {
  return new Promise<DriveOptions['address']>((resolve) => {
    const server = createServer(converse);
    servers.push(server);
    const place = typeof at === 'string' ? path.join(folder, at) : { port: at, host: '127.0.0.1' };
    server.listen(place, () => {
      const address = server.address()!;
      resolve(
        typeof address === 'string' ? { path: address } : { host: '127.0.0.1', port: address.port },
      );
    });
  });
}

/** A program that says all this in pieces, whatever the answers, and then hangs up. */
function saying(bytes: Buffer, pieces: number, at?: string | number) {
  const answers: Buffer[] = [];
  const ended = { promise: Promise.resolve(Buffer.alloc(0)) };
  const address = listening((client) => {
    ended.promise = new Promise((resolve) => {
      client.on('data', (chunk: Buffer) => answers.push(chunk));
      client.on('error', () => undefined);
      client.on('close', () => resolve(Buffer.concat(answers)));
    });
    void (async () => {
      for (let i = 0; i < bytes.length; i += pieces) {
        await new Promise((resolve) => client.write(bytes.subarray(i, i + pieces), resolve));
      }
      client.end();
    })();
  }, at);
  return { address, answered: () => ended.promise };
}

/** Headers, and numbers of each answer. */
function decoded(bytes: Buffer): { readonly headers: string[]; readonly answers: Answer[] } {
  const headers: string[] = [];
  const answers: Answer[] = [];
  let at = 0;
  const double = () => bytes.readDoubleLE((at += 8) - 8);
  const int = () => bytes.readInt32LE((at += 4) - 4);
  while (at < bytes.length) {
    const header = bytes.toString('latin1', at, (at += 12)).trimEnd();
    headers.push(header);
    if (header !== 'FORCEREADY') continue;
    const energy = double();
    const forces = Array.from({ length: 3 * int() }, double);
    const virial = Array.from({ length: 9 }, double);
    const length = int();
    answers.push({ energy, forces, virial, extras: bytes.toString('utf8', at, (at += length)) });
  }
  return { headers, answers };
}

interface Answer {
  readonly energy: number;
  readonly forces: readonly number[];
  readonly virial: readonly number[];
  readonly extras: string;
}

function expectClose(received: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(received).toHaveLength(expected.length);
  // Bohr and hartree have changed by 10⁻⁹ with each CODATA.
  const size = Math.max(...Array.from(expected, Math.abs), 1e-300);
  Array.from(expected).forEach((x, i) =>
    expect(Math.abs(received[i]! - x) / size).toBeLessThan(1e-8),
  );
}

const atoms = ({ species, pbc, steps: [first] }: Conversation) =>
  new Structure({ species, positions: first!.positions, cell: first!.cell, pbc });

/** Says step by step what was recorded, and checks that it is asked the same. */
function recorded({ steps }: Conversation): ForceField & { readonly asked: () => number } {
  let next = -1; // the first is asked for by drive itself
  const forceField = ({ positions, cell, pbc }: Structure): EnergyAndForces => {
    const { energy, forces, stress, ...step } = steps[Math.max(0, next++)]!;
    expectClose(positions, step.positions.flat());
    if (pbc.includes(true)) expectClose(cell, step.cell.flat());
    return {
      energy,
      forces: Float64Array.from(forces.flat()),
      ...(stress && { stress: Float64Array.from(stress.flat()) }),
    };
  };
  return Object.assign(forceField, { asked: () => next });
}

describe.each(conversations.map((own, k) => [`${k} (${own.program})`, own] as const))(
  'recorded conversation %s',
  (_, conversation) => {
    test.each([1, 7, 1e6])('in pieces of %d bytes', async (pieces) => {
      const program = saying(Buffer.from(conversation.sent, 'base64'), pieces);
      const forceField = recorded(conversation);
      const steps: number[] = [];
      const result = await drive(atoms(conversation), forceField, {
        address: await program.address,
        onStep: ({ step }) => steps.push(step),
      });
      expect(result.steps).toBe(conversation.steps.length);
      expect(forceField.asked()).toBe(result.steps);
      expect(steps).toEqual(conversation.steps.map((_, k) => k + 1));

      const ours = decoded(await program.answered());
      const theirs = decoded(Buffer.from(conversation.answered, 'base64'));
      expect(ours.headers).toEqual(theirs.headers);
      expect(ours.answers).toHaveLength(result.steps);
      ours.answers.forEach(({ energy, forces, virial, extras }, k) => {
        const other = theirs.answers[k]!;
        expectClose([energy], [other.energy]);
        expectClose(forces, other.forces);
        expectClose(virial, other.virial);
        expect(extras).toBe('{}');
      });
    });
  },
);

const argon = new Structure({ species: ['Ar', 'Ar'], positions: [0, 0, 0, 0, 0, 3] });
const nothing: ForceField = ({ positions }) => ({
  energy: 0,
  forces: new Float64Array(positions.length),
});
const header = (text: string) => Buffer.from(text.padEnd(12));
/** POSDATA of so many atoms, all zero. */
const positionsOf = (count: number) => {
  const size = Buffer.alloc(4);
  size.writeInt32LE(count);
  return Buffer.concat([header('POSDATA'), Buffer.alloc(144), size, Buffer.alloc(24 * count)]);
};

test('by TCP, with an INIT and other words between', async () => {
  const init = Buffer.from([0, 0, 0, 0, 3, 0, 0, 0, ...Buffer.from('abc')]);
  const parts = ['STATUS', 'INIT'].map(header);
  const words = [...parts, init, positionsOf(2), header('STATUS'), header('GETFORCE'), parts[0]!];
  const program = saying(Buffer.concat(words), 5, 0);
  expect(await drive(argon, nothing, { address: await program.address })).toEqual({ steps: 1 });
  const { headers } = decoded(await program.answered());
  expect(headers).toEqual(['READY', 'HAVEDATA', 'FORCEREADY', 'READY']);
});

test('waits for a program that is about to start', async () => {
  const late = path.join(folder, 'late');
  const driven = drive(argon, nothing, { address: { path: late }, patience: 20 });
  await new Promise((resolve) => setTimeout(resolve, 300));
  await listening((client) => client.end(header('EXIT')), 'late');
  expect(await driven).toEqual({ steps: 0 });
});

test('uncertainties and committees go along in atomic units', async () => {
  const structures = (await readStructures('data/water-train.xyz')).slice(0, 40);
  const { potential } = await Potential.train(structures, {
    config: {
      representation: { cutoff: { radius: 3 }, basis: { maxAngular: 2, radial: { count: 3 } } },
      kernel: { zeta: 2 },
      sparse: { count: 40 },
      noise: { energy: 0.01, forces: 0.1 },
      uncertainty: { type: 'committee', members: 8 },
    },
  });
  const [dimer] = structures;
  const bohr = 0.529177210544;
  const hartree = 27.211386245981;
  const posdata = positionsOf(dimer!.length);
  dimer!.positions.forEach((x, i) => posdata.writeDoubleLE(x / bohr, 160 + 8 * i));
  const program = saying(Buffer.concat([posdata, header('GETFORCE')]), 1000);
  const forceField = forceFieldOf(potential, { stress: true, uncertainty: true, members: true });
  await drive(dimer!, forceField, { address: await program.address });
  const { answers } = decoded(await program.answered());
  const [prediction] = await potential.predict([dimer!], { uncertainty: true, members: true });
  expectClose([answers[0]!.energy * hartree], [prediction!.energy]);
  const extras = JSON.parse(answers[0]!.extras) as Record<string, number[][]>;
  expect(Object.keys(extras)).toEqual([
    'energy_uncertainty',
    'committee_pot',
    'committee_force',
    'committee_virial',
  ]);
  const { members, energyUncertainty } = prediction!;
  expectClose([Number(extras.energy_uncertainty) * hartree], [energyUncertainty!]);
  expectClose(
    extras.committee_pot!.map((x) => Number(x) * hartree),
    members!.map(({ energy }) => energy),
  );
  expectClose(
    extras.committee_force!.flat().map((x) => (x * hartree) / bohr),
    members!.flatMap(({ forces }) => [...forces!]),
  );
  expect(extras.committee_virial).toEqual(members!.map(() => Array<number>(9).fill(0)));
}, 60_000);

describe('what goes wrong', () => {
  const driven = async (bytes: Buffer, options: Partial<DriveOptions> = {}) =>
    drive(argon, nothing, { address: await saying(bytes, 1000).address, ...options });

  test('nobody listens', async () => {
    const address = { path: path.join(folder, 'nobody') };
    await expect(drive(argon, nothing, { address, patience: 0 })).rejects.toThrow(
      failing({
        code: 'INVALID_INPUT',
        message: `address: no program listens at ${address.path}: start it first, or wait longer`,
      }),
    );
  });

  test.each([
    ['{}', {}, 'address.port: expected an integer from 1 to 65535, got nothing'],
    ['a port that is none', { port: 70000 }, 'address.port: expected an integer from 1 to 65535'],
    ['two at once', { path: '/tmp/x', port: 5 }, 'address.port: unknown key, expected one of path'],
    ['nothing', undefined, 'address: expected an object, got nothing'],
  ])('an address that is none: %s', async (_, address, message) => {
    await expect(drive(argon, nothing, { address } as DriveOptions)).rejects.toThrow(
      failing({ code: 'INVALID_INPUT', message: expect.stringContaining(message) }),
    );
  });

  test('other words', async () => {
    await expect(driven(Buffer.from('GET / HTTP/1.1\r\n\r\n'))).rejects.toThrow(
      failing({ code: 'FORMAT', message: expect.stringContaining('got "GET / HTTP/1"') }),
    );
  });

  test.each([3, -1, 2 ** 31 - 1])('%d atoms instead of 2', async (count) => {
    const bytes = Buffer.concat([positionsOf(0).subarray(0, 156), Buffer.alloc(4)]);
    bytes.writeInt32LE(count, 156);
    await expect(driven(bytes)).rejects.toThrow(
      failing({ code: 'INVALID_INPUT', message: expect.stringContaining(`got ${count} from`) }),
    );
  });

  test('forces are wanted before there are positions', async () => {
    await expect(driven(header('GETFORCE'))).rejects.toThrow(
      failing({ code: 'FORMAT', message: expect.stringContaining('GETFORCE came before POSDATA') }),
    );
  });

  test('positions that are not finite', async () => {
    const bytes = positionsOf(2);
    bytes.writeDoubleLE(NaN, 160);
    await expect(driven(bytes)).rejects.toThrow(failing({ code: 'INVALID_INPUT' }));
  });

  test('a program that ends in the middle of a message, or after one', async () => {
    await expect(driven(positionsOf(2).subarray(0, 100))).rejects.toThrow(
      failing({ code: 'FORMAT', message: expect.stringContaining('in the middle of a message') }),
    );
    expect(await driven(positionsOf(2))).toEqual({ steps: 1 });
  });

  test('a program that is killed while forces are computed', async () => {
    let peer: Socket | undefined;
    const address = await listening((client) => {
      peer = client;
      client.on('error', () => undefined);
      client.write(Buffer.concat([positionsOf(2), header('GETFORCE'), header('STATUS')]));
    }, 0);
    const slow: ForceField = async (structure) => {
      peer?.resetAndDestroy();
      await new Promise((resolve) => setTimeout(resolve, 50));
      return nothing(structure);
    };
    expect(await drive(argon, slow, { address })).toEqual({ steps: 1 });
  });

  test('a periodic structure without stress', async () => {
    const crystal = new Structure({ ...argon, cell: [5, 0, 0, 0, 5, 0, 0, 0, 5], pbc: true });
    const address = { path: path.join(folder, 'nobody') };
    await expect(drive(crystal, nothing, { address })).rejects.toThrow(
      failing({ message: expect.stringContaining('forceFieldOf(potential, { stress: true })') }),
    );
  });

  test('what the force field throws is thrown, and the program sees the end', async () => {
    let calls = 0;
    const failingField: ForceField = (structure) => {
      if (calls++ > 0) throw new RangeError('too close');
      return nothing(structure);
    };
    const program = saying(Buffer.concat([positionsOf(2), header('GETFORCE')]), 1000);
    const address = await program.address;
    await expect(drive(argon, failingField, { address })).rejects.toThrow('too close');
    expect(await program.answered()).toHaveLength(0);
  });

  test('a connection that the force field loses is its own, and no end of the program', async () => {
    let calls = 0;
    const losing: ForceField = (structure) => {
      if (calls++ > 0) throw Object.assign(new Error('lost'), { code: 'ECONNRESET' });
      return nothing(structure);
    };
    const address = await saying(positionsOf(2), 1000).address;
    await expect(drive(argon, losing, { address })).rejects.toThrow('lost');
  });

  test('an aborted signal ends it while it waits', async () => {
    const control = new AbortController();
    const address = await listening((client) => client.write(header('STATUS')), 'waits');
    setTimeout(() => control.abort(), 50);
    await expect(drive(argon, nothing, { address, signal: control.signal })).rejects.toThrow(
      failing({ code: 'ABORTED' }),
    );
    const nobody = { path: path.join(folder, 'nobody') };
    const waiting = drive(argon, nothing, { address: nobody, signal: AbortSignal.timeout(50) });
    await expect(waiting).rejects.toThrow(failing({ code: 'ABORTED' }));
  });
});
