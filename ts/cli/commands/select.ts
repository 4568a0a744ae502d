import type { Command } from 'commander';
import { Option } from 'commander';
import { batchCriteria, selectBatch } from '../../analysis';
import type { BatchCriterion } from '../../analysis';
import { loadModel } from '../../models';
import {
  countFlag,
  forcesUncertaintyFlag,
  jsonFlag,
  refuseForcesUncertainty,
  threadsFlag,
} from '../flags';
import { checkOutputs, readAll } from '../inputs';
import { say, writeJson } from '../io';
import type { Io } from '../io';
import { Progress } from '../progress';
import { writeOutput } from '../structure-output';
import { formatSeconds } from '../text';

interface SelectFlags {
  readonly count: number;
  readonly by: BatchCriterion;
  readonly output: string;
  readonly rest?: string;
  readonly forcesUncertainty?: true;
  readonly threads?: number;
  readonly json?: true;
}

export function addSelect(program: Command, io: Io): void {
  program
    .command('select')
    .description('pick the structures of a pool that a model should be taught next')
    .argument('<MODEL>', 'file of a model')
    .argument('<POOL...>', 'structures, which need no labels')
    .addOption(countFlag('--count <N>', 'number of structures', 1).makeOptionMandatory())
    .addOption(
      new Option(
        '--by <criterion>',
        'what the model is least sure of, what is least like it and each other, or both',
      )
        .choices(batchCriteria)
        .default('both'),
    )
    .requiredOption(
      '-o, --output <BATCH.xyz>',
      'file of those that are picked, the first one first',
    )
    .option('--rest <REST.xyz>', 'file of the others')
    .addOption(forcesUncertaintyFlag())
    .addOption(threadsFlag())
    .addOption(jsonFlag())
    .action((model: string, files: string[], flags: SelectFlags) =>
      select(model, files, flags, io),
    );
}

async function select(
  file: string,
  files: readonly string[],
  { count, by, output, rest, forcesUncertainty, threads, json }: SelectFlags,
  io: Io,
): Promise<void> {
  const { signal } = io;
  const start = performance.now();
  await checkOutputs([output, rest], [file, ...files]);
  const model = await loadModel(file);
  if (model.kind === 'property') refuseForcesUncertainty(forcesUncertainty);
  const pool = await readAll(files, signal);
  const progress = new Progress(io.stderr);
  try {
    const { indices, scores } = await selectBatch(model, pool, {
      count,
      by,
      forcesUncertainty,
      threads,
      signal,
      onProgress: (done, total) => progress.update('structures', done, total),
    });
    progress.end();
    const picked = new Set(indices);
    const batch = indices.map((s) => pool[s]!);
    await writeOutput(output, batch, signal);
    if (rest !== undefined) {
      const others = pool.filter((_, s) => !picked.has(s));
      await writeOutput(rest, others, signal);
    }
    const seconds = (performance.now() - start) / 1000;
    if (json)
      return writeJson(io.stdout, {
        pool: pool.length,
        by,
        indices,
        scores,
        output,
        rest,
        seconds,
      });
    say(io.stdout, `${count} of ${pool.length} structures in ${formatSeconds(seconds)}: ${output}`);
  } finally {
    progress.end();
  }
}
