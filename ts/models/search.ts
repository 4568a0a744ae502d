import { densityWidth } from '../density/hyperparameters';
import { randomNumbers, shuffled } from '../common/random';
import { chooseNoise } from '../regression/noise';
import { PowerSpectrum } from '../representations';
import type { ResolvedPowerSpectrum } from '../representations';
import { chooseCandidate, standardCandidate } from './candidates';
import type { Candidate } from './candidates';
import { shareOut } from './committee';
import { subset } from './data-set';
import type { DataSet } from './data-set';
import { fit, presentQuantities, scoreFor, significantStep } from './fit';
import type { Context } from './fit';

/** The search for hyperparameters looks at so many atoms through so many sparse points. */
const searchAtoms = 2500;
const searchPoints = 400;

/** Decides what the configuration leaves open about representation and kernel, on a part of the structures. */
export async function search(data: DataSet, context: Context): Promise<Candidate> {
  const { config, species, isHeldOut, report } = context;
  const order = shuffled([...data.structures.keys()], randomNumbers(config.seed + 1));
  let atoms = 0;
  const part = new Set<number>();
  for (const s of order) {
    if (part.size > 0 && atoms >= searchAtoms) break;
    part.add(s);
    atoms += data.structures[s]!.length;
  }
  const indices = [...data.structures.keys()].filter((s) => part.has(s));
  const small = subset(data, (_, s) => part.has(s));
  const heldOut = new Set([...indices.keys()].filter((s) => isHeldOut(indices[s]!)));
  const inside: Context = {
    ...context,
    isHeldOut: (s) => heldOut.has(s),
    groups: shareOut(indices.length, heldOut),
    report: () => undefined,
  };
  if (!indices.some(isHeldOut)) {
    return standardCandidate(config, species);
  }
  const scoreOf = async ({ representation, zeta }: Candidate): Promise<number> => {
    const process = await fit(small, powerSpectrumOf(representation), zeta, searchPoints, inside);
    const { score } = await chooseNoise(
      process,
      config.noise,
      presentQuantities(small.targets),
      scoreFor(small, inside),
      { ...context.run, steps: [0.5], significant: significantStep(small, inside) },
    );
    return score;
  };
  const best = await chooseCandidate(config, species, scoreOf, (done, total) =>
    report({ stage: 'hyperparameters', done, total }),
  );
  report({ stage: 'hyperparameters', done: 1, total: 1, message: described(best) });
  return best;
}

function described({ representation, zeta }: Candidate): string {
  const { cutoff, density, channels } = representation;
  return [
    ...(channels.type === 'properties' ? [`${channels.count} channels of alike elements`] : []),
    `cutoff ${cutoff.radius} Å`,
    `density width ${densityWidth(density)} Å`,
    `ζ = ${zeta}`,
  ].join(', ');
}

/** The representation with these hyperparameters. */
export const powerSpectrumOf = (representation: ResolvedPowerSpectrum): PowerSpectrum =>
  new PowerSpectrum({ ...representation, species: [...representation.species] });
