/**
 * The program of a map's page. It runs in browsers, which this package's TypeScript does not know; so it is text. It
 * reads the JSON of {@link payloadOf} and asks for nothing from anywhere.
 */
export const client = String.raw`
'use strict';
(() => {
const data = JSON.parse(document.getElementById('data').textContent);
const $ = (id) => document.getElementById(id);
const { points, axes, properties, structures, elements } = data;
const count = axes[0].values.length;
const [X, Y] = [axes[0].values, axes[1].values];
const plot = $('plot'), atoms = $('atoms');
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const clamp = (x, low, high) => Math.min(high, Math.max(low, x));
// Digits tell values of a property apart, however large they all are.
const show = (x, digits = 5) => x === null ? '–' : Number.isInteger(x) ? String(x) : Math.abs(x) < 1e-3 || (digits <= 5 && Math.abs(x) >= 1e5) ? x.toExponential(3) : String(+x.toPrecision(digits));
const isNone = (v) => v === null || v < 0;
const palette = ['#4477aa', '#ee6677', '#228833', '#ccbb44', '#66ccee', '#aa3377', '#ee8866', '#44bb99', '#8877cc', '#997700', '#dd77aa', '#77aadd'];
// More classes than that: hues that are far from each other, at three lightnesses; each 21 steps hues come near again.
const classColour = (i, all) => {
  if (all <= palette.length) return palette[i];
  const level = (i + Math.floor(i / 21)) % 3;
  return 'hsl(' + (i * 137.508 % 360).toFixed(1) + ' ' + [70, 55, 60][level] + '% ' + [46, 66, 34][level] + '%)';
};
const viridis = ['#440154', '#482878', '#3e4a89', '#31688e', '#26828e', '#1f9e89', '#35b779', '#6dcd59', '#b4de2c', '#fde725'].map((c) => [1, 3, 5].map((i) => parseInt(c.slice(i, i + 2), 16)));
const ramp = (t) => {
  const at = clamp(t, 0, 1) * (viridis.length - 1), i = Math.min(viridis.length - 2, Math.floor(at));
  return 'rgb(' + viridis[i].map((c, k) => Math.round(c + (at - i) * (viridis[i + 1][k] - c))).join() + ')';
};
const none = () => css('--muted');

// --- colours -------------------------------------------------------------------------------------
let colours = [], hidden = new Set(), lit, current;
const className = ({ names }, v) => isNone(v) ? 'none' : names ? names[v] : String(v);
function colour(index) {
  current = properties[index];
  hidden = new Set();
  lit = undefined;
  if (!current) { colours = new Array(count).fill(css('--series-1')); $('scale').hidden = $('classes').hidden = true; return; }
  const { values, classes } = current;
  $('scale').hidden = Boolean(classes);
  $('classes').hidden = !classes;
  if (classes) {
    const sizes = new Map();
    for (const v of values) sizes.set(v, (sizes.get(v) || 0) + 1);
    const names = [...sizes.keys()].sort((a, b) => isNone(a) - isNone(b) || a - b);
    const of = new Map(names.map((v, i) => [v, isNone(v) ? none() : classColour(i, names.length)]));
    colours = values.map((v) => of.get(v));
    $('classes').replaceChildren(...names.map((v) => {
      const button = document.createElement('button'), dot = document.createElement('i');
      dot.style.background = of.get(v);
      button.append(dot, className(current, v) + ' (' + sizes.get(v) + ')');
      button.setAttribute('aria-pressed', 'true');
      button.onclick = () => {
        hidden.has(v) ? hidden.delete(v) : hidden.add(v);
        button.setAttribute('aria-pressed', String(!hidden.has(v)));
        draw();
      };
      button.onpointerenter = () => { lit = v; draw(); };
      button.onpointerleave = () => { lit = undefined; draw(); };
      return button;
    }));
    return;
  }
  const sorted = values.filter((v) => v !== null).sort((a, b) => a - b);
  // A few outliers must not take all colours.
  const cut = sorted.length > 200 ? Math.floor(sorted.length / 100) : 0;
  const [low, high] = [sorted[cut], sorted[sorted.length - 1 - cut]];
  colours = values.map((v) => v === null ? none() : ramp(high > low ? (v - low) / (high - low) : 0.5));
  $('low').textContent = show(low ?? null, current.digits);
  $('high').textContent = show(high ?? null, current.digits) + (current.unit ? ' ' + current.unit : '');
  const bar = $('bar'), pen = bar.getContext('2d');
  bar.width = 160; bar.height = 12;
  for (let i = 0; i < 160; i++) { pen.fillStyle = ramp(i / 159); pen.fillRect(i, 0, 1, 12); }
}

// --- the map -------------------------------------------------------------------------------------
const extent = (v) => { let a = Infinity, b = -Infinity; for (const x of v) { if (x < a) a = x; if (x > b) b = x; } return b > a ? [a, b] : [a - 1, b + 1]; };
const whole = () => { const [a, b] = extent(X), [c, d] = extent(Y); return { x: (a + b) / 2, y: (c + d) / 2, w: 1.08 * (b - a), h: 1.08 * (d - c) }; };
let view = whole(), size = { w: 1, h: 1 }, hovered = -1, pinned = -1;
const margin = { left: 58, right: 14, top: 12, bottom: 44 };
const inner = () => ({ w: Math.max(1, size.w - margin.left - margin.right), h: Math.max(1, size.h - margin.top - margin.bottom) });
let alike = false; // whether both axes have one scale, so that distances are what they are in the data
const span = () => {
  const { w, h } = inner(), unit = alike ? Math.max(view.w / w, view.h / h) : 0;
  return alike ? { w: unit * w, h: unit * h } : view;
};
const px = (x) => margin.left + ((x - view.x) / span().w + 0.5) * inner().w;
const py = (y) => margin.top + (0.5 - (y - view.y) / span().h) * inner().h;
function fit(canvas) {
  const r = window.devicePixelRatio || 1, w = canvas.clientWidth, h = canvas.clientHeight;
  canvas.width = Math.round(w * r); canvas.height = Math.round(h * r);
  const pen = canvas.getContext('2d');
  pen.setTransform(r, 0, 0, r, 0, 0);
  return [pen, w, h];
}
function ticks(middle, width) {
  const raw = width / 6, power = 10 ** Math.floor(Math.log10(raw)), step = [1, 2, 5, 10].find((m) => m * power >= raw) * power;
  const list = [];
  for (let t = Math.ceil((middle - width / 2) / step); t * step <= middle + width / 2; t++) list.push(t * step);
  const decimals = clamp(-Math.floor(Math.log10(step) + 1e-9), 0, 12);
  const isTiny = (t) => decimals > 4 && t !== 0 && Math.abs(t) < 0.01;
  const digits = (t) => clamp(decimals + Math.floor(Math.log10(Math.abs(t)) + 1e-9), 0, 6);
  return list.map((t) => [t, Math.abs(t) >= 1e7 ? t.toExponential(3) : isTiny(t) ? t.toExponential(digits(t)) : String(+t.toFixed(decimals))]);
}
function draw() {
  const [pen, w, h] = fit(plot);
  size = { w, h };
  const { w: iw, h: ih } = inner();
  pen.clearRect(0, 0, w, h);
  pen.font = '12px system-ui, sans-serif';
  pen.strokeStyle = css('--grid'); pen.fillStyle = css('--muted'); pen.lineWidth = 1;
  pen.textAlign = 'center';
  for (const [t, text] of ticks(view.x, span().w)) {
    pen.beginPath(); pen.moveTo(px(t), margin.top); pen.lineTo(px(t), margin.top + ih); pen.stroke();
    pen.fillText(text, px(t), margin.top + ih + 16);
  }
  pen.textAlign = 'right';
  for (const [t, text] of ticks(view.y, span().h)) {
    pen.beginPath(); pen.moveTo(margin.left, py(t)); pen.lineTo(margin.left + iw, py(t)); pen.stroke();
    pen.fillText(text, margin.left - 7, py(t) + 4);
  }
  pen.fillStyle = css('--ink'); pen.textAlign = 'center'; pen.font = '13px system-ui, sans-serif';
  pen.fillText(axes[0].name, margin.left + iw / 2, h - 8);
  pen.save(); pen.translate(14, margin.top + ih / 2); pen.rotate(-Math.PI / 2); pen.fillText(axes[1].name, 0, 0); pen.restore();
  pen.save();
  pen.beginPath(); pen.rect(margin.left, margin.top, iw, ih); pen.clip();
  if (data.path) {
    pen.strokeStyle = css('--muted'); pen.globalAlpha = 0.45; pen.lineWidth = 1; pen.beginPath();
    const last = new Map(); // of each line, one of each atom
    for (let i = 0; i < count; i++) {
      const line = points ? points.atom[i] : 0, from = last.get(line);
      if (from !== undefined) { pen.moveTo(px(X[from]), py(Y[from])); pen.lineTo(px(X[i]), py(Y[i])); }
      last.set(line, i);
    }
    pen.stroke();
  }
  const r = clamp(60 / Math.sqrt(count), 1.6, 4.5);
  const opacity = count > 3000 ? 0.7 : 0.85;
  for (let i = 0; i < count; i++) {
    if (current && current.classes && hidden.has(current.values[i])) continue;
    const x = px(X[i]), y = py(Y[i]);
    if (x < margin.left - r || x > w || y < -r || y > margin.top + ih + r) continue;
    pen.fillStyle = colours[i];
    pen.globalAlpha = lit === undefined || current.values[i] === lit ? opacity : 0.06;
    if (count > 20000) pen.fillRect(x - r, y - r, 2 * r, 2 * r);
    else { pen.beginPath(); pen.arc(x, y, r, 0, 2 * Math.PI); pen.fill(); }
  }
  pen.globalAlpha = 1; pen.lineWidth = 2; pen.strokeStyle = css('--ink');
  for (const i of new Set([pinned, hovered])) {
    if (i < 0) continue;
    pen.fillStyle = colours[i];
    pen.beginPath(); pen.arc(px(X[i]), py(Y[i]), r + 3, 0, 2 * Math.PI); pen.fill(); pen.stroke();
  }
  pen.restore();
  pen.strokeStyle = css('--line'); pen.lineWidth = 1; pen.strokeRect(margin.left, margin.top, iw, ih);
}
function nearest(x, y) {
  let best = -1, least = 15 ** 2;
  for (let i = 0; i < count; i++) {
    if (current && current.classes && hidden.has(current.values[i])) continue;
    const d = (px(X[i]) - x) ** 2 + (py(Y[i]) - y) ** 2;
    if (d < least) { least = d; best = i; }
  }
  return best;
}

// --- the structure -------------------------------------------------------------------------------
const turn = { a: -0.5, b: 0.35 };
let scene, shown = -1;
function sceneOf(point) {
  const s = points ? points.structure[point] : point, own = points ? points.atom[point] : -1;
  const { species, positions, cell } = structures[s];
  const at = (i) => [0, 1, 2].map((d) => positions[3 * i + d] / 100);
  const n = species.length, list = [];
  if (own < 0 || !cell) {
    for (let i = 0; i < n; i++) list.push({ r: at(i), z: species[i], own: i === own });
  } else {
    // Atoms about the centre, with their periodic images.
    const h = [0, 1, 2].map((k) => cell.slice(3 * k, 3 * k + 3)), centre = at(own), reach = data.surroundings;
    const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
    const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    const volume = Math.abs(dot(h[0], cross(h[1], h[2])));
    const most = [0, 1, 2].map((k) => {
      if (!structures[s].pbc[k] || volume === 0) return 0;
      const c = cross(h[(k + 1) % 3], h[(k + 2) % 3]);
      return Math.min(6, Math.ceil(reach * Math.sqrt(dot(c, c)) / volume) + 1);
    });
    for (let i = -most[0]; i <= most[0]; i++) for (let j = -most[1]; j <= most[1]; j++) for (let k = -most[2]; k <= most[2]; k++)
      for (let a = 0; a < n; a++) {
        const r = at(a).map((x, d) => x + i * h[0][d] + j * h[1][d] + k * h[2][d]);
        if (Math.hypot(...r.map((x, d) => x - centre[d])) < reach) list.push({ r, z: species[a], own: a === own && !i && !j && !k });
      }
  }
  const bonds = [];
  for (let i = 0; i < list.length && list.length < 1500; i++) for (let j = 0; j < i; j++) {
    const limit = 1.2 * (elements[list[i].z].radius + elements[list[j].z].radius);
    if (Math.hypot(...list[i].r.map((x, d) => x - list[j].r[d])) < limit) bonds.push([i, j]);
  }
  const lines = [];
  if (cell && own < 0) {
    const corner = (i, j, k) => [0, 1, 2].map((d) => i * cell[d] + j * cell[3 + d] + k * cell[6 + d]);
    for (const [a, b] of [[0, 1], [0, 2], [0, 4], [1, 3], [1, 5], [2, 3], [2, 6], [4, 5], [4, 6], [3, 7], [5, 7], [6, 7]])
      lines.push([corner(a & 1, (a >> 1) & 1, a >> 2), corner(b & 1, (b >> 1) & 1, b >> 2)]);
  }
  const all = [...list.map(({ r }) => r), ...lines.flat()];
  const middle = own >= 0 ? at(own) : [0, 1, 2].map((d) => { const [a, b] = extent(all.map((r) => r[d])); return (a + b) / 2; });
  const radius = Math.max(1.5, ...all.map((r) => Math.hypot(...r.map((x, d) => x - middle[d]))));
  return { list, bonds, lines, middle, radius };
}
function drawAtoms() {
  const [pen, w, h] = fit(atoms);
  pen.clearRect(0, 0, w, h);
  if (!scene) return;
  const { list, bonds, lines, middle, radius } = scene;
  const scale = (0.44 * Math.min(w, h)) / radius;
  const [ca, sa, cb, sb] = [Math.cos(turn.a), Math.sin(turn.a), Math.cos(turn.b), Math.sin(turn.b)];
  const project = (r) => {
    const [x, y, z] = r.map((c, d) => c - middle[d]);
    const u = ca * x + sa * z, d = -sa * x + ca * z;
    return [w / 2 + scale * u, h / 2 - scale * (cb * y - sb * d), sb * y + cb * d];
  };
  const placed = list.map((atom) => ({ ...atom, p: project(atom.r) }));
  const ink = css('--ink');
  pen.lineCap = 'butt'; pen.strokeStyle = css('--line'); pen.lineWidth = 1;
  for (const [a, b] of lines) { const [p, q] = [project(a), project(b)]; pen.beginPath(); pen.moveTo(p[0], p[1]); pen.lineTo(q[0], q[1]); pen.stroke(); }
  const parts = [
    ...placed.map((atom) => ({ depth: atom.p[2], atom })),
    ...bonds.map(([i, j]) => ({ depth: (placed[i].p[2] + placed[j].p[2]) / 2 - 0.01, bond: [placed[i], placed[j]] })),
  ].sort((a, b) => a.depth - b.depth);
  for (const { atom, bond } of parts) {
    if (bond) {
      const [a, b] = bond, m = [0, 1].map((d) => (a.p[d] + b.p[d]) / 2), thick = Math.max(1.5, 0.16 * scale);
      // With a rim: white is seen on white, too.
      pen.lineWidth = thick + 1.4; pen.strokeStyle = ink;
      pen.beginPath(); pen.moveTo(a.p[0], a.p[1]); pen.lineTo(b.p[0], b.p[1]); pen.stroke();
      pen.lineWidth = thick;
      for (const end of bond) { pen.strokeStyle = elements[end.z].colour; pen.beginPath(); pen.moveTo(m[0], m[1]); pen.lineTo(end.p[0], end.p[1]); pen.stroke(); }
      continue;
    }
    const { colour, radius: size } = elements[atom.z], r = Math.max(2, scale * 0.42 * size), [x, y] = atom.p;
    const shade = pen.createRadialGradient(x - r / 3, y - r / 3, r / 8, x, y, r);
    shade.addColorStop(0, '#ffffff'); shade.addColorStop(0.35, colour); shade.addColorStop(1, colour);
    pen.fillStyle = shade;
    pen.beginPath(); pen.arc(x, y, r, 0, 2 * Math.PI); pen.fill();
    pen.lineWidth = atom.own ? 2.5 : 0.7; pen.strokeStyle = atom.own ? css('--series-2') : ink;
    if (atom.own) { pen.beginPath(); pen.arc(x, y, r + 2, 0, 2 * Math.PI); }
    pen.stroke();
  }
}
function select(point) {
  if (point < 0 || point === shown) return;
  shown = point;
  scene = sceneOf(point);
  const s = points ? points.structure[point] : point;
  $('name').textContent = (points ? elements[structures[s].species[points.atom[point]]].symbol + ', atom ' + points.atom[point] + ' of ' : '') + structures[s].name;
  $('values').replaceChildren(...[...properties, ...axes].map((property) => {
    const row = document.createElement('tr'), [a, b] = [document.createElement('td'), document.createElement('td')];
    a.textContent = property.name;
    const v = property.values[point], { unit, digits } = property;
    b.textContent = property.classes ? className(property, v) : show(v, digits) + (unit && v !== null ? ' ' + unit : '');
    row.append(a, b);
    return row;
  }));
  drawAtoms();
}

// --- what the reader does ------------------------------------------------------------------------
let drag;
const place = (event) => { const box = event.target.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };
plot.onpointerdown = (event) => { plot.setPointerCapture(event.pointerId); drag = { at: place(event), view: { ...view }, moved: false }; };
plot.onpointermove = (event) => {
  const [x, y] = place(event);
  if (drag) {
    const [dx, dy] = [x - drag.at[0], y - drag.at[1]];
    drag.moved ||= Math.hypot(dx, dy) > 4;
    if (drag.moved) { view.x = drag.view.x - dx / inner().w * span().w; view.y = drag.view.y + dy / inner().h * span().h; draw(); }
    return;
  }
  const found = nearest(x, y);
  if (found === hovered) return;
  hovered = found;
  draw();
  select(found >= 0 ? found : pinned);
};
plot.onpointerup = (event) => { if (drag && !drag.moved) { pinned = nearest(...place(event)); select(pinned); draw(); } drag = undefined; };
plot.onpointerleave = () => { if (hovered >= 0) { hovered = -1; draw(); if (pinned >= 0) select(pinned); } };
plot.addEventListener('wheel', (event) => {
  event.preventDefault();
  const [x, y] = place(event), zoom = Math.exp(clamp(event.deltaY, -200, 200) / 400);
  const cx = view.x + ((x - margin.left) / inner().w - 0.5) * span().w, cy = view.y + (0.5 - (y - margin.top) / inner().h) * span().h;
  view = { x: cx + (view.x - cx) * zoom, y: cy + (view.y - cy) * zoom, w: view.w * zoom, h: view.h * zoom };
  draw();
}, { passive: false });
plot.ondblclick = $('reset').onclick = () => { view = whole(); draw(); };
$('alike').onclick = () => { alike = !alike; $('alike').setAttribute('aria-pressed', String(alike)); draw(); };
plot.onkeydown = (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  pinned = (Math.max(pinned, -1) + step + count) % count;
  hovered = -1;
  select(pinned);
  draw();
};
let twist;
atoms.onpointerdown = (event) => { atoms.setPointerCapture(event.pointerId); twist = { at: place(event), a: turn.a, b: turn.b }; };
atoms.onpointermove = (event) => {
  if (!twist) return;
  const [x, y] = place(event);
  turn.a = twist.a + (x - twist.at[0]) / 90; turn.b = clamp(twist.b + (y - twist.at[1]) / 90, -1.57, 1.57);
  drawAtoms();
};
atoms.onpointerup = () => { twist = undefined; };
const chooser = $('colour');
properties.forEach(({ name, unit }, i) => chooser.append(new Option(name + (unit ? ' (' + unit + ')' : ''), i)));
const first = properties.findIndex(({ name }) => name === data.color);
chooser.value = String(first < 0 ? 0 : first);
chooser.onchange = () => { colour(Number(chooser.value)); draw(); };
const redraw = () => { colour(Number(chooser.value)); draw(); drawAtoms(); };
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
new ResizeObserver(() => { draw(); drawAtoms(); }).observe(document.body);
redraw();
pinned = data.start;
select(pinned);
draw();
})();
`;
