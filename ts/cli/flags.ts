import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { InvalidInputError } from '../errors';
import { chemicalSymbols } from '../structures/elements';
import type { Structure } from '../structures/structure';
import type { TargetKeys } from '../structures/targets';

/** `--threads N`. */
export function threadsFlag(): Option {
  return new Option('--threads <N>', 'number of threads (default: all there are)').argParser(
    (text) => {
      const threads = Number(text);
      if (/^\d+$/.test(text) && threads >= 1 && threads <= 4096) return threads;
      throw new InvalidArgumentError('Expected a number of threads from 1 to 4096.');
    },
  );
}

/** A flag whose value is a whole number, `least` or more, or a word. */
export function countFlag(
  flags: string,
  description: string,
  least: number,
  word?: string,
): Option {
  return new Option(flags, description).argParser((text) => {
    if (text === word) return word;
    const count = Number(text);
    if (/^\d+$/.test(text) && count >= least && count < 2 ** 31) return count;
    const other = word === undefined ? '' : `, or ${word}`;
    throw new InvalidArgumentError(`Expected a whole number of at least ${least}${other}.`);
  });
}

/** A flag whose value is a list of chemical symbols, parsed to atomic numbers. */
export function elementsFlag(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text) => {
    const numbers = text.split(',').map((symbol) => chemicalSymbols.indexOf(symbol.trim()));
    if (numbers.every((number) => number > 0)) return numbers;
    throw new InvalidArgumentError('Expected symbols of elements, such as C,N.');
  });
}

/** `--memory-limit SIZE`, parsed to bytes. */
export function memoryLimitFlag(
  description = 'refuse to start when more memory than this is expected, such as 500MB or 2GB',
): Option {
  return new Option('--memory-limit <size>', description).argParser((text) => {
    const [, number, prefix = '', binary] =
      /^(\d+(?:\.\d+)?) ?(?:([kmgt]?)(i?)b)?$/i.exec(text) ?? [];
    const bytes =
      Number(number) * (binary ? 1024 : 1000) ** ' kmgt'.indexOf(prefix.toLowerCase() || ' ');
    if (bytes > 0) return bytes;
    throw new InvalidArgumentError('Expected a size such as 500MB, 2GB or 2GiB.');
  });
}

/** `--json`. */
export function jsonFlag(): Option {
  return new Option('--json', 'print the result as one JSON object');
}

/** `--forces-uncertainty`. */
export function forcesUncertaintyFlag(): Option {
  return new Option(
    '--forces-uncertainty',
    'uncertainties of forces and stress also without a committee, which takes longer',
  );
}

/** The uncertainties that a command asks a potential for, given {@link forcesUncertaintyFlag}. */
export const uncertaintyOf = (forces: boolean | undefined): true | 'all' => (forces ? 'all' : true);

/** Fails for a model of a property, which has no forces. */
export function refuseForcesUncertainty(forces: boolean | undefined): void {
  if (!forces) return;
  throw new InvalidInputError('expected for potentials only; this is a model of a property', {
    path: '--forces-uncertainty',
  });
}

/** What {@link addKeyFlags} parses to. */
export interface KeyFlags {
  readonly energyKey?: string;
  readonly forcesKey?: string;
  readonly stressKey?: string;
}

/** Flags for the names under which structures carry their labels. */
export function addKeyFlags(command: Command): Command {
  const empty = 'an empty name leaves them out';
  return command
    .option('--energy-key <name>', `name of the energies, eV (default: energy; ${empty})`)
    .option('--forces-key <name>', `name of the forces, eV/Å (default: forces; ${empty})`)
    .option(
      '--stress-key <name>',
      `name of the stresses, eV/Å^3, or of virials, eV, if it has virial and not stress in it (default: stress, virial or virials; ${empty})`,
    );
}

export function targetKeys({ energyKey, forcesKey, stressKey }: KeyFlags): TargetKeys {
  return {
    ...(energyKey !== undefined && { energy: energyKey || null }),
    ...(forcesKey !== undefined && { forces: forcesKey || null }),
    ...(stressKey !== undefined && { stress: stressKey || null }),
  };
}

/** Fails when a name was asked for that no structure has; labels would be missing without a word. */
export function checkKeys(structures: readonly Structure[], keys: TargetKeys): void {
  const places = [
    { key: keys.energy, flag: '--energy-key', member: 'info' },
    { key: keys.forces, flag: '--forces-key', member: 'arrays' },
    { key: keys.stress, flag: '--stress-key', member: 'info' },
  ] as const;
  for (const { key, flag, member } of places) {
    if (typeof key !== 'string') continue;
    if (structures.some((structure) => key in structure[member])) continue;
    const names = new Set(structures.flatMap((structure) => Object.keys(structure[member])));
    throw new InvalidInputError(
      `no structure has ${key}; there is ${names.size > 0 ? [...names].join(', ') : 'nothing else'}`,
      { path: flag },
    );
  }
}
