import type { Command } from 'commander';
import { InvalidInputError } from '../../errors';
import { loadModel } from '../../models';
import type { Model, Prediction } from '../../models';
import type { AsyncOptions } from '../../native/call';
import { Structure } from '../../structures/structure';
import {
  forcesUncertaintyFlag,
  jsonFlag,
  refuseForcesUncertainty,
  threadsFlag,
  uncertaintyOf,
} from '../flags';
import { checkOutputs, grouped, iterateAll } from '../inputs';
import { say, writeJson } from '../io';
import type { Io } from '../io';
import { Progress } from '../progress';
import { withProperty } from '../property';
import { openOutput } from '../structure-output';
import { formatSeconds } from '../text';

interface PredictFlags {
  readonly output: string;
  readonly target?: string;
  readonly forcesUncertainty?: true;
  readonly threads?: number;
  readonly json?: true;
}

/** Atoms that are predicted together: enough for all threads, few enough for any memory. */
const groupAtoms = 4096;

export function addPredict(program: Command, io: Io): void {
  program
    .command('predict')
    .description('predict energy, forces, stress and their uncertainties, or a property')
    .argument('<MODEL>', 'file of a model')
    .argument('<STRUCTURES...>', 'structures; their other values are kept')
    .requiredOption(
      '-o, --output <OUT>',
      'extended XYZ, or a list of objects if the name ends in .json; gzip if in .gz',
    )
    .option('--target <NAME>', 'name for the predictions of a property (default: as in training)')
    .addOption(forcesUncertaintyFlag())
    .addOption(threadsFlag())
    .addOption(jsonFlag())
    .action((model: string, files: string[], flags: PredictFlags) =>
      predict(model, files, flags, io),
    );
}

async function predict(
  model: string,
  files: readonly string[],
  flags: PredictFlags,
  io: Io,
): Promise<void> {
  const { signal } = io;
  const { output, threads, json } = flags;
  const start = performance.now();
  await checkOutputs([output], [model, ...files]);
  const predictor = predictorOf(await loadModel(model), flags, { threads, signal });
  const progress = new Progress(io.stderr);
  const writer = await openOutput(output, signal);
  let count = 0;
  let atoms = 0;
  try {
    for await (const group of grouped(iterateAll(files, signal), groupAtoms)) {
      for (const structure of await predictor(group)) {
        await writer.write(structure);
        count++;
        atoms += structure.length;
      }
      progress.update('predictions', count);
    }
    await writer.close();
  } finally {
    progress.end();
    await writer.discard();
  }
  const seconds = (performance.now() - start) / 1000;
  if (json) return writeJson(io.stdout, { structures: count, atoms, output, seconds });
  say(io.stdout, `${count} structures, ${atoms} atoms in ${formatSeconds(seconds)}: ${output}`);
}

/** Turns structures into such with predictions. */
type Predictor = (structures: readonly Structure[]) => Promise<Structure[]>;

function predictorOf(
  model: Model,
  { target, forcesUncertainty }: PredictFlags,
  run: AsyncOptions,
): Predictor {
  if (model.kind === 'property') {
    refuseForcesUncertainty(forcesUncertainty);
    return async (structures) => {
      const predictions = await model.predict(structures, { uncertainty: true, ...run });
      return structures.map((structure, s) =>
        withProperty(structure, model, predictions[s]!, target),
      );
    };
  }
  if (target !== undefined) {
    throw new InvalidInputError('expected for models of a property only; this is a potential', {
      path: '--target',
    });
  }
  const options = { uncertainty: uncertaintyOf(forcesUncertainty), ...run };
  return async (structures) => {
    const predictions = await model.predict(structures, options);
    return structures.map((structure, s) => labelled(structure, predictions[s]!));
  };
}

/** The structure with predictions in place of its energy, forces and stress; all else is kept. */
function labelled(structure: Structure, prediction: Prediction): Structure {
  const { positions, species, cell, pbc, arrays, volume } = structure;
  const info = Object.fromEntries(
    Object.entries(structure.info).filter(([key]) => key !== 'stress'),
  );
  const { energy, forces, stress, energyUncertainty, forcesUncertainty, stressUncertainty } =
    prediction;
  const stressed = volume > 0 && pbc.some(Boolean);
  const vectors = (data: Float64Array) => ({ data, shape: [structure.length, 3] });
  return new Structure({
    positions,
    species,
    cell,
    pbc,
    info: {
      ...info,
      energy,
      energy_uncertainty: energyUncertainty!,
      ...(stress && stressed && { stress: { data: stress, shape: [3, 3] } }),
      ...(stressUncertainty &&
        stressed && { stress_uncertainty: { data: stressUncertainty, shape: [3, 3] } }),
    },
    arrays: {
      ...arrays,
      forces: vectors(forces!),
      ...(forcesUncertainty && { forces_uncertainty: vectors(forcesUncertainty) }),
    },
  });
}
