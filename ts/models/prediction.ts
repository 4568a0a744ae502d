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
}

/** What is to be predicted. */
export interface PredictionOptions {
  /** Default true. */
  readonly forces?: boolean | undefined;
  /** Default true; zero for a structure without volume. */
  readonly stress?: boolean | undefined;
  /** Default false. */
  readonly atomEnergies?: boolean | undefined;
  /** Default false: it costs N² kernels for N atoms. */
  readonly uncertainty?: boolean | undefined;
}
