import { validate } from '../common/validation';
import { InvalidInputError } from '../errors';
import type { RepresentationHandle } from '../native/contract';
import { native } from '../native/load';
import { nativeCoupling } from './couplings';
import type { Channels } from './couplings';
import { engineObject } from './engine-objects';
import { channelsOf, nativeExpansion } from '../density/expansion';
import { powerSpectrumSchema, requireSpecies } from './hyperparameters';
import type { PowerSpectrumHyperparameters, ResolvedPowerSpectrum } from './hyperparameters';
import { powerSpectrumLabels } from './labels';
import type { PowerSpectrumLabel } from './labels';
import { EnvironmentRepresentation } from './environment-representation';

/**
 * The SOAP power spectrum p^{αα'}_{nn'l} = (2l+1)^{−1/2} Σ_m c^α_nlm c^{α'}_n'lm of atomic environments:
 * invariant to rotations, translations and the order of atoms.
 *
 * (αn, α'n') and (α'n', αn) are equal; one is stored, times √2, so that the dot product of two rows is the
 * full contraction. Method: Bartók, Kondor and Csányi, Phys. Rev. B 87, 184115 (2013). What the numbers mean
 * to the last sign and factor is in docs/conventions.md.
 *
 * With many elements the full contraction is long: its length grows with the square of their number. `coupling` keeps
 * fewer products, of densities a_q = Σ W_q,αn c^α_n that are sums over elements or radial functions, mixtures or random
 * projections: p_qq'l = (2l+1)^{−1/2} Σ_m a_qlm a_q'lm. Methods: Darby, Kermode and Csányi, npj Comput. Mater. 8, 166
 * (2022); Darby et al., Phys. Rev. Lett. 131, 028001 (2023).
 *
 * @example
 * const soap = new PowerSpectrum({ cutoff: { radius: 5 }, species: ['H', 'O'] });
 * const { values, columns } = await soap.compute(await readStructures('water.xyz'));
 */
export class PowerSpectrum extends EnvironmentRepresentation<
  ResolvedPowerSpectrum,
  PowerSpectrumLabel
> {
  /** @throws InvalidInputError naming the path of what is wrong; NumericalError for a basis that is too large. */
  constructor(hyperparameters: PowerSpectrumHyperparameters) {
    const resolved = requireSpecies(validate(powerSpectrumSchema, hyperparameters));
    super(
      resolved,
      engineObject(resolved, () => create(resolved)),
    );
  }

  override get labels(): PowerSpectrumLabel[] {
    const { coupling, basis, columns } = this.hyperparameters;
    const channels = densitiesOf(this.hyperparameters);
    const labels = powerSpectrumLabels(coupling, channels, basis.maxAngular);
    return columns ? columns.map((column) => labels[column]!) : labels;
  }
}

function densitiesOf(hyperparameters: ResolvedPowerSpectrum): Channels {
  const channels = channelsOf(hyperparameters);
  return {
    species: channels.map(({ species, mixture }) => species ?? mixture!),
    mixed: hyperparameters.channels.type !== 'elements',
    fields: channels.flatMap(({ field }) => field ?? []),
    radialCount: hyperparameters.basis.radial.count,
  };
}

function create(hyperparameters: ResolvedPowerSpectrum): RepresentationHandle {
  const { coupling, longRange, channels } = hyperparameters;
  if (longRange && coupling.type !== 'all') {
    throw new InvalidInputError('beside longRange, expected "all"', { path: 'coupling.type' });
  }
  if (channels.type !== 'elements' && coupling.type !== 'all') {
    throw new InvalidInputError('of channels that are mixtures already, expected "all"', {
      path: 'coupling.type',
    });
  }
  const columns = hyperparameters.columns && Int32Array.from(hyperparameters.columns);
  const expansion = nativeExpansion(hyperparameters);
  if (coupling.type === 'all') return native().createPowerSpectrum(expansion, columns);
  const couplings = nativeCoupling(coupling, densitiesOf(hyperparameters));
  return native().createCoupledPowerSpectrum(expansion, couplings, columns);
}
