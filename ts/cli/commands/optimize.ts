import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';

import { writeFileAtomic } from '../../common/atomic-file';
import { optimizeModel, potentials, properties } from '../../models';
import type { ModelKind, PotentialConfig, PropertyConfig } from '../../models';
import { checkSpace } from '../../models/optimize/optimize-model';
import type { SearchSpace, Trial } from '../../regression/optimize';
import { writeReport } from '../../report';
import { potentialQuantities } from '../../report/quantities';
import { addKeyFlags, checkKeys, countFlag, jsonFlag, targetKeys, threadsFlag } from '../flags';
import type { KeyFlags } from '../flags';
import { checkOutputs, readAll, readConfig } from '../inputs';
import { say, writeJson } from '../io';
import type { Io } from '../io';
import { refuseKeys } from '../property';
import { quantityOf } from '../property-text';
import { searchReport } from '../search-report';
import { nameFiles } from '../text';
import { TrialTable } from '../trial-table';

interface OptimizeFlags extends KeyFlags {
  readonly target?: string;
  readonly config: string;
  readonly output: string;
  readonly method: 'bayesian' | 'random' | 'grid' | 'successive-halving';
  readonly trials?: number;
  readonly folds: number | 'leave-one-out';
  readonly groupBy?: string;
  readonly metric: 'mae' | 'rmse';
  readonly weights?: Record<string, number>;
  readonly state?: string;
  readonly report?: string;
  readonly seed: number;
  readonly threads?: number;
  readonly json?: true;
}

type Config = PotentialConfig | PropertyConfig;

export function addOptimize(program: Command, io: Io): void {
  const command = program
    .command('optimize')
    .description('search for the settings with which models err least in cross-validation')
    .argument('<STRUCTURES...>', 'training structures')
    .requiredOption(
      '--config <SPACE.json>',
      'settings as for train, some of them {"$choice": [...]}, {"$uniform": [a, b]}, {"$logUniform": [a, b]} or {"$integer": [a, b]}',
    )
    .option('--target <NAME>', 'a property instead of energies, forces and stresses')
    .requiredOption('-o, --output <BEST.json>', 'file of the best settings, for train --config')
    .addOption(
      new Option('--method <name>', 'how to search')
        .choices(['bayesian', 'random', 'grid', 'successive-halving'])
        .default('bayesian'),
    )
    .addOption(countFlag('--trials <N>', 'trials at most (default: 30, grid: all)', 1))
    .addOption(
      new Option(
        '--folds <K>',
        'trainings of a trial, each without a part; leave-one-out: each without one structure or group',
      )
        .argParser(parseFolds)
        .default(5),
    )
    .option('--group-by <key>', 'structures with the same value of this key stay together')
    .addOption(
      new Option('--metric <name>', 'error that counts').choices(['mae', 'rmse']).default('rmse'),
    )
    .addOption(
      new Option(
        '--weights <list>',
        'how much errors count, such as energy=1,forces=2 (default: all the same)',
      ).argParser(parseWeights),
    )
    .option('--state <FILE>', 'keeps the trials: the same command goes on where it was stopped')
    .option('--report <FILE.html>', 'write a report with all trials and which settings matter')
    .addOption(countFlag('--seed <N>', 'seed of everything random', 0).default(0))
    .addOption(threadsFlag())
    .addOption(jsonFlag());
  addKeyFlags(command).action((files: string[], flags: OptimizeFlags) => search(files, flags, io));
}

async function search(files: readonly string[], flags: OptimizeFlags, io: Io): Promise<void> {
  const { signal } = io;
  const { target, method, trials, folds, groupBy, metric, weights, state, seed, threads } = flags;
  const keys = targetKeys(flags);
  if (target !== undefined) refuseKeys(flags);
  await checkOutputs([flags.output, state, flags.report], [...files, flags.config]);
  // The same check that the search makes, here to say in which file the mistake is.
  const named = Object.keys(keys).length > 0 ? keys : undefined;
  const kind: ModelKind<Config> = target === undefined ? potentials(named) : properties(target);
  const space = await readConfig(flags.config, (config) => {
    checkSpace(kind, config as SearchSpace);
    return config as SearchSpace;
  });
  const structures = await readAll(files, signal);
  checkKeys(structures, keys);

  const quantities = target === undefined ? potentialQuantities : [quantityOf(target, space)];
  const table = new TrialTable(metric, quantities);
  let failed = 0;
  const found = await optimizeModel<Config>(structures, {
    kind,
    space,
    method,
    trials,
    folds,
    groupBy,
    metric,
    weights,
    state,
    seed,
    threads,
    signal,
    onTrial: (trial: Trial, bestSoFar) => {
      if (trial.score === null) failed++;
      say(io.stderr, table.row(trial, bestSoFar));
    },
  });
  signal.throwIfAborted();
  const { config, best, trials: all } = found;
  await writeFileAtomic(flags.output, [Buffer.from(`${JSON.stringify(config, null, 2)}\n`)]);
  if (flags.report !== undefined) {
    const facts = {
      quantities,
      space,
      method,
      folds,
      metric,
      searched: target ?? 'a potential',
      searchedOn: nameFiles(files),
      output: flags.output,
    };
    await writeReport(flags.report, searchReport(found, facts));
  }
  if (flags.json) {
    return writeJson(io.stdout, {
      trials: all.length,
      failed,
      best: { trial: best.trial, score: best.score, values: best.values, errors: best.details },
      config,
      output: flags.output,
      ...(flags.report !== undefined && { report: flags.report }),
    });
  }
  say(io.stdout, `best of ${all.length} trials${failed ? `, ${failed} of which failed` : ''}:`);
  say(io.stdout, table.row(best, best));
  say(io.stdout, `settings: ${flags.output}`);
  if (flags.report !== undefined) say(io.stdout, `report: ${flags.report}`);
}

function parseFolds(text: string): number | 'leave-one-out' {
  if (text === 'leave-one-out') return text;
  const folds = Number(text);
  if (/^\d+$/.test(text) && folds >= 2 && folds < 2 ** 31) return folds;
  throw new InvalidArgumentError('Expected a whole number of at least 2, or leave-one-out.');
}

function parseWeights(text: string): Record<string, number> {
  return Object.fromEntries(
    text.split(',').map((item) => {
      const [, name, value] = /^([^=]+)=(\d+(?:\.\d+)?)$/.exec(item) ?? [];
      if (name !== undefined) return [name, Number(value)];
      throw new InvalidArgumentError('Expected a list such as energy=1,forces=2.');
    }),
  );
}
