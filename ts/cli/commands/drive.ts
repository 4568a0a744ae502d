import { Option } from 'commander';
import type { Command } from 'commander';
import { drive, forceFieldOf } from '../../analysis';
import type { SocketAddress } from '../../analysis';
import { nameOf } from '../../analysis/driver/connect';
import { InvalidInputError } from '../../errors';
import { loadModel } from '../../models';
import type { Structure } from '../../structures/structure';
import { countFlag, jsonFlag, threadsFlag } from '../flags';
import { iterateAll } from '../inputs';
import { say, writeJson } from '../io';
import type { Io } from '../io';
import { Progress } from '../progress';
import { formatSeconds } from '../text';

interface DriveFlags {
  readonly unix?: string;
  readonly host?: string;
  readonly port?: number;
  readonly wait?: number;
  readonly extras?: true;
  readonly threads?: number;
  readonly json?: true;
}

export function addDrive(program: Command, io: Io): void {
  program
    .command('drive')
    .description(
      'give forces to a program that moves the atoms: i-PI, or ASE with its SocketIOCalculator',
    )
    .argument('<MODEL>', 'file of a potential')
    .argument('<STRUCTURE>', 'the atoms as the program has them; elements and periodic axes count')
    .addOption(
      new Option(
        '--unix <NAME>',
        'the Unix socket /tmp/ipi_NAME; a NAME with / in it is a path',
      ).conflicts(['host', 'port']),
    )
    .option('--host <HOST>', 'host at which the program listens (default: localhost)')
    .addOption(countFlag('--port <N>', 'port at which it listens (default: 31415)', 1))
    .addOption(countFlag('--wait <SECONDS>', 'how long to wait for it (default: 10)', 0))
    .option(
      '--extras',
      'also send the uncertainty of the energy, and what members of a committee say',
    )
    .addOption(threadsFlag())
    .addOption(jsonFlag())
    .action((model: string, file: string, flags: DriveFlags) => run(model, file, flags, io));
}

async function run(file: string, atoms: string, flags: DriveFlags, io: Io): Promise<void> {
  const { signal } = io;
  const { wait, extras = false, threads, json } = flags;
  const potential = await loadModel(file);
  if (potential.kind === 'property') {
    throw new InvalidInputError(`${file} is a model of a property and has no forces`);
  }
  // There is one: a file without any is refused.
  const structure = (await iterateAll([atoms], signal).next()).value as Structure;
  const members = extras && potential.members > 0;
  const forceField = forceFieldOf(potential, {
    ...{ threads, signal, stress: true },
    ...{ uncertainty: extras, members },
  });
  const address = addressOf(flags);
  say(io.stderr, `connecting to ${nameOf(address)}`);
  const start = performance.now();
  const progress = new Progress(io.stderr);
  let steps: number;
  try {
    ({ steps } = await drive(structure, forceField, {
      address,
      patience: wait,
      signal,
      onStep: ({ step }) => progress.update('steps', step),
    }));
  } finally {
    progress.end();
  }
  const seconds = (performance.now() - start) / 1000;
  if (json) return writeJson(io.stdout, { steps, atoms: structure.length, seconds });
  say(io.stdout, `${steps} steps of ${structure.length} atoms in ${formatSeconds(seconds)}`);
}

function addressOf({ unix, host, port = 31415 }: DriveFlags): SocketAddress {
  if (unix === undefined) return { host, port };
  return { path: unix.includes('/') ? unix : `/tmp/ipi_${unix}` };
}
