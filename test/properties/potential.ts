import type { PotentialConfig, Structure } from '../../ts';
import { neighbourListSync, Potential, Structure as StructureClass } from '../../ts';
import { someStructures } from './structures';
import type { Outcome, Subject } from './subject';

/** A potential that is trained on a pair potential. */
export async function trainedOnPairs(
  species: readonly number[],
  config: PotentialConfig,
): Promise<Potential> {
  const { potential } = await Potential.train(
    [100, 200, 300].flatMap((seed) => someStructures(seed, species)).map(labelled),
    {
      config: {
        representation: {
          cutoff: { radius: 3, smoothing: { width: 0.8 } },
          basis: { maxAngular: 3, radial: { count: 4 } },
        },
        baseline: { type: 'least-squares' },
        validation: { fraction: 0 },
        ...config,
      },
    },
  );
  return potential;
}

/** The same as the table of properties sees it. */
export async function potential(
  species: readonly number[],
  config: PotentialConfig,
): Promise<Subject> {
  const potential = await trainedOnPairs(species, config);
  type Predictions = ReturnType<typeof potential.predictSync>;
  const split = (structures: readonly Structure[], predictions: Predictions): Outcome[] =>
    predictions.map(({ energy, forces, stress, atomEnergies }, s) => ({
      rows: atomEnergies!,
      sum: energy,
      positions: forces!.map((force) => -force),
      strain: stress!.map((component) => component * structures[s]!.volume),
    }));
  const wanted = { forces: true, stress: true, atomEnergies: true };
  return {
    species,
    cutoff: 3,
    kinks: [3, 2.2],
    longRange: false,
    compute: async (structures, options) =>
      split(structures, await potential.predict(structures, { ...wanted, ...options })),
    computeSync: (structures, options) =>
      split(structures, potential.predictSync(structures, { ...wanted, ...options })),
  };
}

/** Labels of a pair potential, Σ exp(−r²/2) over the pairs. */
function labelled(structure: Structure): Structure {
  const { positions, species, cell, pbc, volume, length } = structure;
  const [list] = neighbourListSync([structure], { cutoff: 6 });
  const forces = new Float64Array(3 * length);
  const strain = new Float64Array(9);
  let energy = 0;
  for (let i = 0; i < length; i++) {
    for (let p = list!.first[i]!; p < list!.first[i + 1]!; p++) {
      const r = list!.vectors.subarray(3 * p, 3 * p + 3);
      const pair = Math.exp(-(r[0]! ** 2 + r[1]! ** 2 + r[2]! ** 2) / 2);
      energy += pair / 2;
      for (let a = 0; a < 3; a++) {
        forces[3 * i + a]! -= pair * r[a]!;
        for (let b = 0; b < 3; b++) strain[3 * a + b]! -= (pair * r[a]! * r[b]!) / 2;
      }
    }
  }
  const stress = { data: strain.map((x) => x / volume), shape: [3, 3] };
  return new StructureClass({
    positions,
    species,
    cell,
    pbc,
    info: { energy, ...(pbc.every(Boolean) && { stress }) },
    arrays: { forces: { data: forces, shape: [length, 3] } },
  });
}
