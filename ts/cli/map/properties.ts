import type { Model } from '../../models';
import type { AsyncOptions } from '../../native/call';
import type { MapProperty } from '../../report';
import { chemicalSymbols } from '../../structures/elements';
import type { Structure } from '../../structures/structure';
import { isShapedArray, isUint8Array, numericData } from '../../structures/values';
import type { InfoValue } from '../../structures/values';
import type { PointAtoms } from './features';

/** Units that extended XYZ of this field has. */
const units: Readonly<Record<string, string>> = {
  energy: 'eV',
  'energy per atom': 'eV/atom',
  CS: 'ppm',
  '|forces|': 'eV/Å',
};

/** Of more different texts than this nobody tells the colours apart. */
const mostTexts = 50;
const unusable = 'is neither numbers nor texts';

/** What structures say of points, and what a map adds. */
export interface FoundProperties {
  /** Of the file. NaN where a structure does not say it. */
  readonly given: MapProperty[];
  /** Elements or sizes, and what follows from both. */
  readonly own: MapProperty[];
  /** Why what else structures say cannot be colours, by its name: `is neither numbers nor texts`. */
  readonly others: ReadonlyMap<string, string>;
}

/**
 * Everything that structures say, of every point: values of structures and, for points that are atoms, values of atoms;
 * numbers as they are, of vectors and matrices the norms, `|forces|`, texts and logical values as classes.
 */
export function mapProperties(
  structures: readonly Structure[],
  { atoms }: { readonly atoms?: PointAtoms | undefined },
): FoundProperties {
  const count = atoms ? atoms.atom.length : structures.length;
  const structureOf = (point: number) => (atoms ? atoms.structure[point]! : point);
  const given: MapProperty[] = [];
  const others = new Map<string, string>();
  const add = (name: string, read: Read | undefined, suffix = '') => {
    if (!read) return void others.set(name, unusable);
    const values = Array.from({ length: count }, (_, point) => read.of(point));
    const made = read.isNorm ? numbers(`|${name}|`, values) : classesOrNumbers(name, values);
    if (typeof made === 'string') others.set(name, made);
    else if (made) given.push({ ...made, name: `${made.name}${suffix}` });
  };
  const ofAtoms = namesIn(structures, 'arrays');
  for (const name of ofAtoms) {
    if (!atoms) {
      others.set(name, 'is a value of atoms, for --per atom');
      continue;
    }
    const rows = structures.map(({ arrays, length }) => rowsOf(arrays[name], length));
    if (rows.every((row) => row === undefined)) {
      others.set(name, unusable);
      continue;
    }
    add(name, {
      of: (p) => rows[structureOf(p)]?.of(atoms.atom[p]!),
      isNorm: rows.some((row) => row?.isNorm),
    });
  }
  for (const name of namesIn(structures, 'info')) {
    const rows = structures.map(({ info }) => rowOf(info[name]));
    const isNorm = rows.some((row) => row?.isNorm);
    const read = { of: (p: number) => rows[structureOf(p)]?.of(0), isNorm };
    const isSaid = rows.some((row) => row !== undefined);
    add(
      name,
      isSaid ? read : undefined,
      atoms && ofAtoms.includes(name) ? ' of the structure' : '',
    );
  }

  const own: MapProperty[] = [];
  const gather = (name: string, value: (point: number) => number) =>
    numbers(
      name,
      Array.from({ length: count }, (_, point) => value(point)),
    )!;
  const sizes = new Set(structures.map(({ length }) => length));
  const energies = structures.map(({ info }) =>
    typeof info.energy === 'number' ? info.energy : NaN,
  );
  if (!atoms && sizes.size > 1 && energies.some(Number.isFinite)) {
    own.push(gather('energy per atom', (p) => energies[p]! / structures[p]!.length));
  }
  if (atoms) own.push(elementsOf(structures, atoms));
  else own.push(gather('atoms', (p) => structures[p]!.length));
  own.push(gather(atoms ? 'structure' : 'index', structureOf));
  return { given, own, others };
}

/** Values of the file whose names a map has itself are called so. */
const ofFile = ' (file)';

/** The same with names of their own, which none of `taken` is. */
export function withOwnNames(
  properties: readonly MapProperty[],
  taken: readonly string[],
): MapProperty[] {
  const used = new Set(taken);
  return properties.map((property) => {
    let { name } = property;
    while (used.has(name)) name += ofFile;
    used.add(name);
    return { ...property, name };
  });
}

type Value = number | string | boolean | undefined;

interface Read {
  readonly of: (index: number) => Value;
  /** Whether the numbers are norms of several. */
  readonly isNorm?: boolean | undefined;
}

/** A value of a structure. */
function rowOf(value: InfoValue | undefined): Read | undefined {
  if (isShapedArray(value)) return rowsOf(value, 1);
  const isOne = ['number', 'string', 'boolean'].includes(typeof value);
  return isOne ? { of: () => value as Value } : undefined;
}

/** A value for each of so many rows, if there is one. */
function rowsOf(value: InfoValue | undefined, length: number): Read | undefined {
  if (!isShapedArray(value)) return undefined;
  const { data } = value;
  const width = data.length / length;
  if (width === 1) return { of: (row) => (isUint8Array(data) ? data[row] !== 0 : data[row]) };
  const several = numericData(value)?.data;
  if (!several || !Number.isInteger(width) || width === 0) return undefined;
  const norm = (row: number) => {
    let square = 0;
    for (let at = row * width; at < (row + 1) * width; at++) square += several[at]! ** 2;
    return Math.sqrt(square);
  };
  return { of: norm, isNorm: true };
}

/** Numbers where there are any, else classes; why neither, or nothing where there is no value. */
function classesOrNumbers(
  name: string,
  values: readonly Value[],
): MapProperty | string | undefined {
  if (values.some((value) => typeof value === 'number')) return numbers(name, values);
  const texts = values.map((value) => (value === undefined ? undefined : String(value)));
  const different = [...new Set(texts)].filter((text) => text !== undefined).sort();
  if (different.length > mostTexts)
    return `has ${different.length} different texts, more than the ${mostTexts} that colours tell apart`;
  if (different.length === 0) return undefined;
  const place = new Map(different.map((text, index) => [text, index]));
  return {
    name,
    classes: true,
    names: { ...different },
    values: Float64Array.from(texts, (text) => (text === undefined ? NaN : place.get(text)!)),
  };
}

/** Nothing where no value is a number. */
function numbers(name: string, values: readonly Value[]): MapProperty | undefined {
  const found = Float64Array.from(values, (value) => (typeof value === 'number' ? value : NaN));
  if (!found.some(Number.isFinite)) return undefined;
  return { name, ...(units[name] !== undefined && { unit: units[name] }), values: found };
}

function elementsOf(
  structures: readonly Structure[],
  { structure, atom }: PointAtoms,
): MapProperty {
  const values = Float64Array.from(atom, (a, point) => structures[structure[point]!]!.species[a]!);
  const names = Object.fromEntries([...new Set(values)].map((z) => [z, chemicalSymbols[z]!]));
  return { name: 'element', classes: true, names, values };
}

/** What a model says of every point, and how sure it is. */
export async function predictedProperties(
  model: Model,
  structures: readonly Structure[],
  { atoms }: { readonly atoms?: PointAtoms | undefined },
  run: AsyncOptions,
): Promise<MapProperty[]> {
  if (model.kind === 'property') {
    const { name, per, shape } = model.target;
    if (shape.length > 0 || (per === 'atom' && !atoms)) return [];
    const predictions = await model.predict(structures, { uncertainty: true, ...run });
    const of = (data: (Float64Array | undefined)[]) =>
      atoms
        ? Float64Array.from(
            atoms.atom,
            (a, p) => data[atoms.structure[p]!]?.[per === 'atom' ? a : 0] ?? NaN,
          )
        : Float64Array.from(data, (values) => values?.[0] ?? NaN);
    const unit = units[name];
    return [
      { name: `predicted ${name}`, unit, values: of(predictions.map(({ values }) => values)) },
      {
        name: `uncertainty of ${name}`,
        unit,
        values: of(predictions.map(({ uncertainty }) => uncertainty)),
      },
    ].filter(({ values }) => values.some(Number.isFinite));
  }
  const predictions = await model.predict(structures, {
    forces: false,
    stress: false,
    atomEnergies: atoms !== undefined,
    uncertainty: atoms === undefined,
    ...run,
  });
  if (atoms) {
    const values = Float64Array.from(
      atoms.atom,
      (a, p) => predictions[atoms.structure[p]!]!.atomEnergies![a]!,
    );
    return [{ name: 'predicted energy of the atom', unit: 'eV', values }];
  }
  return [
    { name: 'predicted energy', unit: 'eV', values: predictions.map(({ energy }) => energy) },
    {
      name: 'uncertainty of the energy',
      unit: 'eV',
      values: predictions.map(({ energyUncertainty }) => energyUncertainty!),
    },
  ];
}

const namesIn = (structures: readonly Structure[], member: 'info' | 'arrays'): string[] => [
  ...new Set(structures.flatMap((structure) => Object.keys(structure[member]))),
];
