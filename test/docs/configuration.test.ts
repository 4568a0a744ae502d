import { z } from 'zod';

import { potentialSchema } from '../../ts/models/config';
import { representationTypes } from '../../ts/representations/create';
import { powerSpectrumSchema } from '../../ts/representations/hyperparameters';
import { tableBelow } from './markdown';

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly default?: unknown;
}

/** Every key of a schema by its path, with its default. */
function keysOf(schema: JsonSchema, path = ''): Map<string, unknown> {
  const keys = new Map<string, unknown>();
  for (const part of [
    schema,
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
    ...(schema.allOf ?? []),
  ]) {
    const inside = Object.entries(part.properties ?? {});
    for (const [name, member] of inside) {
      for (const [key, value] of keysOf(member, path ? `${path}.${name}` : name))
        keys.set(key, value);
    }
  }
  if (keys.size === 0) keys.set(path, schema.default);
  return keys;
}

const jsonSchema = (schema: z.ZodType): JsonSchema =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;

const powerSpectrum = keysOf(jsonSchema(powerSpectrumSchema));
const potential = new Map(
  [...keysOf(jsonSchema(potentialSchema))].filter(([key]) => !key.startsWith('representation.')),
).set('representation', undefined);

/** What other representations have besides. */
const further = new Map(
  Object.values(representationTypes)
    .flatMap(({ schema }) => [...keysOf(jsonSchema(schema))])
    .filter(([key]) => !powerSpectrum.has(key))
    .map(([key, value]) => [key, Array.isArray(value) ? undefined : value]),
);

describe.each([
  ['Potential', potential],
  ['Power spectrum', powerSpectrum],
  ['Keys of further representations', further],
])('the table of configuration.md: %s', (heading, keys) => {
  const rows = tableBelow('docs/configuration.md', heading);

  test('has every key, and no other', () => {
    expect(rows.map(([key]) => key).sort()).toEqual([...keys.keys()].sort());
  });

  test('says the defaults that do not depend on data', () => {
    const said = new Map(rows.map((cells) => [cells[0], cells.at(-1)]));
    for (const [key, value] of keys) {
      if (value === undefined) continue;
      expect(`${key}: ${said.get(key)}`).toBe(`${key}: \`${JSON.stringify(value)}\``);
    }
  });
});
