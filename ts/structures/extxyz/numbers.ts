/**
 * Numbers as Python's `float()` and `int()` read them, to the last bit: extended XYZ is what ASE makes of it.
 */

/** Powers of ten that a double holds exactly. */
const exactPowers = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/** More decimal digits than this may not fit into the 53 bits of a double. */
const exactDigits = 15;

const plus = 0x2b;
const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;
const lowerE = 0x65;
const caseBit = 0x20;

/**
 * The real number written in `bytes[start] … bytes[end - 1]`, or undefined when there is none.
 *
 * Up to 15 digits times a power of ten up to 22 is one exact product or quotient, hence correctly rounded
 * (Clinger 1990); everything else goes through {@link parseReal}.
 */
export function scanReal(bytes: Buffer, start: number, end: number): number | undefined {
  const sign = bytes[start];
  let at = sign === minus || sign === plus ? start + 1 : start;
  const mantissaStart = at;
  let mantissa = 0;
  let digits = 0;
  let pointAt = -1;
  for (; at < end; at++) {
    const digit = bytes[at]! - zero;
    if (digit >= 0 && digit <= 9) {
      mantissa = 10 * mantissa + digit;
      if (mantissa > 0) digits++;
    } else if (bytes[at] === point && pointAt < 0) {
      pointAt = at;
    } else {
      break;
    }
  }
  const written = at - mantissaStart - (pointAt < 0 ? 0 : 1);
  let exponent = pointAt < 0 ? 0 : pointAt + 1 - at;
  if (at < end && (bytes[at]! | caseBit) === lowerE) {
    const shift = scanExponent(bytes, at + 1, end);
    if (shift === undefined) return parseReal(bytes.toString('latin1', start, end));
    exponent += shift;
    at = end;
  }
  if (at !== end || written === 0 || digits > exactDigits || Math.abs(exponent) > 22) {
    return parseReal(bytes.toString('latin1', start, end));
  }
  const magnitude =
    exponent < 0 ? mantissa / exactPowers[-exponent]! : mantissa * exactPowers[exponent]!;
  return sign === minus ? -magnitude : magnitude;
}

/** An exponent of one to three digits. */
function scanExponent(bytes: Buffer, start: number, end: number): number | undefined {
  const sign = bytes[start];
  const first = sign === minus || sign === plus ? start + 1 : start;
  if (first === end || end - first > 3) return undefined;
  let exponent = 0;
  for (let at = first; at < end; at++) {
    const digit = bytes[at]! - zero;
    if (digit < 0 || digit > 9) return undefined;
    exponent = 10 * exponent + digit;
  }
  return sign === minus ? -exponent : exponent;
}

const digitsPattern = '\\d+(?:_\\d+)*';
const integerPattern = new RegExp(`^[+-]?${digitsPattern}$`);
const realPattern = new RegExp(
  `^[+-]?(?:${digitsPattern}(?:\\.(?:${digitsPattern})?)?|\\.${digitsPattern})(?:[eE][+-]?${digitsPattern})?$`,
);
const infinityPattern = /^[+-]?inf(?:inity)?$/i;
const nanPattern = /^[+-]?nan$/i;

/** Python's `float(text)`; undefined where that raises. */
export function parseReal(text: string): number | undefined {
  if (realPattern.test(text)) return withoutUnderscores(text);
  if (infinityPattern.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return nanPattern.test(text) ? NaN : undefined;
}

/** Python's `int(text)`, rounded where it exceeds 2^53; undefined where that raises. */
export function parseInteger(text: string): number | undefined {
  // Adding zero turns −0 into 0: integers have only one.
  return integerPattern.test(text) ? withoutUnderscores(text) + 0 : undefined;
}

/** Python allows 1_000. */
function withoutUnderscores(text: string): number {
  return Number(text.includes('_') ? text.replaceAll('_', '') : text);
}

/** The shortest text that reads back as the same real number, and as a real number rather than an integer. */
export function formatReal(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  const text = Object.is(value, -0) ? '-0' : String(value);
  return Number.isInteger(value) && !text.includes('e') ? `${text}.0` : text;
}

/** The shortest text that reads back as the same number; integers that a double holds exactly stay integers. */
export function formatNumber(value: number): string {
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : formatReal(value);
}
