import { validate } from '../common/validation';
import { callSync } from '../native/call';
import type { RepresentationHandle } from '../native/contract';
import { native } from '../native/load';
import { powerSpectrumSchema, requireSpecies } from './hyperparameters';
import type { PowerSpectrumHyperparameters, ResolvedPowerSpectrum } from './hyperparameters';
import { powerSpectrumLabels } from './labels';
import type { PowerSpectrumLabel } from './labels';
import { Representation } from './representation';

/**
 * The SOAP power spectrum p^{αα'}_{nn'l} = (2l+1)^{−1/2} Σ_m c^α_nlm c^{α'}_n'lm of atomic environments:
 * invariant to rotations, translations and the order of atoms.
 *
 * (αn, α'n') and (α'n', αn) are equal; one is stored, times √2, so that the dot product of two rows is the
 * full contraction. Method: Bartók, Kondor and Csányi, Phys. Rev. B 87, 184115 (2013). What the numbers mean
 * to the last sign and factor is in docs/conventions.md.
 *
 * @example
 * const soap = new PowerSpectrum({ cutoff: { radius: 5 }, species: ['H', 'O'] });
 * const { values, columns } = await soap.compute(await readStructures('water.xyz'));
 */
export class PowerSpectrum extends Representation<ResolvedPowerSpectrum, PowerSpectrumLabel> {
  /** @throws InvalidInputError naming the path of what is wrong; NumericalError for a basis that is too large. */
  constructor(hyperparameters: PowerSpectrumHyperparameters) {
    const resolved = requireSpecies(validate(powerSpectrumSchema, hyperparameters));
    super(resolved, engineObject(resolved));
  }

  override get labels(): PowerSpectrumLabel[] {
    const { species, basis } = this.hyperparameters;
    return powerSpectrumLabels(species, basis.maxAngular, basis.radial.count);
  }
}

/** Engine objects in use: they never change, and their splines take some 30 ms to make. */
const inUse = new Map<string, WeakRef<RepresentationHandle>>();

/** The engine's object for these hyperparameters. */
function engineObject(hyperparameters: ResolvedPowerSpectrum): RepresentationHandle {
  const key = JSON.stringify({ ...hyperparameters, normalize: undefined });
  const handle = inUse.get(key)?.deref() ?? create(hyperparameters);
  for (const [other, reference] of inUse) if (!reference.deref()) inUse.delete(other);
  inUse.set(key, new WeakRef(handle));
  return handle;
}

function create({ cutoff, density, basis, species }: ResolvedPowerSpectrum): RepresentationHandle {
  return callSync(() =>
    native().createPowerSpectrum({
      cutoff: cutoff.radius,
      width: cutoff.smoothing.width,
      ...(density.scaling && { scaling: density.scaling }),
      gaussianWidth: density.width,
      centerWeight: density.centerWeight,
      maxAngular: basis.maxAngular,
      radialCount: basis.radial.count,
      accuracy: basis.accuracy,
      species: Int32Array.from(species),
    }),
  );
}
