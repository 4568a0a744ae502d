import { pathOf } from '../../common/files';
import type { FilePath } from '../../common/files';
import { asyncKeys, checkOptions } from '../../common/options';
import type { KeysOf } from '../../common/options';
import { Shared } from '../../common/shared';
import { inTurns, mapping } from '../../common/turns';
import { FormatError, InvalidInputError } from '../../errors';
import { mapRows } from '../../math/affine-map';
import type { AsyncOptions } from '../../native/call';
import { ProjectedPosterior } from '../../regression/projected-process';
import { componentsOf } from '../../structures/property';
import { requireStructures, structureAt } from '../../structures/input';
import type { Structure, StructureLike } from '../../structures/structure';
import type { StructureCheck } from '../../structures/batch';
import { elementCheck } from '../element-check';
import type { Parity } from '../evaluation';
import { weightsNamed } from '../sample-weights';
import { addBaseline } from './baseline';
import type { ResolvedPropertyConfig } from './config';
import { listingCentres } from './centres';
import { propertyErrors } from './errors';
import type { PropertyErrors } from './errors';
import { loadProperty, saveProperty } from './file';
import { FeatureGroups } from './feature-groups';
import { assemble } from './irreps';
import { addOther, asGiven, collectingLabels } from './labels';
import { eachComponent, Outputs, spreadOf, summedSquares, whereLearned } from './outputs';
import { PartKernel } from './part-kernel';
import { checkParts } from './parts';
import type { PropertyParts, PropertySummary, PropertyTarget } from './parts';
import { elementsOf } from './prepare';
import { rigidityOf } from './rigidity';
import { requireSameKind } from './test-structures';
import { trainProperty } from './train';
import type { PropertyTrainOptions } from './train';

/** What a model says of one structure of N atoms. */
export interface PropertyPrediction {
  /** Row-major. */
  readonly values: Float64Array;
  /**
   * Shape of the property as labels had it, with N before it for a property of atoms: [] for a number, [N, 3, 3] for
   * tensors, [6] for those in Voigt's order.
   */
  readonly shape: readonly number[];
  /**
   * Standard deviation of each sample (root mean square over its components): one number, or N. NaN where nothing was
   * learned beyond the baseline, whose error is not known.
   */
  readonly uncertainty?: Float64Array;
  /** What each member of the committee says, as `values`. Their standard deviation is that of errors. */
  readonly members?: readonly Float64Array[];
}

/** What is to be predicted. */
export interface PropertyPredictionOptions {
  /** Default false. */
  readonly uncertainty?: boolean | undefined;
  /** Default false; for models with a committee. */
  readonly members?: boolean | undefined;
  /**
   * Only what a model with `baseline.label` has learned, without that property, which structures need not carry then.
   * Default false.
   */
  readonly difference?: boolean | undefined;
}

const predictionKeys: KeysOf<PropertyPredictionOptions> = {
  uncertainty: true,
  members: true,
  difference: true,
};
const predictKeys = { ...predictionKeys, ...asyncKeys };
const evaluateKeys = { ...predictKeys, target: true, sampleWeights: true } as const;

/** How far predictions are from the labels of some structures. */
export interface PropertyEvaluation {
  readonly structures: number;
  readonly atoms: number;
  readonly errors: PropertyErrors;
  /** Wall time of the predictions. */
  readonly seconds: number;
  /** All numbers of labels and predictions. */
  readonly parity: Parity;
  /** Standard deviation of each sample, where it was asked for. */
  readonly uncertainties?: Float64Array;
  /** Predictions of each member of the committee, where they were asked for. */
  readonly members?: readonly Float64Array[];
}

/** Of all samples. */
type Predicted = Pick<PropertyEvaluation, 'uncertainties' | 'members'> & {
  readonly values: Float64Array;
};

/**
 * A model of any property of structures or atoms, be it a number, a vector or a tensor: a Gaussian process on a sum
 * of kernels between environments, sparse or full, symmetry-adapted for tensors (Eq. 13–20 of the review).
 *
 * Numbers of structures are sums or means over environments; a 3 × 3 tensor is learned as its trace, its
 * antisymmetric and its traceless symmetric part, so that predictions turn with the structure.
 *
 * @example
 * const model = await PropertyModel.train(await readStructures('train.xyz'), 'dipole');
 * const [{ values, shape, uncertainty }] = await model.predict([structure], { uncertainty: true });
 * await model.save('dipole.soapstone');
 */
export class PropertyModel {
  /** What kind of model this is. */
  readonly kind = 'property';
  readonly parts: PropertyParts;
  readonly #kernels: readonly PartKernel[];
  readonly #groups: FeatureGroups;
  readonly #check: StructureCheck;
  /** What variances of each part need. */
  readonly #posteriors: readonly Shared<ProjectedPosterior>[];

  /** @throws InvalidInputError when the parts do not fit together. */
  constructor(parts: PropertyParts) {
    checkParts(parts);
    const { config, target, references, fitted } = parts;
    this.parts = parts;
    const { terms, aggregate, gamma, centres } = config;
    const settings = { terms, per: target.per, aggregate, gamma, centres };
    this.#kernels = fitted.map((part) => new PartKernel(settings, part, references));
    this.#posteriors = this.#kernels.map(
      (kernel, p) =>
        new Shared(async (threads) =>
          ProjectedPosterior.create(await kernel.ofReferences({ threads }), fitted[p]!.posterior, {
            threads,
          }),
        ),
    );
    this.#groups = new FeatureGroups(config.terms, fitted);
    const [first] = terms;
    const extrapolates = first!.representation.channels?.type === 'properties';
    const remedy = extrapolates
      ? '; channels.extrapolate with centres: "any" lets others come by their properties'
      : '';
    this.#check = elementCheck(elementsOf(terms, config), 'model', remedy);
  }

  /**
   * Trains a model of the property that structures carry under this name, in `info` for a structure or in `arrays`
   * for each atom. What the configuration leaves open is found from the data: a held-out part of the structures
   * decides, and is fitted with the rest in the end.
   *
   * @throws FormatError naming file and frame where the property is missing, not finite or of another shape;
   *   InvalidInputError for a wrong configuration; AbortError when the signal is aborted.
   */
  static train(
    structures: readonly StructureLike[],
    target: string,
    options: PropertyTrainOptions = {},
  ): Promise<PropertyModel> {
    return trainProperty(structures, target, options, (parts) => new PropertyModel(parts));
  }

  /** Reads a model that {@link save} wrote. @throws FormatError when the file is damaged or of another kind. */
  static async load(file: FilePath): Promise<PropertyModel> {
    const path = pathOf(file);
    return PropertyModel.fromFile(path, await loadProperty(path));
  }

  /** @internal */
  static fromFile(path: string, parts: PropertyParts): PropertyModel {
    // Files of versions that learned [1, 3] and the like number by number.
    const copies = componentsOf(parts.target.shape);
    const byNumber = parts.fitted.some((own) => own.lambda === 0 && own.copies === copies);
    const config = byNumber && copies > 1 ? { ...parts.config, tensor: false } : parts.config;
    try {
      return new PropertyModel({ ...parts, config });
    } catch (cause) {
      const message = `its parts do not fit together: ${(cause as Error).message}`;
      throw new FormatError(message, { file: path, cause });
    }
  }

  /** Writes the model to one file: whole, or not at all. */
  async save(file: FilePath): Promise<void> {
    await saveProperty(pathOf(file), this.parts);
  }

  /** What it predicts. */
  get target(): PropertyTarget {
    return this.parts.target;
  }

  /** Number of members of its committee, 0 without one. */
  get members(): number {
    const [first] = this.parts.fitted;
    return first?.members ? first.members.shape[1] / first.copies : 0;
  }

  /** Atomic numbers of the elements it knows. */
  get species(): readonly number[] {
    return this.parts.config.terms[0]!.representation.species;
  }

  /** Everything that was decided in training. */
  get config(): ResolvedPropertyConfig {
    return this.parts.config;
  }

  /** How the training went. */
  get summary(): PropertySummary {
    return this.parts.summary;
  }

  /**
   * Predicts the property of structures, which for Δ-learning carry the other one. Runs off the event loop.
   *
   * @throws InvalidInputError naming an element that the model does not know.
   */
  async predict(
    input: readonly StructureLike[],
    options: PropertyPredictionOptions & AsyncOptions = {},
  ): Promise<PropertyPrediction[]> {
    checkOptions(options, predictKeys);
    const structures = await this.#prepare(input, options.signal);
    const { values, uncertainties, members } = await this.#predict(structures, options);
    const { per, shape } = this.target;
    const { tensor } = this.config;
    const components = componentsOf(shape);
    let sample = 0;
    return inTurns(
      mapping(structures, ({ length }) => {
        const first = sample;
        sample += per === 'atom' ? length : 1;
        const own = (all: Float64Array) =>
          asGiven(shape, all.slice(first * components, sample * components), tensor);
        const predicted = own(values);
        return {
          values: predicted.values,
          shape: per === 'atom' ? [length, ...predicted.shape] : predicted.shape,
          ...(uncertainties && { uncertainty: uncertainties.slice(first, sample) }),
          ...(members && { members: members.map((all) => own(all).values) }),
        };
      }),
      options.signal,
    );
  }

  /**
   * Compares predictions with the labels that structures carry, by default under the name of training.
   *
   * @param options.sampleWeights the name under which structures, or their atoms, carry how much labels count in
   *   errors. Default: all count alike.
   */
  async evaluate(
    input: readonly StructureLike[],
    options: PropertyPredictionOptions &
      AsyncOptions & {
        readonly target?: string | undefined;
        readonly sampleWeights?: string | undefined;
      } = {},
  ): Promise<PropertyEvaluation> {
    checkOptions(options, evaluateKeys);
    const structures = await this.#prepare(input, options.signal);
    const { target = this.target.name, sampleWeights, signal } = options;
    const labels = await inTurns(collectingLabels(structures, target, this.config.tensor), signal);
    const { per, shape } = this.target;
    requireSameKind(this.target, labels, structures);
    const weights = await weightsNamed(sampleWeights, structures, per, signal);
    const start = performance.now();
    const { values, ...spread } = await this.#predict(structures, options);
    return {
      structures: structures.length,
      atoms: structures.reduce((sum, { length }) => sum + length, 0),
      errors: propertyErrors(structures, labels, values, weights),
      seconds: (performance.now() - start) / 1000,
      parity: {
        reference: labels.values,
        predicted: values,
        ...(spread.uncertainties && {
          uncertainty: eachComponent(spread.uncertainties, componentsOf(shape)),
        }),
      },
      ...spread,
    };
  }

  /** See {@link rigidityOf}. */
  async rigidity(
    input: readonly StructureLike[],
    options: AsyncOptions = {},
  ): Promise<Float64Array[]> {
    checkOptions(options, asyncKeys);
    const structures = await this.#prepare(input, options.signal);
    return rigidityOf(
      this.parts,
      structures,
      (part) => this.#posteriors[part]!.get(options),
      options,
    );
  }

  /** Structures checked: valid, and of known elements. */
  async #prepare(
    input: readonly StructureLike[],
    signal: AbortSignal | undefined,
  ): Promise<Structure[]> {
    requireStructures(input);
    const checking = mapping(input, (given, s) => {
      const structure = structureAt(given, s);
      this.#check(structure, s);
      return structure;
    });
    return inTurns(checking, signal);
  }

  /** All samples of all structures, row-major. */
  async #predict(
    structures: readonly Structure[],
    {
      uncertainty = false,
      members = false,
      difference = false,
      threads,
      signal,
      onProgress,
    }: PropertyPredictionOptions & AsyncOptions,
  ): Promise<Predicted> {
    const run = { threads, signal };
    const { config, target, fitted } = this.parts;
    const { per, shape } = target;
    const samples =
      per === 'atom'
        ? (await inTurns(listingCentres(structures), signal)).species
        : new Int32Array(structures.length);
    if (members) this.#checkCommittee();
    const outputs = new Outputs(fitted, samples, 1);
    const spreads = this.members > 0 && (members || uncertainty);
    const deviations = spreads ? new Outputs(fitted, samples, this.members) : undefined;
    const single = fitted.map((part) => ({ ...part, copies: 1, scale: 1 }));
    const variances = uncertainty && !deviations ? new Outputs(single, samples, 1) : undefined;
    const columns = this.#kernels.reduce(
      (most, { size, components }) => Math.max(most, size * components),
      0,
    );
    let done = 0;
    for await (const group of this.#groups.of(structures, columns, run)) {
      for (const [p, { copies, scale, weights, members: committee }] of fitted.entries()) {
        const { kernel, distinct } = await this.#kernels[p]!.rows(group, run);
        if (kernel.shape[0] === 0) continue;
        outputs.add(p, await mapRows(kernel, { matrix: weights }, run), distinct);
        deviations?.add(p, await mapRows(kernel, { matrix: committee! }, run), distinct);
        if (!variances) continue;
        const all = await this.#kernels[p]!.diagonal(group, run);
        const diagonal = distinct ? Float64Array.from(distinct.rows, (row) => all[row]!) : all;
        const posterior = await this.#posteriors[p]!.get(run);
        const variance = await posterior.variance(kernel, diagonal, run);
        const values = variance.map((v) => copies * scale ** 2 * v);
        variances.add(p, { values, shape: [values.length, 1] }, distinct);
      }
      done += group.structures.length;
      onProgress?.(done, structures.length);
    }
    const predicted = outputs.parts(0);
    await addBaseline(predicted, this.parts, structures, samples.length, signal);
    const values = assemble(predicted, shape, config.tensor, samples.length);
    if (!difference) await addOther(values, structures, config, signal);
    const result: Predicted = { values };
    if (variances) {
      // A tensor and its spherical parts have the same square: variances add up, whatever the frame.
      const total = summedSquares(variances.parts(0), samples.length);
      const perComponent = this.parts.amplitude / componentsOf(shape);
      const uncertainties = total.map((v) => Math.sqrt(v * perComponent));
      return { ...result, uncertainties: whereLearned(uncertainties, fitted, samples) };
    }
    if (!deviations) return result;
    const committee = await inTurns(
      mapping(Array.from({ length: this.members }), (_, i) =>
        assemble(deviations.parts(i), shape, config.tensor, samples.length),
      ),
      signal,
    );
    return {
      ...result,
      ...(uncertainty && {
        uncertainties: whereLearned(spreadOf(committee, componentsOf(shape)), fitted, samples),
      }),
      ...(members && { members: committee.map((own) => own.map((d, i) => values[i]! + d)) }),
    };
  }

  #checkCommittee(): void {
    if (this.members > 0) return;
    throw new InvalidInputError(
      this.parts.fitted.length === 0
        ? 'this model has learned nothing beyond its baseline: it has no committee'
        : 'this model has no committee: train it with "uncertainty": {"type": "committee"}',
      { path: 'members' },
    );
  }
}
