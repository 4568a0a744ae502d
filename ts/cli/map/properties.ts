import type { Model } from '../../models';
import type { AsyncOptions } from '../../native/call';
import type { MapProperty } from '../../report';
import { chemicalSymbols } from '../../structures/elements';
import type { Structure } from '../../structures/structure';
import { numericData } from '../../structures/values';
import type { InfoValue } from '../../structures/values';
import type { PointAtoms } from './features';

/** Units that extended XYZ of this field has. */
const units: Readonly<Record<string, string>> = {
  energy: 'eV',
  'energy per atom': 'eV/atom',
  CS: 'ppm',
};

/**
 * Everything that structures say in numbers, of every point: values of structures and, for points that are atoms,
 * values of atoms; with elements or sizes. NaN where a structure does not say it.
 */
export function mapProperties(
  structures: readonly Structure[],
  { atoms }: { readonly atoms?: PointAtoms | undefined },
): MapProperty[] {
  const count = atoms ? atoms.atom.length : structures.length;
  const structureOf = (point: number) => (atoms ? atoms.structure[point]! : point);
  const gather = (name: string, value: (point: number) => number): MapProperty => ({
    name,
    ...(units[name] !== undefined && { unit: units[name] }),
    values: Float64Array.from({ length: count }, (_, point) => value(point)),
  });
  const found: MapProperty[] = [];
  if (atoms) {
    for (const name of namesIn(structures, 'arrays')) {
      const data = structures.map(({ arrays, length }) => scalarsOf(arrays[name], length));
      if (data.every((values) => values === undefined)) continue;
      found.push(gather(name, (p) => data[structureOf(p)]?.[atoms.atom[p]!] ?? NaN));
    }
  }
  for (const name of namesIn(structures, 'info')) {
    const values = structures.map(({ info }) => numberOf(info[name]));
    if (values.every(Number.isNaN)) continue;
    found.push(gather(name, (p) => values[structureOf(p)]!));
  }
  const sizes = new Set(structures.map(({ length }) => length));
  if (!atoms && sizes.size > 1 && found.some(({ name }) => name === 'energy')) {
    const perAtom = ({ info, length }: Structure) => numberOf(info.energy) / length;
    found.push(gather('energy per atom', (p) => perAtom(structures[p]!)));
  }
  if (atoms) found.push(elementsOf(structures, atoms));
  else found.push(gather('atoms', (p) => structures[p]!.length));
  found.push(gather(atoms ? 'structure' : 'index', structureOf));
  return found;
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

const numberOf = (value: InfoValue | undefined): number =>
  typeof value === 'number' ? value : NaN;

/** A number for every atom, if that is what it is. */
function scalarsOf(value: InfoValue | undefined, length: number): ArrayLike<number> | undefined {
  const found = numericData(value);
  return found && found.data.length === length ? found.data : undefined;
}
