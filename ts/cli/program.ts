import { Command } from 'commander';
import { addBasis } from './commands/basis';
import { addDemo } from './commands/demo';
import { addDrive } from './commands/drive';
import { addElements } from './commands/elements';
import { addEvaluate } from './commands/evaluate';
import { addFeaturize } from './commands/featurize';
import { addInfo } from './commands/info';
import { addLearningCurve } from './commands/learning-curve';
import { addMap } from './commands/map';
import { addOptimize } from './commands/optimize';
import { addPredict } from './commands/predict';
import { addSelect } from './commands/select';
import { addTrain } from './commands/train';
import type { Io } from './io';
import { packageVersion } from './package';

/** The command line: its commands, their arguments and flags. */
export function makeProgram(io: Io): Command {
  const program = new Command('soapstone')
    .description('Machine learning at the atomic scale: interatomic potentials and features.')
    .version(packageVersion(), '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .showHelpAfterError('(--help lists what there is)')
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride();
  const commands = [
    addTrain,
    addEvaluate,
    addPredict,
    addDrive,
    addOptimize,
    addLearningCurve,
    addSelect,
    addFeaturize,
    addMap,
    addBasis,
    addElements,
    addInfo,
    addDemo,
  ];
  for (const add of commands) add(program, io);
  program.addHelpText(
    'after',
    `
STRUCTURES are extended XYZ files, plain or gzip: Å, eV, eV/Å, eV/Å^3.
Results go to stdout, progress and messages to stderr.
Exit code: 0 done, 1 something to mend in files or configuration, 2 wrong usage.`,
  );
  return program;
}
