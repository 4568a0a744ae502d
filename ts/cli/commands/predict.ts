import type { Command } from 'commander';
import { Potential } from '../../models';
import type { Prediction } from '../../models';
import { StructureWriter } from '../../structures/extxyz';
import { Structure } from '../../structures/structure';
import { jsonFlag, threadsFlag } from '../flags';
import { grouped, iterateAll } from '../inputs';
import { say, writeJson } from '../io';
import type { Io } from '../io';
import { Progress } from '../progress';
import { formatSeconds } from '../text';

interface PredictFlags {
  readonly output: string;
  readonly threads?: number;
  readonly json?: true;
}

/** Atoms that are predicted together: enough for all threads, few enough for any memory. */
const groupAtoms = 4096;

export function addPredict(program: Command, io: Io): void {
  program
    .command('predict')
    .description('predict energy, forces, stress and energy_uncertainty of structures')
    .argument('<MODEL>', 'file of a potential')
    .argument('<STRUCTURES...>', 'structures; their other values are kept')
    .requiredOption('-o, --output <OUT.xyz>', 'extended XYZ file, gzip if its name ends in .gz')
    .addOption(threadsFlag())
    .addOption(jsonFlag())
    .action((model: string, files: string[], flags: PredictFlags) =>
      predict(model, files, flags, io),
    );
}

async function predict(
  model: string,
  files: readonly string[],
  { output, threads, json }: PredictFlags,
  io: Io,
): Promise<void> {
  const { signal } = io;
  const start = performance.now();
  const potential = await Potential.load(model);
  const progress = new Progress(io.stderr);
  const writer = await StructureWriter.create(output, { signal });
  let count = 0;
  let atoms = 0;
  try {
    for await (const group of grouped(iterateAll(files, signal), groupAtoms)) {
      const predictions = await potential.predict(group, { uncertainty: true, threads, signal });
      for (const [s, structure] of group.entries()) {
        await writer.write(labelled(structure, predictions[s]!));
        count++;
        atoms += structure.length;
      }
      progress.update('predictions', count, count);
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

/** The structure with predictions in place of its energy, forces and stress; all else is kept. */
function labelled(structure: Structure, prediction: Prediction): Structure {
  const { positions, species, cell, pbc, arrays, volume } = structure;
  const info = Object.fromEntries(
    Object.entries(structure.info).filter(([key]) => key !== 'stress'),
  );
  const { energy, forces, stress, energyUncertainty } = prediction;
  return new Structure({
    positions,
    species,
    cell,
    pbc,
    info: {
      ...info,
      energy,
      energy_uncertainty: energyUncertainty!,
      ...(stress && volume > 0 && pbc.some(Boolean) && { stress: { data: stress, shape: [3, 3] } }),
    },
    arrays: { ...arrays, forces: { data: forces!, shape: [structure.length, 3] } },
  });
}
