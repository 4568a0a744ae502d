import path from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import type { Matrix } from '../../common/matrix';
import { InvalidInputError } from '../../errors';
import { loadModel } from '../../models';
import { writeChemiscope, writeMap } from '../../report';
import type { MapData, MapProperty } from '../../report';
import { chemicalSymbols, elementsIn } from '../../structures/elements';
import type { Structure } from '../../structures/structure';
import { countFlag, elementsFlag, jsonFlag, memoryLimitFlag, threadsFlag } from '../flags';
import { checkOutputs, readAll, readConfig } from '../inputs';
import { say, writeJson } from '../io';
import type { Io } from '../io';
import { MapPoints } from '../map/features';
import type { PointsOf } from '../map/features';
import {
  clusterForms,
  findClusters,
  makeMap,
  mapMethods,
  outlierScores,
  ownNames,
  parseClusters,
} from '../map/methods';
import type { ClusterChoice, MadeMap, MapMethod } from '../map/methods';
import { mapProperties, predictedProperties, withOwnNames } from '../map/properties';
import { mapRepresentation, mixedChannels } from '../map/representation';
import { shownOf } from '../map/shown';
import { Progress } from '../progress';
import { formatSeconds, nameFiles } from '../text';
import { checkHyperparameters } from './featurize';

interface MapFlags {
  readonly output: readonly string[];
  readonly per: PointsOf;
  readonly method: MapMethod;
  readonly config?: string;
  readonly color?: string;
  readonly target?: string;
  readonly mixing?: number;
  readonly landmarks?: number | 'all';
  readonly elements?: readonly number[];
  readonly cluster?: ClusterChoice;
  readonly model?: string;
  readonly path?: true;
  readonly title?: string;
  readonly seed: number;
  readonly show: number;
  readonly memoryLimit?: number;
  readonly threads?: number;
  readonly json?: true;
}

export function addMap(program: Command, io: Io): void {
  program
    .command('map')
    .description('a map on which like structures, or atoms, are close to each other')
    .argument('<STRUCTURES...>', 'structures')
    .addOption(
      new Option(
        '-o, --output <FILE>',
        'page (.html) or file for chemiscope (.json, .json.gz); may be given more than once',
      )
        .argParser((name: string, before: readonly string[] = []) => [...before, mapFile(name)])
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--per <what>', 'what a point is')
        .choices(['structure', 'atom'])
        .default('structure'),
    )
    .addOption(
      new Option('--method <name>', 'how points are placed').choices(mapMethods).default('pca'),
    )
    .option(
      '--config <FILE.json>',
      'a representation, as for featurize; without it, a power spectrum',
    )
    .option(
      '--color <NAME>',
      'what colours the points: a value that structures carry, cluster, element, …',
    )
    .option('--target <NAME>', 'what axes of pcovr and kernel-pcovr tell (default: as --color)')
    .addOption(
      new Option(
        '--mixing <α>',
        'how much pcovr counts differences beside the target (default: 0.5)',
      ).argParser(fraction),
    )
    .addOption(
      countFlag(
        '--landmarks <N>',
        'kernel methods stand on so many points only, or on all (default: all of 5000 points, 500 of more)',
        2,
        'all',
      ),
    )
    .addOption(elementsFlag('--elements <list>', 'atoms of these elements only, such as C,N'))
    .addOption(
      new Option('--cluster <how>', `look for clusters: ${clusterForms}`).argParser((text) => {
        const choice = parseClusters(text);
        if (choice) return choice;
        throw new InvalidArgumentError(`Expected ${clusterForms}.`);
      }),
    )
    .option('--model <MODEL>', 'show what a model predicts, too')
    .option(
      '--path',
      'join the points in their order, as frames of a trajectory; each atom by itself',
    )
    .option('--title <TEXT>', 'heading of the map')
    .addOption(
      countFlag('--show <N>', 'write so many points at most, drawn at random', 4).default(50_000),
    )
    .addOption(countFlag('--seed <N>', 'seed of methods that start at random', 0).default(0))
    .addOption(
      memoryLimitFlag(
        'compute features that take more memory than this again for each pass (default: 4GB)',
      ),
    )
    .addOption(threadsFlag())
    .addOption(jsonFlag())
    .action((files: string[], flags: MapFlags) => map(files, flags, io));
}

async function map(files: readonly string[], flags: MapFlags, io: Io): Promise<void> {
  const { output, per, method, elements, memoryLimit, threads, seed, json } = flags;
  const { signal } = io;
  const start = performance.now();
  const supervised = method === 'pcovr' || method === 'kernel-pcovr';
  checkFlags(flags, supervised);
  await checkOutputs(output, [...files, flags.model, flags.config]);
  const given =
    flags.config === undefined ? undefined : await readConfig(flags.config, checkHyperparameters);
  const model = flags.model === undefined ? undefined : await loadModel(flags.model);
  const structures = await readAll(files, signal);
  const representation = mapRepresentation(given, elementsIn(structures));
  const run = { threads, signal };
  const progress = new Progress(io.stderr);
  try {
    const points = new MapPoints(structures, representation, {
      per,
      elements,
      memoryLimit,
      ...run,
      onProgress: (done, total) => progress.update('features', done, total),
    });
    const [count, features] = points.shape;
    checkEnough(count, per);
    if (flags.path && points.atoms) checkFrames(structures);
    const { given: said, own, others } = mapProperties(structures, points);
    if (model) own.unshift(...(await predictedProperties(model, structures, points, run)));
    const taken = [...ownNames(method, flags.cluster, count), ...own.map(({ name }) => name)];
    const properties = [...withOwnNames(said, taken), ...own];
    const find: Find = (name, flag) => propertyNamed(properties, others, name, flag);
    // What will be found later cannot be looked for yet.
    if (flags.color !== undefined && !taken.includes(flags.color)) find(flags.color, '--color');
    const targetName = flags.target ?? flags.color ?? 'energy';
    const made = await makeMap(points, {
      method,
      seed,
      memoryLimit,
      landmarks: flags.landmarks,
      ...(supervised && { targets: targetOf(find, targetName), mixing: flags.mixing }),
      ...run,
      onProgress: (done, total) => progress.update(method, done, total),
    });
    progress.end();
    if (flags.cluster) {
      properties.unshift(await findClusters(flags.cluster, made.components, seed, run));
    }
    if (count > 1) properties.push(await outlierScores(made.components, seed, run));
    const channels = mixedChannels(representation);
    const all = describe(files, flags, structures, {
      ...{ ...made, properties, channels, find },
      atoms: points.atoms,
    });
    const data = shownOf(all, flags.show, seed);
    for (const file of output) {
      await (file.endsWith('.html') ? writeMap(file, data) : writeChemiscope(file, data));
    }
    const seconds = (performance.now() - start) / 1000;
    const clusters = countClusters(properties[0]!);
    if (json) {
      return writeJson(io.stdout, {
        points: count,
        structures: structures.length,
        features,
        shown: Math.min(count, flags.show),
        ...(made.explained && { explained: [...made.explained] }),
        ...(made.landmarks !== undefined && { landmarks: made.landmarks }),
        ...(flags.cluster && { clusters }),
        properties: properties.map(({ name }) => name),
        output,
        seconds,
      });
    }
    const explained = made.explained
      ? `; two axes explain ${explainedByTwo(made.explained)} of the variance`
      : '';
    say(io.stdout, `${count} ${per}s, ${features} features each${explained}`);
    if (made.landmarks !== undefined) say(io.stdout, `kernels with ${made.landmarks} landmarks`);
    if (channels) say(io.stdout, `channels: ${channels}`);
    if (flags.cluster) say(io.stdout, `${clusters} clusters`);
    say(io.stdout, `colours: ${properties.map(({ name }) => name).join(', ')}`);
    say(io.stdout, `map in ${formatSeconds(seconds)}: ${output.join(', ')}`);
  } finally {
    progress.end();
  }
}

/** The data of the page. */
function describe(
  files: readonly string[],
  { per, method, color, path: joined, title, cluster, elements }: MapFlags,
  structures: readonly Structure[],
  {
    axes,
    properties,
    explained,
    landmarks,
    atoms,
    channels,
    find,
  }: Omit<MadeMap, 'components'> &
    Pick<MapData, 'atoms'> & {
      properties: MapProperty[];
      channels: string | undefined;
      find: Find;
    },
): MapData {
  const first = cluster
    ? properties[0]!.name
    : properties.some(({ name }) => name === 'energy')
      ? 'energy'
      : properties[0]!.name;
  const which = elements ? `${elements.map((number) => chemicalSymbols[number]).join(', ')} ` : '';
  const count = axes[0]!.values.length;
  return {
    title: title ?? `Map of ${which}${per}s`,
    description: `${methodNames[method]} of ${count} ${which}${per}s in ${nameFiles(files.map((file) => path.basename(file)))}: what is alike is close.`,
    structures,
    per,
    atoms,
    axes,
    properties,
    color: color === undefined ? first : find(color, '--color').name,
    path: joined,
    facts: [
      { label: 'Points', value: count },
      { label: 'Structures', value: structures.length },
      { label: 'Method', value: methodNames[method] },
      ...(landmarks === undefined ? [] : [{ label: 'Landmarks', value: landmarks }]),
      ...(channels ? [{ label: 'Channels', value: channels }] : []),
      ...(explained ? [{ label: 'Explained by two axes', value: explainedByTwo(explained) }] : []),
      ...(cluster ? [{ label: 'Clusters', value: countClusters(properties[0]!) }] : []),
    ],
  };
}

const methodNames: Readonly<Record<MapMethod, string>> = {
  pca: 'Principal components',
  pcovr: 'Principal covariates',
  'kernel-pca': 'Kernel principal components',
  'kernel-pcovr': 'Kernel principal covariates',
  tsne: 't-SNE',
  umap: 'UMAP',
};

const explainedByTwo = ([first = 0, second = 0]: Float64Array): string =>
  `${(100 * (first + second)).toPrecision(3)} %`;

const countClusters = ({ values }: MapProperty): number =>
  new Set(Array.from(values).filter((label) => label >= 0)).size;

/** A property by its name. @throws InvalidInputError naming the flag. */
type Find = (name: string, flag: string) => MapProperty;

/** Vectors are known by their norms. */
function propertyNamed(
  properties: readonly MapProperty[],
  others: ReadonlyMap<string, string>,
  name: string,
  flag: string,
): MapProperty {
  const named = (wanted: string) => properties.find((property) => property.name === wanted);
  const found = named(name) ?? named(`|${name}|`);
  if (found) return found;
  const why = others.get(name);
  const all = properties.map((property) => property.name).join(', ');
  throw new InvalidInputError(
    `${why === undefined ? `there is no ${name}` : `${name} ${why}`}; there is ${all}`,
    { path: flag },
  );
}

/** A property as targets with the spread of one. @throws InvalidInputError where a point has none */
function targetOf(find: Find, name: string): Matrix {
  const found = find(name, '--target');
  if (found.classes) {
    throw new InvalidInputError(`expected numbers, got the classes of ${name}`, {
      path: '--target',
    });
  }
  const values = Float64Array.from(found.values);
  const bad = values.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0) {
    throw new InvalidInputError(
      `${name}: expected a number for every point, got none for point ${bad}`,
      {
        path: '--target',
      },
    );
  }
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
  if (!(deviation > 0)) {
    throw new InvalidInputError(`${name} is ${mean} for every point: there is nothing to tell`, {
      path: '--target',
    });
  }
  return { values: values.map((x) => (x - mean) / deviation), shape: [values.length, 1] };
}

function checkFlags({ mixing, target, landmarks, method }: MapFlags, supervised: boolean): void {
  const misplaced = (flag: string, what: string) =>
    new InvalidInputError(`expected with --method ${what} only`, { path: flag });
  if (mixing !== undefined && !supervised) throw misplaced('--mixing', 'pcovr or kernel-pcovr');
  if (target !== undefined && !supervised) throw misplaced('--target', 'pcovr or kernel-pcovr');
  if (landmarks !== undefined && !method.startsWith('kernel')) {
    throw misplaced('--landmarks', 'kernel-pca or kernel-pcovr');
  }
}

/** Of atoms a path is one for each of them. */
function checkFrames(structures: readonly Structure[]): void {
  const first = structures[0]!.species;
  const other = structures.findIndex(
    ({ species }) => species.length !== first.length || species.some((z, a) => z !== first[a]),
  );
  if (other < 0) return;
  throw new InvalidInputError(
    `expected frames of the same atoms in the same order; structure ${other} has others than structure 0`,
    { path: '--path' },
  );
}

function checkEnough(rows: number, per: PointsOf): void {
  if (rows >= 4) return;
  throw new InvalidInputError(
    `a map needs at least 4 points, got ${rows}${per === 'structure' ? '; --per atom makes a point of every atom' : ''}`,
    { path: 'structures' },
  );
}

function mapFile(name: string): string {
  if (/\.(html|json|json\.gz)$/.test(name)) return name;
  throw new InvalidArgumentError('Expected a name that ends in .html, .json or .json.gz.');
}

function fraction(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('Expected a number from 0 to 1.');
}
