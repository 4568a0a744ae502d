import type { KeysOf } from '../common/options';

/** What a potential says of one structure of N atoms. */
export interface Prediction {
  /** Total energy in eV. */
  readonly energy: number;
  /** −∂E/∂r in eV/Å, N × 3. */
  readonly forces?: Float64Array;
  /** (1/V) ∂E/∂ε in eV/Å³, 3 × 3; zero for a structure without volume. */
  readonly stress?: Float64Array;
  /** Energies of the atoms in eV; they add up to the total. */
  readonly atomEnergies?: Float64Array;
  /** Standard deviation of the energy in eV. */
  readonly energyUncertainty?: number;
  /** Standard deviations of the components of forces in eV/Å, N × 3. */
  readonly forcesUncertainty?: Float64Array;
  /** Standard deviations of the components of the stress in eV/Å³, 3 × 3; zero for a structure without volume. */
  readonly stressUncertainty?: Float64Array;
  /** What each member of the committee says; their forces and stresses are derivatives of their energies. */
  readonly members?: readonly MemberPrediction[];
}

/** What a member of a committee says. */
export type MemberPrediction = Pick<Prediction, 'energy' | 'forces' | 'stress'>;

/** What is to be predicted. */
export interface PredictionOptions {
  /** Default true. */
  readonly forces?: boolean | undefined;
  /** Default true; zero for a structure without volume. */
  readonly stress?: boolean | undefined;
  /** Default false. */
  readonly atomEnergies?: boolean | undefined;
  /**
   * Default false. `true`: of the energy, which costs N² kernels for N atoms; of all that is predicted where the potential
   * has a committee. `'all'`: of all that is predicted by any potential, which without a committee takes many times as
   * long as the forces.
   */
  readonly uncertainty?: boolean | 'all' | undefined;
  /** Default false; for potentials with a committee. */
  readonly members?: boolean | undefined;
}

export const predictionKeys: KeysOf<PredictionOptions> = {
  forces: true,
  stress: true,
  atomEnergies: true,
  uncertainty: true,
  members: true,
};
