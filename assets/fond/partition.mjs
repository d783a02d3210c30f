// From the positions of the communes to the limits of the départements: the Voronoi cells of the communes, dissolved.
// A limit is a chain of Voronoi edges between two départements; it is smoothed and simplified once, as a chain, and the
// two neighbours (and the two régions) share the very same points.

import { Delaunay } from 'd3-delaunay';

/**
 * Chains between sites of different keys. `sites`: [x, y, key]. Returns [{ left, right, from, to, points }], where from
 * and to are the nodes (triangles) at its ends; a closed chain has from === to.
 */
export function chains(sites) {
  const delaunay = Delaunay.from(sites);
  const { halfedges, triangles } = delaunay;
  const { circumcenters } = delaunay.voronoi([-1e9, -1e9, 1e9, 1e9]);
  const node = (triangle) => [circumcenters[2 * triangle], circumcenters[2 * triangle + 1]];
  const incident = new Map();
  const edges = [];
  for (let e = 0; e < halfedges.length; e += 1) {
    const opposite = halfedges[e];
    if (opposite < e) continue;
    const a = sites[triangles[e]][2];
    const b = sites[triangles[opposite]][2];
    if (a === b) continue;
    const edge = { from: Math.floor(e / 3), to: Math.floor(opposite / 3), pair: a < b ? `${a}|${b}` : `${b}|${a}`, used: false };
    edges.push(edge);
    for (const end of [edge.from, edge.to]) incident.set(end, [...(incident.get(end) ?? []), edge]);
  }
  const result = [];
  const follow = (start, first) => {
    const path = [start];
    let edge = first;
    for (;;) {
      edge.used = true;
      const next = edge.from === path.at(-1) ? edge.to : edge.from;
      path.push(next);
      const around = incident.get(next);
      if (around.length !== 2 || next === start) break;
      edge = around.find((other) => !other.used);
      if (!edge) break;
    }
    const [left, right] = first.pair.split('|');
    result.push({ left, right, from: path[0], to: path.at(-1), points: path.map(node) });
  };
  for (const [at, around] of incident) if (around.length !== 2) for (const edge of around) if (!edge.used) follow(at, edge);
  for (const edge of edges) if (!edge.used) follow(edge.from, edge);
  return result;
}

/** Corner cutting (Chaikin) that keeps both ends; a closed chain is cut all around. */
export function smooth(points, rounds, closed = false) {
  let line = points;
  for (let i = 0; i < rounds && line.length > 2; i += 1) {
    const next = closed ? [] : [line[0]];
    for (let j = 0; j + 1 < line.length; j += 1) {
      const [[ax, ay], [bx, by]] = [line[j], line[j + 1]];
      if (closed || j > 0) next.push([0.75 * ax + 0.25 * bx, 0.75 * ay + 0.25 * by]);
      if (closed || j + 2 < line.length) next.push([0.25 * ax + 0.75 * bx, 0.25 * ay + 0.75 * by]);
    }
    next.push(closed ? next[0] : line.at(-1));
    line = next;
  }
  return line;
}

/** Douglas and Peucker: drops the points nearer than `tolerance` to the line that remains. */
export function simplify(points, tolerance) {
  if (points.length < 3) return points;
  const keep = new Uint8Array(points.length);
  keep[0] = 1;
  keep[points.length - 1] = 1;
  const stack = [[0, points.length - 1]];
  // A ring would collapse on its one end: its farthest point is kept too.
  const [first, last] = [points[0], points.at(-1)];
  if (first[0] === last[0] && first[1] === last[1]) {
    let far = 0;
    for (let i = 1; i < points.length; i += 1) {
      if (Math.hypot(points[i][0] - first[0], points[i][1] - first[1]) > Math.hypot(points[far][0] - first[0], points[far][1] - first[1])) far = i;
    }
    keep[far] = 1;
    stack.splice(0, 1, [0, far], [far, points.length - 1]);
  }
  while (stack.length > 0) {
    const [a, b] = stack.pop();
    let worst = 0;
    let at = -1;
    const [ax, ay] = points[a];
    const [dx, dy] = [points[b][0] - ax, points[b][1] - ay];
    const length = dx * dx + dy * dy;
    for (let i = a + 1; i < b; i += 1) {
      const [px, py] = [points[i][0] - ax, points[i][1] - ay];
      const s = length === 0 ? 0 : Math.max(0, Math.min(1, (px * dx + py * dy) / length));
      const distance = Math.hypot(px - s * dx, py - s * dy);
      if (distance > worst) [worst, at] = [distance, i];
    }
    if (worst > tolerance) {
      keep[at] = 1;
      stack.push([a, at], [at, b]);
    }
  }
  return points.filter((_, i) => keep[i]);
}

/** Rings of every group, `group(key)` giving the group of a site key (null: outside). */
export function rings(list, group) {
  const byGroup = new Map();
  for (const chain of list) {
    const [a, b] = [group(chain.left), group(chain.right)];
    if (a === b) continue;
    for (const name of [a, b]) if (name !== null) byGroup.set(name, [...(byGroup.get(name) ?? []), chain]);
  }
  const result = new Map();
  for (const [name, own] of byGroup) result.set(name, stitch(own));
  return result;
}

function stitch(list) {
  const at = new Map();
  for (const chain of list) for (const end of [chain.from, chain.to]) at.set(end, [...(at.get(end) ?? []), chain]);
  const left = new Set(list);
  const result = [];
  for (const first of list) {
    if (!left.delete(first)) continue;
    const ring = [...first.points];
    let end = first.to;
    while (end !== first.from) {
      const next = at.get(end).find((chain) => left.has(chain));
      if (!next) break;
      left.delete(next);
      ring.push(...(next.from === end ? next.points : next.points.toReversed()).slice(1));
      end = next.from === end ? next.to : next.from;
    }
    if (ring.length > 3) result.push(ring);
  }
  return result;
}

export const area = (ring) => ring.reduce((sum, [x, y], i) => {
  const [px, py] = ring[(i + ring.length - 1) % ring.length];
  return sum + (px * y - x * py) / 2;
}, 0);

export function inside([x, y], ring) {
  let result = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [[ax, ay], [bx, by]] = [ring[i], ring[j]];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) result = !result;
  }
  return result;
}

/** A point well inside the largest ring: where a name is written. Grid search, then refined three times. */
export function heart(polygons) {
  const ring = polygons.map((polygon) => polygon[0]).sort((a, b) => Math.abs(area(b)) - Math.abs(area(a)))[0];
  const xs = ring.map((p) => p[0]);
  const ys = ring.map((p) => p[1]);
  let [cx, cy] = [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2];
  let [w, h] = [Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys)];
  const clearance = (p) => {
    if (!inside(p, ring)) return -1;
    let best = Infinity;
    for (let i = 1; i < ring.length; i += 1) {
      const [[ax, ay], [bx, by]] = [ring[i - 1], ring[i]];
      const [dx, dy] = [bx - ax, by - ay];
      const s = Math.max(0, Math.min(1, ((p[0] - ax) * dx + (p[1] - ay) * dy) / (dx * dx + dy * dy || 1)));
      best = Math.min(best, Math.hypot(p[0] - ax - s * dx, p[1] - ay - s * dy));
    }
    return best;
  };
  let best = -1;
  for (let round = 0; round < 4; round += 1) {
    const [ox, oy] = [cx, cy];
    for (let i = -8; i <= 8; i += 1) {
      for (let j = -8; j <= 8; j += 1) {
        const p = [ox + (i * w) / 16, oy + (j * h) / 16];
        const d = clearance(p);
        if (d > best) [best, cx, cy] = [d, ...p];
      }
    }
    w /= 6;
    h /= 6;
  }
  return [cx, cy];
}
