import { validate } from '../common/validation';
import { native } from '../native/load';
import { engineObject } from './engine-objects';
import { nativeExpansion } from './expansion';
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
    super(
      resolved,
      engineObject(resolved, () => native().createPowerSpectrum(nativeExpansion(resolved))),
    );
  }

  override get labels(): PowerSpectrumLabel[] {
    const { species, basis } = this.hyperparameters;
    return powerSpectrumLabels(species, basis.maxAngular, basis.radial.count);
  }
}
