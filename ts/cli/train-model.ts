import type { TrainingProgress, TrainingSummary } from '../models';
import { writeReport } from '../report';
import type { Structure } from '../structures/structure';
import type { KeyFlags } from './flags';
import { checkOutputs, readAll, readConfig } from './inputs';
import { say, writeJson } from './io';
import type { Io } from './io';
import { trainingReport } from './model-report';
import type { ReportedModel } from './model-report';
import { Progress } from './progress';
import { formatBytes, formatSeconds, nameFiles } from './text';

export interface TrainFlags extends KeyFlags {
  readonly config?: string;
  readonly validation?: string;
  readonly output: string;
  readonly report?: string;
  readonly threads?: number;
  readonly json?: true;
}

/** A kind of model, as far as `train` goes. */
export interface TrainableKind<Config> {
  /** @throws InvalidInputError naming the path of what is wrong. */
  readonly checkConfig: (config: Config) => void;
  /** @throws InvalidInputError for structures that are not what the flags say. */
  readonly checkStructures?: (structures: readonly Structure[]) => void;
  readonly train: (
    structures: readonly Structure[],
    options: {
      readonly config: Config | undefined;
      readonly validation: readonly Structure[] | undefined;
      readonly threads: number | undefined;
      readonly signal: AbortSignal;
      readonly onProgress: (progress: TrainingProgress) => void;
    },
  ) => Promise<TrainingResult>;
}

/** A model that was trained, and what there is to say of it. */
export interface TrainingResult {
  readonly model: { save(file: string): Promise<void> };
  readonly summary: Pick<
    TrainingSummary,
    'structures' | 'atoms' | 'notes' | 'seconds' | 'peakMemoryBytes'
  >;
  readonly reported: ReportedModel;
  /** What JSON output says of it. */
  readonly json: () => object;
  /** Lines of a table of its errors. */
  readonly table: () => readonly string[];
  /** What it stands on, and what it is, in words. */
  readonly basis: string;
  readonly name: string;
}

/** What `train` does with models of any kind. */
export async function trainModel<Config>(
  files: readonly string[],
  flags: TrainFlags,
  { checkConfig, checkStructures, train }: TrainableKind<Config>,
  io: Io,
): Promise<void> {
  const { signal } = io;
  const { threads, output } = flags;
  // The same check that training makes, here to say in which file the mistake is.
  const check = (config: unknown) => {
    checkConfig(config as Config);
    return config as Config;
  };
  await checkOutputs([output, flags.report], [...files, flags.validation, flags.config]);
  const config = flags.config === undefined ? undefined : await readConfig(flags.config, check);
  const structures = await readAll(files, signal);
  checkStructures?.(structures);
  const validation =
    flags.validation === undefined ? undefined : await readAll([flags.validation], signal);

  const progress = new Progress(io.stderr);
  try {
    const onProgress = ({ stage, done, total, message }: TrainingProgress) => {
      if (message === undefined) progress.update(stage, done, total);
      else progress.message(message);
    };
    const options = { config, validation, threads, signal, onProgress };
    const trained = await train(structures, options);
    const { model, summary } = trained;
    for (const note of summary.notes) progress.message(`note: ${note}`);
    const tests = validation ? [{ set: 'Validation', structures: validation }] : [];
    const report =
      flags.report === undefined
        ? undefined
        : await trainingReport(trained.reported, structures, tests, nameFiles(files));
    progress.end();
    // From here on all files are written or, on Ctrl-C before, none.
    signal.throwIfAborted();
    await model.save(output);
    if (report && flags.report !== undefined) await writeReport(flags.report, report);
    if (flags.json) {
      return writeJson(io.stdout, {
        ...trained.json(),
        model: output,
        ...(flags.report !== undefined && { report: flags.report }),
      });
    }
    for (const line of trained.table()) say(io.stdout, line);
    say(
      io.stdout,
      `\n${summary.structures} structures, ${summary.atoms} atoms, ${trained.basis}; ` +
        `${formatSeconds(summary.seconds)}, ${formatBytes(summary.peakMemoryBytes)} of memory at most`,
    );
    say(io.stdout, `${trained.name}: ${output}`);
    if (flags.report !== undefined) say(io.stdout, `report: ${flags.report}`);
  } finally {
    progress.end();
  }
}
