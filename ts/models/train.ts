import { checkOptions } from '../common/options';
import type { KeysOf } from '../common/options';
import { inTurns } from '../common/turns';
import { InvalidInputError } from '../errors';
import { isIsolatedAtom } from '../regression/baseline';
import { chemicalSymbols } from '../structures/elements';
import type { StructureLike } from '../structures/structure';
import type { TargetKeys } from '../structures/targets';
import { noteOnAmplitude } from './amplitude';
import { bySymbol, choosingBaseline } from './baseline';
import { calibrate, calibrationNotes, withFactors } from './calibrate';
import { shareOut } from './committee';
import { lessWeights } from './committee-weights';
import { checkConfig } from './config';
import type { PotentialConfig } from './config';
import { elementsOf, holdOut, prepare, subset, unknownElements } from './data-set';
import type { DataSet } from './data-set';
import { noFactors } from './deviations';
import { findNoise, fit } from './fit';
import type { Context, TrainingProgress } from './fit';
import { errorsOn, judge, likeliestAmplitude } from './judge';
import type { Amplitudes } from './judge';
import type { Potential, PotentialParts } from './potential';
import { powerSpectrumOf, search } from './search';
import { sparseCount } from './sparse-count';
import type { TrainingSummary } from './summary';
import { prepareTest } from './test-structures';

/** Blocks of structures whose normal equations a committee keeps apart, M² numbers for each kind of label. */
const committeeBlocks = 8;

export interface TrainOptions {
  readonly config?: PotentialConfig | undefined;
  /** Structures that are only evaluated, at the end. */
  readonly validation?: readonly StructureLike[] | undefined;
  readonly keys?: TargetKeys | undefined;
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: TrainingProgress) => void) | undefined;
}

const trainKeys: KeysOf<TrainOptions> = {
  config: true,
  validation: true,
  keys: true,
  threads: true,
  signal: true,
  onProgress: true,
};

/** See {@link Potential.train}. `make` turns parts into a potential, here also on the way. */
export async function train(
  input: readonly StructureLike[],
  options: TrainOptions,
  make: (parts: PotentialParts) => Promise<Potential>,
): Promise<Potential> {
  const start = performance.now();
  const { threads, signal, onProgress, keys } = checkOptions(options, trainKeys);
  const config = checkConfig(options.config);
  const { sampleWeights } = config;
  const all = await prepare(input, keys, signal, { sampleWeights });
  // Isolated atoms are the baseline: fitting them again would teach nothing.
  const data = subset(all, (structure) => !isIsolatedAtom(structure));
  if (data.structures.length === 0) {
    throw new InvalidInputError('expected structures of more than one atom, got none', {
      path: 'structures',
    });
  }
  const species = elementsOf(data.structures, config);
  // A label that is missing there would otherwise cost the whole training.
  const validation =
    options.validation === undefined
      ? undefined
      : await prepareTest(options.validation, 'validation', { species, keys, signal });
  const { baseline, note } = await inTurns(choosingBaseline(all, species, config), signal);
  const heldOut = holdOut(data.structures.length, config);
  const context: Context = {
    config,
    species,
    baseline,
    isHeldOut: (structure) => heldOut.has(structure),
    groups: shareOut(data.structures.length, heldOut, config, committeeBlocks),
    run: { threads, signal },
    report: onProgress ?? (() => undefined),
  };

  const candidate = await search(data, context);
  const representation = powerSpectrumOf(candidate.representation);
  const count = config.sparse.count ?? sparseCount(representation, data.structures);
  const fitted = (inside: Context) => fit(data, representation, candidate.zeta, count, inside);
  let process = await fitted(context);
  const noise = await findNoise(process, data, context);

  const unfinished: TrainingSummary & { readonly notes: string[] } = {
    structures: data.structures.length,
    atoms: data.structures.reduce((sum, { length }) => sum + length, 0),
    sparsePoints: {},
    notes: [...all.targets.notes, ...note, ...unknownElements(all.structures, species)],
    training: {},
    heldOut: {},
    seconds: 0,
    peakMemoryBytes: 0,
  };
  const { groups } = context;
  const parts = async (withHeldOut: boolean, known: Amplitudes): Promise<PotentialParts> => {
    const without = withHeldOut ? [] : groups.heldOut;
    const solution = await process.solve(noise, without, context.run);
    const { first } = process.points;
    const amplitude =
      widthOf(known, data) ??
      (await likeliestAmplitude(process, solution, noise, data, context.run));
    const factor = (own = amplitude) => Math.sqrt(own / amplitude);
    return {
      config: {
        representation: representation.hyperparameters,
        kernel: { zeta: candidate.zeta },
        sparse: { ...config.sparse, count },
        baseline: { type: 'given', energies: bySymbol(baseline) },
        noise,
        ...(sampleWeights !== undefined && { sampleWeights }),
        validation: config.validation,
        uncertainty: config.uncertainty,
        seed: config.seed,
      },
      summary: {
        ...unfinished,
        sparsePoints: Object.fromEntries(
          species.map((number, a) => [chemicalSymbols[number]!, first[a + 1]! - first[a]!]),
        ),
      },
      points: process.points,
      weights: solution.weights,
      covariance: { ...(await process.covariance()), amplitude },
      factors: { forces: factor(known.forces), stress: factor(known.stress) },
    };
  };

  /** Members know too much of structures whose environments all are points. */
  const calibration = () => ({
    data,
    groups,
    structures: [...data.structures.keys()].filter((s) => count !== 'all' || heldOut.has(s)),
    seed: config.seed,
  });

  if (groups.without.length > 0) {
    unfinished.notes.push(...calibrationNotes(calibration().structures.length));
  }

  const report = (done: number) => context.report({ stage: 'errors', done, total: 3 });
  report(0);
  const judged = await judge(
    await make(await parts(false, { energy: 1, forces: 1 })),
    subset(data, (_, s) => heldOut.has(s)),
    { seed: config.seed, ...context.run },
  );
  report(1);
  const learned = async (): Promise<PotentialParts> => {
    const alone = await parts(true, judged.amplitudes);
    if (groups.without.length === 0) return alone;
    const solved = await process.members(noise, groups.without, context.run);
    return {
      ...alone,
      factors: noFactors,
      members: lessWeights(solved, alone.weights),
    };
  };
  // The points that judged leave out held-out structures, which belong to all.
  const again = count === 'all' && heldOut.size > 0;
  let raw = again && groups.without.length === 0 ? undefined : await learned();
  const factors = raw?.members && (await calibrate(await make(raw), calibration(), context.run));
  if (again) {
    process = await fitted({ ...context, isHeldOut: () => false });
    raw = undefined;
  }
  const final = withFactors(raw ?? (await learned()), factors ?? {});
  const { amplitudes } = judged;
  const isGuess = widthOf(amplitudes, data) === undefined && !final.members;
  const guessed = amplitudes.forces === undefined ? 'uncertainties' : 'uncertainties of energies';
  const potential = await make(final);
  const training = await errorsOn(potential, data, context.run);
  report(2);
  const validated = validation && (await errorsOn(potential, validation, context.run));
  report(3);
  return make({
    ...final,
    summary: {
      ...final.summary,
      ...(isGuess && { notes: [...final.summary.notes, noteOnAmplitude(guessed)] }),
      training,
      heldOut: judged.errors,
      ...(validated && { validation: validated }),
      seconds: (performance.now() - start) / 1000,
      peakMemoryBytes: globalThis.process.resourceUsage().maxRSS * 1024,
    },
  });
}

/** The variance of the prior that held-out energies tell; of data without any, what others do. */
const widthOf = ({ energy, forces, stress }: Amplitudes, { targets }: DataSet) =>
  targets.energies ? energy : (forces ?? stress);
