// The map of the coverage page: one dot a commune, coloured by class. `<div data-carte-couverture data-source="…"
// data-fond="/assets/fond/" data-unite="km" data-seuils="2,5,10,20">`. The source is GeoJSON points with properties
// `code`, `nom`, `valeur` (a number, or null when nothing is known), and if any `population` and `classe` (0 to 5; else
// the class comes from the thresholds). The legend is text of the page; the table beside says the same.

import { bounds, createMap, element, PADDING, parseBounds, whenWanted } from './fond.mjs';

const NUMBER = new Intl.NumberFormat('fr-FR', { maximumFractionDigits: 1 });
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function classOf(value, thresholds) {
  if (typeof value !== 'number') return -1;
  const rank = thresholds.findIndex((threshold) => value < threshold);
  return rank < 0 ? thresholds.length : rank;
}

function prepare(data, thresholds) {
  for (const { properties } of data.features) {
    if (!Number.isInteger(properties.classe)) properties.classe = classOf(properties.valeur, thresholds);
    properties.population = Number(properties.population) || 0;
  }
  return data;
}

function addLayer(map) {
  const colours = [0, 1, 2, 3, 4, 5].flatMap((rank) => [rank, colour(`--m-c${rank}`)]);
  // The area of a dot follows the population: an empty commune does not weigh like a town.
  const size = (least, factor) => ['+', least, ['*', factor, ['sqrt', ['/', ['get', 'population'], 1000]]]];
  map.addSource('communes', { type: 'geojson', data: { type: 'FeatureCollection', features: [] } });
  map.addLayer({
    id: 'communes', type: 'circle', source: 'communes',
    layout: { 'circle-sort-key': ['get', 'classe'] },
    paint: {
      'circle-color': ['match', ['get', 'classe'], ...colours, colour('--m-c-vide')],
      'circle-radius': ['interpolate', ['linear'], ['zoom'], 4, size(1.1, 0.12), 7, size(2.6, 0.4), 10, size(6, 1), 13, size(10, 1.5)],
      'circle-stroke-color': colour('--m-contour'),
      'circle-stroke-width': ['interpolate', ['linear'], ['zoom'], 6, 0, 8, 0.6, 12, 1],
    },
  });
}

function content({ code, nom, valeur, population }, unit) {
  const value = typeof valeur === 'number' ? `${NUMBER.format(valeur)} ${unit}` : 'Valeur inconnue';
  const box = element('div', {}, element('p', {}, element('a', { href: `/territoires/commune/${encodeURIComponent(code)}`, textContent: nom })), element('p', { textContent: value }));
  if (population) box.append(element('p', { textContent: `${NUMBER.format(population)} habitants` }));
  return box;
}

async function draw(box) {
  const { library, map } = await createMap(box, 'Carte des communes');
  const thresholds = (box.dataset.seuils ?? '').split(',').filter(Boolean).map(Number);
  addLayer(map);
  map.named();
  const popup = new library.Popup({ maxWidth: '18rem', offset: 8 });
  map.on('click', 'communes', ({ features, lngLat }) => {
    popup.setLngLat(features[0].geometry.coordinates ?? lngLat).setDOMContent(content(features[0].properties, box.dataset.unite ?? '')).addTo(map);
  });
  map.on('mousemove', 'communes', () => { map.getCanvas().style.cursor = 'pointer'; });
  map.on('mouseleave', 'communes', () => { map.getCanvas().style.cursor = ''; });
  const response = await fetch(box.dataset.source, { headers: { accept: 'application/geo+json' } });
  if (!response.ok) throw new Error(`source: ${response.status}`);
  const data = prepare(await response.json(), thresholds);
  await map.getSource('communes').setData(data);
  map.fitBounds(parseBounds(box.dataset.bbox) ?? bounds(data.features), { padding: PADDING, maxZoom: 12, duration: 0 });
  box.dataset.pret = 'oui';
}

export function start(root) {
  for (const box of root.querySelectorAll('[data-carte-couverture]')) whenWanted(box, draw);
}
