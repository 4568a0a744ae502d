import type { Command } from 'commander';
import { InvalidInputError } from '../../errors';
import type { RadialHyperparameters } from '../../density';
import { densityReport, writeReport } from '../../report';
import { jsonFlag } from '../flags';
import { checkOutputs, readConfig } from '../inputs';
import { say, writeJson } from '../io';
import type { Io } from '../io';
import { checkHyperparameters } from './featurize';

interface BasisFlags {
  readonly config?: string;
  readonly output: string;
  readonly json?: true;
}

export function addBasis(program: Command, io: Io): void {
  program
    .command('basis')
    .description('draw the cutoff, the density and the radial functions of a representation')
    .option(
      '--config <FILE.json>',
      'hyperparameters of a representation, or settings of train with one; without it, the defaults',
    )
    .requiredOption('-o, --output <OUT.html>', 'page of the drawings')
    .addOption(jsonFlag())
    .action(async ({ config, output, json }: BasisFlags) => {
      await checkOutputs([output], [config]);
      const report =
        config === undefined
          ? densityReport({})
          : await readConfig(config, (given) => densityReport(radialPart(given)));
      await writeReport(output, report);
      if (json) writeJson(io.stdout, { output, configuration: report.configuration });
      else say(io.stdout, `${output} written`);
    });
}

/** The part of a representation's hyperparameters that a neighbour enters by. */
function radialPart(given: unknown): RadialHyperparameters {
  const checked = checkHyperparameters(given);
  if (!('basis' in checked && 'cutoff' in checked)) {
    throw new InvalidInputError('expected a representation with a cutoff and a basis of its own', {
      path: 'type',
    });
  }
  const { cutoff, density, basis } = checked as RadialHyperparameters;
  return { cutoff, density, basis };
}
