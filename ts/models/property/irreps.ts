import type { Matrix } from '../../common/matrix';
import { toCartesian, toSpherical } from '../../math';
import { chemicalSymbols } from '../../structures/elements';
import { componentsOf } from '../../structures/property';
import type { PropertyLabels } from '../../structures/property';
import type { CheckedPropertyConfig } from './config';

/**
 * A part of a property that has kernels of its own: numbers (λ = 0, σ = 1), or an irreducible part of a tensor,
 * whose 2λ + 1 components turn like spherical harmonics.
 */
export interface Part {
  readonly lambda: number;
  /** 1 for proper tensors, −1 for pseudotensors. */
  readonly sigma: 1 | -1;
  /** Number T of targets: numbers, or parts of the tensor that turn alike. */
  readonly copies: number;
  /**
   * Atomic number of the atoms that it is about: kernels between different elements are zero, so that a property of
   * atoms is learned element by element. Undefined for a property of structures.
   */
  readonly centre?: number | undefined;
}

/** A part with its labels, (samples · (2λ + 1)) × T. */
export interface LabelledPart extends Part {
  readonly labels: Matrix;
}

/** Parts whose root-mean-square is smaller than this, relative to the whole, are noise of the labels. */
const negligible = 1e-3;

/** The rank of a tensor of this shape, [1, 3] and [3, 1] being vectors; undefined for numbers without direction. */
export function rankOf(
  shape: readonly number[],
  tensor: CheckedPropertyConfig['tensor'],
): number | undefined {
  const extents = shape.filter((extent) => extent !== 1);
  const isTensor = extents.length <= 3 && extents.every((extent) => extent === 3);
  return tensor && isTensor && extents.length > 0 ? extents.length : undefined;
}

/** Splits a property into the parts that are worth learning, with notes on those that are not. */
export function partsOf(
  { shape, values }: Pick<PropertyLabels, 'shape' | 'values'>,
  tensor: CheckedPropertyConfig['tensor'],
): { readonly parts: LabelledPart[]; readonly notes: string[] } {
  const rank = rankOf(shape, tensor);
  if (rank === undefined) {
    const copies = componentsOf(shape);
    const labels: Matrix = { values, shape: [values.length / copies, copies] };
    return {
      parts: [{ lambda: 0, sigma: 1, copies, labels }],
      notes: tensor && copies > 1 ? [noteOnNumbers(copies)] : [],
    };
  }
  const total = square(values);
  const notes: string[] = [];
  const parts: LabelledPart[] = [];
  for (const { lambda, sigma, copies, values: labels } of toSpherical(values, rank)) {
    const share = total > 0 ? Math.sqrt(square(labels.values) / total) : 0;
    const name = `the part that turns like ${nameOf({ lambda, sigma })}`;
    if (share < negligible) {
      if (share > 1e-9) {
        notes.push(`${name} is ${share.toExponential(1)} of the whole: not learned, zero`);
      }
    } else if (lambda === 0 && sigma < 0) {
      notes.push(`${name} is not learned: products of two neighbours have no pseudoscalars`);
    } else {
      parts.push({ lambda, sigma, copies, labels });
    }
  }
  return { parts, notes };
}

/** What could have been meant otherwise. */
const noteOnNumbers = (count: number) =>
  `${count} numbers of a sample are learned as numbers that stay when the structure turns ("tensor": false says so); ` +
  (count === 6
    ? 'if they are xx, yy, zz, yz, xz, xy of a symmetric tensor, say "tensor": "voigt"'
    : 'vectors and tensors have 3, 3 × 3 or 3 × 3 × 3');

/** What a part is called. */
export const nameOf = ({ lambda, sigma, centre }: Omit<Part, 'copies'>): string =>
  `λ = ${lambda}${sigma < 0 ? ' (pseudotensor)' : ''}${centre === undefined ? '' : ` of ${chemicalSymbols[centre]}`}`;

/** A part of a property of atoms, element by element. @param centres the element of each sample. */
export function byElement(
  { labels, ...part }: LabelledPart,
  centres: Int32Array,
  species: readonly number[],
): LabelledPart[] {
  return species.map((centre) => {
    const values = samplesAt(labels.values, widthOf(part), centres, centre);
    return {
      ...part,
      centre,
      labels: { values, shape: [values.length / part.copies, part.copies] },
    };
  });
}

/** Adds the numbers of one element's part to those of all atoms: the reverse of {@link byElement}. */
export function addElement(
  all: Float64Array,
  { labels, centre, ...part }: LabelledPart,
  centres: Int32Array,
): void {
  const width = widthOf(part);
  let from = 0;
  centres.forEach((number, sample) => {
    if (centre !== undefined && number !== centre) return;
    for (let i = sample * width; i < (sample + 1) * width; i++) all[i]! += labels.values[from++]!;
  });
}

/** Numbers of a sample. */
export const widthOf = ({ lambda, copies }: Part): number => (2 * lambda + 1) * copies;

function samplesAt(
  values: Float64Array,
  width: number,
  centres: Int32Array,
  centre: number,
): Float64Array {
  const count = centres.reduce((sum, number) => sum + Number(number === centre), 0);
  const result = new Float64Array(count * width);
  let at = 0;
  centres.forEach((number, sample) => {
    if (number !== centre) return;
    result.set(values.subarray(sample * width, (sample + 1) * width), at);
    at += width;
  });
  return result;
}

/** The property that parts make up, samples × components. Parts that are left out count as zero. */
export function assemble(
  parts: readonly LabelledPart[],
  shape: readonly number[],
  tensor: CheckedPropertyConfig['tensor'],
  samples: number,
): Float64Array {
  const rank = rankOf(shape, tensor);
  if (rank === undefined) {
    return parts[0]?.labels.values ?? new Float64Array(samples * componentsOf(shape));
  }
  const spherical = parts.map(({ labels, ...part }) => ({ ...part, values: labels }));
  return toCartesian(spherical, rank, samples);
}

const square = (values: Float64Array) => values.reduce((sum, x) => sum + x * x, 0);
