// The base map: its geometry holds together, its files keep their budgets. Reads what `npm run build` wrote.

import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { area, chains, inside, rings, simplify, smooth } from '../fond/partition.mjs';
import { conic, FRANCE } from '../fond/projection.mjs';
import { load, OUTRE_MER } from '../fond/sources.mjs';

const path = (file) => fileURLToPath(new URL(`../dist/${file}`, import.meta.url));
const read = (file) => JSON.parse(readFileSync(path(file), 'utf8'));
const sources = load(fileURLToPath(new URL('../node_modules', import.meta.url)));
const departements = read('public/fond/departements.geojson').features;
const regions = read('public/fond/regions.geojson').features;
const sheet = read('data/departements-svg.json');

const polygons = ({ geometry }) => (geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates);
const holds = (feature, point) => polygons(feature).some(([outer, ...holes]) => inside(point, outer) && !holes.some((hole) => inside(point, hole)));
/** Square degrees; enough to compare. */
const size = (feature) => polygons(feature).reduce((sum, [outer, ...holes]) => sum + Math.abs(area(outer)) - holes.reduce((s, h) => s + Math.abs(area(h)), 0), 0);

test('every département and territory is drawn once, in both forms', () => {
  const codes = [...sources.departements.keys()].filter((code) => code.length === 2 || OUTRE_MER.some((o) => o.code === code)).sort();
  assert.deepEqual(departements.map((f) => f.properties.code), codes);
  assert.deepEqual(sheet.departements.map((d) => d.code), codes);
  assert.equal(codes.length, 96 + OUTRE_MER.length);
});

test('nearly every town of the hexagon falls into its own département', () => {
  const byCode = new Map(departements.map((f) => [f.properties.code, f]));
  const towns = sources.towns.filter((town) => town.departement.length === 2);
  const astray = towns.filter((town) => !holds(byCode.get(town.departement), [town.lon, town.lat]));
  // The coast is drawn at 1:10 million: a few harbours lie beyond it, and smoothing cuts some corners.
  assert.ok(towns.length > 14_000, `${towns.length} towns`);
  assert.ok(astray.length / towns.length < 0.02, `${astray.length} of ${towns.length} are astray`);
});

test('the départements of a région cover it, and none overlaps another', () => {
  for (const region of regions) {
    const parts = departements.filter((f) => f.properties.region === region.properties.code);
    const sum = parts.reduce((total, part) => total + size(part), 0);
    assert.ok(Math.abs(sum - size(region)) / size(region) < 0.002, `${region.properties.nom}: ${sum} ≠ ${size(region)}`);
  }
});

test('a label stands inside its département', () => {
  for (const feature of departements) {
    const { x, y, nom } = feature.properties;
    assert.ok(holds(feature, [x, y]), nom);
  }
});

test('rings are closed and have no point twice in a row', () => {
  for (const feature of [...departements, ...regions]) {
    for (const ring of polygons(feature).flat()) {
      assert.deepEqual(ring[0], ring.at(-1));
      assert.ok(ring.length >= 4);
    }
  }
});

test('the projection inverts, north and south of the equator', () => {
  for (const projection of [FRANCE, conic(55.5, -21.1), conic(-53, 4), conic(-149.5, -17.5)]) {
    for (const [dx, dy] of [[0, 0], [2, 1], [-3, 2.5], [4, -4]]) {
      const point = [projection.lon0 + dx, 3 + dy];
      const back = projection.invert(projection.project(point));
      assert.ok(Math.hypot(back[0] - point[0], back[1] - point[1]) < 1e-9, `${point} → ${back}`);
    }
  }
});

test('the published parameters put each town into the path of its frame', () => {
  const project = (e, lon, lat) => {
    const rad = Math.PI / 180;
    const rho = e.f / Math.tan(Math.PI / 4 + (lat * rad) / 2) ** e.n;
    const angle = e.n * (lon * rad - e.lon0);
    return [e.k * rho * Math.sin(angle) + e.tx, e.k * (rho * Math.cos(angle) - e.rho0) + e.ty];
  };
  const [, , width, height] = sheet.viewBox.split(' ').map(Number);
  for (const frame of sheet.encarts) {
    const own = sources.towns.filter((town) => frame.departements.includes(town.departement));
    assert.ok(own.length > 0, frame.id);
    for (const town of own) {
      const [x, y] = project(frame, town.lon, town.lat);
      const box = frame.cadre ?? { x: 0, y: 0, largeur: width, hauteur: height };
      assert.ok(x >= box.x && x <= box.x + box.largeur && y >= box.y && y <= box.y + box.hauteur, `${frame.id}: ${town.nom} at ${x}, ${y}`);
    }
  }
});

test('two squares share one smoothed limit', () => {
  const sites = [];
  for (let i = 0; i < 8; i += 1) for (let j = 0; j < 8; j += 1) sites.push([i + 0.01 * ((i * 7 + j * 3) % 5), j, i < 4 ? 'a' : 'b']);
  for (let k = 0; k < 24; k += 1) sites.push([4 + 40 * Math.cos((k * Math.PI) / 12), 4 + 40 * Math.sin((k * Math.PI) / 12), '']);
  const drawn = chains(sites).map((chain) => ({ ...chain, points: smooth(chain.points, 2) }));
  const common = drawn.filter(({ left, right }) => left === 'a' && right === 'b');
  assert.equal(common.length, 1);
  const found = rings(drawn, (key) => key || null);
  for (const name of ['a', 'b']) {
    assert.equal(found.get(name).length, 1);
    const ring = new Set(found.get(name)[0].map(String));
    assert.ok(common[0].points.every((point) => ring.has(String(point))), 'the neighbours have the very same points');
  }
});

test('simplifying keeps the ends and what stands out', () => {
  assert.deepEqual(simplify([[0, 0], [1, 0.01], [2, 0], [3, 5], [4, 0]], 0.1), [[0, 0], [2, 0], [3, 5], [4, 0]]);
  const square = [[0, 0], [0, 1], [1, 1], [1, 0], [0, 0]];
  assert.deepEqual(simplify(square, 0.1), square);
  assert.deepEqual(simplify([[1, 1]], 1), [[1, 1]]);
});

test('the files keep their budgets', () => {
  const packed = (file) => statSync(path(`public/fond/${file}.br`)).size;
  assert.ok(packed('departements.geojson') + packed('regions.geojson') < 150_000);
  assert.ok(packed('communes.json') < 120_000);
  assert.ok(packed('petites-communes.json') < 120_000);
  assert.ok(statSync(path('data/departements-svg.json')).size < 120_000);
});
