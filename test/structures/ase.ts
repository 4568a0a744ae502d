import { isFloat64Array, isShapedArray, isUint8Array } from '../../ts/structures/values';
import type { InfoValue } from '../../ts/structures/values';
import type { Structure } from '../../ts/structures/structure';

/** A structure in the form in which test/reference/generate/extxyz.py writes what ASE reads. */
export function asWrittenByScript(structure: Structure): unknown {
  const { stress, ...info } = structure.info;
  return {
    numbers: [...structure.species],
    positions: [...structure.positions],
    cell: [...structure.cell],
    pbc: [...structure.pbc],
    info: {
      ...mapValues(info, plain),
      ...(stress !== undefined && { stress: plain(voigt(stress)) }),
    },
    arrays: mapValues(structure.arrays, plain),
  };
}

function plain(value: InfoValue): unknown {
  if (isShapedArray(value)) {
    const { data, shape } = value;
    if (isFloat64Array(data)) return { kind: 'real', shape, data: Array.from(data, plainReal) };
    if (isUint8Array(data)) return { kind: 'logical', shape, data: Array.from(data, Boolean) };
    return { kind: typeof data[0] === 'string' ? 'text' : 'integer', shape, data: [...data] };
  }
  if (typeof value === 'number') return plainReal(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return (value as readonly InfoValue[]).map(plain);
  return mapValues(value as Readonly<Record<string, InfoValue>>, plain);
}

/** A number that is not finite is written as Python prints it. */
function plainReal(value: number): unknown {
  if (Number.isFinite(value)) return value;
  return { real: Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf' };
}

/** ASE keeps a stress as six real numbers. */
function voigt(stress: InfoValue): InfoValue {
  if (!isShapedArray(stress) || stress.shape.length !== 2) return stress;
  const data = [0, 4, 8, 5, 2, 1].map((i) => stress.data[i] as number);
  return { data: Float64Array.from(data), shape: [6] };
}

function mapValues<T, U>(
  record: Readonly<Record<string, T>>,
  map: (value: T) => U,
): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
