// The base map: no tile, no glyph server, only what we draw ourselves.
//   public/fond/departements.geojson, regions.geojson   limits, for MapLibre
//   public/fond/voisins.geojson                         the other countries, to lie under ours
//   public/fond/communes.json, petites-communes.json    names of the communes
//   data/departements-svg.json                          the same map as SVG paths, and how to project into it

import { geojson } from './fond/geojson.mjs';
import { limits } from './fond/limites.mjs';
import { load } from './fond/sources.mjs';
import { svg } from './fond/svg.mjs';

export const inputs = ['fond'];

export default async function fond(ctx) {
  const sources = load(ctx.modules);
  const partition = limits(sources);
  for (const [path, content] of Object.entries(geojson(sources, partition))) ctx.public(`fond/${path}`, JSON.stringify(content));
  ctx.data('departements-svg.json', JSON.stringify(svg(sources, partition)));
}
