import type { MemberPrediction, Prediction, PredictionOptions } from './prediction';

/**
 * By what standard deviations of forces and stresses are multiplied besides: variances and members are as wide as energies
 * err, or what else there are labels of.
 */
export interface DerivativeFactors {
  readonly forces: number;
  readonly stress: number;
}

/** Of a potential that is not calibrated on forces or stresses. */
export const noFactors: DerivativeFactors = { forces: 1, stress: 1 };

/** What members predict more than the potential, for all structures of a batch, one member after the other. */
export interface Deviations {
  readonly energy: Float64Array;
  readonly forces?: Float64Array;
  readonly stress?: Float64Array;
}

/** The deviations of each member for structure s of a batch. */
export function membersOf(
  { energy, forces, stress }: Deviations,
  offsets: Int32Array,
  s: number,
): MemberPrediction[] {
  const structures = offsets.length - 1;
  const atoms = offsets[structures]!;
  return Array.from({ length: energy.length / structures }, (_, i) => ({
    energy: energy[i * structures + s]!,
    ...(forces && {
      forces: forces.subarray(3 * (i * atoms + offsets[s]!), 3 * (i * atoms + offsets[s + 1]!)),
    }),
    ...(stress && {
      stress: stress.subarray(9 * (i * structures + s), 9 * (i * structures + s + 1)),
    }),
  }));
}

/** Uncertainties and members of a prediction, as far as they are wanted. */
export function spread(
  factors: DerivativeFactors,
  { energy, forces, stress }: Prediction,
  members: readonly MemberPrediction[],
  wanted: PredictionOptions,
): Partial<Prediction> {
  const sum = (values: Float64Array, more: Float64Array) => values.map((x, i) => x + more[i]!);
  return {
    ...(wanted.uncertainty && {
      energyUncertainty: rms(members, ({ energy }) => Float64Array.of(energy))[0]!,
      ...(forces && { forcesUncertainty: rms(members, ({ forces }) => forces!, factors.forces) }),
      ...(stress && { stressUncertainty: rms(members, ({ stress }) => stress!, factors.stress) }),
    }),
    ...(wanted.members && {
      members: members.map((more) => ({
        energy: energy + more.energy,
        ...(forces && { forces: sum(forces, more.forces!) }),
        ...(stress && { stress: sum(stress, more.stress!) }),
      })),
    }),
  };
}

/** Standard deviations of numbers whose mean is zero. */
function rms(
  members: readonly MemberPrediction[],
  of: (member: MemberPrediction) => Float64Array,
  factor = 1,
): Float64Array {
  const squares = new Float64Array(of(members[0]!).length);
  for (const member of members) of(member).forEach((x, i) => (squares[i]! += x * x));
  return squares.map((square) => factor * Math.sqrt(square / (members.length - 1)));
}
