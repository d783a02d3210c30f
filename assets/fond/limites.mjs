// The limits of the départements and régions of the hexagon and Corsica.

import { intersection } from 'polyclip-ts';
import { area, chains, inside, rings, simplify, smooth } from './partition.mjs';
import { EARTH, FRANCE } from './projection.mjs';

/** Chains between départements, in the plane of the projection, in kilometres. */
export function limits({ towns, departements }) {
  const sites = [];
  for (const { lon, lat, departement, population } of towns) {
    if (departement.length !== 2 || !departements.has(departement)) continue;
    const [x, y] = FRANCE.project([lon, lat]).map((v) => v * EARTH);
    sites.push([x, y, departement]);
    // A large city is not a point: a ring of sites stands for its streets (Paris: 3.5 km), or its neighbours would eat it.
    if (population < 300_000) continue;
    const radius = 0.6 * Math.sqrt(population / 20_000 / Math.PI);
    for (let i = 0; i < 12; i += 1) sites.push([x + radius * Math.cos((i * Math.PI) / 6), y + radius * Math.sin((i * Math.PI) / 6), departement]);
  }
  // Sites far around, so that every cell is closed; the coast cuts them long before.
  for (let i = 0; i < 72; i += 1) {
    const angle = (i * Math.PI) / 36;
    sites.push([1500 * Math.cos(angle), 1500 * Math.sin(angle), '']);
  }
  return chains(sites).map((chain) => ({ ...chain, points: smooth(chain.points, 2, chain.from === chain.to) }));
}

/**
 * Polygons of each département or région: Map(code → polygons), each point through `place`, and the land of `coast`
 * (polygons already placed). `tolerance` in kilometres.
 */
export function polygons(partition, group, coast, tolerance, place) {
  const drawn = partition.map((chain) => ({ ...chain, points: simplify(chain.points, tolerance).map(place) }));
  const result = new Map();
  for (const [name, list] of rings(drawn, (key) => (key === '' ? null : group(key)))) {
    const shape = withHoles(list);
    const clipped = landlocked(list, coast) ? shape : intersection(shape, around(list, coast));
    if (clipped.length > 0) result.set(name, clipped);
  }
  return result;
}

const box = (points) => [0, 1].flatMap((i) => [Math.min(...points.map((p) => p[i])), Math.max(...points.map((p) => p[i]))]);

/** The coast near a group: each polygon cut by a rectangle a little larger than the group, which is fast. */
function around(list, coast) {
  const [w, e, s, n] = box(list.flat());
  const [mx, my] = [(e - w) / 10, (n - s) / 10];
  const sides = [[0, 1, w - mx], [0, -1, -e - mx], [1, 1, s - my], [1, -1, -n - my]];
  return coast.map((polygon) => polygon.map((ring) => sides.reduce(half, ring)).filter((ring) => ring.length > 3)).filter((polygon) => polygon.length > 0);
}

/** Keeps the part of a ring where sign · coordinate ≥ limit (Sutherland and Hodgman). */
function half(ring, [axis, sign, limit]) {
  const result = [];
  for (let i = 0; i < ring.length; i += 1) {
    const [a, b] = [ring[(i + ring.length - 1) % ring.length], ring[i]];
    const [da, db] = [sign * a[axis] - limit, sign * b[axis] - limit];
    if (da >= 0 !== db >= 0) {
      const r = da / (da - db);
      result.push([a[0] + r * (b[0] - a[0]), a[1] + r * (b[1] - a[1])]);
    }
    if (db >= 0) result.push(b);
  }
  if (result.length > 0 && result[0].join() !== result.at(-1).join()) result.push(result[0]);
  return result;
}

/** A group that no coast or border touches is left as it is. */
function landlocked(list, coast) {
  const [w, e, s, n] = box(list.flat());
  const near = coast.flat().some((ring) => ring.some(([x, y]) => x >= w && x <= e && y >= s && y <= n));
  return !near && coast.some(([outer]) => inside(list[0][0], outer));
}

/** Rings of one group never cross: a ring inside another is a hole of it (an enclave). */
function withHoles(list) {
  const outer = [];
  for (const ring of list.toSorted((a, b) => Math.abs(area(b)) - Math.abs(area(a)))) {
    const parent = outer.find((polygon) => contains(polygon[0], ring));
    if (parent) parent.push(ring);
    else outer.push([ring]);
  }
  return outer;
}

function contains(outer, ring) {
  // A vertex of the inner ring that is not on the outer one.
  const on = new Set(outer.map((p) => p.join()));
  return inside(ring.find((p) => !on.has(p.join())) ?? ring[0], outer);
}
