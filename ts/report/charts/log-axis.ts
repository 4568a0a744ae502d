import type { Range } from './bins';

/** The range of numbers > 0 with a margin on both sides, which is the same length of a logarithmic axis. */
export function logRange(values: readonly number[]): Range {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value));
  if (positive.length === 0) return { min: 0.1, max: 10 };
  const [min, max] = [Math.min(...positive), Math.max(...positive)];
  const margin = Math.max(1.1, (max / min) ** 0.06);
  return { min: min / margin, max: max * margin };
}

/** Scale and axis of a logarithmic range. */
export function logAxis(range: Range, axis: { readonly title: string; readonly grid?: boolean }) {
  return {
    scale: { type: 'log' as const, domain: [range.min, range.max], nice: false },
    axis: { ...axis, values: logTicks(range), format: '~r' },
  };
}

/** Numbers of a decade that ticks are at, from few to many. */
const decades = [[1], [1, 2, 5], [1, 1.5, 2, 3, 5, 7], [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9]];

/** As few ticks as make a scale readable, and as many. */
const [fewest, most] = [4, 10];

/** Ticks at round numbers: 1, 2 and 5 of each decade, more in a part of one, powers of ten over many. */
export function logTicks({ min, max }: Range): number[] {
  const [first, last] = [Math.floor(Math.log10(min)), Math.ceil(Math.log10(max))];
  const [powers, ...choices] = decades.map((numbers) =>
    Array.from({ length: last - first + 1 }, (_, k) => first + k)
      .flatMap((power) => numbers.map((number) => Number(`${number}e${power}`)))
      .filter((tick) => tick >= min && tick <= max),
  );
  const enough = choices.find((ticks) => ticks.length >= fewest) ?? choices.at(-1)!;
  return enough.length > most ? powers! : enough;
}
