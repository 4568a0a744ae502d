import { densityWidth } from '../density/hyperparameters';
import { errorsWithUncertainty } from '../analysis/calibration';
import { meanByComposition, reducedFormula } from '../analysis/composition';
import type { Parity, Potential } from '../models';
import { isIsolatedAtom } from '../regression/baseline';
import { quantities } from '../report/quantities';
import type { ReportData, SetCalibration, SetErrors, SetParity } from '../report';
import type { Structure } from '../structures/structure';
import type { TargetKeys } from '../structures/targets';
import { packageVersion } from './package';
import { formatBytes, formatSeconds, listCounts } from './text';

/** Structures by the name under which a report shows them. */
export interface NamedStructures {
  readonly set: string;
  readonly structures: readonly Structure[];
}

export interface TrainingReportOptions {
  /** What the potential was trained on, in words. */
  readonly trainedOn: string;
  readonly keys?: TargetKeys | undefined;
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The report of a training: its errors and settings, and predictions for its structures.
 *
 * @param tests further structures with labels, which were not fitted.
 */
export async function trainingReport(
  potential: Potential,
  training: readonly Structure[],
  tests: readonly NamedStructures[],
  options: TrainingReportOptions,
): Promise<ReportData & { readonly errors: readonly SetErrors[] }> {
  const { summary, config } = potential;
  const fitted = training.filter((structure) => !isIsolatedAtom(structure));
  const { parity } = await judge(
    potential,
    { set: 'Training', structures: fitted },
    options,
    false,
  );
  const judged = [];
  for (const test of tests) judged.push(await judge(potential, test, options, true));
  const { representation, kernel } = config;
  return {
    title: `Potential of ${Object.keys(summary.sparsePoints).join(', ')}`,
    description:
      `Trained on ${options.trainedOn}. Held-out structures decided the settings that were not given; ` +
      'the potential was then fitted to all.',
    summary: [
      { label: 'Structures', value: summary.structures },
      { label: 'Atoms', value: summary.atoms },
      { label: 'Sparse points', value: listCounts(summary.sparsePoints) },
      { label: 'Cutoff', value: representation.cutoff.radius, unit: 'Å' },
      { label: 'Width of the density', value: densityWidth(representation.density), unit: 'Å' },
      { label: 'Power of the kernel', value: kernel.zeta },
      { label: 'Time', value: formatSeconds(summary.seconds) },
      { label: 'Memory at most', value: formatBytes(summary.peakMemoryBytes) },
    ],
    errors: [
      { set: 'Training', ...summary.training },
      { set: 'Held out', ...summary.heldOut },
      ...judged.map(({ errors }) => errors),
    ],
    parity: [parity, ...judged.map((test) => test.parity)],
    calibration: judged.flatMap((test) => test.calibration),
    configuration: config,
    notes: summary.notes,
    versions: { soapstone: packageVersion(), 'Node.js': process.versions.node },
  };
}

/** Errors and pairs of predictions and labels, energies measured from the mean of each composition. */
async function judge(
  potential: Potential,
  { set, structures }: NamedStructures,
  { keys, threads, signal }: TrainingReportOptions,
  uncertainty: boolean,
): Promise<{ errors: SetErrors; parity: SetParity; calibration: SetCalibration[] }> {
  const evaluation = await potential.evaluate(structures, { keys, threads, signal, uncertainty });
  const { energy, forces, stress, parity } = evaluation;
  const errors = { set, energy, forces, stress };
  const calibration = quantities.flatMap(({ key, name, unit }) =>
    calibrationOfSet(set, name, unit, parity[key]),
  );
  if (!parity.energy) return { errors, parity: { set, ...parity }, calibration };
  const means = meanByComposition(structures, parity.energy.reference);
  const shifted = (energies: Float64Array) =>
    energies.map((value, s) => value - means.get(reducedFormula(structures[s]!))!);
  const { reference, predicted } = parity.energy;
  return {
    errors,
    parity: {
      set,
      ...parity,
      energy: { reference: shifted(reference), predicted: shifted(predicted) },
      energyOrigin: 'relative to the mean of the structures of the same set and composition',
    },
    calibration,
  };
}

/** Errors and uncertainties as a report shows them; none where uncertainties are not known. */
export function calibrationOfSet(
  set: string,
  name: string,
  unit: string | undefined,
  parity: Parity | undefined,
): SetCalibration[] {
  return parity?.uncertainty ? [{ set, name, unit, ...errorsWithUncertainty(parity) }] : [];
}
