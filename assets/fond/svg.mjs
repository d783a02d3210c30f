// The same map as SVG paths with integer coordinates, for pages without a script: the hexagon and Corsica, the inner
// suburbs of Paris enlarged, and each overseas territory in a frame of its own, all on one sheet. For every frame the
// parameters of its projection are written too, so that a position can be drawn on the sheet (see projection.mjs).

import { polygons } from './limites.mjs';
import { area, heart, simplify } from './partition.mjs';
import { conic, EARTH, FRANCE } from './projection.mjs';
import { OUTRE_MER } from './sources.mjs';

const WIDTH = 2000;
const PETITE_COURONNE = ['75', '92', '93', '94'];
const TITLES = {
  971: 'Guadeloupe', 972: 'Martinique', 973: 'Guyane', 974: 'La Réunion', 976: 'Mayotte', 975: 'St-Pierre-et-Miquelon',
  977: 'St-Barthélemy', 978: 'St-Martin', 986: 'Wallis-et-Futuna', 987: 'Polynésie fr.', 988: 'Nlle-Calédonie',
};

export function svg(sources, partition) {
  const { departements, land, towns } = sources;
  const frames = [];
  const drawings = new Map();

  // The hexagon takes the whole width, under the title.
  const hexagon = frame('metropole', 'Métropole', FRANCE, land.FR.flat(2), { x: 40, y: 30, w: WIDTH - 80, h: 1900 }, 0);
  frames.push({ ...hexagon.parameters, cadre: null, departements: [...departements.keys()].filter((code) => code.length === 2) });
  const kilometres = hexagon.parameters.k / EARTH;
  const place = ([x, y]) => [x * kilometres + hexagon.parameters.tx, y * kilometres + hexagon.parameters.ty].map(Math.round);
  const coast = land.FR.map((polygon) => polygon.map((ring) => simplify(ring.map(hexagon.project), 1).map((p) => p.map(Math.round))));
  for (const [code, shape] of polygons(partition, (key) => key, coast, 1.1, place)) drawings.set(code, drawing(shape, 12));

  // The inner suburbs of Paris, enlarged, at the top right.
  const suburb = towns.filter((town) => PETITE_COURONNE.includes(town.departement)).map((town) => [town.lon, town.lat]);
  const box = { x: 1590, y: 30, w: 370, h: 360 };
  const paris = frame('petite-couronne', 'Paris et petite couronne', FRANCE, suburb, box, 56);
  frames.push({ ...paris.parameters, departements: PETITE_COURONNE });
  const close = ([x, y]) => [(x * paris.parameters.k) / EARTH + paris.parameters.tx, (y * paris.parameters.k) / EARTH + paris.parameters.ty].map(Math.round);
  const far = land.FR.map((polygon) => polygon.map((ring) => ring.map(paris.project).map((p) => p.map(Math.round))));
  const enlarged = polygons(partition.filter(({ left, right }) => PETITE_COURONNE.includes(left) || PETITE_COURONNE.includes(right)),
    (key) => (PETITE_COURONNE.includes(key) ? key : null), far, 0.2, close);
  for (const [code, shape] of enlarged) drawings.get(code).encart = drawing(shape, 0);

  // Overseas, two rows under the hexagon.
  const rows = [OUTRE_MER.slice(0, 5), OUTRE_MER.slice(5)];
  let y = hexagon.bottom + 50;
  for (const [index, row] of rows.entries()) {
    const h = index === 0 ? 330 : 250;
    const gap = 20;
    const w = (WIDTH - 80 - gap * (row.length - 1)) / row.length;
    for (const [rank, { code }] of row.entries()) {
      const points = land[code].flat(2);
      const own = towns.filter((town) => town.departement === code).map((town) => [town.lon, town.lat]);
      const all = [...points, ...own];
      const middle = (i) => (Math.min(...all.map((p) => p[i])) + Math.max(...all.map((p) => p[i]))) / 2;
      const inset = frame(code, TITLES[code], conic(middle(0), middle(1)), all, { x: Math.round(40 + rank * (w + gap)), y, w: Math.round(w), h }, 30);
      frames.push({ ...inset.parameters, departements: [code] });
      const shape = land[code].map((polygon) => polygon.map((ring) => simplify(ring.map(inset.project), 0.8).map((p) => p.map(Math.round))));
      // Islands too small for the scale are diamonds where people live.
      const islets = own.map(inset.project).map((p) => p.map(Math.round));
      drawings.set(code, drawing(shape, 6, islets));
    }
    y += h + gap;
  }

  return {
    viewBox: `0 0 ${WIDTH} ${y + 10}`,
    credits: 'Limites dessinées d’après les positions des communes (GeoNames, CC-BY 4.0 ; Etalab, INSEE) ; côtes : Natural Earth.',
    formule: 'rho = f / tan(pi/4 + lat/2)^n ; x = k*rho*sin(n*(lon-lon0)) + tx ; y = k*(rho*cos(n*(lon-lon0)) - rho0) + ty ; angles en radians',
    encarts: frames,
    departements: [...drawings]
      .map(([code, { d, cx, cy, encart }]) => ({ code, nom: departements.get(code).nom, region: departements.get(code).region, d, cx, cy, ...(encart ? { encart: { d: encart.d, cx: encart.cx, cy: encart.cy } } : {}) }))
      .sort((a, b) => (a.code < b.code ? -1 : 1)),
  };
}

/** Fits `points` (degrees) into `box`, with `top` kept free for the title. */
function frame(id, titre, projection, points, box, top) {
  const margin = 16;
  const plane = points.map(projection.project);
  const [xs, ys] = [plane.map((p) => p[0]), plane.map((p) => p[1])];
  const span = [Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys)];
  const room = [box.w - 2 * margin, box.h - top - 2 * margin];
  const k = Math.min(room[0] / span[0], room[1] / span[1]);
  const tx = box.x + box.w / 2 - (k * (Math.min(...xs) + Math.max(...xs))) / 2;
  const ty = box.y + top + (box.h - top) / 2 - (k * (Math.min(...ys) + Math.max(...ys))) / 2;
  const { n, f, rho0, lon0 } = projection;
  const digits = (value) => Number(value.toPrecision(10));
  const lons = points.map((p) => p[0]);
  const lats = points.map((p) => p[1]);
  return {
    parameters: {
      id, titre,
      cadre: { x: box.x, y: box.y, largeur: box.w, hauteur: box.h },
      bbox: [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)].map((v) => Math.round(v * 1e3) / 1e3),
      n: digits(n), f: digits(f), rho0: digits(rho0), lon0: digits((lon0 * Math.PI) / 180), k: digits(k), tx: digits(tx), ty: digits(ty),
    },
    bottom: Math.round(ty + k * Math.max(...ys)),
    project: (point) => {
      const [x, y] = projection.project(point);
      return [k * x + tx, k * y + ty];
    },
  };
}

/** One path for all the polygons larger than `least` square units, in relative integer steps. */
function drawing(shape, least, islets = []) {
  let kept = shape.filter((polygon) => Math.abs(area(polygon[0])) >= least);
  const largest = Math.max(0, ...kept.map((polygon) => Math.abs(area(polygon[0]))));
  if (largest < 400) kept = [...kept, ...islets.map(([x, y]) => [[[x - 9, y], [x, y - 9], [x + 9, y], [x, y + 9], [x - 9, y]]])];
  const d = kept.flat().map(path).join('');
  const [cx, cy] = heart(kept).map(Math.round);
  return { d, cx, cy };
}

function path(ring) {
  let [px, py] = ring[0];
  let text = `M${px} ${py}l`;
  const steps = [];
  for (const [x, y] of ring.slice(1, -1)) {
    if (x === px && y === py) continue;
    steps.push(`${x - px}${y - py < 0 ? '' : ' '}${y - py}`);
    [px, py] = [x, y];
  }
  text += steps.join(' ').replaceAll(' -', '-');
  return `${text}z`;
}
