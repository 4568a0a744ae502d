import { z } from 'zod';

import { InvalidInputError } from '../errors';

/** A finite number for which `holds` is true; `expectation` says so in words, with the unit. */
export function numberThat(expectation: string, holds: (value: number) => boolean = () => true) {
  return z.custom<number>(
    (value) => typeof value === 'number' && Number.isFinite(value) && holds(value),
    { error: ({ input }) => `expected ${expectation}, got ${show(input)}` },
  );
}

/** A number > 0 with a unit. */
export const positive = (unit = '') =>
  numberThat(`a number > 0${unit && ` ${unit}`}`, (value) => value > 0);

/** An integer in a range, both ends included. */
export const integerBetween = (least: number, most: number) =>
  numberThat(
    most === Infinity ? `an integer of at least ${least}` : `an integer from ${least} to ${most}`,
    (value) => Number.isInteger(value) && value >= least && value <= most,
  );

/**
 * Checks what a user gave against a schema and fills in the defaults.
 *
 * @param path where the input stands in what the user wrote; comes before the path of what is wrong.
 * @throws InvalidInputError naming the path of the first thing that is wrong, what was expected and what came.
 */
export function validate<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  path = '',
): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const places: PropertyKey[] = [...(path ? [path] : []), ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    throw new InvalidInputError('unknown key; is it misspelt?', {
      path: join([...places, issue.keys[0]!]),
    });
  }
  throw new InvalidInputError(messageOf(issue, input), { path: join(places) });
}

function messageOf(issue: z.core.$ZodIssue, input: unknown): string {
  const value = issue.path.reduce<unknown>(
    (inside, key) => (inside as Record<PropertyKey, unknown> | undefined)?.[key],
    input,
  );
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${article(issue.expected)}, got ${show(value)}`;
    case 'invalid_value':
      return `expected ${issue.values.map((allowed) => show(allowed)).join(' or ')}, got ${show(value)}`;
    case 'invalid_union':
      return issue.discriminator && 'options' in issue
        ? `expected one of ${(issue.options as unknown[])
            .filter((option) => option !== undefined)
            .map(show)
            .join(', ')}, got ${show(value)}`
        : `got ${show(value)}, which is none of the allowed forms`;
    default:
      return issue.message;
  }
}

const article = (type: string) => (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`);

const join = (places: readonly PropertyKey[]): string =>
  places
    .map((place, index) =>
      typeof place === 'number' ? `[${place}]` : index > 0 ? `.${String(place)}` : String(place),
    )
    .join('');

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number') return String(value);
  // Undefined for what JSON cannot hold, such as a function.
  const text = (JSON.stringify(value) as string | undefined) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
