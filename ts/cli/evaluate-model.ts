import type { Evaluation } from '../models';
import type { AsyncOptions } from '../native/call';
import { writeReport } from '../report';
import type { Structure } from '../structures/structure';
import type { KeyFlags } from './flags';
import { readAll } from './inputs';
import { say, writeJson } from './io';
import type { Io } from './io';
import { evaluationReport } from './model-report';
import type { JudgedSet, NamedStructures, ReportedModel } from './model-report';
import { Progress } from './progress';
import { formatSeconds, nameFiles } from './text';

export interface EvaluateFlags extends KeyFlags {
  readonly target?: string;
  readonly report?: string;
  readonly forcesUncertainty?: true;
  readonly threads?: number;
  readonly json?: true;
}

/** What evaluations of all models have. */
type AnyEvaluation = Pick<Evaluation, 'structures' | 'atoms' | 'seconds'> &
  Partial<Pick<Evaluation, 'notes'>>;

/** A kind of model, as far as `evaluate` goes. */
export interface EvaluableModel<Evaluated> {
  /** @throws InvalidInputError for structures that are not what the flags say. */
  readonly checkStructures?: (structures: readonly Structure[]) => void;
  /** @param calibrated whether uncertainties are compared with errors. */
  readonly evaluate: (
    structures: readonly Structure[],
    calibrated: boolean,
    run: AsyncOptions,
  ) => Promise<Evaluated>;
  readonly reported: ReportedModel;
  readonly judge: (named: NamedStructures, evaluation: Evaluated) => JudgedSet | Promise<JudgedSet>;
  /** What JSON output says of it. */
  readonly json: (evaluation: Evaluated) => object;
  /** Lines of a table of its errors. */
  readonly table: (name: string, evaluation: Evaluated) => readonly string[];
}

/** What `evaluate` does with models of any kind. */
export async function evaluateModel<Evaluated extends AnyEvaluation>(
  files: readonly string[],
  { report, threads, json }: EvaluateFlags,
  model: EvaluableModel<Evaluated>,
  io: Io,
): Promise<void> {
  const { signal } = io;
  const structures = await readAll(files, signal);
  model.checkStructures?.(structures);
  const progress = new Progress(io.stderr);
  try {
    const onProgress = (done: number, total: number) => progress.update('predictions', done, total);
    const calibrated = json === true || report !== undefined;
    const run = { threads, signal, onProgress };
    const evaluation = await model.evaluate(structures, calibrated, run);
    progress.end();
    const { structures: count, atoms, seconds, notes = [] } = evaluation;
    for (const note of notes) progress.message(`note: ${note}`);
    const set = nameFiles(files);
    if (report !== undefined) {
      const judged = await model.judge({ set, structures }, evaluation);
      await writeReport(report, evaluationReport(model.reported, judged));
    }
    if (json) {
      return writeJson(io.stdout, {
        ...model.json(evaluation),
        structures: count,
        atoms,
        seconds,
        ...(report !== undefined && { report }),
      });
    }
    for (const line of model.table(set, evaluation)) say(io.stdout, line);
    say(io.stdout, `\n${count} structures, ${atoms} atoms in ${formatSeconds(seconds)}`);
    if (report !== undefined) say(io.stdout, `report: ${report}`);
  } finally {
    progress.end();
  }
}
