/**
 * JSON with the two liberties that Python's `json` module takes by default: NaN, Infinity and -Infinity are
 * numbers. (`JSON.parse` refuses them, `JSON.stringify` writes null.)
 */

const stringOrNonFinite = /"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g;
/** Stands for a number that is not finite inside proper JSON; private-use characters keep it unique. */
const marker = '\uE000soapstone:';

/** @throws SyntaxError */
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

export function stringifyPythonJson(value: unknown): string {
  const proper = JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'number' && !Number.isFinite(item) ? marker + String(item) : item,
  );
  return proper.replaceAll(new RegExp(`"${marker}(-?Infinity|NaN)"`, 'g'), '$1');
}
