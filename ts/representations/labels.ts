/** What a column of a power spectrum is: p^{αα'}_{nn'l}. */
export interface PowerSpectrumLabel {
  /** Atomic numbers of the two neighbours' channels, α ≤ α'. */
  readonly species: readonly [number, number];
  /** Angular momentum. */
  readonly l: number;
  /** Radial functions n and n'; n ≤ n' where α = α'. */
  readonly n: readonly [number, number];
}

/** Labels of all columns in their order: channel pairs α ≤ α', then l, then n, then n'. */
export function powerSpectrumLabels(
  species: readonly number[],
  maxAngular: number,
  radialCount: number,
): PowerSpectrumLabel[] {
  const labels: PowerSpectrumLabel[] = [];
  species.forEach((first, a) => {
    for (const second of species.slice(a)) {
      for (let l = 0; l <= maxAngular; l++) {
        for (let n = 0; n < radialCount; n++) {
          for (let other = first === second ? n : 0; other < radialCount; other++) {
            labels.push({ species: [first, second], l, n: [n, other] });
          }
        }
      }
    }
  });
  return labels;
}
