import { randomNumbers, shuffled } from '../common/random';
import { InvalidInputError } from '../errors';
import type { AsyncOptions } from '../native/call';
import { isIsolatedAtom, isolatedAtomBaseline, leastSquaresBaseline } from '../regression/baseline';
import type { Baseline } from '../regression/baseline';
import { chooseNoise, completeNoise } from '../regression/noise';
import { SparseGaussianProcess } from '../regression/sparse-gaussian-process';
import type { FitErrors, Noise, Solution } from '../regression/sparse-gaussian-process';
import { selectSparsePoints } from '../regression/sparse-points';
import { PowerSpectrum } from '../representations';
import type { ResolvedPowerSpectrum } from '../representations';
import { atomicNumber, chemicalSymbols } from '../structures/elements';
import { Structure } from '../structures/structure';
import type { StructureLike } from '../structures/structure';
import { extractTargets } from '../structures/targets';
import type { TargetKeys, Targets } from '../structures/targets';
import { candidateOf, chooseCandidate, openChoices } from './candidates';
import type { Candidate } from './candidates';
import { checkConfig } from './config';
import type { CheckedPotentialConfig, PotentialConfig } from './config';
import { compare, errorsOf } from './evaluation';
import type { Errors } from './evaluation';
import type { Potential, PotentialParts } from './potential';
import { sparseCount, sparseCounts } from './sparse-count';
import type { TrainingSummary } from './summary';

/** How far a training has come. */
export interface TrainingProgress {
  readonly stage: 'hyperparameters' | 'sparse points' | 'kernel' | 'noise' | 'errors';
  readonly done: number;
  readonly total: number;
  /** What was found, for the user to read. */
  readonly message?: string;
}

export interface TrainOptions {
  readonly config?: PotentialConfig | undefined;
  /** Structures that are only evaluated, at the end. */
  readonly validation?: readonly StructureLike[] | undefined;
  readonly keys?: TargetKeys | undefined;
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: TrainingProgress) => void) | undefined;
}

/** Labelled structures. */
interface DataSet {
  readonly structures: readonly Structure[];
  readonly targets: Targets;
}

/** What all steps of a training share. */
interface Context {
  readonly config: CheckedPotentialConfig;
  readonly species: readonly number[];
  readonly baseline: Baseline;
  readonly isHeldOut: (structure: number) => boolean;
  readonly run: AsyncOptions;
  readonly report: (progress: TrainingProgress) => void;
}

/** See {@link Potential.train}. `make` turns parts into a potential, here also on the way. */
export async function train(
  input: readonly StructureLike[],
  options: TrainOptions,
  make: (parts: PotentialParts) => Potential,
): Promise<Potential> {
  const start = performance.now();
  const { threads, signal, onProgress, keys } = options;
  const config = checkConfig(options.config);
  const all = prepare(input, keys);
  const species = elementsOf(all.structures, config);
  const { baseline, note } = chooseBaseline(all, species, config);
  // Isolated atoms are the baseline: fitting them again would teach nothing.
  const data = subset(all, (structure) => !isIsolatedAtom(structure));
  if (data.structures.length === 0) {
    throw new InvalidInputError('expected structures of more than one atom, got none', {
      path: 'structures',
    });
  }
  const heldOut = holdOut(data.structures.length, config);
  const context: Context = {
    config,
    species,
    baseline,
    isHeldOut: (structure) => heldOut.has(structure),
    run: { threads, signal },
    report: onProgress ?? (() => undefined),
  };

  const candidate = await search(data, context);
  const representation = powerSpectrumOf(candidate.representation);
  const count = config.sparse.count ?? sparseCount(representation, data.structures);
  const process = await fit(data, representation, candidate.zeta, count, context);
  const noise = await findNoise(process, data, context);

  const parts = (solution: Solution, amplitude: number, summary: TrainingSummary) => ({
    config: {
      representation: representation.hyperparameters,
      kernel: { zeta: candidate.zeta },
      sparse: { ...config.sparse, count },
      baseline: { type: 'given' as const, energies: bySymbol(baseline) },
      noise,
      validation: config.validation,
      seed: config.seed,
    },
    summary,
    points: process.points,
    weights: solution.weights,
    covariance: { ...process.covariance(), amplitude },
  });
  const { first } = process.points;
  const unfinished: TrainingSummary = {
    structures: data.structures.length,
    atoms: data.structures.reduce((sum, { length }) => sum + length, 0),
    sparsePoints: Object.fromEntries(
      species.map((number, a) => [chemicalSymbols[number]!, first[a + 1]! - first[a]!]),
    ),
    notes: [...all.targets.notes, ...note],
    training: {},
    heldOut: {},
    seconds: 0,
    peakMemoryBytes: 0,
  };

  const report = (done: number) => context.report({ stage: 'errors', done, total: 3 });
  report(0);
  const judged = await judge(
    make(parts(await process.solve(noise, false, context.run), 1, unfinished)),
    subset(data, (_, s) => heldOut.has(s)),
    context,
  );
  report(1);
  const final = parts(await process.solve(noise, true, context.run), judged.amplitude, unfinished);
  const potential = make(final);
  const training = await errorsOn(potential, data, context.run);
  report(2);
  const validation =
    options.validation &&
    (await errorsOn(potential, prepare(options.validation, keys), context.run));
  report(3);
  return make({
    ...final,
    summary: {
      ...unfinished,
      training,
      heldOut: judged.errors,
      ...(validation && { validation }),
      seconds: (performance.now() - start) / 1000,
      peakMemoryBytes: globalThis.process.resourceUsage().maxRSS * 1024,
    },
  });
}

function prepare(input: readonly StructureLike[], keys: TargetKeys | undefined): DataSet {
  if (input.length === 0) {
    throw new InvalidInputError('expected at least one structure, got none', {
      path: 'structures',
    });
  }
  const structures = input.map((structure) => Structure.from(structure));
  return { structures, targets: extractTargets(structures, keys) };
}

function elementsOf(structures: readonly Structure[], config: CheckedPotentialConfig): number[] {
  const found = new Set<number>();
  for (const { species } of structures) for (const number of species) found.add(number);
  const given = config.representation?.species;
  const missing = given && [...found].find((number) => !given.includes(number));
  if (missing !== undefined) {
    throw new InvalidInputError(
      `element ${chemicalSymbols[missing]} is in the structures but not in the list`,
      { path: 'representation.species' },
    );
  }
  return given ?? [...found].sort((a, b) => a - b);
}

function chooseBaseline(
  { structures, targets }: DataSet,
  species: readonly number[],
  { baseline }: CheckedPotentialConfig,
): { baseline: Baseline; note: string[] } {
  const energies = targets.energies;
  if (energies === undefined) {
    return { baseline: new Map(species.map((number) => [number, 0])), note: [] };
  }
  const isolated = new Set(
    structures.filter(isIsolatedAtom).map((structure) => structure.species[0]),
  );
  const type =
    baseline?.type ?? (species.every((n) => isolated.has(n)) ? 'isolated-atoms' : 'least-squares');
  const described = (result: Baseline) => ({
    baseline: result,
    note: [
      `baseline: ${type}, ${[...result].map(([n, e]) => `${chemicalSymbols[n]} ${e.toFixed(4)} eV`).join(', ')}`,
    ],
  });
  switch (type) {
    case 'given': {
      const given = Object.entries(baseline?.type === 'given' ? baseline.energies : {});
      const result = new Map(given.map(([symbol, energy]) => [atomicNumber(symbol), energy]));
      const missing = species.find((number) => !result.has(number));
      if (missing === undefined) return described(result);
      throw new InvalidInputError(`no energy for ${chemicalSymbols[missing]}`, {
        path: 'baseline.energies',
      });
    }
    case 'isolated-atoms':
      return described(isolatedAtomBaseline(structures, energies, species));
    case 'least-squares':
      return described(leastSquaresBaseline(structures, energies, species));
  }
}

/** Too few structures to spare any: nothing is held out, and what is not given takes standard values. */
const fewestStructures = 5;

function holdOut(structures: number, { validation, seed }: CheckedPotentialConfig): Set<number> {
  if (structures < fewestStructures) return new Set();
  const count = Math.round(validation.fraction * structures);
  const order = shuffled([...Array(structures).keys()], randomNumbers(seed));
  return new Set(order.slice(0, count));
}

function subset(
  { structures, targets }: DataSet,
  keep: (structure: Structure, index: number) => boolean,
): DataSet {
  const kept = [...structures.keys()].filter((s) => keep(structures[s]!, s));
  return {
    structures: kept.map((s) => structures[s]!),
    targets: {
      energies: targets.energies && Float64Array.from(kept, (s) => targets.energies![s]!),
      forces: kept.map((s) => targets.forces[s]),
      stresses: kept.map((s) => targets.stresses[s]),
      notes: targets.notes,
    },
  };
}

/** The search for hyperparameters looks at so many atoms through so many sparse points. */
const searchAtoms = 4000;
const searchPoints = 500;

/** Decides what the configuration leaves open about representation and kernel, on a part of the structures. */
async function search(data: DataSet, context: Context): Promise<Candidate> {
  const { config, species, isHeldOut, report } = context;
  const order = shuffled([...data.structures.keys()], randomNumbers(config.seed + 1));
  let atoms = 0;
  const part = new Set<number>();
  for (const s of order) {
    if (part.size > 0 && atoms >= searchAtoms) break;
    part.add(s);
    atoms += data.structures[s]!.length;
  }
  const indices = [...data.structures.keys()].filter((s) => part.has(s));
  const small = subset(data, (_, s) => part.has(s));
  const inside: Context = {
    ...context,
    isHeldOut: (s) => isHeldOut(indices[s]!),
    report: () => undefined,
  };
  if (!indices.some(isHeldOut)) {
    const { radius, width, zeta } = openChoices(config);
    return candidateOf(config, species, { radius: radius[0]!, width: width[0]!, zeta: zeta[0]! });
  }
  const scoreOf = async ({ representation, zeta }: Candidate): Promise<number> => {
    const process = await fit(small, powerSpectrumOf(representation), zeta, searchPoints, inside);
    const { score } = await chooseNoise(
      process,
      config.noise,
      presentQuantities(small.targets),
      scoreFor(small, inside),
      { ...context.run, steps: [0.5], significant: significantStep(small, inside) },
    );
    return score;
  };
  const best = await chooseCandidate(config, species, scoreOf, (done, total) =>
    report({ stage: 'hyperparameters', done, total }),
  );
  const { representation, zeta } = best;
  report({
    stage: 'hyperparameters',
    done: 1,
    total: 1,
    message: `cutoff ${representation.cutoff.radius} Å, density width ${representation.density.width} Å, ζ = ${zeta}`,
  });
  return best;
}

const powerSpectrumOf = (representation: ResolvedPowerSpectrum): PowerSpectrum =>
  new PowerSpectrum({ ...representation, species: [...representation.species] });

async function fit(
  { structures, targets }: DataSet,
  representation: PowerSpectrum,
  zeta: number,
  count: number,
  { config, baseline, isHeldOut, run, report }: Context,
): Promise<SparseGaussianProcess> {
  const counts = sparseCounts(structures, representation.hyperparameters.species, count);
  const points = await selectSparsePoints(representation, structures, {
    ...run,
    counts,
    seed: config.seed + 2,
    pool: Math.max(4000, 2 * count),
    onProgress: (done, total) => report({ stage: 'sparse points', done, total }),
  });
  const process = await SparseGaussianProcess.create(representation, points, zeta, run);
  await process.add(structures, targets, baseline, isHeldOut, {
    ...run,
    onProgress: (done, total) => report({ stage: 'kernel', done, total }),
  });
  return process;
}

async function findNoise(
  process: SparseGaussianProcess,
  data: DataSet,
  { config, isHeldOut, run, report }: Context,
): Promise<Noise> {
  if (!data.structures.some((_, s) => isHeldOut(s))) return completeNoise(config.noise);
  const { noise } = await chooseNoise(
    process,
    config.noise,
    presentQuantities(data.targets),
    scoreFor(data, { isHeldOut }),
    {
      ...run,
      significant: significantStep(data, { isHeldOut }),
      onProgress: (done, total) => report({ stage: 'noise', done, total }),
    },
  );
  report({
    stage: 'noise',
    done: 1,
    total: 1,
    message: `noise ${noise.energy.toExponential(1)} eV/atom, ${noise.forces.toExponential(1)} eV/Å`,
  });
  return noise;
}

function presentQuantities({ energies, forces, stresses }: Targets): (keyof Noise)[] {
  return [
    ...(energies ? (['energy'] as const) : []),
    ...(forces.some(Boolean) ? (['forces'] as const) : []),
    ...(stresses.some(Boolean) ? (['stress'] as const) : []),
  ];
}

/**
 * Held-out errors of n structures are known to about 1/√n of themselves. Gains that do not stand out from that
 * are not worth leaving the standard noise levels for, which generalise well.
 */
function significantStep({ structures }: DataSet, { isHeldOut }: Pick<Context, 'isHeldOut'>) {
  return 0.25 / Math.sqrt(structures.filter((_, s) => isHeldOut(s)).length);
}

/** So many held-out labels make their error worth a full vote. */
const fullVote = 100;

/**
 * The sum of the logarithms of the errors, so that no unit matters. An error that rests on few labels is
 * uncertain and counts less.
 */
function scoreFor(
  { structures, targets }: DataSet,
  { isHeldOut }: Pick<Context, 'isHeldOut'>,
): (heldOut: FitErrors) => number {
  const heldOut = [...structures.keys()].filter(isHeldOut);
  const count = (labels: readonly (Float64Array | undefined)[]) =>
    heldOut.reduce((sum, s) => sum + (labels[s]?.length ?? 0), 0);
  const labels = {
    energy: targets.energies ? heldOut.length : 0,
    forces: count(targets.forces),
    stress: count(targets.stresses),
  };
  return (errors) =>
    (['energy', 'forces', 'stress'] as const).reduce((sum, name) => {
      if (labels[name] === 0) return sum;
      return sum + Math.sqrt(Math.min(1, labels[name] / fullVote)) * Math.log(errors[name]);
    }, 0);
}

/** More structures than this do not make the calibration of uncertainties better. */
const calibrationStructures = 200;

/**
 * Errors on held-out structures, and the variance of the prior that makes predicted variances of their energies
 * agree with the errors on average.
 */
async function judge(
  potential: Potential,
  heldOut: DataSet,
  { run }: Context,
): Promise<{ errors: Errors; amplitude: number }> {
  if (heldOut.structures.length === 0) return { errors: {}, amplitude: 1 };
  const errors = await errorsOn(potential, heldOut, run);
  const { energies } = heldOut.targets;
  if (!energies) return { errors, amplitude: 1 };
  const predictions = await potential.predict(heldOut.structures.slice(0, calibrationStructures), {
    ...run,
    forces: false,
    stress: false,
    uncertainty: true,
  });
  const ratios = predictions.map(
    ({ energy, energyUncertainty }, s) => ((energy - energies[s]!) / energyUncertainty!) ** 2,
  );
  return { errors, amplitude: ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length };
}

async function errorsOn(
  potential: Potential,
  { structures, targets }: DataSet,
  run: AsyncOptions,
): Promise<Errors> {
  const predictions = await potential.predict(structures, {
    ...run,
    forces: targets.forces.some(Boolean),
    stress: targets.stresses.some(Boolean),
  });
  return errorsOf(compare(structures, targets, predictions));
}

const bySymbol = (baseline: Baseline): Record<string, number> =>
  Object.fromEntries([...baseline].map(([number, energy]) => [chemicalSymbols[number]!, energy]));
