import { acceptedElements, channelCount } from '../../density/channels';
import { InvalidInputError } from '../../errors';
import { createEnvironmentRepresentation } from '../../representations/environments';
import { chemicalSymbols, elementsIn } from '../../structures/elements';
import type { AsyncOptions } from '../../native/call';
import type { Environment } from '../../representations';
import { environmentOffsets } from './centres';
import type { PropertyOwner } from '../../structures/property';
import type { Structure, StructureLike } from '../../structures/structure';
import { shareOut } from '../committee';
import type { Groups } from '../committee';
import { holdOut } from '../data-set';
import type { TrainingProgress } from '../fit';
import { sparseCounts } from '../sparse-count';
import { toSymbols } from './baseline';
import { distinctEnvironments } from './copies';
import type { CheckedPropertyConfig, CheckedTerm, ResolvedTerm } from './config';
import { chooseKernel } from './default-terms';
import type { KernelChoice } from './default-terms';
import { collect } from './labels';
import type { LabelledStructures } from './labels';
import { learnTerms } from './learned-channels';
import { likeliestTerm } from './likeliest-term';
import { PartKernel } from './part-kernel';
import type { KernelSettings } from './part-kernel';
import type { FittedPart, PropertyParts, PropertySummary } from './parts';
import { allEnvironments, chooseEnvironments, makeReferences } from './references';
import type { References } from './references';
import { remainderOf } from './remainder';
import type { Remainder } from './remainder';
import { weighTerms } from './term-weights';
import { unitOf } from './units';

/** γ of REMatch, as kernels have it. */
const defaultGamma = 0.1;

/** Blocks of structures whose normal equations a committee keeps apart. */
const committeeBlocks = 16;

/** Everything that is decided before the first kernel between samples and references. */
export interface Prepared extends Pick<Remainder, 'parts' | 'scales' | 'weights' | 'notes'> {
  readonly config: CheckedPropertyConfig;
  readonly target: PropertyParts['target'];
  readonly structures: readonly Structure[];
  readonly species: readonly number[];
  readonly settings: KernelSettings;
  readonly baseline: PropertyParts['baseline'];
  readonly references: References;
  /** Number of references that was asked for. */
  readonly count: number | 'all';
  /** One for each part. */
  readonly kernels: readonly PartKernel[];
  readonly isHeldOut: (structure: number) => boolean;
  readonly groups: Groups;
  /** How much each sample counts; undefined where all count alike. */
  readonly sampleWeights: Float64Array | undefined;
}

/** How a step of a training is run. */
export interface TrainingRun {
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly report: (progress: TrainingProgress) => void;
}

/** Collects labels, takes the baseline off, splits them into parts, settles the kernel and picks references. */
export async function prepare(
  input: readonly StructureLike[],
  target: string,
  config: CheckedPropertyConfig,
  run: TrainingRun,
): Promise<Prepared> {
  const labelled = await collect(input, target, config, run.signal);
  const { structures, species } = labelled;
  const { name, per, shape } = labelled.labels;
  if (config.centres === 'any' && per === 'atom') {
    throw new InvalidInputError('a property of atoms is learned element by element', {
      path: 'centres',
    });
  }
  const unit = unitOf(name, config.unit);
  const choice = chooseKernel(config, species, labelled.labels);
  const { centres } = choice;
  const known = elementsOf(resolveTerms(choice.terms, species), { centres });
  const remainder = await remainderOf(labelled, config, known, run.signal);
  const { aggregate, baseline, parts, scales, weights } = remainder;
  const heldOut = holdOut(structures.length, config);
  const isHeldOut = (s: number) => heldOut.has(s);
  const unsettled = {
    per,
    aggregate,
    gamma: aggregate === 'rematch' ? (config.gamma ?? defaultGamma) : undefined,
    centres,
  };
  const labels = { structures, isHeldOut, parts, scales, weights };
  const { terms: given, notes: ofKernel } = await chosenTerms(
    choice,
    species,
    { ...unsettled, ...labels },
    run,
  );
  const resolved = resolveTerms(given, species);
  const { settings, notes } = await settleTerms(
    { terms: resolved, ...unsettled },
    given,
    config.weights,
    labels,
    run,
  );
  const { references, count } = await pickReferences(
    settings,
    config,
    { labelled, isHeldOut, parts },
    run,
  );
  return {
    ...{
      config,
      structures,
      species,
      settings,
      parts,
      scales,
      weights,
      references,
      count,
      isHeldOut,
    },
    target: { name, per, shape, ...(unit !== undefined && { unit }) },
    baseline: baseline.map(toSymbols),
    kernels: parts.map((part) => new PartKernel(settings, part, references)),
    groups: shareOut(structures.length, heldOut, config, committeeBlocks),
    sampleWeights: labelled.weights,
    notes: [
      ...remainder.notes,
      ...ofKernel,
      ...notes,
      ...notesOnExtrapolation(resolved, unsettled),
    ],
  };
}

/** A note for channels that could take elements which training lacks, but that kernels do not let come. */
function notesOnExtrapolation(
  terms: readonly ResolvedTerm[],
  { centres }: Pick<KernelSettings, 'centres'>,
): string[] {
  if (centres === 'any') return [];
  return terms.flatMap(({ representation: { channels } }, t) =>
    channels?.type === 'properties' && channels.extrapolate
      ? `terms[${t}].representation.channels.extrapolate does nothing without "centres": "any", of a property of structures: an element that training lacks has no kernel with those it knows`
      : [],
  );
}

/** The terms of a choice, of whose alternatives the labels decide. */
async function chosenTerms(
  { terms, alternatives, notes }: KernelChoice,
  species: readonly number[],
  labels: Parameters<typeof likeliestTerm>[2],
  { report, ...run }: TrainingRun,
): Promise<Pick<KernelChoice, 'terms' | 'notes'>> {
  if (alternatives.length === 0) return { terms, notes };
  const candidates = [...terms, ...alternatives.map(({ term }) => term)];
  const margins = [0, ...alternatives.map(({ margin }) => margin)];
  const resolved = resolveTerms(candidates, species);
  const place = await likeliestTerm(resolved, margins, labels, {
    ...run,
    onProgress: (done, total) => report({ stage: 'hyperparameters', done, total }),
  });
  if (place === 0) return { terms, notes };
  const channels = channelCount(resolved[place]!.representation.channels, species);
  const note = `${species.length} elements are mixed to ${channels} channels by their properties, which makes labels likelier; "terms" say what else is to be done with them`;
  return { terms: [candidates[place]!], notes: [...notes, note] };
}

/** Learns what of the terms is to be learned: channels first, each term by itself, then weights of all. */
async function settleTerms(
  { terms, ...settings }: KernelSettings,
  given: readonly CheckedTerm[],
  weighing: CheckedPropertyConfig['weights'],
  {
    structures,
    isHeldOut,
    ...remainder
  }: Pick<Prepared, 'structures' | 'isHeldOut' | 'parts' | 'scales' | 'weights'>,
  { report, ...run }: TrainingRun,
): Promise<{ readonly settings: KernelSettings; readonly notes: readonly string[] }> {
  const { per, aggregate, centres } = settings;
  const { parts } = remainder;
  const scalar = per === 'structure' ? parts.findIndex(({ lambda }) => lambda === 0) : -1;
  const learned = await learnTerms(
    terms,
    given,
    structures,
    {
      fitted: [...structures.keys()].filter((s) => !isHeldOut(s)),
      labels: parts.length === 0 ? 'nothing' : parts[scalar]?.labels,
      weights: remainder.weights?.[scalar],
      aggregate,
      centres,
    },
    { ...run, onProgress: (done, total) => report({ stage: 'channels', done, total }) },
  );
  const weighed = await weighTerms(
    learned,
    weighing,
    {
      ...{ structures, isHeldOut, ...settings, ...remainder },
      learned: given.some((term) => term.learned),
    },
    { ...run, onProgress: (done, total) => report({ stage: 'weights', done, total }) },
  );
  return { settings: { terms: weighed.terms, ...settings }, notes: weighed.notes };
}

/** Picks what samples are held against, and computes its features. */
async function pickReferences(
  { terms, per }: KernelSettings,
  { regression, seed }: CheckedPropertyConfig,
  {
    labelled: { structures, species },
    isHeldOut,
    parts,
  }: { readonly labelled: LabelledStructures } & Pick<Prepared, 'isHeldOut' | 'parts'>,
  { report, ...run }: TrainingRun,
): Promise<Pick<Prepared, 'references' | 'count'>> {
  if (regression.type === 'full') {
    const environments = await allEnvironments(structures, run.signal);
    const offsets = per === 'structure' ? environmentOffsets(structures) : undefined;
    const references = await makeReferences(terms, parts, structures, environments, offsets, run);
    return { references, count: 0 };
  }
  const fitted = structures.filter((_, s) => !isHeldOut(s));
  const pool = elementsIn(fitted).length === species.length ? fitted : structures;
  const largest = Math.max(0, ...parts.map(({ lambda }) => lambda));
  const count = regression.count ?? defaultCount(pool, per, species, largest);
  // All samples are references, held-out ones too: without their labels they teach nothing.
  const from = count === 'all' ? structures : pool;
  const environments = await referenceEnvironments(terms, from, species, count, seed + 2, {
    ...run,
    onProgress: (done, total) => report({ stage: 'sparse points', done, total }),
  });
  const references = await makeReferences(terms, parts, from, environments, undefined, run);
  return { references, count };
}

/** The parts of a model that has learned so much. */
export function modelParts(
  prepared: Prepared,
  fitted: readonly FittedPart[],
  noise: readonly number[],
  amplitude: number,
): PropertyParts {
  const { config, settings, target, structures, species, references, baseline, notes } = prepared;
  const { terms, aggregate, gamma, centres } = settings;
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
      centres,
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

/**
 * Elements that structures may hold which a model predicts: those of its representations and, where kernels between
 * centres of different elements let them, those that follow from them by their properties.
 */
export function elementsOf(
  terms: readonly ResolvedTerm[],
  { centres }: Pick<KernelSettings, 'centres'>,
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

const countBySymbol = (centres: Int32Array, species: readonly number[]) =>
  Object.fromEntries(
    species.map((number) => [
      chemicalSymbols[number]!,
      centres.reduce((count, z) => count + Number(z === number), 0),
    ]),
  );
