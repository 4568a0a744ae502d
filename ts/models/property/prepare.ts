import { inTurns } from '../../common/turns';
import { acceptedElements } from '../../density/channels';
import { InvalidInputError } from '../../errors';
import type { Matrix } from '../../common/matrix';
import { createEnvironmentRepresentation } from '../../representations/environments';
import { chemicalSymbols } from '../../structures/elements';
import type { AsyncOptions } from '../../native/call';
import type { Environment } from '../../regression/environments';
import type { PropertyLabels, PropertyOwner } from '../../structures/property';
import { checkedStructures } from '../../structures/input';
import type { Structure, StructureLike } from '../../structures/structure';
import { shareOut } from '../committee';
import type { Groups } from '../committee';
import { holdOut } from '../data-set';
import type { TrainingProgress } from '../fit';
import { sparseCounts } from '../sparse-count';
import { baselineOf, chooseAggregate, fitBaseline, meanBaseline, toSymbols } from './baseline';
import type { ElementBaseline } from './baseline';
import { listingCentres } from './centres';
import { distinctEnvironments } from './copies';
import type { Aggregate, CheckedPropertyConfig, CheckedTerm, ResolvedTerm } from './config';
import { defaultTerms } from './default-terms';
import { labelsFor } from './labels';
import { learnTerms } from './learned-channels';
import { byElement, nameOf, partsOf } from './irreps';
import type { LabelledPart } from './irreps';
import { PartKernel } from './part-kernel';
import type { KernelSettings } from './part-kernel';
import type { FittedPart, PropertyParts, PropertySummary } from './parts';
import { allEnvironments, chooseEnvironments, makeReferences } from './references';
import type { References } from './references';
import { weighTerms } from './term-weights';
import { unitOf } from './units';

/** γ of REMatch, as kernels have it. */
const defaultGamma = 0.1;

/** Blocks of structures whose normal equations a committee keeps apart. */
const committeeBlocks = 16;

/** Everything that is decided before the first kernel between samples and references. */
export interface Prepared {
  readonly config: CheckedPropertyConfig;
  readonly target: PropertyParts['target'];
  readonly structures: readonly Structure[];
  readonly species: readonly number[];
  readonly settings: KernelSettings;
  /** Parts that vary, with what the baseline leaves of their labels. */
  readonly parts: readonly LabelledPart[];
  /** Root mean square of the labels of each part. */
  readonly scales: readonly number[];
  readonly baseline: PropertyParts['baseline'];
  readonly references: References;
  /** Number of references that was asked for. */
  readonly count: number | 'all';
  /** One for each part. */
  readonly kernels: readonly PartKernel[];
  readonly isHeldOut: (structure: number) => boolean;
  readonly groups: Groups;
  readonly notes: readonly string[];
}

/** How a step of a training is run. */
export interface TrainingRun {
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly report: (progress: TrainingProgress) => void;
}

/** Collects labels, takes the baseline off, splits them into parts and picks references. */
export async function prepare(
  input: readonly StructureLike[],
  target: string,
  config: CheckedPropertyConfig,
  { threads, signal, report }: TrainingRun,
): Promise<Prepared> {
  const run = { threads, signal };
  const structures = await checkedStructures(input, signal);
  if (structures.length === 0) {
    throw new InvalidInputError('expected at least one structure, got none', {
      path: 'structures',
    });
  }
  const labels = await labelsFor(structures, target, config, signal);
  const { name, per, shape } = labels;
  const unit = unitOf(name, config.unit);
  const species = elementsIn(structures);
  const given = config.terms ?? defaultTerms();
  const unlearned = resolveTerms(given, species);
  const { parts, notes } = partsOf(labels, config.tensor);
  const scalar = parts.find(({ lambda }) => lambda === 0);
  const { aggregate, notes: ofAggregate } = await aggregateFor(
    structures,
    labels,
    scalar,
    config,
    species,
    signal,
  );
  const baseline = await takeBaselineOff(
    scalar,
    structures,
    labels,
    config,
    aggregate,
    species,
    elementsOf(unlearned, config),
    signal,
  );
  const rest = parts.map((part) =>
    part === scalar ? { ...part, labels: baseline.labels! } : part,
  );
  const centres = await inTurns(listingCentres(structures), signal);
  const { learnable, scales } = scaled(
    per === 'atom' ? rest.flatMap((part) => byElement(part, centres.species, species)) : rest,
    labels,
    notes,
  );
  checkNoise(config, learnable);

  const heldOut = holdOut(structures.length, config);
  const isHeldOut = (s: number) => heldOut.has(s);
  const groups = shareOut(structures.length, heldOut, config, committeeBlocks);
  const { centres: meeting } = config;
  const gamma = aggregate === 'rematch' ? (config.gamma ?? defaultGamma) : undefined;
  if (meeting === 'any' && per === 'atom') {
    throw new InvalidInputError('a property of atoms is learned element by element', {
      path: 'centres',
    });
  }
  const structureLabels =
    per === 'structure' ? learnable.find(({ lambda }) => lambda === 0) : undefined;
  const learned = await learnTerms(
    unlearned,
    given,
    structures,
    {
      fitted: [...structures.keys()].filter((s) => !isHeldOut(s)),
      labels: learnable.length === 0 ? 'nothing' : structureLabels?.labels,
      aggregate,
      centres: meeting,
    },
    { ...run, onProgress: (done, total) => report({ stage: 'channels', done, total }) },
  );
  const { terms, notes: ofWeights } = await weighTerms(
    learned,
    config.weights,
    {
      ...{ structures, isHeldOut, per, aggregate, gamma, centres: meeting },
      ...{ parts: learnable, scales },
      learned: given.some((term) => term.learned),
    },
    { ...run, onProgress: (done, total) => report({ stage: 'weights', done, total }) },
  );
  const { regression } = config;
  const full = regression.type === 'full';
  const fitted = structures.filter((_, s) => !isHeldOut(s));
  const pool = coversAll(fitted, species) ? fitted : structures;
  const largest = Math.max(0, ...learnable.map(({ lambda }) => lambda));
  const count = full ? 0 : (regression.count ?? defaultCount(pool, per, species, largest));
  // All samples are references, held-out ones too: without their labels they teach nothing.
  const from = full || count === 'all' ? structures : pool;
  const environments = full
    ? await allEnvironments(structures, signal)
    : await referenceEnvironments(terms, from, species, count, config.seed + 2, {
        ...run,
        onProgress: (done, total) => report({ stage: 'sparse points', done, total }),
      });
  const offsets = full && per === 'structure' ? centres.offsets : undefined;
  const references = await makeReferences(terms, learnable, from, environments, offsets, run);

  const settings = { terms, per, aggregate, gamma, centres: meeting };
  const kernels = learnable.map((part) => new PartKernel(settings, part, references));
  return {
    config,
    target: { name, per, shape, ...(unit !== undefined && { unit }) },
    structures,
    species,
    settings,
    parts: learnable,
    scales,
    baseline: baseline.columns.map(toSymbols),
    references,
    count,
    kernels,
    isHeldOut,
    groups,
    notes: [...notes, ...ofAggregate, ...ofWeights],
  };
}

/** The parts of a model that has learned so much. */
export function modelParts(
  prepared: Prepared,
  fitted: readonly FittedPart[],
  noise: readonly number[],
  amplitude: number,
): PropertyParts {
  const { config, settings, target, structures, species, references, baseline, notes } = prepared;
  const { terms, aggregate, gamma } = settings;
  const { regression } = config;
  const summary: PropertySummary = {
    structures: structures.length,
    atoms: structures.reduce((sum, { length }) => sum + length, 0),
    references: countBySymbol(references.species, species),
    notes,
    training: { mae: 0, rmse: 0, rmsRelative: 0, count: 0 },
    seconds: 0,
    peakMemoryBytes: 0,
  };
  return {
    config: {
      ...config,
      terms,
      weights: { type: 'given' },
      aggregate,
      ...(gamma !== undefined && { gamma }),
      regression:
        regression.type === 'full' ? regression : { ...regression, count: prepared.count },
      noise,
    },
    target,
    summary,
    baseline,
    references,
    fitted,
    amplitude,
  };
}

/** Environments that a projected process stands on: so many of the most different, or all that are no copies. */
function referenceEnvironments(
  terms: readonly ResolvedTerm[],
  structures: readonly Structure[],
  species: readonly number[],
  count: number | 'all',
  seed: number,
  run: AsyncOptions,
): Promise<Environment[]> {
  if (count === 'all') return distinctEnvironments(terms, structures, run);
  const counts = sparseCounts(structures, species, count);
  const wanted = new Map(species.map((number, i) => [number, counts[i]!]));
  return chooseEnvironments(terms, structures, wanted, { ...run, seed });
}

export const elementsIn = (structures: readonly Structure[]): number[] => {
  const found = new Set<number>();
  for (const { species } of structures) for (const number of species) found.add(number);
  return [...found].sort((a, b) => a - b);
};

/**
 * Elements that structures may hold which a model predicts: those of its representations and, where kernels between
 * centres of different elements let them, those that follow from them by their properties.
 */
export function elementsOf(
  terms: readonly ResolvedTerm[],
  { centres }: Pick<CheckedPropertyConfig, 'centres'>,
): readonly number[] {
  const { channels, species } = terms[0]!.representation;
  return centres === 'any' ? acceptedElements(channels, species) : species;
}

/** Terms with the elements of the data where they name none. */
export function resolveTerms(
  terms: readonly CheckedTerm[],
  species: readonly number[],
): ResolvedTerm[] {
  return terms.map(({ representation, kernel, weight }, index) => {
    const own = representation.species as readonly number[] | undefined;
    const missing = own && species.find((number) => !own.includes(number));
    if (missing !== undefined) {
      throw new InvalidInputError(
        `element ${chemicalSymbols[missing]} is in the structures but not in the list`,
        { path: `terms[${index}].representation.species` },
      );
    }
    const { hyperparameters } = createEnvironmentRepresentation({
      ...representation,
      species: own ?? species,
    });
    return { representation: hyperparameters, kernel, weight };
  });
}

/** How structures follow from environments; by composition where the configuration leaves it open. */
async function aggregateFor(
  structures: readonly Structure[],
  { per }: PropertyLabels,
  scalar: LabelledPart | undefined,
  { aggregate, regression }: CheckedPropertyConfig,
  species: readonly number[],
  signal: AbortSignal | undefined,
): Promise<{ readonly aggregate: Aggregate; readonly notes: readonly string[] }> {
  const matches = aggregate === 'rematch' || aggregate === 'best-match';
  if (matches && regression.type !== 'full') {
    throw new InvalidInputError(
      `${aggregate} compares whole structures: expected {"type": "full"}, got "sparse"`,
      { path: 'regression.type' },
    );
  }
  if (aggregate !== undefined || per === 'atom' || !scalar) {
    return { aggregate: aggregate ?? 'sum', notes: [] };
  }
  return chooseAggregate(structures, column(scalar.labels, 0), species, signal);
}

/** Fits the baseline of each column of the scalar part and takes it off. */
async function takeBaselineOff(
  scalar: LabelledPart | undefined,
  structures: readonly Structure[],
  { per }: PropertyLabels,
  { baseline }: CheckedPropertyConfig,
  aggregate: Aggregate,
  species: readonly number[],
  known: readonly number[],
  signal: AbortSignal | undefined,
): Promise<{ columns: ElementBaseline[]; labels?: Matrix }> {
  if (!scalar) return { columns: [] };
  if (baseline.type === 'none') return { columns: [], labels: scalar.labels };
  const { values, shape } = scalar.labels;
  const rest = Float64Array.from(values);
  const columns: ElementBaseline[] = [];
  for (let c = 0; c < shape[1]; c++) {
    const own = column(scalar.labels, c);
    const fit =
      baseline.type === 'mean'
        ? meanBaseline(structures, own, per, aggregate, known)
        : await fitBaseline(structures, own, per, aggregate, species, signal);
    const base = await baselineOf(fit, structures, per, aggregate, signal);
    base.forEach((y, row) => (rest[row * shape[1] + c]! -= y));
    columns.push(fit);
  }
  return { columns, labels: { values: rest, shape } };
}

/** The parts that vary, and the root mean square of each: weights and noise are measured in units of it. */
function scaled(
  parts: readonly LabelledPart[],
  { values }: PropertyLabels,
  notes: string[],
): { learnable: LabelledPart[]; scales: number[] } {
  const learnable: LabelledPart[] = [];
  const scales: number[] = [];
  const rms = (values: Float64Array) =>
    values.length > 0 ? Math.sqrt(values.reduce((sum, y) => sum + y * y, 0) / values.length) : 0;
  // What least squares leave of labels that they explain.
  const roundOff = 1e-12 * rms(values);
  for (const part of parts) {
    const scale = rms(part.labels.values);
    if (scale > roundOff) {
      learnable.push(part);
      scales.push(scale);
      continue;
    }
    const of = part.centre === undefined ? 'labels' : `labels of ${chemicalSymbols[part.centre]}`;
    notes.push(`all ${of} are as the baseline says: there is nothing to learn beyond it`);
  }
  return { learnable, scales };
}

/** @throws InvalidInputError where noises are given one by one, but not for all parts. */
function checkNoise({ noise }: CheckedPropertyConfig, parts: readonly LabelledPart[]): void {
  if (noise === undefined || typeof noise === 'number' || noise.length === parts.length) return;
  const numbers = parts.length === 1 ? '1 number' : `${parts.length} numbers`;
  const names = parts.length > 0 ? parts.map(nameOf).join(', ') : 'none';
  throw new InvalidInputError(
    `expected ${numbers}, one for each part that is learned (${names}), or one for all, got ${noise.length}`,
    { path: 'noise' },
  );
}

/** Columns of M × M matrices that take seconds to factorise. */
const affordable = 2000;

/** As many environments as are affordable: of all elements together, or of each where each is a problem of its own. */
function defaultCount(
  structures: readonly Structure[],
  per: PropertyOwner,
  species: readonly number[],
  lambda: number,
): number {
  const atoms = structures.reduce((sum, { length }) => sum + length, 0);
  const problems = per === 'atom' ? species.length : 1;
  return Math.min(atoms, Math.round((problems * affordable) / (2 * lambda + 1)));
}

const coversAll = (structures: readonly Structure[], species: readonly number[]): boolean =>
  elementsIn(structures).length === species.length;

const column = ({ values, shape: [rows, columns] }: Matrix, c: number): Float64Array =>
  Float64Array.from({ length: rows }, (_, row) => values[row * columns + c]!);

const countBySymbol = (centres: Int32Array, species: readonly number[]) =>
  Object.fromEntries(
    species.map((number) => [
      chemicalSymbols[number]!,
      centres.reduce((count, z) => count + Number(z === number), 0),
    ]),
  );
