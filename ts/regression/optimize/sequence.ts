import { randomNumbers } from '../../common/random';

/**
 * Points that fill the unit cube evenly, however many are taken: x_k = frac(s + k α) with α_j = φ^{−j}, φ the
 * root of φ^{d+1} = φ + 1 (the generalised golden ratio; M. Roberts, 2018), and a random shift s. Point k
 * depends on seed and k alone.
 */
export function evenPoint(k: number, dimensions: number, seed: number): number[] {
  const random = randomNumbers(seed);
  let golden = 2;
  for (let step = 0; step < 60; step++) golden = (1 + golden) ** (1 / (dimensions + 1));
  return Array.from({ length: dimensions }, (_, j) => {
    const x = random() + (k + 1) * golden ** -(j + 1);
    return x - Math.floor(x);
  });
}
