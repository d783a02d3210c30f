// The layers of the live map, in degrees with 4 decimals (about 10 m).

import { polygons } from './limites.mjs';
import { area, heart, simplify } from './partition.mjs';
import { EARTH, FRANCE } from './projection.mjs';
import { OUTRE_MER } from './sources.mjs';

const round = (value) => Math.round(value * 1e4) / 1e4;
const round2 = (value) => Math.round(value * 100) / 100;
const round3 = (value) => Math.round(value * 1e3) / 1e3;

export function geojson(sources, partition) {
  const { departements, regions, land, towns } = sources;
  const place = ([x, y]) => FRANCE.invert([x / EARTH, y / EARTH]).map(round);
  const coast = land.FR.map((polygon) => polygon.map((ring) => ring.map((point) => point.map(round))));
  const features = (names, found) => {
    const list = [...found].map(([code, shape]) => item(names.get(code), shape));
    for (const { code } of OUTRE_MER) {
      const name = names.get(code) ?? names.get(departements.get(code).region);
      list.push(item(name, land[code].map((polygon) => polygon.map((ring) => simplify(ring, 0.0005).map((p) => p.map(round))))));
    }
    return { type: 'FeatureCollection', features: list.sort((a, b) => (a.properties.code < b.properties.code ? -1 : 1)) };
  };
  return {
    'departements.geojson': features(departements, polygons(partition, (key) => key, coast, 0.35, place)),
    'regions.geojson': features(regions, polygons(partition, (key) => departements.get(key).region, coast, 0.35, place)),
    'voisins.geojson': neighbours(sources),
    ...labels(towns),
  };
}

function item(properties, shape) {
  const kept = shape.filter((polygon) => Math.abs(area(polygon[0])) > 2e-5 || shape.length === 1);
  const [x, y] = heart(kept);
  return {
    type: 'Feature',
    properties: { ...properties, x: round3(x), y: round3(y) },
    geometry: kept.length === 1 ? { type: 'Polygon', coordinates: kept[0] } : { type: 'MultiPolygon', coordinates: kept },
  };
}

/**
 * The other countries, coarser: without them every border would look like a coast. Where they touch ours, not a point is
 * dropped, so that no sea shows between.
 */
function neighbours({ others, land }) {
  const shared = new Set(Object.values(land).flat(2).map(String));
  const coarse = others
    .filter((polygon) => Math.abs(area(polygon[0])) > 0.05 && polygon[0].some(([, lat]) => lat > -62))
    .map((polygon) => polygon.map((ring) => simplifyBetween(ring, shared)).filter((ring) => ring.length > 3))
    .filter((polygon) => polygon.length > 0);
  return { type: 'Feature', properties: {}, geometry: { type: 'MultiPolygon', coordinates: coarse } };
}

/** Around our territories: what a visitor sees beside ours. Elsewhere a rough shape is enough. */
const NEAR = [[-15, 35, 20, 60], [-70, -4, -45, 22], [40, -28, 62, -8], [-64, 42, -50, 52], [155, -30, 180, -5]];

function simplifyBetween(ring, fixed) {
  const result = [];
  let run = [];
  const flush = () => simplify(run, near(run[run.length >> 1]) ? 0.04 : 0.4);
  for (const point of ring) {
    run.push(point);
    const cut = fixed.has(String(point)) || run.length > 200;
    if (!cut) continue;
    result.push(...flush().slice(0, -1));
    run = [point];
  }
  result.push(...flush());
  return result.map((point) => point.map(fixed.has(String(point)) ? round : round2));
}

const near = ([lon, lat]) => NEAR.some(([w, s, e, n]) => lon > w && lon < e && lat > s && lat < n);

/**
 * [name, lon, lat, rank], the most populous first; the rank says from which zoom the name is worth writing. Two files,
 * the second for close views only.
 */
function labels(towns) {
  const steps = [150_000, 60_000, 25_000, 10_000, 4_000, 1_500, 0];
  const all = towns
    .filter((town) => town.code || town.departement.length === 3)
    .sort((a, b) => b.population - a.population || (a.nom < b.nom ? -1 : 1))
    .map((town) => [town.nom, round3(town.lon), round3(town.lat), steps.findIndex((step) => town.population >= step)]);
  return { 'communes.json': all.filter(([, , , rank]) => rank < 6), 'petites-communes.json': all.filter(([, , , rank]) => rank === 6) };
}
