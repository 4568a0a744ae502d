import type { Chart } from './charts/parity';
import { renderChart } from './charts/render';
import type { ReportFact } from './data';
import { html, nothing } from './html';
import type { Html } from './html';
import { formatNumber } from './quantities';

/** Facts side by side. */
export function facts(list: readonly ReportFact[]): Html {
  return html`<dl class="facts">
    ${list.map(({ label, value, unit }) => {
      const text = typeof value === 'number' ? formatNumber(value) : value;
      return html`<div>
        <dt>${label}</dt>
        <dd>${text}${unit === undefined ? '' : ` ${unit}`}</dd>
      </div>`;
    })}
  </dl>`;
}

/** What the colours of the charts below it are. */
export function legend(names: readonly string[], colour: (name: string) => string): Html {
  return html`<ul class="legend">
    ${names.map(
      (name) =>
        html`<li>
          <svg viewBox="0 0 10 10" aria-hidden="true">
            <circle cx="5" cy="5" r="5" fill="${colour(name)}" /></svg
          >${name}
        </li>`,
    )}
  </ul>`;
}

/**
 * A chart with a heading above and a caption below it, either of which may be empty.
 *
 * @param name what the chart shows, for readers who cannot see it.
 */
export async function figure(
  id: string,
  heading: string,
  { spec, caption }: Chart,
  name = heading,
): Promise<Html> {
  return html`<figure>
    ${heading ? html`<h3>${heading}</h3>` : nothing} ${await renderChart(spec, id, name)}
    ${caption ? html`<figcaption>${caption}</figcaption>` : nothing}
  </figure>`;
}
