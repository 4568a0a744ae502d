import { resolveRadial } from '../density/radial-functions';
import { cutoffFunction, radialBasis, radialIntegrals, radialScaling } from '../density';
import type { RadialFunctions, RadialHyperparameters } from '../density';
import type { LineChartData, ReportData, ReportSection } from './data';

/**
 * What a cutoff, a density and a basis look like: the cutoff function and the radial scaling, the radial functions,
 * and the radial integrals that the expansion takes from them, as a report for {@link renderReport}.
 *
 * @throws InvalidInputError naming the path of what is wrong; NumericalError for a basis that is too large.
 */
export function densityReport(hyperparameters: RadialHyperparameters): ReportData {
  const resolved = resolveRadial(hyperparameters);
  const { cutoff, density, basis } = resolved;
  const { radius } = cutoff;
  const distances = Float64Array.from({ length: points }, (_, k) => (k / (points - 1)) * radius);
  // Scalings that are pure power laws diverge at the centre.
  const apart = distances.map((r) => Math.max(r, 0.1));
  const weight = cutoffFunction(hyperparameters, distances).values;
  const scaling = radialScaling(hyperparameters, apart).values;
  const functions = basis.radial.count;
  const ranks = basis.maxAngular + 1;
  const shown = [...new Set([0, Math.floor((ranks - 1) / 2), ranks - 1])];
  const perRank = (title: string, y: string, { values }: RadialFunctions): ReportSection[] => {
    const at = (l: number) => (k: number, n: number) => values[(k * ranks + l) * functions + n]!;
    const isSame = values.every(
      (value, i) => value === at(0)(Math.floor(i / ranks / functions), i % functions),
    );
    return (isSame ? [0] : shown).map((l) => ({
      title: isSame ? `${title}, all l` : `${title}, l = ${l}`,
      chart: lines(y, distances, functions, at(l)),
    }));
  };
  return {
    title: 'Cutoff, density and basis',
    description: 'How one neighbour enters the expansion of the density, over its distance.',
    summary: [
      { label: 'Cutoff', value: radius, unit: 'Å' },
      { label: 'Radial functions', value: functions },
      { label: 'Angular momenta', value: `0 to ${ranks - 1}` },
    ],
    sections: [
      {
        title: 'Weight of a neighbour',
        chart: {
          x: distanceAxis,
          y: 'Weight',
          lines: [
            { name: 'cutoff', x: distances, y: weight },
            ...('scaling' in density
              ? [
                  { name: 'scaling', x: apart, y: scaling },
                  { name: 'product', x: apart, y: scaling.map((u, k) => u * weight[k]!) },
                ]
              : []),
          ],
        },
      },
      ...(isOfPoints(basis.radial)
        ? []
        : perRank('Radial functions', 'R_nl (Å^−3/2)', radialBasis(hyperparameters, distances))),
      ...perRank('Radial integrals', '⟨nl|r⟩', radialIntegrals(hyperparameters, distances)),
    ],
    configuration: resolved,
  };
}

/** Whether the functions are defined at points only. */
const isOfPoints = (radial: ReturnType<typeof resolveRadial>['basis']['radial']): boolean =>
  (radial.type === 'contracted' ? radial.from : radial).type === 'legendre-dvr';

const points = 201;
const distanceAxis = 'Distance (Å)';

function lines(
  y: string,
  x: Float64Array,
  count: number,
  value: (k: number, n: number) => number,
): LineChartData {
  return {
    x: distanceAxis,
    y,
    lines: Array.from({ length: count }, (_, n) => ({
      name: `n = ${n}`,
      x,
      y: Array.from(x, (__, k) => value(k, n)),
    })),
  };
}
