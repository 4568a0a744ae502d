import { densityWidth } from '../density/hyperparameters';
import { meanByComposition, reducedFormula } from '../analysis/composition';
import type { Evaluation, Potential } from '../models';
import type { AsyncOptions } from '../native/call';
import { isIsolatedAtom } from '../regression/baseline';
import { potentialQuantities } from '../report/quantities';
import type { Structure } from '../structures/structure';
import type { TargetKeys } from '../structures/targets';
import { calibrationOfSet } from './model-report';
import type { JudgedSet, ReportedModel } from './model-report';
import { formatBytes, formatSeconds, listCounts } from './text';

/** A potential for a report. @param run how structures are predicted that the report asks for. */
export function reportedPotential(
  potential: Potential,
  run: AsyncOptions & { readonly keys?: TargetKeys | undefined },
): ReportedModel {
  const { summary, config } = potential;
  const { representation, kernel } = config;
  const origin = 'relative to the mean of the structures of the same set and composition';
  return {
    title: `Potential of ${Object.keys(summary.sparsePoints).join(', ')}`,
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
    configuration: config,
    notes: summary.notes,
    quantities: () =>
      potentialQuantities.map((quantity) =>
        quantity.key === 'energy' ? { ...quantity, origin } : quantity,
      ),
    training: [{ set: 'Training', errors: { ...summary.training } }],
    heldOut: [{ set: 'Held out', errors: { ...summary.heldOut } }],
    judge: async ({ set, structures }, uncertainty) => {
      const judged = structures.filter((structure) => !isIsolatedAtom(structure));
      return judgedEnergies(set, judged, await potential.evaluate(judged, { ...run, uncertainty }));
    },
  };
}

/** Errors, uncertainties and pairs of predictions and labels, energies measured from the mean of each composition. */
export function judgedEnergies(
  set: string,
  structures: readonly Structure[],
  { energy, forces, stress, parity }: Evaluation,
): JudgedSet {
  const errors = [{ set, errors: { energy, forces, stress } }];
  const keys = ['energy', 'forces', 'stress'] as const;
  const calibration = keys.flatMap((key) => calibrationOfSet(set, key, parity[key]));
  if (!parity.energy) return { errors, parity: { set, pairs: { ...parity } }, calibration };
  const { reference, predicted } = parity.energy;
  const means = meanByComposition(structures, reference);
  const shifted = (energies: Float64Array) =>
    energies.map((value, s) => value - means.get(reducedFormula(structures[s]!))!);
  const pairs = {
    ...parity,
    energy: { reference: shifted(reference), predicted: shifted(predicted) },
  };
  return { errors, parity: { set, pairs }, calibration };
}
