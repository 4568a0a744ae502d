import { checkOptions } from '../common/options';
import type { KeysOf } from '../common/options';
import { atOnce, inTurns, mapping } from '../common/turns';
import type { Steps } from '../common/turns';
import { checkingStructures, errorAbout, requireStructures } from './input';
import type { Structure, StructureLike } from './structure';
import { isShapedArray, numericData, sameShape } from './values';
import type { InfoValue } from './values';

/** Names under which structures carry their labels. */
export interface TargetKeys {
  /** Entry of `info`: total energy in eV. Default `energy`; null for a fit without energies. */
  readonly energy?: string | null | undefined;
  /** Entry of `arrays`: forces in eV/Å, N × 3. Default `forces`; null for a fit without forces. */
  readonly forces?: string | null | undefined;
  /**
   * Entry of `info`: stress in eV/Å^3, or the virial in eV when the name has `virial` and not `stress` in it.
   * Default `stress`, else `virial` or `virials`; null for a fit without stresses.
   */
  readonly stress?: string | null | undefined;
}

const targetKeys: KeysOf<TargetKeys> = { energy: true, forces: true, stress: true };

/** What a fit aims at, one entry per structure. Forces and stresses may be there for some structures only. */
export interface Targets {
  /** Total energies in eV; undefined when not asked for, or when no structure has one and that is allowed. */
  readonly energies: Float64Array | undefined;
  /** Forces in eV/Å, N × 3 row-major. */
  readonly forces: readonly (Float64Array | undefined)[];
  /** Stresses in eV/Å^3, (1/V) ∂E/∂ε, symmetric 3 × 3 row-major. */
  readonly stresses: readonly (Float64Array | undefined)[];
  /** What was converted, is missing in places or looks odd, in words for the user. */
  readonly notes: readonly string[];
}

/**
 * Collects the energies, forces and stresses of structures.
 *
 * @param options.requireEnergy false: that no structure at all has an energy is no error.
 * @throws FormatError with file, frame and line (InvalidInputError for a structure that was not read) when an
 *   energy is missing or when a label has the wrong shape or is not finite.
 */
export function extractTargets(
  structures: readonly StructureLike[],
  keys: TargetKeys = {},
  options: TargetOptions = {},
): Targets {
  checkOptions(options, { requireEnergy: true });
  return atOnce(collecting(atOnce(checkingStructures(structures)), keys, options));
}

/** The same in turns of the event loop. */
export function extractTargetsInTurns(
  structures: readonly Structure[],
  keys: TargetKeys = {},
  options: TargetOptions & { readonly signal?: AbortSignal | undefined } = {},
): Promise<Targets> {
  return inTurns(collecting(structures, keys, options), options.signal);
}

interface TargetOptions {
  readonly requireEnergy?: boolean;
}

function* collecting(
  structures: readonly Structure[],
  keys: TargetKeys,
  { requireEnergy = true }: TargetOptions,
): Steps<Targets> {
  checkOptions(keys, targetKeys, 'keys');
  requireStructures(structures);
  const notes: string[] = [];
  const energies = collectEnergies(structures, keys.energy, requireEnergy);
  yield;
  const forces = yield* collectForces(structures, keys.forces, notes);
  yield;
  const stresses = yield* collectStresses(structures, keys.stress, notes);
  return { energies, forces, stresses, notes };
}

function collectEnergies(
  structures: readonly Structure[],
  key: string | null = 'energy',
  required: boolean,
): Float64Array | undefined {
  if (key === null) return undefined;
  const missing = structures.findIndex((structure) => structure.info[key] === undefined);
  if (!required && structures.every((structure) => structure.info[key] === undefined)) {
    return undefined;
  }
  if (missing >= 0) {
    const others = candidates(structures, 'info', /ener|^e_?(tot|dft|ref|pot)/i, key);
    throw errorAbout(
      structures,
      missing,
      `info.${key} is missing: every structure needs an energy in eV` +
        (others.length > 0
          ? `. There is ${others.join(', ')}: name the right one, ${howToName('energy')}`
          : ''),
    );
  }
  return Float64Array.from(structures, (structure, index) => {
    const value = structure.info[key];
    const numbers = numericData(value)?.data;
    const energy = numbers?.length === 1 ? numbers[0] : value;
    if (typeof energy === 'number' && Number.isFinite(energy)) return energy;
    throw errorAbout(
      structures,
      index,
      `info.${key}: expected an energy in eV, got ${show(value)}`,
    );
  });
}

function* collectForces(
  structures: readonly Structure[],
  key: string | null = 'forces',
  notes: string[],
): Steps<(Float64Array | undefined)[]> {
  if (key === null) return structures.map(() => undefined);
  const forces = yield* mapping(structures, (structure, index) => {
    const value = structure.arrays[key];
    if (value === undefined) return undefined;
    const numeric = numericData(value);
    if (!numeric || !sameShape(numeric.shape, [structure.length, 3])) {
      const expected = `expected forces of shape [${structure.length}, 3]`;
      throw errorAbout(structures, index, `arrays.${key}: ${expected}, got ${show(value)}`);
    }
    const bad = numeric.data.findIndex((x) => !Number.isFinite(x));
    if (bad >= 0) {
      const where = `${'xyz'[bad % 3]} of atom ${Math.floor(bad / 3)} (counted from 0)`;
      throw errorAbout(
        structures,
        index,
        `arrays.${key}: expected a finite force, got ${numeric.data[bad]} for ${where}`,
      );
    }
    return new Float64Array(numeric.data);
  });
  const others = candidates(structures, 'arrays', /force|^f$/i, key);
  notes.push(...coverage('forces', key, forces, others));
  return forces;
}

function* collectStresses(
  structures: readonly Structure[],
  key: string | null | undefined,
  notes: string[],
): Steps<(Float64Array | undefined)[]> {
  if (key === null) return structures.map(() => undefined);
  const names = key === undefined ? ['stress', 'virial', 'virials'] : [key];
  const converted = new Set<string>();
  let largest = 0;
  let asymmetric = 0;
  const stresses = yield* mapping(structures, (structure, index) => {
    const name = names.find((candidate) => structure.info[candidate] !== undefined);
    if (name === undefined) return undefined;
    const value = structure.info[name];
    const matrix = symmetricMatrix(value);
    if (matrix === undefined || !matrix.values.every(Number.isFinite)) {
      const expected = 'expected finite numbers, 3 × 3, 9 or 6 (xx, yy, zz, yz, xz, xy)';
      throw errorAbout(structures, index, `info.${name}: ${expected}, got ${show(value)}`);
    }
    const { volume } = structure;
    if (volume === 0) {
      throw errorAbout(structures, index, `info.${name}: a stress has no meaning without a cell`);
    }
    const isVirial = /virial/i.test(name) && !/stress/i.test(name);
    if (isVirial) converted.add(name);
    const stress = isVirial ? matrix.values.map((x) => -x / volume) : matrix.values;
    largest = Math.max(largest, ...stress.map(Math.abs));
    if (matrix.asymmetry > maxAsymmetry) asymmetric++;
    return stress;
  });

  for (const name of converted) notes.push(`stress: from info.${name} (eV) as −virial/volume`);
  if (asymmetric > 0)
    notes.push(`stress: ${asymmetric} are not symmetric; their symmetric part is used`);
  if (largest > suspiciousStress) {
    notes.push(
      `stress: up to ${largest.toPrecision(3)} eV/Å^3, which is unusual: is the unit right?`,
    );
  }
  const others = candidates(structures, 'info', /stress|virial/i, ...names);
  notes.push(...coverage('stress', names[0]!, stresses, others));
  return stresses;
}

/** Above this, relative to the largest component, a stress is not symmetric by more than rounding. */
const maxAsymmetry = 1e-4;
/** 1600 GPa: few data sets go there, but kbar and GPa taken for eV/Å^3 do. */
const suspiciousStress = 10;

/** The symmetric part of 3 × 3, 9 or 6 (Voigt) numbers; undefined for anything else. */
function symmetricMatrix(
  value: InfoValue | undefined,
): { values: Float64Array; asymmetry: number } | undefined {
  const numeric = numericData(value);
  if (!numeric) return undefined;
  const { data, shape } = numeric;
  if (sameShape(shape, [6])) {
    const voigt = [0, 5, 4, 5, 1, 3, 4, 3, 2];
    return { values: Float64Array.from(voigt, (component) => data[component]!), asymmetry: 0 };
  }
  if (!sameShape(shape, [9]) && !sameShape(shape, [3, 3])) return undefined;
  const mirrored = (i: number) => data[3 * (i % 3) + Math.floor(i / 3)]!;
  const values = Float64Array.from(data, (x, i) => (x + mirrored(i)) / 2);
  const difference = Math.max(...Array.from(data, (x, i) => Math.abs(x - mirrored(i))));
  const largest = Math.max(...values.map(Math.abs));
  return { values, asymmetry: largest > 0 ? difference / largest : difference };
}

/** Programs and the command line have the same messages. */
const howToName = (quantity: keyof TargetKeys): string =>
  `keys.${quantity} in programs, --${quantity}-key on the command line`;

/** Says where a label is missing, and what else may be it. */
function coverage(
  quantity: keyof TargetKeys,
  key: string,
  labels: readonly (Float64Array | undefined)[],
  others: readonly string[],
): string[] {
  const count = labels.filter((label) => label !== undefined).length;
  if (count === labels.length) return [];
  if (count > 0) return [`${quantity}: in ${count} of ${labels.length} structures`];
  return others.length > 0
    ? [
        `${quantity}: no ${key}, but ${others.join(', ')}; if that is it, name it, ${howToName(quantity)}`,
      ]
    : [];
}

/** Names of entries that look like a quantity, in the order in which they appear. */
function candidates(
  structures: readonly Structure[],
  member: 'info' | 'arrays',
  pattern: RegExp,
  ...known: readonly string[]
): string[] {
  const names = new Set(structures.flatMap((structure) => Object.keys(structure[member])));
  return [...names].filter((name) => pattern.test(name) && !known.includes(name));
}

function show(value: InfoValue | undefined): string {
  if (isShapedArray(value))
    return `${value.data.length} values of shape [${value.shape.join(', ')}]`;
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}
