import { InvalidInputError } from '../errors';
import { PropertyModel } from '../models';
import type {
  PropertyConfig,
  PropertyErrors,
  PropertyEvaluation,
  PropertyPrediction,
} from '../models';
import { checkPropertyConfig } from '../models/property/config';
import { Structure } from '../structures/structure';
import { describeChannels } from './channels-text';
import { evaluateModel } from './evaluate-model';
import type { EvaluableModel, EvaluateFlags } from './evaluate-model';
import { refuseForcesUncertainty } from './flags';
import type { KeyFlags } from './flags';
import { say, writeJson } from './io';
import type { Io } from './io';
import { judgedProperty, reportedProperty } from './property-report';
import { describeTarget, describeTerm, elementsOf } from './property-text';
import {
  alignColumns,
  calibrationForJson,
  formatBytes,
  formatSeconds,
  listCounts,
  listFacts,
} from './text';
import { trainModel } from './train-model';
import type { TrainableKind, TrainFlags } from './train-model';

/*
 * What `train`, `evaluate`, `predict` and `info` do with models of properties.
 */

/** Fails for flags that mean nothing for a property; dropping them would mislead. */
export function refuseKeys(flags: KeyFlags): void {
  const names = {
    energyKey: '--energy-key',
    forcesKey: '--forces-key',
    stressKey: '--stress-key',
  } as const;
  for (const [key, flag] of Object.entries(names)) {
    if (flags[key as keyof typeof names] === undefined) continue;
    throw new InvalidInputError('expected for potentials only, not for models of a property', {
      path: flag,
    });
  }
}

/** `train --target NAME`. */
export async function trainProperty(
  files: readonly string[],
  target: string,
  flags: TrainFlags,
  io: Io,
): Promise<void> {
  refuseKeys(flags);
  const kind: TrainableKind<PropertyConfig> = {
    checkConfig: checkPropertyConfig,
    train: async (structures, options) => {
      const model = await PropertyModel.train(structures, target, options);
      const { summary } = model;
      const { threads, signal } = options;
      return {
        model,
        summary,
        reported: reportedProperty(model, { threads, signal }),
        json: () => summaryForJson(model),
        table: () => summaryTable(model),
        basis: `references ${listCounts(summary.references)}`,
        name: `model of ${target}`,
      };
    },
  };
  await trainModel(files, flags, kind, io);
}

/** `evaluate` with a model of a property. `--target` is the name of the labels. */
export async function evaluateProperty(
  model: PropertyModel,
  files: readonly string[],
  flags: EvaluateFlags,
  io: Io,
): Promise<void> {
  refuseForcesUncertainty(flags.forcesUncertainty);
  refuseKeys(flags);
  const { target = model.target.name, threads } = flags;
  const kind: EvaluableModel<PropertyEvaluation> = {
    evaluate: (structures, uncertainty, run) =>
      model.evaluate(structures, { target, uncertainty, ...run }),
    reported: reportedProperty(model, { threads }),
    judge: (named, evaluation) => judgedProperty(model, named, evaluation),
    json: ({ errors, parity }) => {
      const calibrated = { ...errorsForJson(errors), ...calibrationForJson(parity) };
      // Under its name, too, where that is not one of the others.
      return { [target]: calibrated, target, errors: calibrated };
    },
    table: (name, { errors }) => errorTable([[name, errors]], model.target.unit),
  };
  await evaluateModel(files, flags, kind, io);
}

/** The structure with the predicted property in place of its own, and its uncertainty; all else is kept. */
export function withProperty(
  structure: Structure,
  { target: { per }, target }: PropertyModel,
  { values, shape, uncertainty }: PropertyPrediction,
  name = target.name,
): Structure {
  const { positions, species, cell, pbc, info, arrays } = structure;
  const deviation = `${name}_uncertainty`;
  if (per === 'structure') {
    const value = shape.length === 0 ? values[0]! : { data: values, shape };
    const added = { [name]: value, ...(uncertainty && { [deviation]: uncertainty[0]! }) };
    return new Structure({ positions, species, cell, pbc, arrays, info: { ...info, ...added } });
  }
  // Extended XYZ has columns: a tensor of an atom is a row of numbers.
  const columns = shape.slice(1).reduce((product, extent) => product * extent, 1);
  const flat = columns === 1 ? [structure.length] : [structure.length, columns];
  const added = {
    [name]: { data: values, shape: flat },
    ...(uncertainty && { [deviation]: { data: uncertainty, shape: [structure.length] } }),
  };
  return new Structure({ positions, species, cell, pbc, info, arrays: { ...arrays, ...added } });
}

/** `info` of a model of a property. */
export function describeProperty(
  model: PropertyModel,
  file: string,
  bytes: number,
  { json }: { readonly json?: true | undefined },
  io: Io,
): void {
  const { summary, config, target } = model;
  if (json) {
    writeJson(io.stdout, { model: file, bytes, ...summaryForJson(model), notes: summary.notes });
    return;
  }
  const facts = listFacts([
    ['model', `${file} (${formatBytes(bytes)})`],
    ['predicts', `${target.name}, ${describeTarget(target)}`],
    ['elements', elementsOf(model).join(', ')],
    ...(config.baseline.label === undefined
      ? []
      : [['needs', `${config.baseline.label}, to which the difference is learned`] as const]),
    ['trained on', `${summary.structures} structures, ${summary.atoms} atoms`],
    ['took', `${formatSeconds(summary.seconds)}, ${formatBytes(summary.peakMemoryBytes)} at most`],
    ['regression', `${config.regression.type}, references ${listCounts(summary.references)}`],
    ...(target.per === 'structure' ? [['structures', config.aggregate] as const] : []),
    ...(config.sampleWeights === undefined ? [] : [['weights', config.sampleWeights] as const]),
    ['uncertainty', model.members > 0 ? `committee of ${model.members}` : 'variance'],
    ...config.terms.map((term, index) => [`kernel ${index + 1}`, describeTerm(term)] as const),
    ...config.terms.flatMap(({ representation }, index) =>
      describeChannels(representation).map((text) => [`channels ${index + 1}`, text] as const),
    ),
  ]);
  for (const line of [...facts, '', ...summaryTable(model)]) say(io.stdout, line);
  for (const note of summary.notes) say(io.stdout, `note: ${note}`);
}

function summaryForJson(model: PropertyModel) {
  const { summary, config, target } = model;
  const { name } = target;
  return {
    target,
    species: elementsOf(model),
    structures: summary.structures,
    atoms: summary.atoms,
    references: summary.references,
    configuration: config,
    training: { [name]: errorsForJson(summary.training) },
    ...(summary.heldOut && { heldOut: { [name]: errorsForJson(summary.heldOut) } }),
    ...(summary.validation && { validation: { [name]: errorsForJson(summary.validation) } }),
    seconds: summary.seconds,
    peakMemoryBytes: summary.peakMemoryBytes,
  };
}

/** Errors as JSON output has them, in the unit of the property. */
function errorsForJson({ mae, rmse, rmsRelative, perSpecies }: PropertyErrors): object {
  return {
    mae,
    rmse,
    rmsRelative,
    ...(perSpecies && {
      perSpecies: Object.fromEntries(
        Object.entries(perSpecies).map(([symbol, errors]) => [symbol, errorsForJson(errors)]),
      ),
    }),
  };
}

const summaryTable = ({ summary, target }: PropertyModel): string[] =>
  errorTable(
    [
      ['training', summary.training],
      ...(summary.heldOut ? [['held out', summary.heldOut] as const] : []),
      ...(summary.validation ? [['validation', summary.validation] as const] : []),
    ],
    target.unit,
  );

/** Lines of a table of errors, with those of each element below. */
function errorTable(
  sets: readonly (readonly [name: string, errors: PropertyErrors])[],
  unit: string | undefined,
): string[] {
  const row = (name: string, { mae, rmse, rmsRelative }: PropertyErrors) => [
    name,
    mae.toPrecision(4),
    rmse.toPrecision(4),
    `${(100 * rmsRelative).toPrecision(3)} %`,
  ];
  const rows = sets.flatMap(([name, errors]) => [
    row(name, errors),
    ...Object.entries(errors.perSpecies ?? {}).map(([symbol, own]) => row(`  ${symbol}`, own)),
  ]);
  const units = unit === undefined ? [] : [['', unit, unit, '']];
  return alignColumns([['', 'MAE', 'RMSE', 'RMSE / rms'], ...units, ...rows]);
}
