import path from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { InvalidInputError } from '../../errors';
import type { PotentialConfig } from '../../models';
import { checkConfig } from '../../models/config';
import { createRepresentation } from '../../representations';
import type { Precision, RepresentationHyperparameters } from '../../representations';
import { checkRepresentation, representationTypes } from '../../representations/create';
import type { Structure } from '../../structures/structure';
import { featureFormats, labelsFile } from '../featurize/feature-file';
import type { FeatureFormat } from '../featurize/feature-file';
import { survey } from '../featurize/survey';
import { jsonFlag, threadsFlag } from '../flags';
import { checkWritable, grouped, iterateAll, readConfig } from '../inputs';
import { say, writeJson } from '../io';
import type { Io } from '../io';
import { Progress } from '../progress';
import { formatBytes, formatSeconds } from '../text';

interface FeaturizeFlags {
  readonly config?: string;
  readonly output?: string;
  readonly list?: true;
  readonly per: 'structure' | 'atom';
  readonly precision: Precision;
  readonly threads?: number;
  readonly json?: true;
}

/** Features that are in memory at a time, in bytes of double precision. */
const groupBytes = 16e6;

export function addFeaturize(program: Command, io: Io): void {
  program
    .command('featurize')
    .description('compute a representation of every atom, in the order of the files')
    .argument('[STRUCTURES...]', 'structures')
    .addOption(
      new Option('-o, --output <OUT.npy|OUT.safetensors>', 'file of the features').argParser(
        featureFile,
      ),
    )
    .option('--list', 'name the representations that there are, and do nothing else')
    .option(
      '--config <FILE.json>',
      'hyperparameters of a representation, or settings of train with one; without it, a power spectrum',
    )
    .addOption(
      new Option(
        '--per <what>',
        'a row for each atom, or the mean over the atoms of each structure',
      )
        .choices(['structure', 'atom'])
        .default('atom'),
    )
    .addOption(
      new Option('--precision <type>', 'how features are stored; float32 takes half the space')
        .choices(['float64', 'float32'])
        .default('float64'),
    )
    .addOption(threadsFlag())
    .addOption(jsonFlag())
    .action((files: string[], { output, list, ...flags }: FeaturizeFlags, command: Command) => {
      if (list) return listRepresentations(io);
      if (files.length === 0) command.error("error: missing required argument 'STRUCTURES'");
      if (output === undefined) {
        return command.error(
          "error: required option '-o, --output <OUT.npy|OUT.safetensors>' not specified",
        );
      }
      return featurize(files, { output, ...flags }, io);
    });
}

async function featurize(
  files: readonly string[],
  {
    config,
    output,
    per: wanted,
    precision,
    threads,
    json,
  }: Omit<FeaturizeFlags, 'output'> & { readonly output: string },
  io: Io,
): Promise<void> {
  const { signal } = io;
  const start = performance.now();
  const hyperparameters =
    config === undefined ? {} : await readConfig(config, checkHyperparameters);
  await checkWritable(output, files);
  const progress = new Progress(io.stderr);
  progress.update('reading', 0, 1);
  const found = await survey(iterateAll(files, signal));
  const representation = createRepresentation({
    ...hyperparameters,
    species: hyperparameters.species ?? [...found.species],
  });
  const columns = representation.features;
  const ofStructures = representation.source.level !== undefined;
  const per = ofStructures ? 'structure' : wanted;
  const rows = per === 'atom' ? found.atoms : found.atomsPerStructure.length;
  const open = featureFormats[path.extname(output) as FeatureFormat];
  const file = await open(output, {
    rows,
    columns,
    precision,
    labels: {
      per,
      shape: [rows, columns],
      files,
      atomsPerStructure: found.atomsPerStructure,
      columns: representation.labels,
      hyperparameters: representation.hyperparameters,
    },
  });
  try {
    // Means are those of rows in double precision, rounded when they are stored like any other number.
    const inMemory = per === 'atom' || ofStructures ? precision : 'float64';
    const groupAtoms = Math.max(1, Math.floor(groupBytes / (8 * columns)));
    let done = 0;
    let written = 0;
    // Of full size from the start: one that grew would stay beside its successor for a while.
    let out = newArray(inMemory, Math.min(groupAtoms, found.atoms) * columns);
    for await (const group of grouped(iterateAll(files, signal), groupAtoms)) {
      const size = group.reduce((sum, { length }) => sum + length * columns, 0);
      if (out.length < size) out = newArray(inMemory, size);
      const { values } = await representation.compute(group, {
        precision: inMemory,
        out,
        threads,
        signal,
        onProgress: (part) => progress.update('features', done + part, found.atoms),
      });
      done += size / columns;
      const block =
        per === 'atom' || ofStructures
          ? values
          : rounded(meanOfStructures(values, group, columns), precision);
      written += block.length / columns;
      if (written > rows) break;
      await file.write(block);
    }
    if (written !== rows) {
      throw new InvalidInputError('the structures changed while they were read; run this again', {
        path: files.join(', '),
      });
    }
    signal.throwIfAborted();
    await file.close();
  } finally {
    progress.end();
    await file.discard();
  }
  const seconds = (performance.now() - start) / 1000;
  const structures = found.atomsPerStructure.length;
  const labels = output.endsWith('.npy') ? labelsFile(output) : output;
  if (json) {
    const shape = [rows, columns];
    return writeJson(io.stdout, { structures, atoms: found.atoms, shape, output, labels, seconds });
  }
  say(
    io.stdout,
    `${rows} × ${columns} features (${formatBytes((precision === 'float64' ? 8 : 4) * rows * columns)}) of ${structures} structures in ${formatSeconds(seconds)}: ${output}`,
  );
  if (labels !== output) say(io.stdout, `labels: ${labels}`);
}

/** A line for each representation, by the `type` of its hyperparameters. */
function listRepresentations(io: Io): void {
  const width = Math.max(...Object.keys(representationTypes).map(({ length }) => length));
  for (const [type, { about }] of Object.entries(representationTypes)) {
    say(io.stdout, `${type.padEnd(width)}  ${about}`);
  }
}

/** One row for each structure: the mean of those of its atoms. */
function meanOfStructures(
  values: Float64Array | Float32Array,
  structures: readonly Structure[],
  columns: number,
): Float64Array {
  const means = new Float64Array(structures.length * columns);
  let row = 0;
  structures.forEach(({ length }, s) => {
    const mean = means.subarray(s * columns, (s + 1) * columns);
    for (const end = row + length; row < end; row++) {
      for (let i = 0; i < columns; i++) mean[i]! += values[row * columns + i]! / length;
    }
  });
  return means;
}

const newArray = (precision: Precision, size: number): Float64Array | Float32Array =>
  precision === 'float64' ? new Float64Array(size) : new Float32Array(size);

const rounded = (values: Float64Array, precision: Precision): Float64Array | Float32Array =>
  precision === 'float64' ? values : new Float32Array(values);

/** Hyperparameters of a representation, by themselves or in a potential's settings. */
export function checkHyperparameters(config: unknown): RepresentationHyperparameters {
  const isPotential = typeof config === 'object' && config !== null && 'representation' in config;
  return isPotential
    ? (checkConfig(config as PotentialConfig).representation ?? {})
    : checkRepresentation(config);
}

function featureFile(name: string): string {
  if (path.extname(name) in featureFormats) return name;
  throw new InvalidArgumentError('Expected a name that ends in .npy or .safetensors.');
}
