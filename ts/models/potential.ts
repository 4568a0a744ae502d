import { callAsync, callSync } from '../native/call';
import type { AsyncOptions, SyncOptions } from '../native/call';
import type { CommitteeHandle, NativePotential, PotentialHandle } from '../native/contract';
import { native } from '../native/load';
import { PowerSpectrum } from '../representations';
import type { Covariance } from '../regression/sparse-gaussian-process';
import type { SparsePoints } from '../regression/sparse-points';
import { pathOf } from '../common/files';
import type { FilePath } from '../common/files';
import type { Matrix } from '../common/matrix';
import { asyncKeys, checkOptions, syncKeys } from '../common/options';
import { Shared } from '../common/shared';
import { atOnce, inTurns, Pace } from '../common/turns';
import type { Steps } from '../common/turns';
import { toBatch, toBatchInTurns } from '../structures/batch';
import type { StructureBatch, StructureCheck } from '../structures/batch';
import { chemicalSymbols } from '../structures/elements';
import { checkedStructures } from '../structures/input';
import type { StructureLike } from '../structures/structure';
import { extractTargetsInTurns } from '../structures/targets';
import type { TargetKeys } from '../structures/targets';
import { FormatError, InvalidInputError } from '../errors';
import type { ResolvedPotentialConfig } from './config';
import { membersOf, spread } from './deviations';
import type { Deviations, DerivativeFactors } from './deviations';
import { elementCheck } from './element-check';
import { compare, errorsOf } from './evaluation';
import type { Errors, Parities } from './evaluation';
import { loadPotential, savePotential } from './file';
import { checkParts } from './potential-parts';
import { predictionKeys } from './prediction';
import type { Prediction, PredictionOptions } from './prediction';
import { weightsNamed } from './sample-weights';
import type { TrainingSummary } from './summary';
import { train } from './train';
import type { TrainOptions } from './train';

/** All that a potential is made of, and all that its file holds. */
export interface PotentialParts {
  readonly config: ResolvedPotentialConfig;
  readonly summary: TrainingSummary;
  readonly points: SparsePoints;
  /** M weights, eV. */
  readonly weights: Float64Array;
  /** For uncertainties. */
  readonly covariance: Covariance & {
    /** Variance of the prior, eV². */
    readonly amplitude: number;
  };
  readonly factors: DerivativeFactors;
  /** Of a committee, M × N: what the weights of its members are more than those above, eV; their mean is zero. */
  readonly members?: Matrix | undefined;
}

/** How far predictions are from the labels of some structures. */
export interface Evaluation extends Errors {
  readonly structures: number;
  readonly atoms: number;
  /** Wall time of the predictions. */
  readonly seconds: number;
  /** What was compared. */
  readonly parity: Parities;
  /** What was converted, is missing or looks odd in the labels. */
  readonly notes: readonly string[];
}

/**
 * A trained interatomic potential: E = Σ_i (e_α(i) + Σ_m w_m (p̂_i · p̂_m)^ζ) with p̂ normalised power spectra,
 * a sparse Gaussian process. Forces and stresses are exact derivatives of the energy.
 *
 * @example
 * const { potential } = await Potential.train(await readStructures('train.xyz'));
 * const [{ energy, forces }] = await potential.predict([structure]);
 * await potential.save('silicon.soapstone');
 */
export class Potential {
  /** What kind of model this is. */
  readonly kind = 'potential';
  readonly parts: PotentialParts;
  readonly #handle: PotentialHandle;
  /** Names an element that the potential does not know. */
  readonly #check: StructureCheck;
  /** The engine's committee. */
  readonly #committee: Shared<CommitteeHandle>;

  /** @throws InvalidInputError when the parts do not fit together. */
  constructor(parts: PotentialParts);
  /** @internal With the engine's object made before. */
  constructor(parts: PotentialParts, handle: PotentialHandle);
  constructor(
    parts: PotentialParts,
    handle = callSync((call) => native().createPotential(engineParts(checkParts(parts)), call)),
  ) {
    this.parts = parts;
    this.#handle = handle;
    this.#check = elementCheck(this.species, 'potential');
    this.#committee = new Shared((threads) =>
      callAsync((call) => native().createCommittee(committeeParts(parts), call), { threads }),
    );
  }

  /** The same as the constructor, without holding up the event loop where there are thousands of sparse points. */
  static async create(parts: PotentialParts): Promise<Potential> {
    const checked = checkParts(parts);
    const handle = await callAsync((call) => native().createPotential(engineParts(checked), call));
    return new Potential(parts, handle);
  }

  /**
   * Trains a potential on structures with energies, forces and stresses or any subset of them. Without any
   * configuration it finds elements, baseline, cutoff, number of sparse points and noise levels by itself:
   * a held-out part of the structures decides, and is fitted with the rest in the end.
   *
   * @throws FormatError naming file and frame where a label is missing or wrong; InvalidInputError for a wrong
   *   configuration; AbortError when the signal is aborted.
   */
  static async train(
    structures: readonly StructureLike[],
    options: TrainOptions = {},
  ): Promise<{ readonly potential: Potential; readonly summary: TrainingSummary }> {
    const potential = await train(structures, options, (parts) => Potential.create(parts));
    return { potential, summary: potential.summary };
  }

  /**
   * Reads a potential that {@link save} wrote, the same to the last bit.
   *
   * @throws FormatError when the file is damaged, truncated, of a newer format or of another kind.
   */
  static async load(file: FilePath): Promise<Potential> {
    const path = pathOf(file);
    return Potential.fromFile(path, await loadPotential(path));
  }

  /** @internal */
  static async fromFile(path: string, parts: PotentialParts): Promise<Potential> {
    try {
      return await Potential.create(parts);
    } catch (cause) {
      throw new FormatError(`its parts do not fit together: ${(cause as Error).message}`, {
        file: path,
        cause,
      });
    }
  }

  /** Writes the potential to one file: whole, or not at all. */
  async save(file: FilePath): Promise<void> {
    await savePotential(pathOf(file), this.parts);
  }

  /** Atomic numbers of the elements it knows. */
  get species(): readonly number[] {
    return this.parts.config.representation.species;
  }

  /** Number of members of its committee, 0 without one. */
  get members(): number {
    return this.parts.members?.shape[1] ?? 0;
  }

  /** Everything that was decided in training. */
  get config(): ResolvedPotentialConfig {
    return this.parts.config;
  }

  /** How the training went. */
  get summary(): TrainingSummary {
    return this.parts.summary;
  }

  /**
   * Predicts energies, forces and stresses. Runs off the event loop; progress counts atoms.
   *
   * @throws InvalidInputError naming an element that the potential does not know.
   */
  async predict(
    structures: readonly StructureLike[],
    options: PredictionOptions & AsyncOptions = {},
  ): Promise<Prediction[]> {
    checkOptions(options, predictKeys);
    const batch = await toBatchInTurns(structures, this.#check, options.signal);
    const out = allocate(batch, options, this.members);
    await callAsync((call) => native().predict(this.#handle, batch, out, call), options);
    const { deviations } = out;
    if (deviations) {
      const { threads, signal } = options;
      const committee = await this.#committee.get({ threads, signal });
      await callAsync((call) => native().predictMembers(committee, batch, deviations, call), {
        threads,
        signal,
      });
    }
    return inTurns(this.#splitting(batch, out, options), options.signal);
  }

  /** The same on the calling thread, which waits for it. See {@link predict}. */
  predictSync(
    structures: readonly StructureLike[],
    options: PredictionOptions & SyncOptions = {},
  ): Prediction[] {
    checkOptions(options, predictSyncKeys);
    const batch = toBatch(structures, this.#check);
    const out = allocate(batch, options, this.members);
    callSync((call) => native().predict(this.#handle, batch, out, call), options);
    const { deviations } = out;
    if (deviations) {
      const committee = this.#committee.getSync(() =>
        callSync((call) => native().createCommittee(committeeParts(this.parts), call)),
      );
      callSync((call) => native().predictMembers(committee, batch, deviations, call), options);
    }
    return atOnce(this.#splitting(batch, out, options));
  }

  /**
   * Local prediction rigidity of each atom of each structure: how firmly training holds the energy of an atom, from 1
   * for an environment that it says nothing of (see `localPredictionRigidity`).
   */
  async rigidity(
    structures: readonly StructureLike[],
    options: AsyncOptions = {},
  ): Promise<Float64Array[]> {
    checkOptions(options, asyncKeys);
    const batch = await toBatchInTurns(structures, this.#check, options.signal);
    const { species, offsets } = batch;
    const rigidity = new Float64Array(species.length);
    await callAsync(
      (call) => native().potentialRigidity(this.#handle, batch, rigidity, call),
      options,
    );
    return structures.map((_, s) => rigidity.slice(offsets[s], offsets[s + 1]));
  }

  /**
   * Compares predictions, and their uncertainties if asked, with the labels that structures carry.
   *
   * @param options.sampleWeights the name under which structures carry how much their labels count in errors. Default:
   *   all count alike.
   */
  async evaluate(
    structures: readonly StructureLike[],
    options: AsyncOptions & {
      readonly keys?: TargetKeys | undefined;
      readonly uncertainty?: PredictionOptions['uncertainty'];
      readonly sampleWeights?: string | undefined;
    } = {},
  ): Promise<Evaluation> {
    const { keys, sampleWeights, uncertainty, ...run } = checkOptions(options, {
      ...asyncKeys,
      keys: true,
      uncertainty: true,
      sampleWeights: true,
    });
    const { signal } = run;
    const all = await checkedStructures(structures, signal);
    const targets = await extractTargetsInTurns(all, keys, { requireEnergy: false, signal });
    const weights = await weightsNamed(sampleWeights, all, 'structure', signal);
    const start = performance.now();
    const predictions = await this.predict(all, {
      ...run,
      uncertainty,
      forces: targets.forces.some(Boolean),
      stress: targets.stresses.some(Boolean),
    });
    const seconds = (performance.now() - start) / 1000;
    const parity = compare(all, targets, predictions);
    return {
      structures: all.length,
      atoms: all.reduce((sum, { length }) => sum + length, 0),
      ...errorsOf(parity, targets, weights),
      seconds,
      parity,
      notes: targets.notes,
    };
  }

  /** One prediction for each structure. */
  *#splitting(
    { offsets }: StructureBatch,
    out: Output,
    options: PredictionOptions,
  ): Steps<Prediction[]> {
    const pace = new Pace();
    const predictions: Prediction[] = [];
    const { factors } = this.parts;
    const deviations = (variances: Float64Array, factor: number) =>
      variances.map((variance) => factor * Math.sqrt(variance));
    for (const [s, energy] of out.energy.entries()) {
      const [from, to] = [offsets[s]!, offsets[s + 1]!];
      const prediction = {
        energy,
        ...(out.forces && { forces: out.forces.slice(3 * from, 3 * to) }),
        ...(out.stress && { stress: out.stress.slice(9 * s, 9 * s + 9) }),
        ...(out.atomEnergies && { atomEnergies: out.atomEnergies.slice(from, to) }),
        ...(out.variance && { energyUncertainty: Math.sqrt(out.variance[s]!) }),
        ...(out.forcesVariance && {
          forcesUncertainty: deviations(
            out.forcesVariance.subarray(3 * from, 3 * to),
            factors.forces,
          ),
        }),
        ...(out.stressVariance && {
          stressUncertainty: deviations(
            out.stressVariance.subarray(9 * s, 9 * s + 9),
            factors.stress,
          ),
        }),
      };
      predictions.push({
        ...prediction,
        ...(out.deviations &&
          spread(factors, prediction, membersOf(out.deviations, offsets, s), options)),
      });
      if (pace.passed(workPerStructure + (1 + this.members) * (to - from))) yield;
    }
    return predictions;
  }
}

/** A committee as the engine takes it. */
function committeeParts(parts: PotentialParts) {
  const { values, shape } = parts.members!;
  return { ...engineParts(parts), weights: values, members: shape[1] };
}

/** A potential as the engine takes it. */
function engineParts({ config, points, weights, covariance }: PotentialParts): NativePotential {
  const { representation, kernel, baseline } = config;
  const species = [...representation.species];
  return {
    representation: new PowerSpectrum({ ...representation, species }).handle,
    points: points.values,
    first: points.first,
    zeta: kernel.zeta,
    weights,
    baseline: Float64Array.from(species, (n) => baseline.energies[chemicalSymbols[n]!]!),
    covariance,
  };
}

const predictKeys = { ...predictionKeys, ...asyncKeys };
const predictSyncKeys = { ...predictionKeys, ...syncKeys };

interface Output {
  readonly energy: Float64Array;
  readonly atomEnergies?: Float64Array;
  readonly forces?: Float64Array;
  readonly stress?: Float64Array;
  readonly variance?: Float64Array;
  readonly forcesVariance?: Float64Array;
  readonly stressVariance?: Float64Array;
  readonly deviations?: Deviations;
}

function allocate(batch: StructureBatch, options: PredictionOptions, committee: number): Output {
  const { forces = true, stress = true, atomEnergies = false, uncertainty = false } = options;
  const { members = false } = options;
  if (members && committee === 0) {
    throw new InvalidInputError(
      'this potential has no committee: train it with "uncertainty": {"type": "committee"}',
      { path: 'members' },
    );
  }
  if (typeof uncertainty !== 'boolean' && uncertainty !== 'all') {
    throw new InvalidInputError(`expected true, false or "all", got ${String(uncertainty)}`, {
      path: 'uncertainty',
    });
  }
  const structures = batch.offsets.length - 1;
  const derivatives = uncertainty === 'all' && committee === 0;
  return {
    energy: new Float64Array(structures),
    ...(atomEnergies && { atomEnergies: new Float64Array(batch.species.length) }),
    ...(forces && { forces: new Float64Array(batch.positions.length) }),
    ...(stress && { stress: new Float64Array(batch.cells.length) }),
    ...(uncertainty && committee === 0 && { variance: new Float64Array(structures) }),
    ...(derivatives && forces && { forcesVariance: new Float64Array(batch.positions.length) }),
    ...(derivatives && stress && { stressVariance: new Float64Array(batch.cells.length) }),
    ...((members || (uncertainty && committee > 0)) && {
      deviations: {
        energy: new Float64Array(committee * structures),
        ...(forces && { forces: new Float64Array(committee * batch.positions.length) }),
        ...(stress && { stress: new Float64Array(committee * batch.cells.length) }),
      },
    }),
  };
}

/** What it takes to make the arrays of a prediction, beside numbers that are copied. */
const workPerStructure = 200;
