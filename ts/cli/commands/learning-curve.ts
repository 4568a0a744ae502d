import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';

import { learningCurve } from '../../analysis';
import { randomNumbers, shuffled } from '../../common/random';
import { InvalidInputError } from '../../errors';
import { potentials, properties } from '../../models';
import type { ModelKind, PotentialConfig, PropertyConfig } from '../../models';
import { elementsFirst } from '../../models/elements-first';
import { isIsolatedAtom } from '../../regression/baseline';
import { writeReport } from '../../report';
import { potentialQuantities } from '../../report/quantities';
import type { Structure } from '../../structures/structure';
import { addKeyFlags, checkKeys, countFlag, jsonFlag, targetKeys, threadsFlag } from '../flags';
import type { KeyFlags } from '../flags';
import { checkOutputs, readAll, readConfig } from '../inputs';
import { say, writeJson } from '../io';
import type { Io } from '../io';
import { learningCurveReport, learningCurveTable, powerLaws } from '../learning-curve-report';
import { Progress } from '../progress';
import { refuseKeys } from '../property';
import { quantityOf } from '../property-text';
import { nameFiles } from '../text';

interface LearningCurveFlags extends KeyFlags {
  readonly sizes: readonly number[];
  readonly target?: string;
  readonly config?: string;
  readonly test?: string;
  readonly repeats: number;
  readonly seed: number;
  readonly report?: string;
  readonly threads?: number;
  readonly json?: true;
}

type Config = PotentialConfig | PropertyConfig;

/** Without a test file every so many-th structure, in random order, is for the test. */
const testPart = 5;

export function addLearningCurve(program: Command, io: Io): void {
  const command = program
    .command('learning-curve')
    .description('errors after training on more and more structures')
    .argument('<STRUCTURES...>', 'training structures')
    .addOption(
      new Option('--sizes <list>', 'numbers of training structures, such as 100,200,400')
        .argParser(parseSizes)
        .makeOptionMandatory(),
    )
    .option('--test <FILE>', 'structures that errors are of (default: a fifth of all)')
    .option('--target <NAME>', 'a property instead of energies, forces and stresses')
    .option('--config <FILE.json>', 'settings as for train; what is left out is found once')
    .addOption(countFlag('--repeats <N>', 'each time with other structures', 1).default(1))
    .option('--report <FILE.html>', 'write a report with logarithmic charts')
    .addOption(countFlag('--seed <N>', 'seed of the order of structures', 0).default(0))
    .addOption(threadsFlag())
    .addOption(jsonFlag());
  addKeyFlags(command).action((files: string[], flags: LearningCurveFlags) =>
    compute(files, flags, io),
  );
}

async function compute(files: readonly string[], flags: LearningCurveFlags, io: Io): Promise<void> {
  const { signal } = io;
  const { sizes, target, repeats, seed, threads } = flags;
  const keys = targetKeys(flags);
  if (target !== undefined) refuseKeys(flags);
  const kind = (
    target === undefined
      ? potentials(Object.keys(keys).length > 0 ? keys : undefined)
      : properties(target)
  ) as ModelKind<Config>;
  const check = (config: unknown) => {
    kind.check(config as Config);
    return config as Config;
  };
  await checkOutputs([flags.report], [...files, flags.test, flags.config]);
  const config = flags.config === undefined ? {} : await readConfig(flags.config, check);
  const all = await readAll(files, signal);
  checkKeys(all, keys);
  const { training, test } = flags.test
    ? { training: all, test: await readAll([flags.test], signal) }
    : divide(all, seed);

  const quantities =
    target === undefined ? potentialQuantities : [quantityOf(target, config as PropertyConfig)];
  const progress = new Progress(io.stderr);
  try {
    const steps = await learningCurve<Config>(training, test, {
      sizes,
      config,
      repeats,
      seed,
      kind,
      threads,
      signal,
      onProgress: (done, total) => progress.update('learning curve', done, total),
    });
    progress.end();
    signal.throwIfAborted();
    if (flags.report !== undefined) {
      const facts = {
        quantities,
        learned: target ?? 'a potential',
        trainedOn: nameFiles(files),
        testedOn: flags.test ?? `${test.length} structures of the same files`,
        repeats,
        configuration: config,
      };
      await writeReport(flags.report, learningCurveReport(steps, facts));
    }
    if (flags.json) {
      return writeJson(io.stdout, {
        test: test.length,
        repeats,
        steps,
        powerLaws: powerLaws(steps),
        ...(flags.report !== undefined && { report: flags.report }),
      });
    }
    for (const line of learningCurveTable(steps, quantities)) say(io.stdout, line);
    if (flags.report !== undefined) say(io.stdout, `report: ${flags.report}`);
  } finally {
    progress.end();
  }
}

/** A fifth of the structures is for the test, none that has an element which no other has. */
function divide(all: readonly Structure[], seed: number) {
  const order = shuffled([...all.keys()], randomNumbers(seed));
  const samples = order.filter((s) => !isIsolatedAtom(all[s]!));
  const kept = new Set(elementsFirst(samples.toReversed(), all).bringing);
  const test = order.filter((s) => !kept.has(s)).slice(0, Math.floor(all.length / testPart));
  if (test.length === 0) {
    throw new InvalidInputError(
      `expected at least ${testPart} structures of the same elements, or --test, got ${all.length}`,
      { path: 'structures' },
    );
  }
  const tested = new Set(test);
  return {
    test: test.map((s) => all[s]!),
    training: order.filter((s) => !tested.has(s)).map((s) => all[s]!),
  };
}

function parseSizes(text: string): number[] {
  const sizes = text.split(',').map(Number);
  if (sizes.every((size) => Number.isInteger(size) && size > 0)) return sizes;
  throw new InvalidArgumentError('Expected a list of numbers > 0, such as 100,200,400.');
}
