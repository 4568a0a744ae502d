/** JSON by other rules than those of `JSON.parse`: with NaN, as Python has it, or without repeated keys. */

const stringOrNonFinite = /"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g;
/** Stands for a number that is not finite inside proper JSON; private-use characters keep it unique. */
const marker = '\uE000soapstone:';

/**
 * JSON in which NaN, Infinity and -Infinity are numbers, as in Python's `json` module.
 *
 * @throws SyntaxError
 */
export function parsePythonJson(text: string): unknown {
  if (!/Infinity|NaN/.test(text)) return JSON.parse(text);
  const proper = text.replace(stringOrNonFinite, (token) =>
    token.startsWith('"') ? token : JSON.stringify(marker + token),
  );
  return JSON.parse(proper, (_key, value: unknown) =>
    typeof value === 'string' && value.startsWith(marker)
      ? Number(value.slice(marker.length))
      : value,
  );
}

/** The opposite of {@link parsePythonJson}. */
export function stringifyPythonJson(value: unknown): string {
  const proper = JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'number' && !Number.isFinite(item) ? marker + String(item) : item,
  );
  return proper.replaceAll(new RegExp(`"${marker}(-?Infinity|NaN)"`, 'g'), '$1');
}

/**
 * JSON in which no object has a key twice; `JSON.parse` would take the last one without a word.
 *
 * @throws SyntaxError
 */
export function parseUniqueJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  const open: (Set<string> | undefined)[] = []; // keys of the objects around us; undefined for a list
  for (const [, string, colon, bracket] of text.matchAll(stringOrBracket)) {
    if (string !== undefined) {
      if (colon === undefined) continue;
      const key = JSON.parse(string) as string;
      const keys = open.at(-1);
      if (keys?.has(key)) throw new SyntaxError(`the key ${string} is there twice`);
      keys?.add(key);
    } else if (bracket === '{' || bracket === '[') {
      open.push(bracket === '{' ? new Set() : undefined);
    } else {
      open.pop();
    }
  }
  return value;
}

const stringOrBracket = /("(?:[^"\\]|\\.)*")(\s*:)?|([{}[\]])/g;

/** The text of `JSON.stringify` of an object in parts that are short to make, however long the lists in it are. */
export function* jsonParts(value: Readonly<Record<string, unknown>>): Generator<string> {
  let separator = '{';
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    yield `${separator}${JSON.stringify(key)}:`;
    if (Array.isArray(item)) yield* listParts(item);
    else yield JSON.stringify(item);
    separator = ',';
  }
  yield separator === '{' ? '{}' : '}';
}

function* listParts(items: readonly unknown[]): Generator<string> {
  for (let from = 0; from < items.length; from += itemsPerPart) {
    const part = JSON.stringify(items.slice(from, from + itemsPerPart));
    yield (from === 0 ? '[' : ',') + part.slice(1, -1);
  }
  yield items.length === 0 ? '[]' : ']';
}

const itemsPerPart = 1000;
