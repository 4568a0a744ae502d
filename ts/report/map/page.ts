import { createHash } from 'node:crypto';
import { writeFileAtomic } from '../../common/atomic-file';
import { pathOf } from '../../common/files';
import type { FilePath } from '../../common/files';
import { html, trusted } from '../html';
import { formatNumber } from '../quantities';
import { style } from '../style';
import { client } from './client';
import type { MapData } from './data';
import { checkMap } from './check';
import { payloadOf } from './payload';
import { mapStyle } from './style';

/**
 * Makes the page of a map: one HTML document with points, structures and what draws them inside. It asks for nothing
 * from anywhere. To hover a point shows its structure.
 *
 * @throws InvalidInputError naming what is wrong.
 */
export function renderMap(data: MapData): string {
  checkMap(data);
  const { title, description, facts = [], per } = data;
  const hash = createHash('sha256').update(client).digest('base64');
  // Within a script only its end is special.
  const json = JSON.stringify(payloadOf(data)).replaceAll('<', '\\u003c');
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="${trusted(policy)}" />
        <title>${title}</title>
        <style>
          ${trusted(style + mapStyle)}
        </style>
      </head>
      <body>
        <h1>${title}</h1>
        <p class="description">${description ?? ''}</p>
        <dl class="facts">
          ${facts.map(
            ({ label, value, unit }) =>
              html`<div>
                <dt>${label}</dt>
                <dd>
                  ${typeof value === 'number' ? formatNumber(value) : value}${unit ? ` ${unit}` : ''}
                </dd>
              </div>`,
          )}
        </dl>
        <main class="map">
          <section>
            <div class="controls">
              <label for="colour">Colour</label>
              <select id="colour"></select>
              <button id="reset" type="button">Whole map</button>
              <button id="alike" type="button" aria-pressed="false">Same scale of both axes</button>
              <div class="scale" id="scale">
                <span id="low"></span><canvas id="bar"></canvas><span id="high"></span>
              </div>
              <div class="classes" id="classes" hidden></div>
            </div>
            <div class="plot">
              <canvas id="plot" tabindex="0" role="img" aria-label="Map of ${per}s"></canvas>
            </div>
            <p class="hint">
              Hover a point to see its ${per}, click to keep it; drag to move, wheel to zoom, double
              click for the whole map; arrow keys go through points in their order.
            </p>
          </section>
          <aside class="side">
            <h2 id="name"></h2>
            <div class="atoms"><canvas id="atoms" role="img" aria-label="Structure"></canvas></div>
            <div class="scroll">
              <table>
                <tbody id="values"></tbody>
              </table>
            </div>
          </aside>
        </main>
        <script id="data" type="application/json">
          ${trusted(json)}
        </script>
        <script>
          ${trusted('@@client@@')};
        </script>
      </body>
    </html>`.html.replace(
    /<script>\s*@@client@@;\s*<\/script>/,
    () => `<script>${client}</script>`,
  );
}

/** Renders a map into a file, which appears only when it is complete. */
export async function writeMap(file: FilePath, data: MapData): Promise<void> {
  await writeFileAtomic(pathOf(file), [Buffer.from(renderMap(data))]);
}
