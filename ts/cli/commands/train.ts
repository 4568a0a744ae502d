import type { Command } from 'commander';
import { Potential } from '../../models';
import { checkConfig } from '../../models/config';
import type { PotentialConfig } from '../../models';
import { writeReport } from '../../report';
import { addKeyFlags, checkKeys, jsonFlag, targetKeys, threadsFlag } from '../flags';
import type { KeyFlags } from '../flags';
import { checkOutputs, readAll, readConfig } from '../inputs';
import { say, writeJson } from '../io';
import type { Io } from '../io';
import { trainingReport } from '../model-report';
import { reportedPotential } from '../potential-report';
import { Progress } from '../progress';
import { trainProperty } from '../property';
import {
  countSparsePoints,
  errorsForJson,
  errorTable,
  formatBytes,
  formatSeconds,
  listCounts,
} from '../text';

interface TrainFlags extends KeyFlags {
  readonly target?: string;
  readonly config?: string;
  readonly validation?: string;
  readonly output: string;
  readonly report?: string;
  readonly threads?: number;
  readonly json?: true;
}

export function addTrain(program: Command, io: Io): void {
  const command = program
    .command('train')
    .description('train a potential on energies, forces and stresses, or a model of any property')
    .argument('<STRUCTURES...>', 'training structures')
    .requiredOption('-o, --output <MODEL>', 'file of the model, such as silicon.soapstone')
    .option(
      '--target <NAME>',
      'property to learn instead: any name of the structures, for each structure or atom, number, vector or tensor',
    )
    .option('--config <FILE.json>', 'settings; whatever is left out is found from the data')
    .option('--validation <FILE>', 'structures for a table of errors; they are not fitted')
    .option('--report <FILE.html>', 'write a report with parity plots')
    .addOption(threadsFlag())
    .addOption(jsonFlag());
  addKeyFlags(command).action((files: string[], { target, ...flags }: TrainFlags) =>
    target === undefined ? train(files, flags, io) : trainProperty(files, { ...flags, target }, io),
  );
}

async function train(files: readonly string[], flags: TrainFlags, io: Io): Promise<void> {
  const { signal } = io;
  const { threads } = flags;
  const keys = targetKeys(flags);
  // The same check that training makes, here to say in which file the mistake is.
  const check = (config: unknown) => {
    checkConfig(config as PotentialConfig);
    return config as PotentialConfig;
  };
  await checkOutputs([flags.output, flags.report], [...files, flags.validation, flags.config]);
  const config = flags.config === undefined ? undefined : await readConfig(flags.config, check);
  const structures = await readAll(files, signal);
  checkKeys(structures, keys);
  const validation =
    flags.validation === undefined ? undefined : await readAll([flags.validation], signal);

  const progress = new Progress(io.stderr);
  try {
    const { potential, summary } = await Potential.train(structures, {
      config,
      validation,
      keys,
      threads,
      signal,
      onProgress: ({ stage, done, total, message }) => {
        if (message === undefined) progress.update(stage, done, total);
        else progress.message(message);
      },
    });
    for (const note of summary.notes) progress.message(`note: ${note}`);
    const tests = validation ? [{ set: 'Validation', structures: validation }] : [];
    const trainedOn = files.join(', ');
    const report =
      flags.report === undefined
        ? undefined
        : await trainingReport(
            reportedPotential(potential, { keys, threads, signal }),
            structures,
            tests,
            trainedOn,
          );
    progress.end();
    // From here on all files are written or, on Ctrl-C before, none.
    signal.throwIfAborted();
    await potential.save(flags.output);
    if (report && flags.report !== undefined) await writeReport(flags.report, report);

    const { sparsePoints } = summary;
    if (flags.json) {
      return writeJson(io.stdout, {
        structures: summary.structures,
        atoms: summary.atoms,
        sparsePoints: countSparsePoints(sparsePoints),
        sparsePointsPerSpecies: sparsePoints,
        configuration: potential.config,
        training: errorsForJson(summary.training),
        heldOut: errorsForJson(summary.heldOut),
        ...(summary.validation && { validation: errorsForJson(summary.validation) }),
        seconds: summary.seconds,
        peakMemoryBytes: summary.peakMemoryBytes,
        model: flags.output,
        ...(flags.report !== undefined && { report: flags.report }),
      });
    }
    const table = errorTable([
      ['training', summary.training],
      ['held out', summary.heldOut],
      ...(summary.validation ? [['validation', summary.validation] as const] : []),
    ]);
    for (const line of table) say(io.stdout, line);
    say(
      io.stdout,
      `\n${summary.structures} structures, ${summary.atoms} atoms, sparse points ${listCounts(sparsePoints)}; ` +
        `${formatSeconds(summary.seconds)}, ${formatBytes(summary.peakMemoryBytes)} of memory at most`,
    );
    say(io.stdout, `potential: ${flags.output}`);
    if (flags.report !== undefined) say(io.stdout, `report: ${flags.report}`);
  } finally {
    progress.end();
  }
}
