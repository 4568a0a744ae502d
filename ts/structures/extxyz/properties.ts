/** The `Properties` of a frame, `species:S:1:pos:R:3:…`: what the columns of its atom lines are. */

/** One property: R reals, I integers, S text, L logicals (T or F), in `count` columns. */
export interface Property {
  readonly name: string;
  readonly type: 'R' | 'I' | 'S' | 'L';
  readonly count: number;
}

/** Columns of a frame that does not describe them, which is plain XYZ. */
export const plainProperties: readonly Property[] = [
  { name: 'symbols', type: 'S', count: 1 },
  { name: 'positions', type: 'R', count: 3 },
];

/** ASE's name of a column that extended XYZ calls otherwise. */
const aseNames = new Map([
  ['pos', 'positions'],
  ['species', 'symbols'],
  ['Z', 'numbers'],
  ['charge', 'charges'],
]);
const fileNames = new Map(Array.from(aseNames, ([file, ase]) => [ase, file]));

/** More columns than this are a damaged count. */
const maxColumns = 1e6;

/**
 * The properties under ASE's names, or in words what is wrong with them. Positions and either symbols or atomic
 * numbers are among them, once and of the right type.
 */
export function parseProperties(text: unknown): Property[] | string {
  const fields = typeof text === 'string' ? text.split(':') : [];
  if (fields.length === 0 || fields.length % 3 !== 0) {
    return `Properties: expected name:type:columns triplets, got ${JSON.stringify(text)}`;
  }
  const properties: Property[] = [];
  for (let i = 0; i < fields.length; i += 3) {
    const [given = '', type = '', columns = ''] = fields.slice(i, i + 3);
    const name = aseNames.get(given) ?? given;
    const count = Number(columns);
    if (name === '') return 'Properties: a name is empty';
    if (type !== 'R' && type !== 'I' && type !== 'S' && type !== 'L') {
      return `Properties: expected type R, I, S or L for ${given}, got ${JSON.stringify(type)}`;
    }
    if (!/^\d+$/.test(columns) || count < 1 || count > maxColumns) {
      return `Properties: expected a number of columns for ${given}, got ${JSON.stringify(columns)}`;
    }
    if (properties.some((other) => other.name === name)) {
      return `Properties: ${given} is there twice`;
    }
    properties.push({ name, type, count });
  }
  return missing(properties) ?? properties;
}

/** The `Properties` text of these properties. */
export function formatProperties(properties: readonly Property[]): string {
  return properties
    .map(({ name, type, count }) => `${fileNames.get(name) ?? name}:${type}:${count}`)
    .join(':');
}

function missing(properties: readonly Property[]): string | undefined {
  const has = (name: string, types: string, count: number) =>
    properties.some((p) => p.name === name && types.includes(p.type) && p.count === count);
  if (!has('positions', 'RI', 3)) return 'Properties: expected positions, pos:R:3';
  const named = properties.find((p) => p.name === 'numbers') ?? { name: 'symbols' };
  return has(named.name, named.name === 'numbers' ? 'I' : 'S', 1)
    ? undefined
    : 'Properties: expected elements, species:S:1 or Z:I:1';
}
