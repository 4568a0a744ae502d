import type { Command } from 'commander';
import { InvalidInputError } from '../../errors';
import { loadModel } from '../../models';
import { writeReport } from '../../report';
import {
  addKeyFlags,
  checkKeys,
  forcesUncertaintyFlag,
  jsonFlag,
  refuseForcesUncertainty,
  targetKeys,
  threadsFlag,
  uncertaintyOf,
} from '../flags';
import type { KeyFlags } from '../flags';
import { checkOutputs, readAll } from '../inputs';
import { say, writeJson } from '../io';
import type { Io } from '../io';
import { evaluationReport } from '../model-report';
import { judgedEnergies, reportedPotential } from '../potential-report';
import { Progress } from '../progress';
import { evaluateProperty } from '../property';
import { calibrationForJson, errorsForJson, errorTable, formatSeconds, nameFiles } from '../text';

interface EvaluateFlags extends KeyFlags {
  readonly target?: string;
  readonly report?: string;
  readonly forcesUncertainty?: true;
  readonly threads?: number;
  readonly json?: true;
}

export function addEvaluate(program: Command, io: Io): void {
  const command = program
    .command('evaluate')
    .description('compare predictions with what structures carry')
    .argument('<MODEL>', 'file of a model')
    .argument('<STRUCTURES...>', 'structures with labels')
    .option('--target <NAME>', 'name of the labels of a property (default: as in training)')
    .option('--report <FILE.html>', 'write a report with parity plots')
    .addOption(forcesUncertaintyFlag())
    .addOption(threadsFlag())
    .addOption(jsonFlag());
  addKeyFlags(command).action((model: string, files: string[], flags: EvaluateFlags) =>
    evaluate(model, files, flags, io),
  );
}

async function evaluate(
  model: string,
  files: readonly string[],
  flags: EvaluateFlags,
  io: Io,
): Promise<void> {
  const { signal } = io;
  const { report, forcesUncertainty } = flags;
  const calibrated = flags.json === true || report !== undefined;
  if (forcesUncertainty && !calibrated) {
    throw new InvalidInputError('expected with --json or --report, which compare it with errors', {
      path: '--forces-uncertainty',
    });
  }
  await checkOutputs([report], [model, ...files]);
  const loaded = await loadModel(model);
  if (loaded.kind === 'property') {
    refuseForcesUncertainty(forcesUncertainty);
    return evaluateProperty(loaded, files, flags, io);
  }
  if (flags.target !== undefined) {
    throw new InvalidInputError(
      'expected for models of a property only; this is a potential, whose labels are named by --energy-key, --forces-key and --stress-key',
      { path: '--target' },
    );
  }
  const all = await readAll(files, signal);
  const keys = targetKeys(flags);
  checkKeys(all, keys);
  const progress = new Progress(io.stderr);
  try {
    const evaluation = await loaded.evaluate(all, {
      keys,
      uncertainty: calibrated && uncertaintyOf(forcesUncertainty),
      threads: flags.threads,
      signal,
      onProgress: (done, total) => progress.update('predictions', done, total),
    });
    progress.end();
    const { structures, atoms, seconds, notes, ...result } = evaluation;
    for (const note of notes) progress.message(`note: ${note}`);
    const errors = errorsForJson(result);
    if (Object.keys(errors).length === 0) {
      const names = new Set(all.flatMap(({ info, arrays }) => Object.keys({ ...info, ...arrays })));
      throw new InvalidInputError(
        `these structures have no energy, forces or stress to compare with, only ${[...names].join(', ') || 'positions'}; ` +
          'other names are given with --energy-key, --forces-key and --stress-key',
        { path: files.join(', ') },
      );
    }
    if (report !== undefined) {
      const judged = judgedEnergies(nameFiles(files), all, evaluation);
      await writeReport(report, evaluationReport(reportedPotential(loaded, { keys }), judged));
    }
    if (flags.json) {
      const { parity } = result;
      const quantities = Object.fromEntries(
        Object.entries(errors).map(([name, own]) => [
          name,
          { ...own, ...calibrationForJson(parity[name as keyof typeof parity]) },
        ]),
      );
      return writeJson(io.stdout, {
        structures,
        atoms,
        ...quantities,
        seconds,
        ...(report !== undefined && { report }),
      });
    }
    for (const line of errorTable([[nameFiles(files), result]])) say(io.stdout, line);
    say(io.stdout, `\n${structures} structures, ${atoms} atoms in ${formatSeconds(seconds)}`);
    if (report !== undefined) say(io.stdout, `report: ${report}`);
  } finally {
    progress.end();
  }
}
