import {
  PowerSpectrum,
  radialBasis,
  realSpaceCorrelation,
  SphericalExpansion,
  sphericalHarmonicsSync,
} from '../../ts';

const basis = { maxAngular: 3, radial: { count: 5 } };
const hyperparameters = { cutoff: { radius: 3.5 }, basis, species: [1, 8] };
const structure = {
  species: [8, 1, 1, 8],
  positions: Float64Array.of(0.1, 0.2, 0, 1, 0.3, 0.2, -0.2, 1.1, 0.4, 1.6, 1.7, 1.9),
};
const soap = new PowerSpectrum(hyperparameters);
const row = soap.computeSync([structure]).values.subarray(0, soap.features);

/** ρ^α(r u) of the first atom, from the coefficients of its expansion. */
function density(species: number, r: number, direction: readonly number[]): number {
  const harmonics = sphericalHarmonicsSync(Float64Array.from(direction), basis.maxAngular).values;
  const radial = radialBasis(hyperparameters, Float64Array.of(r)).values;
  return labels.reduce((sum, { lambda: l, mu: m, factors: [factor] }, column) => {
    if (factor!.species !== species) return sum;
    const function_ = radial[l * basis.radial.count + factor!.n]! * harmonics[l * l + l + m]!;
    return sum + coefficients[column]! * function_;
  }, 0);
}
const expansion = new SphericalExpansion(hyperparameters);
const { labels } = expansion;
const coefficients = expansion.computeSync([structure]).values;

/** The average over rotations, by a quadrature that is exact for these l. */
function average(species: readonly [number, number], r1: number, r2: number, cosine: number) {
  const nodes = [-0.8611363115940526, -0.3399810435848563, 0.3399810435848563, 0.8611363115940526];
  const weights = [0.3478548451374538, 0.6521451548625461, 0.6521451548625461, 0.3478548451374538];
  const sine = Math.sqrt(1 - cosine ** 2);
  const turns = Array.from({ length: 8 }, (_, k) => (2 * Math.PI * (k + 0.3)) / 8);
  let sum = 0;
  nodes.forEach((z, k) => {
    const s = Math.sqrt(1 - z * z);
    for (const phi of turns) {
      const [c, t] = [Math.cos(phi), Math.sin(phi)];
      const first = density(species[0], r1, [s * c, s * t, z]);
      for (const psi of turns) {
        const [a, b] = [sine * Math.cos(psi), sine * Math.sin(psi)];
        const second = [
          cosine * s * c + a * z * c - b * t,
          cosine * s * t + a * z * t + b * c,
          cosine * z - a * s,
        ];
        sum += (weights[k]! / 2 / 64) * first * density(species[1], r2, second);
      }
    }
  });
  return sum;
}

test.each([
  [[8, 1], 1.1, 0.9, 0.3],
  [[1, 8], 0.7, 2.2, -0.8],
  [[1, 1], 1.0, 1.2, -0.1],
  [[8, 8], 2.5, 2.5, 1],
] as [[number, number], number, number, number][])(
  'it is the rotation average of the density, %j',
  (species, r1, r2, cosine) => {
    const [value] = realSpaceCorrelation(soap, row, {
      species,
      first: Float64Array.of(r1),
      second: Float64Array.of(r2),
      cosines: Float64Array.of(cosine),
    });
    const expected = average(species, r1, r2, cosine);
    expect(Math.abs(expected)).toBeGreaterThan(1e-6);
    expect(value).toBeCloseTo(expected, 10);
  },
);

test('the grid is first × second × cosines', () => {
  const first = Float64Array.of(0.5, 1);
  const second = Float64Array.of(0.6, 1.1, 1.7);
  const cosines = Float64Array.of(-1, 0, 0.5, 1);
  const all = realSpaceCorrelation(soap, row, { species: ['O', 'H'], first, second, cosines });
  expect(all).toHaveLength(24);
  const one = realSpaceCorrelation(soap, row, {
    species: ['O', 'H'],
    first: first.subarray(1),
    second: second.subarray(2),
    cosines: cosines.subarray(1, 2),
  });
  expect(all[(1 * 3 + 2) * 4 + 1]).toBe(one[0]);
});

test('contracted functions of each element give the same picture', () => {
  const turn = (angle: number) => [
    [Math.cos(angle), Math.sin(angle), 0, 0, 0],
    [-Math.sin(angle), Math.cos(angle), 0, 0, 0],
    [0, 0, 1, 0, 0],
    [0, 0, 0, 0, 1],
    [0, 0, 0, 1, 0],
  ];
  const coefficients = [0.3, 1.1].map((angle) => [0, 1, 2, 3].map((l) => turn(angle + l)));
  const contracted = new PowerSpectrum({
    ...hyperparameters,
    basis: { ...basis, radial: { type: 'contracted', from: basis.radial, coefficients } },
  });
  const { values, columns } = contracted.computeSync([structure]);
  const grid = {
    species: ['O', 'H'],
    first: Float64Array.of(0.8, 1.9),
    second: Float64Array.of(1),
    cosines: Float64Array.of(-0.2, 0.7),
  } as const;
  const expected = realSpaceCorrelation(soap, row, grid);
  realSpaceCorrelation(contracted, values.subarray(0, columns), grid).forEach((value, k) =>
    expect(value).toBeCloseTo(expected[k]!, 9),
  );
});

test('what it cannot show is said', () => {
  const grid = { first: new Float64Array(1), second: new Float64Array(1) };
  const ask = (of: PowerSpectrum, species: [string, string], cosine = 0) =>
    realSpaceCorrelation(of, row, { ...grid, species, cosines: Float64Array.of(cosine) });
  expect(() => ask(soap, ['O', 'C'])).toThrow(/species\[1\].*got C/);
  expect(() => ask(soap, ['O', 'H'], 2)).toThrow(/cosines\[0\].*got 2/);
  expect(() => ask(new PowerSpectrum({ ...hyperparameters, normalize: true }), ['O', 'H'])).toThrow(
    /normalize/,
  );
  expect(() =>
    realSpaceCorrelation(soap, [1], { ...grid, species: ['O', 'H'], cosines: grid.first }),
  ).toThrow(/features.*got 1/);
});
