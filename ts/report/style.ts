/**
 * The style sheet. Colours are variables, which the charts use too, so that one document serves light, dark
 * and printed pages.
 */
export const style = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --panel: #f6f7f9; --ink: #1b1f24; --muted: #5b6470; --line: #d5dae1; --grid: #e8ebef;
  --series-1: #1f6fb5; --series-2: #d5671b; --series-3: #2d8a57; --series-4: #8a56b0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171b; --panel: #1d2127; --ink: #e6e9ed; --muted: #9aa4b0; --line: #3a424c; --grid: #2a3038;
    --series-1: #6db0ee; --series-2: #f19a58; --series-3: #63c692; --series-4: #c195e6;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2.5rem 1.5rem 4rem; max-width: 68rem; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif;
}
h1 { margin: 0 0 .25rem; font-size: 1.9rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 2.5rem 0 .75rem; font-size: 1.2rem; }
p { margin: .5rem 0; max-width: 46rem; }
.description { color: var(--muted); }
.facts {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: .75rem; margin: 1.5rem 0 0;
}
.facts > div { padding: .6rem .9rem; background: var(--panel); border-radius: .5rem; }
.facts dt { color: var(--muted); font-size: .8rem; overflow-wrap: anywhere; }
.facts dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .9rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
thead th { color: var(--muted); font-size: .85rem; font-weight: 500; }
tbody th { font-weight: 500; white-space: normal; overflow-wrap: anywhere; min-width: 8em; max-width: 24em; }
th:first-child, td:first-child { padding-left: 0; text-align: left; }
.trials { font-size: .85rem; }
.trials th, .trials td { padding: .3rem .5rem; }
tr.best td { font-weight: 600; background: var(--panel); }
.trials td.text { max-width: 24em; text-align: left; white-space: normal; overflow-wrap: anywhere; }
tr.part th { padding-left: 1.25rem; color: var(--muted); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr)); gap: 1.5rem; }
figure { margin: 0; break-inside: avoid; }
figure h3 { margin: 0 0 .25rem; font-size: 1rem; }
figure svg { display: block; max-width: 100%; height: auto; }
figcaption { margin-top: .25rem; color: var(--muted); font-size: .85rem; max-width: 27rem; }
h2 + .charts, p + .charts { margin: 1rem 0; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 0 0 .75rem; padding: 0; list-style: none; font-size: .9rem; }
.legend svg { width: .75rem; height: .75rem; margin-right: .4rem; }
ul.notes { padding-left: 1.2rem; }
ul.notes li { margin: .25rem 0; max-width: 46rem; overflow-wrap: anywhere; }
summary { cursor: pointer; }
pre {
  padding: 1rem; overflow-x: auto; background: var(--panel); border-radius: .5rem;
  font: .85rem/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
}
footer { margin-top: 3rem; color: var(--muted); font-size: .85rem; }
@media print {
  :root {
    color-scheme: light;
    --page: #fff; --panel: #fff; --ink: #000; --muted: #444; --line: #bbb; --grid: #e3e3e3;
    --series-1: #1f6fb5; --series-2: #d5671b; --series-3: #2d8a57; --series-4: #8a56b0;
  }
  body { max-width: none; padding: 0; font-size: 11pt; }
  .charts { grid-template-columns: 1fr 1fr; }
  .facts > div { border: 1px solid var(--line); }
  table, pre { break-inside: avoid; }
  h2, .legend { break-after: avoid; }
}
`;

/** Colour of the n-th set of structures or line, counted from 0; there are four, then they repeat. */
export function seriesColour(index: number): string {
  return `var(--series-${(index % 4) + 1})`;
}
