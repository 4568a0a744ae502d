import { fitPowerLaw } from '../../analysis';
import type { PowerLaw } from '../../analysis';
import type { LearningCurve, Quantity } from '../data';
import { errorUnit, formatSignificant, scaledError, withUnit } from '../quantities';
import { seriesColour } from '../style';
import { logAxis, logRange } from './log-axis';
import type { Chart } from './parity';

const measures = ['mae', 'rmse'] as const;

/** A power law in words: `3.4 · N^−0.52 (± 0.03)`. */
export function describeLaw({ prefactor, exponent, exponentError }: PowerLaw): string {
  const error = exponentError === undefined ? '' : ` (± ${exponentError.toPrecision(1)})`;
  // An error that grows has a power > 0.
  const sign = exponent < 0 ? '' : '−';
  return `${formatSignificant(prefactor, 3)} · N^${sign}${Math.abs(exponent).toFixed(2)}${error}`;
}

/**
 * Errors over the number of training structures, both logarithmic, with error bars and power laws; undefined with
 * fewer than two points.
 */
export function learningCurveChart(
  { points }: LearningCurve,
  quantity: Quantity,
): Chart | undefined {
  const { key } = quantity;
  const values = measures.flatMap((measure) =>
    points.flatMap(({ structures, errors, spread }) => {
      const error = scaledError(quantity, errors[key]?.[measure] ?? 0);
      const deviation = scaledError(quantity, spread?.[key]?.[measure] ?? 0);
      // A logarithmic axis has no place for errors of zero, nor for bars that reach it.
      return error > 0
        ? [
            {
              structures,
              error,
              low: Math.max(error - deviation, error / 10),
              high: error + deviation,
              measure: measure.toUpperCase(),
            },
          ]
        : [];
    }),
  );
  const sizes = [...new Set(values.map(({ structures }) => structures))];
  if (sizes.length < 2) return undefined;
  const laws = measures.flatMap((measure) => {
    const name = measure.toUpperCase();
    const own = values.filter((value) => value.measure === name);
    const law = fitPowerLaw(
      own.map(({ structures }) => structures),
      own.map(({ error }) => error),
    );
    return law ? [{ name, law }] : [];
  });
  const ends = [Math.min(...sizes), Math.max(...sizes)];
  const fits = laws.flatMap(({ name, law: { prefactor, exponent } }) =>
    ends.map((structures) => ({
      structures,
      error: prefactor * structures ** -exponent,
      measure: name,
    })),
  );
  const heights = [...values.flatMap(({ low, high }) => [low, high]), ...fits.map((f) => f.error)];
  const x = logAxis(logRange(sizes), { title: 'Training structures', grid: false });
  const y = logAxis(logRange(heights), {
    title: withUnit('Error', errorUnit(quantity)),
  });
  const ofX = { field: 'structures', type: 'quantitative' as const, ...x };
  const ofY = (field: string) => ({ field, type: 'quantitative' as const, ...y });
  const color = {
    field: 'measure',
    type: 'nominal' as const,
    scale: { domain: ['MAE', 'RMSE'], range: [seriesColour(0), seriesColour(1)] },
    legend,
  };
  const hasBars = values.some(({ error, high }) => high > error);
  return {
    caption: laws
      .map(({ name, law }) => `${name} ≈ ${describeLaw(law)}`)
      .join('; ')
      .replace(/.+/, '$&. Dashed: these power laws of the number N of structures.'),
    spec: {
      width: 340,
      height: 300,
      layer: [
        {
          data: { values: fits },
          mark: { type: 'line', strokeWidth: 1.25, strokeDash: [5, 4], opacity: 0.8 },
          encoding: { x: ofX, y: ofY('error'), color },
        },
        ...(hasBars
          ? [
              {
                data: { values },
                mark: { type: 'errorbar' as const, ticks: true },
                encoding: { x: ofX, y: ofY('low'), y2: { field: 'high' }, color },
              },
            ]
          : []),
        {
          data: { values },
          mark: { type: 'line', strokeWidth: 1.5, point: { size: 45, filled: true } },
          encoding: { x: ofX, y: ofY('error'), color },
        },
      ],
    },
  };
}

const legend = {
  title: null,
  orient: 'top-right',
  labelColor: 'var(--ink)',
  labelFontSize: 12,
  symbolType: 'stroke',
  symbolSize: 300,
} as const;
