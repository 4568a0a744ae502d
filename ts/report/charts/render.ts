import type { TopLevelSpec } from 'vega-lite' with { 'resolution-mode': 'import' };
import { html, trusted } from '../html';
import type { Html } from '../html';

/** A chart in the grammar of Vega-Lite, its data inside. */
export type ChartSpec = TopLevelSpec;

/**
 * Draws a chart as SVG, without a browser. Colours stay CSS variables of the page around it.
 *
 * @param id unique in the document.
 * @param name what the chart shows, for readers who cannot see it.
 */
export async function renderChart(spec: ChartSpec, id: string, name: string): Promise<Html> {
  const vega = await import('vega');
  const vegaLite = await import('vega-lite');
  const compiled = vegaLite.compile(spec, { config }).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: 'none', logLevel: vega.Warn });
  try {
    const svg = ownIds(await view.toSVG(), id);
    const { html: attributes } = html`role="img" aria-label="${name}"`;
    return trusted(svg.replace('<svg ', () => `<svg ${attributes} `));
  } finally {
    view.finalize();
  }
}

const text = { labelColor: 'var(--muted)', titleColor: 'var(--ink)' };
const config = {
  // The chart as a whole has a name; one for each of its points would only make the page large.
  aria: false,
  background: 'transparent',
  font: 'system-ui, -apple-system, Segoe UI, Roboto, Helvetica Neue, Arial, sans-serif',
  axis: {
    ...text,
    domainColor: 'var(--line)',
    gridColor: 'var(--grid)',
    tickColor: 'var(--line)',
    labelFontSize: 12,
    labelPadding: 5,
    titleFontSize: 13,
    titleFontWeight: 500,
    titlePadding: 9,
  },
  view: { stroke: 'transparent' },
} as const;

/** Vega numbers its clip paths through the life of the process; here the ids depend on the chart alone. */
function ownIds(svg: string, id: string): string {
  const numbers = new Map<string, string>();
  return svg.replaceAll(
    /(\bid="|url\(#)((?:clip|gradient)[^")]*)/g,
    (_, before: string, old: string) => {
      if (!numbers.has(old)) numbers.set(old, `${id}-${numbers.size}`);
      return before + numbers.get(old)!;
    },
  );
}
