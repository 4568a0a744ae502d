/** A point of a drawing, y down. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface LabelSpace {
  readonly width: number;
  readonly height: number;
  /** Of each label. */
  readonly widths: readonly number[];
  readonly lineHeight: number;
}

/** How far a label's box may be from its point, and in which directions; the first are preferred. */
const reaches = [3, 9, 17, 27, 39, 53, 69];
const directions = Array.from({ length: 16 }, (_, k) => -Math.PI / 2 + (k * Math.PI) / 8);
const sweeps = 8;
/** Room about each label. */
const air = 1.5;

/**
 * Centres of labels beside their points, so that none covers another or a point where that can be: each in turn takes the
 * cheapest of its places, given those of all others, a few times. The same points always have the same labels.
 */
export function placeLabels(points: readonly Point[], space: LabelSpace): Point[] {
  const { widths, lineHeight } = space;
  const half = widths.map((width) => ({ x: width / 2 + air, y: lineHeight / 2 + air }));
  const at: Point[] = points.map(({ x, y }) => ({ x, y: y - lineHeight / 2 - reaches[0]! }));
  const costOf = (i: number, place: Point, effort: number): number => {
    const { x: w, y: h } = half[i]!;
    if (place.x < w || place.y < h || place.x > space.width - w || place.y > space.height - h)
      return Infinity;
    let cost = effort;
    for (let j = 0; j < points.length; j++) {
      const isOver = (other: Point, dx: number, dy: number) =>
        Math.abs(place.x - other.x) < w + dx && Math.abs(place.y - other.y) < h + dy;
      if (j !== i && isOver(at[j]!, half[j]!.x - air, half[j]!.y - air)) cost += 1000;
      if (j !== i && isOver(points[j]!, 1.5, 1.5)) cost += 300;
      // Lines to other labels.
      if (j !== i && crosses(place, half[i]!, points[j]!, at[j]!)) cost += 60;
      if (j !== i && crosses(at[j]!, half[j]!, points[i]!, place)) cost += 60;
    }
    return cost;
  };
  const order = points.map((_, i) => i);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    let moved = false;
    for (const i of order) {
      let least = Infinity;
      let best = at[i]!;
      reaches.forEach((reach, far) => {
        directions.forEach((angle, turn) => {
          // Up is best, then what is near it.
          const effort = 4 * far * (far + 1) + Math.min(turn, directions.length - turn) / 4;
          if (effort >= least) return;
          const place = {
            x: points[i]!.x + Math.cos(angle) * (widths[i]! / 2 + reach),
            y: points[i]!.y + Math.sin(angle) * (lineHeight / 2 + reach),
          };
          const cost = costOf(i, place, effort);
          if (cost < least) [least, best] = [cost, place];
        });
      });
      if (best.x !== at[i]!.x || best.y !== at[i]!.y) moved = true;
      at[i] = best;
    }
    if (!moved) break;
  }
  return at;
}

/** Where the line from a point to its label ends; nothing where the label is beside it. */
export function leaderEnd(point: Point, label: Point, width: number, lineHeight: number) {
  const [dx, dy] = [point.x - label.x, point.y - label.y];
  const part = Math.min(1, width / 2 / Math.abs(dx), lineHeight / 2 / Math.abs(dy));
  const end = { x: label.x + part * dx, y: label.y + part * dy };
  return Math.hypot(end.x - point.x, end.y - point.y) > reaches[0]! + 2.5 ? end : undefined;
}

/** Whether the line between two points runs through a box. */
function crosses(centre: Point, half: Point, from: Point, to: Point): boolean {
  // What part of the line is within the box in each direction (Liang–Barsky).
  let [first, last] = [0, 1];
  for (const d of ['x', 'y'] as const) {
    const along = to[d] - from[d];
    const [low, high] = [centre[d] - half[d] - from[d], centre[d] + half[d] - from[d]];
    if (Math.abs(along) < 1e-12) {
      if (low > 0 || high < 0) return false;
      continue;
    }
    first = Math.max(first, Math.min(low / along, high / along));
    last = Math.min(last, Math.max(low / along, high / along));
  }
  return first < last;
}
