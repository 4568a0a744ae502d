/** What the page of a map has beside the style of every report. */
export const mapStyle = `
[hidden] { display: none !important; }
body { max-width: 92rem; padding: 1.75rem 1.5rem 1.5rem; }
.description { max-width: none; }
.facts { margin-top: 1rem; }
.map { display: grid; grid-template-columns: minmax(0, 1fr) 22rem; gap: 1.25rem; margin-top: 1.25rem; }
.controls { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1rem; margin: 0 0 .6rem; font-size: .9rem; }
.controls label { color: var(--muted); }
select, button {
  padding: .3rem .6rem; border: 1px solid var(--line); border-radius: .4rem; background: var(--panel); color: var(--ink);
  font: inherit;
}
button { cursor: pointer; }
#alike[aria-pressed='true'] { border-color: var(--series-1); color: var(--series-1); }
select:focus-visible, button:focus-visible, canvas:focus-visible { outline: 2px solid var(--series-1); outline-offset: 1px; }
.plot { position: relative; height: min(66vh, 46rem); min-height: 22rem; border: 1px solid var(--line); border-radius: .6rem; overflow: hidden; }
.plot canvas { position: absolute; inset: 0; width: 100%; height: 100%; cursor: crosshair; touch-action: none; }
.scale { display: flex; align-items: center; gap: .5rem; margin-left: auto; font-size: .85rem; font-variant-numeric: tabular-nums; }
.scale canvas { width: 10rem; height: .8rem; border-radius: .2rem; }
.classes { display: flex; flex-wrap: wrap; gap: .2rem .5rem; max-height: 12rem; overflow-y: auto; font-size: .85rem; }
.classes button { display: flex; align-items: center; gap: .35rem; padding: .1rem .5rem; border-color: transparent; background: none; }
.classes button[aria-pressed='false'] { opacity: .35; }
.classes i { width: .7rem; height: .7rem; border-radius: 50%; }
.side { display: flex; flex-direction: column; gap: .75rem; min-width: 0; }
.atoms { position: relative; aspect-ratio: 1; border: 1px solid var(--line); border-radius: .6rem; background: var(--panel); }
.atoms canvas { position: absolute; inset: 0; width: 100%; height: 100%; cursor: grab; touch-action: none; }
.side h2 { margin: 0; font-size: 1rem; overflow-wrap: anywhere; }
.side table { width: 100%; font-size: .85rem; }
.side td { padding: .2rem 0; white-space: normal; overflow-wrap: anywhere; }
.side td:last-child { min-width: 6.5rem; }
.side td:first-child { color: var(--muted); padding-right: .75rem; }
.side .scroll { max-height: 20rem; overflow: auto; }
.hint { margin: .5rem 0 0; color: var(--muted); font-size: .8rem; max-width: none; }
@media (max-width: 60rem) { .map { grid-template-columns: minmax(0, 1fr); } .atoms { max-width: 22rem; } }
`;
