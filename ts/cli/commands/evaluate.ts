import type { Command } from 'commander';
import { InvalidInputError } from '../../errors';
import { loadModel } from '../../models';
import type { Evaluation, Potential } from '../../models';
import type { Structure } from '../../structures/structure';
import { evaluateModel } from '../evaluate-model';
import type { EvaluableModel, EvaluateFlags } from '../evaluate-model';
import {
  addKeyFlags,
  checkKeys,
  forcesUncertaintyFlag,
  jsonFlag,
  targetKeys,
  threadsFlag,
  uncertaintyOf,
} from '../flags';
import { checkOutputs } from '../inputs';
import type { Io } from '../io';
import { judgedEnergies, reportedPotential } from '../potential-report';
import { evaluateProperty } from '../property';
import { calibrationForJson, errorsForJson, errorTable } from '../text';

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
  const { report, json, forcesUncertainty } = flags;
  if (forcesUncertainty && !json && report === undefined) {
    throw new InvalidInputError('expected with --json or --report, which compare it with errors', {
      path: '--forces-uncertainty',
    });
  }
  await checkOutputs([report], [model, ...files]);
  const loaded = await loadModel(model);
  return loaded.kind === 'property'
    ? evaluateProperty(loaded, files, flags, io)
    : evaluatePotential(loaded, files, flags, io);
}

function evaluatePotential(
  potential: Potential,
  files: readonly string[],
  flags: EvaluateFlags,
  io: Io,
): Promise<void> {
  if (flags.target !== undefined) {
    throw new InvalidInputError(
      'expected for models of a property only; this is a potential, whose labels are named by --energy-key, --forces-key and --stress-key',
      { path: '--target' },
    );
  }
  const keys = targetKeys(flags);
  const kind: EvaluableModel<Evaluation> = {
    checkStructures: (structures) => checkKeys(structures, keys),
    evaluate: async (structures, calibrated, run) => {
      const uncertainty = calibrated && uncertaintyOf(flags.forcesUncertainty);
      const evaluation = await potential.evaluate(structures, { keys, uncertainty, ...run });
      checkCompared(evaluation, structures, files);
      return evaluation;
    },
    reported: reportedPotential(potential, { keys }),
    judge: ({ set, structures }, evaluation) => judgedEnergies(set, structures, evaluation),
    json: ({ parity, ...errors }) =>
      Object.fromEntries(
        Object.entries(errorsForJson(errors)).map(([name, own]) => [
          name,
          { ...own, ...calibrationForJson(parity[name as keyof typeof parity]) },
        ]),
      ),
    table: (name, errors) => errorTable([[name, errors]]),
  };
  return evaluateModel(files, flags, kind, io);
}

/** Fails where structures have nothing that predictions could be compared with. */
function checkCompared(
  errors: Evaluation,
  structures: readonly Structure[],
  files: readonly string[],
): void {
  if (Object.keys(errorsForJson(errors)).length > 0) return;
  const names = structures.flatMap(({ info, arrays }) => Object.keys({ ...info, ...arrays }));
  throw new InvalidInputError(
    `these structures have no energy, forces or stress to compare with, only ${[...new Set(names)].join(', ') || 'positions'}; ` +
      'other names are given with --energy-key, --forces-key and --stress-key',
    { path: files.join(', ') },
  );
}
