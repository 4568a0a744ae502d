import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { learningCurve } from '../../analysis';
import { describeFileError } from '../../common/files';
import { InvalidInputError, NumericalError } from '../../errors';
import { Potential } from '../../models';
import { writeReport } from '../../report';
import { readDemoData } from '../demo/data';
import { fastDemo, fullDemo } from '../demo/settings';
import { simulate } from '../demo/simulation';
import { jsonFlag, threadsFlag } from '../flags';
import { checkOutputs } from '../inputs';
import { say, writeJson } from '../io';
import type { Io } from '../io';
import { trainingReport } from '../model-report';
import { reportedPotential } from '../potential-report';
import { Progress } from '../progress';
import { countSparsePoints, errorsForJson, errorTable, formatSeconds, listFacts } from '../text';

interface DemoFlags {
  readonly fast?: true;
  readonly output: string;
  readonly threads?: number;
  readonly json?: true;
}

export function addDemo(program: Command, io: Io): void {
  program
    .command('demo')
    .description('train, test and use a potential of ethanol and water, on data in the package')
    .option('--fast', 'with less data and a smaller potential: seconds instead of a minute')
    .option('-o, --output <DIR>', 'folder for the results', 'soapstone-demo')
    .addOption(threadsFlag())
    .addOption(jsonFlag())
    .action((flags: DemoFlags) => demo(flags, io));
}

async function demo({ fast, output, threads, json }: DemoFlags, io: Io): Promise<void> {
  const { signal } = io;
  const start = performance.now();
  const settings = fast ? fastDemo : fullDemo;
  const files = {
    model: path.join(output, 'model.soapstone'),
    report: path.join(output, 'report.html'),
    trajectory: path.join(output, 'trajectory.xyz'),
  };
  const run = { threads, signal };
  await checkFolder(output, Object.values(files));
  const progress = new Progress(io.stderr);
  try {
    const data = await readDemoData(settings.stride, signal);
    const { training, ethanolTest, waterTest } = data;
    progress.message(
      `Training on ${training.length} structures of ethanol and water clusters (GFN2-xTB).`,
    );
    const { potential, summary } = await Potential.train([...data.atoms, ...training], {
      ...run,
      config: settings.config,
      onProgress: ({ stage, done, total, message }) => {
        if (message === undefined) progress.update(stage, done, total);
        else progress.message(message);
      },
    });
    progress.end();
    signal.throwIfAborted();
    await makeFolder(output);
    await potential.save(files.model);

    const curve = await learningCurve(training, [...ethanolTest, ...waterTest], {
      ...run,
      config: potential.config,
      sizes: settings.parts.map((part) => Math.ceil(part * training.length)),
      onProgress: (done, total) => progress.update('learning curve', done, total),
    });

    const saved = await Potential.load(files.model);
    const [expected, found] = [potential, saved].map((model) => model.predictSync(ethanolTest));
    if (found!.some(({ energy }, s) => energy !== expected![s]!.energy)) {
      throw new NumericalError('the potential predicts otherwise after saving and loading it');
    }
    const distorted = ethanolTest.findLast(({ info }) => info.config_type === 'ethanol_rattled');
    const simulation = await simulate(
      saved,
      distorted ?? ethanolTest[0]!,
      settings.steps,
      files.trajectory,
      { signal, onStep: (done, total) => progress.update('dynamics', done, total) },
    );

    const tests = [
      { set: 'Ethanol, test', structures: ethanolTest },
      { set: 'Water, test', structures: waterTest },
    ];
    const trainedOn = `${training.length} structures of ethanol and water clusters, labelled with GFN2-xTB`;
    const report = await trainingReport(reportedPotential(saved, run), training, tests, trainedOn);
    progress.end();
    signal.throwIfAborted();
    await writeReport(files.report, {
      ...report,
      title: 'Ethanol and water: the soapstone demo',
      learningCurve: {
        set: `the ${ethanolTest.length + waterTest.length} test structures`,
        points: curve.map(({ structures, errors }) => ({ structures, errors })),
      },
      sections: [simulation.section],
    });

    const seconds = (performance.now() - start) / 1000;
    const { relaxation, dynamics } = simulation;
    if (json) {
      return writeJson(io.stdout, {
        structures: summary.structures,
        atoms: summary.atoms,
        sparsePoints: countSparsePoints(summary.sparsePoints),
        training: errorsForJson(summary.training),
        heldOut: errorsForJson(summary.heldOut),
        test: Object.fromEntries(
          report.errors
            .slice(2)
            .map(({ set, errors }) => [set.split(',')[0]!.toLowerCase(), errorsForJson(errors)]),
        ),
        learningCurve: curve.map(({ structures, errors }) => ({
          structures,
          ...errorsForJson(errors),
        })),
        relaxation,
        dynamics,
        seconds,
        ...files,
      });
    }
    const show = (line: string) => say(io.stdout, line);
    for (const line of errorTable(report.errors.map(({ set, errors }) => [set, errors]))) {
      show(line);
    }
    show('');
    const curveRows = curve.map(
      ({ structures, errors }) => [`${structures} structures`, errors] as const,
    );
    for (const line of ['Learning curve, all test structures', ...errorTable(curveRows)])
      show(line);
    show('');
    for (const paragraph of simulation.section.paragraphs ?? []) show(paragraph);
    show('');
    const facts = [
      ['report', files.report],
      ['potential', files.model],
      ['trajectory', files.trajectory],
    ] as const;
    for (const line of listFacts(facts)) show(line);
    show(`\nDone in ${formatSeconds(seconds)}. Open the report in a browser, or go on with`);
    show(`  soapstone info ${files.model}`);
    show(`  soapstone predict ${files.model} ${files.trajectory} -o predicted.xyz`);
    show('  soapstone train YOUR.xyz -o your.soapstone --report your.html');
  } finally {
    progress.end();
  }
}

/** Fails at once, and not after the training, where results cannot be written; leaves nothing behind. */
async function checkFolder(folder: string, files: readonly string[]): Promise<void> {
  const made = await makeFolder(folder);
  await checkOutputs(files, []);
  if (made !== undefined) await rm(made, { recursive: true });
}

/** @returns the outermost folder that was not there before. */
async function makeFolder(folder: string): Promise<string | undefined> {
  return mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw new InvalidInputError(describeFileError('write', folder, error), { cause: error });
  });
}
