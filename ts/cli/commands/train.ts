import type { Command } from 'commander';
import { Potential } from '../../models';
import { checkConfig } from '../../models/config';
import type { PotentialConfig } from '../../models';
import { addKeyFlags, checkKeys, jsonFlag, targetKeys, threadsFlag } from '../flags';
import type { Io } from '../io';
import { reportedPotential } from '../potential-report';
import { trainProperty } from '../property';
import { countSparsePoints, errorsForJson, errorTable, listCounts } from '../text';
import { trainModel } from '../train-model';
import type { TrainableKind, TrainFlags } from '../train-model';

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
  type Flags = TrainFlags & { readonly target?: string };
  addKeyFlags(command).action((files: string[], { target, ...flags }: Flags) =>
    target === undefined
      ? trainPotential(files, flags, io)
      : trainProperty(files, target, flags, io),
  );
}

function trainPotential(files: readonly string[], flags: TrainFlags, io: Io): Promise<void> {
  const keys = targetKeys(flags);
  const kind: TrainableKind<PotentialConfig> = {
    checkConfig,
    checkStructures: (structures) => checkKeys(structures, keys),
    train: async (structures, options) => {
      const { potential: model, summary } = await Potential.train(structures, { ...options, keys });
      const { threads, signal } = options;
      return {
        model,
        summary,
        reported: reportedPotential(model, { keys, threads, signal }),
        json: () => summaryForJson(model),
        table: () =>
          errorTable([
            ['training', summary.training],
            ['held out', summary.heldOut],
            ...(summary.validation ? [['validation', summary.validation] as const] : []),
          ]),
        basis: `sparse points ${listCounts(summary.sparsePoints)}`,
        name: 'potential',
      };
    },
  };
  return trainModel(files, flags, kind, io);
}

const summaryForJson = ({ summary, config }: Potential) => ({
  structures: summary.structures,
  atoms: summary.atoms,
  sparsePoints: countSparsePoints(summary.sparsePoints),
  sparsePointsPerSpecies: summary.sparsePoints,
  configuration: config,
  training: errorsForJson(summary.training),
  heldOut: errorsForJson(summary.heldOut),
  ...(summary.validation && { validation: errorsForJson(summary.validation) }),
  seconds: summary.seconds,
  peakMemoryBytes: summary.peakMemoryBytes,
});
