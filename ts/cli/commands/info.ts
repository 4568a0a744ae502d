import { cpus, totalmem } from 'node:os';
import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { loadModel } from '../../models';
import { formatNumber } from '../../report/quantities';
import { chemicalSymbols } from '../../structures/elements';
import { systemInfo } from '../../system';
import { describeChannels } from '../channels-text';
import { jsonFlag } from '../flags';
import { say, writeJson } from '../io';
import type { Io } from '../io';
import { packageVersion } from '../package';
import { describeProperty } from '../property';
import {
  countSparsePoints,
  errorsForJson,
  errorTable,
  formatBytes,
  formatSeconds,
  listCounts,
  listFacts,
} from '../text';

interface InfoFlags {
  readonly system?: true;
  readonly json?: true;
}

export function addInfo(program: Command, io: Io): void {
  const command = program
    .command('info')
    .description('say what a model is, or what this machine and installation are')
    .argument('[MODEL]', 'file of a model')
    .option('--system', 'CPU level, threads and versions')
    .addOption(jsonFlag())
    .action((model: string | undefined, flags: InfoFlags) => {
      if ((model === undefined) === (flags.system === undefined)) {
        command.error('error: expected either the file of a model or --system');
      }
      return model === undefined ? describeSystem(flags, io) : describeModel(model, flags, io);
    });
}

async function describeModel(model: string, { json }: InfoFlags, io: Io): Promise<void> {
  const loaded = await loadModel(model);
  const { size } = await stat(model);
  if (loaded.kind === 'property') return describeProperty(loaded, model, size, { json }, io);
  const { species, config, summary } = loaded;
  const elements = species.map((number) => chemicalSymbols[number]!);
  const { sparsePoints, training, heldOut, validation } = summary;
  if (json) {
    return writeJson(io.stdout, {
      model,
      bytes: size,
      species: elements,
      structures: summary.structures,
      atoms: summary.atoms,
      sparsePoints: countSparsePoints(sparsePoints),
      sparsePointsPerSpecies: sparsePoints,
      configuration: config,
      training: errorsForJson(training),
      heldOut: errorsForJson(heldOut),
      ...(validation && { validation: errorsForJson(validation) }),
      notes: summary.notes,
      seconds: summary.seconds,
      peakMemoryBytes: summary.peakMemoryBytes,
    });
  }
  const { representation, kernel, baseline, noise, sampleWeights, uncertainty } = config;
  const { cutoff, density, basis } = representation;
  const facts = listFacts([
    ['potential', `${model} (${formatBytes(size)})`],
    ['elements', elements.join(', ')],
    ['trained on', `${summary.structures} structures, ${summary.atoms} atoms`],
    ['took', `${formatSeconds(summary.seconds)}, ${formatBytes(summary.peakMemoryBytes)} at most`],
    ['sparse points', listCounts(sparsePoints)],
    ['cutoff', `${cutoff.radius} Å`],
    [
      'density',
      density.type === 'gaussian' ? `gaussian, width ${density.width} Å` : 'points (δ-limit)',
    ],
    [
      'basis',
      `${basis.radial.count} radial functions (${basis.radial.type}), l up to ${basis.maxAngular}`,
    ],
    ...describeChannels(representation).map((text) => ['channels', text] as const),
    ['kernel', `dot product to the power of ${kernel.zeta}`],
    [
      'baseline',
      Object.entries(baseline.energies)
        .map(([symbol, energy]) => `${symbol} ${energy.toFixed(4)} eV`)
        .join(', '),
    ],
    [
      'noise',
      `${formatNumber(noise.energy)} eV/atom, ${formatNumber(noise.forces)} eV/Å, ${formatNumber(noise.stress)} eV/Å^3`,
    ],
    ...(sampleWeights === undefined ? [] : [['weights', sampleWeights] as const]),
    [
      'uncertainty',
      uncertainty.type === 'committee'
        ? `committee of ${uncertainty.members}`
        : 'variance of the energy and its derivatives',
    ],
  ]);
  const table = errorTable([
    ['training', training],
    ['held out', heldOut],
    ...(validation ? [['validation', validation] as const] : []),
  ]);
  for (const line of [...facts, '', ...table]) say(io.stdout, line);
  for (const note of summary.notes) say(io.stdout, `note: ${note}`);
}

function describeSystem({ json }: InfoFlags, io: Io): void {
  const engine = systemInfo();
  const system = {
    soapstone: packageVersion(),
    ...engine,
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    processor: cpus()[0]?.model ?? 'unknown',
    memoryBytes: totalmem(),
  };
  if (json) return writeJson(io.stdout, system);
  const lines = listFacts([
    ['soapstone', system.soapstone],
    ['CPU level', engine.cpuLevel],
    ['threads', engine.threads],
    ['compiler', engine.compiler],
    ['Eigen', engine.eigen],
    ['OpenMP', engine.openmp],
    ['Node.js', system.node],
    ['platform', system.platform],
    ['processor', system.processor],
    ['memory', formatBytes(system.memoryBytes)],
  ]);
  for (const line of lines) say(io.stdout, line);
}
