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

/** A number, be it NaN or infinite. */
export const anyNumber = z.custom<number>((value) => typeof value === 'number', {
  error: ({ input }) => `expected a number, got ${show(input)}`,
});

/** Numbers in an array of any kind; NaN is one. */
export const numbers = z.custom<ArrayLike<number>>(
  (value) =>
    Array.isArray(value)
      ? value.every((item) => typeof item === 'number')
      : /^(Float|Int|Uint)\d+(Clamped)?Array$/.test(tagOf(value)),
  { error: ({ input }) => `expected an array of numbers, got ${show(input)}` },
);

/** An array of one type of numbers. */
export const typedArray = <Tag extends 'Float64Array' | 'Float32Array' | 'Int32Array'>(tag: Tag) =>
  z.custom<InstanceType<(typeof globalThis)[Tag]>>((value) => tagOf(value) === tag, {
    error: ({ input }) => `expected a ${tag}, got ${show(input)}`,
  });

const tagOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

/** A function; `expectation` says in words what it is to do. */
export const functionThat = (expectation: string) =>
  z.custom<(...args: never[]) => unknown>((value) => typeof value === 'function', {
    error: ({ input }) => `expected a function ${expectation}, got ${show(input)}`,
  });

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
  const result = schema.safeParse(input, { error: unknownKeys });
  if (result.success) return result.data;
  const { issue, expectation } = nearest(result.error.issues[0]!, input);
  const places: PropertyKey[] = [...(path ? [path] : []), ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    throw new InvalidInputError(issue.message, {
      path: join([...places, issue.keys[0]!]),
    });
  }
  const value = valueAt(input, issue.path);
  const message = expectation ? `${expectation}, got ${show(value)}` : messageOf(issue, value);
  throw new InvalidInputError(message, { path: join(places) });
}

/** The same for an argument whose members are named by themselves, such as options; what is no object, by its name. */
export const validateMembers = <Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  name: string,
): z.output<Schema> =>
  validate(schema, input, typeof input === 'object' && input !== null ? '' : name);

/** Says which keys there are. */
const unknownKeys: z.core.$ZodErrorMap = ({ code, inst }) => {
  if (code !== 'unrecognized_keys') return undefined;
  const { shape } = (inst ?? {}) as Partial<z.ZodObject>;
  if (!shape) return 'unknown key; is it misspelt?';
  return `unknown key, expected one of ${Object.keys(shape).sort().join(', ')}`;
};

const valueAt = (input: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (inside, key) => (inside as Record<PropertyKey, unknown> | undefined)?.[key],
    input,
  );

/**
 * Of the forms that a value may have, what is wrong with that which it comes closest to: the mistake lies deepest in
 * it. Where there is none that it resembles, what all of them expect.
 */
function nearest(
  issue: z.core.$ZodIssue,
  input: unknown,
): { readonly issue: z.core.$ZodIssue; readonly expectation?: string } {
  if (issue.code !== 'invalid_union' || !('errors' in issue)) return { issue };
  const forms = issue.errors.flatMap(([first]) => first ?? []);
  let deepest: z.core.$ZodIssue | undefined;
  for (const form of forms) {
    // An unknown key is inside of what it resembles.
    const depth = ({ path, code }: z.core.$ZodIssue) =>
      path.length + Number(code === 'unrecognized_keys' || code === 'too_small');
    if (depth(form) > (deepest ? depth(deepest) : 0)) deepest = form;
  }
  if (deepest) {
    return nearest({ ...deepest, path: [...issue.path, ...deepest.path] }, input);
  }
  const value = valueAt(input, issue.path);
  // A number is no try at a list.
  const close = forms.filter(({ code }) => typeof value !== 'number' || code !== 'invalid_type');
  const expectations = (close.length > 0 ? close : forms).map((form) =>
    messageOf(form, value)
      .replace(/^expected /, '')
      .replace(/, got [^]*$/, ''),
  );
  return forms.length > 0
    ? { issue, expectation: `expected ${[...new Set(expectations)].join(' or ')}` }
    : { issue };
}

function messageOf(issue: z.core.$ZodIssue, value: unknown): string {
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
    case 'too_small':
      if (issue.message.startsWith('expected')) return issue.message;
      return `expected at least ${issue.minimum} in ${issue.origin === 'string' ? 'a text' : 'a list'}, got ${show(value)}`;
    default:
      return issue.message;
  }
}

const article = (type: string) =>
  type === 'record' ? 'an object' : /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;

const join = (places: readonly PropertyKey[]): string =>
  places
    .map((place, index) =>
      typeof place === 'number' ? `[${place}]` : index > 0 ? `.${String(place)}` : String(place),
    )
    .join('');

/** A value in a message, cut off where it is long. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'bigint') return `${value}n`;
  const text = jsonOf(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** Undefined for what JSON cannot hold, such as a function. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/** Fails for a configuration in which values are left to a search: only `optimize` takes these. */
export function refuseSearchSpace(config: unknown, places: readonly PropertyKey[] = []): void {
  if (typeof config !== 'object' || config === null || ArrayBuffer.isView(config)) return;
  const marker = Object.keys(config).find((key) => key.startsWith('$'));
  if (marker !== undefined) {
    throw new InvalidInputError(
      `${marker} leaves a value to a search, which optimize makes: expected the value, such as in the settings that a search found`,
      { path: join(places) },
    );
  }
  for (const [key, inside] of Object.entries(config)) {
    refuseSearchSpace(inside, [...places, Array.isArray(config) ? Number(key) : key]);
  }
}
