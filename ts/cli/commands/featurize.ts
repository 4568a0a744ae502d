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
import { checkPlan, describePlan, planOf } from '../featurize/plan';
import type { RowsOf } from '../featurize/plan';
import { survey } from '../featurize/survey';
import { elementsFlag, jsonFlag, memoryLimitFlag, threadsFlag } from '../flags';
import { checkOutputs, checkReadAgain, grouped, iterateAll, readConfig } from '../inputs';
import { say, writeJson } from '../io';
import type { Io } from '../io';
import { Progress } from '../progress';
import { formatBytes, formatSeconds } from '../text';

interface FeaturizeFlags {
  readonly config?: string;
  readonly output?: string;
  readonly list?: true;
  readonly species?: readonly number[];
  readonly per?: RowsOf;
  readonly precision: Precision;
  readonly dryRun?: true;
  readonly memoryLimit?: number;
  readonly threads?: number;
  readonly json?: true;
}

export function addFeaturize(program: Command, io: Io): void {
  program
    .command('featurize')
    .description('compute a representation of every atom, in the order of the files')
    .argument('[STRUCTURES...]', 'structures')
    .addOption(
      new Option('-o, --output <OUT>', 'file of the features, .npy or .safetensors').argParser(
        featureFile,
      ),
    )
    .option('--list', 'name the representations that there are, and do nothing else')
    .option(
      '--config <FILE.json>',
      'hyperparameters of a representation, or settings of train with one; without it, a power spectrum',
    )
    .addOption(
      elementsFlag(
        '--species <list>',
        'elements that columns are of, such as H,C,O (default: those of the configuration, or else of the structures)',
      ),
    )
    .addOption(
      new Option(
        '--per <what>',
        'a row for each atom, or the mean over the atoms of each structure (default: "atom")',
      ).choices(['structure', 'atom']),
    )
    .addOption(
      new Option('--precision <type>', 'how features are stored; float32 takes half the space')
        .choices(['float64', 'float32'])
        .default('float64'),
    )
    .option(
      '--dry-run',
      'say how large the result is and what memory it takes, and do nothing else',
    )
    .addOption(memoryLimitFlag())
    .addOption(threadsFlag())
    .addOption(jsonFlag())
    .action((files: string[], { list, ...flags }: FeaturizeFlags, command: Command) => {
      if (list) return listRepresentations(io);
      if (files.length === 0) command.error("error: missing required argument 'STRUCTURES'");
      if (flags.dryRun) return dryRun(files, flags, io);
      const { output } = flags;
      if (output === undefined) {
        return command.error("error: required option '-o, --output <OUT>' not specified");
      }
      return featurize(files, { ...flags, output }, io);
    });
}

/** Reads the structures once, and says what the features of them will take. */
async function prepare(
  files: readonly string[],
  { config, species, per, precision }: FeaturizeFlags,
  { stderr, signal }: Io,
) {
  const hyperparameters =
    config === undefined ? {} : await readConfig(config, checkHyperparameters);
  const ofStructures = hyperparameters.type === 'structure-average';
  if (ofStructures && per === 'atom') {
    throw new InvalidInputError(
      'a structure-average has a row for each structure, not for each atom: leave out --per atom, or take what `of` holds as the configuration',
      { path: '--per' },
    );
  }
  if (species !== undefined && namesSpecies(hyperparameters)) {
    throw new InvalidInputError(
      'the configuration names the species already: leave them out here or there',
      { path: '--species' },
    );
  }
  const known = species ?? hyperparameters.species;
  const made = known && createRepresentation({ ...hyperparameters, species: known });
  const progress = new Progress(stderr);
  progress.update('reading', 0, 1);
  try {
    const found = await survey(iterateAll(files, signal), made?.source.check);
    const representation =
      made ?? createRepresentation({ ...hyperparameters, species: [...found.species] });
    const rowsOf = ofStructures ? 'structure' : (per ?? 'atom');
    return {
      found,
      representation,
      plan: planOf(found, representation, { per: rowsOf, precision }),
    };
  } finally {
    progress.end();
  }
}

async function dryRun(files: readonly string[], flags: FeaturizeFlags, io: Io): Promise<void> {
  const { found, plan } = await prepare(files, flags, io);
  checkPlan(plan, flags.memoryLimit);
  if (!flags.json) return say(io.stdout, describePlan(plan));
  const { rows, columns, fileBytes, memoryBytes } = plan;
  writeJson(io.stdout, {
    structures: found.atomsPerStructure.length,
    atoms: found.atoms,
    shape: [rows, columns],
    fileBytes,
    memoryBytes,
  });
}

async function featurize(
  files: readonly string[],
  flags: FeaturizeFlags & { readonly output: string },
  io: Io,
): Promise<void> {
  const { output, config, precision, threads, json } = flags;
  const { signal } = io;
  await checkReadAgain(files);
  const labels = output.endsWith('.npy') ? labelsFile(output) : output;
  const start = performance.now();
  await checkOutputs([output, labels === output ? undefined : labels], [...files, config]);
  const { found, representation, plan } = await prepare(files, flags, io);
  say(io.stderr, describePlan(plan));
  checkPlan(plan, flags.memoryLimit);
  const { per, rows, columns, groupAtoms, groupNumbers, inMemory, fileBytes } = plan;
  const ofAtoms = representation.source.level === undefined;
  const progress = new Progress(io.stderr);
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
    let done = 0;
    let written = 0;
    // One array for all groups: one that grew would stay beside its successor for a while.
    const out =
      inMemory === 'float64' ? new Float64Array(groupNumbers) : new Float32Array(groupNumbers);
    for await (const group of grouped(iterateAll(files, signal), groupAtoms)) {
      const atoms = group.reduce((sum, { length }) => sum + length, 0);
      if ((ofAtoms ? atoms : group.length) * columns > out.length) break;
      const { values } = await representation.compute(group, {
        precision: inMemory,
        out,
        threads,
        signal,
        onProgress: (part) => progress.update('features', done + part, found.atoms),
      });
      done += atoms;
      const block =
        per === 'structure' && ofAtoms
          ? rounded(meanOfStructures(values, group, columns), precision)
          : values;
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
  if (json) {
    const shape = [rows, columns];
    return writeJson(io.stdout, { structures, atoms: found.atoms, shape, output, labels, seconds });
  }
  say(
    io.stdout,
    `${rows} × ${columns} features (${formatBytes(fileBytes)}) of ${structures} structures in ${formatSeconds(seconds)}: ${output}`,
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

const rounded = (values: Float64Array, precision: Precision): Float64Array | Float32Array =>
  precision === 'float64' ? values : new Float32Array(values);

/** Hyperparameters of a representation, by themselves or in a potential's settings. */
export function checkHyperparameters(config: unknown): RepresentationHyperparameters {
  const isPotential = typeof config === 'object' && config !== null && 'representation' in config;
  return isPotential
    ? (checkConfig(config as PotentialConfig).representation ?? {})
    : checkRepresentation(config);
}

/** Whether hyperparameters, or a part of them, say which elements there are. */
function namesSpecies(hyperparameters: RepresentationHyperparameters): boolean {
  if (hyperparameters.species !== undefined) return true;
  if (hyperparameters.type === 'structure-average') return namesSpecies(hyperparameters.of);
  return (
    hyperparameters.type === 'concatenation' &&
    hyperparameters.parts.some(({ representation }) => namesSpecies(representation))
  );
}

function featureFile(name: string): string {
  if (path.extname(name) in featureFormats) return name;
  throw new InvalidArgumentError('Expected a name that ends in .npy or .safetensors.');
}
