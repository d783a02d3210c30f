// The map beside the list of lieux: `<div data-carte data-source="/lieux/carte.geojson?…" data-fond="/assets/fond/"
// data-bbox="w,s,e,n">`. The source is GeoJSON points with properties `id`, `nom`, `adresse` (and `commune`, `distance`,
// if any). In the list, `[data-lieu="id"]` with `data-lon` and `data-lat` gains a
// button that shows the lieu on the map. Everything said here is in the list too.

import { bounds, createMap, element, isSmall, PADDING, parseBounds, whenWanted } from './fond.mjs';

const TIGHT = 15;

function lieuContent({ id, nom, adresse, commune, distance }) {
  const link = element('a', { href: `/lieux/${encodeURIComponent(id)}`, textContent: nom });
  const parts = [element('p', {}, link)];
  const where = [adresse, commune].filter(Boolean).join(', ');
  if (where) parts.push(element('p', { textContent: where }));
  if (distance) parts.push(element('p', { textContent: String(distance) }));
  return parts;
}

function content(list) {
  const box = element('div', { className: 'm-carte__bulle' });
  if (list.length === 1) {
    box.append(...lieuContent(list[0]));
    return box;
  }
  const items = list.slice(0, 20).map((lieu) => element('li', {}, ...lieuContent(lieu)));
  box.append(element('p', { textContent: `${list.length} lieux à cet endroit` }), element('ul', {}, ...items));
  return box;
}

class LieuxMap {
  constructor(box, { library, map }) {
    Object.assign(this, { box, library, map });
    map.addSource('lieux', { type: 'geojson', data: { type: 'FeatureCollection', features: [] }, cluster: true, clusterRadius: 46, clusterMaxZoom: TIGHT - 1 });
    map.addLayer({
      id: 'lieux', type: 'circle', source: 'lieux', filter: ['!', ['has', 'point_count']],
      paint: { 'circle-radius': ['interpolate', ['linear'], ['zoom'], 5, 5, 12, 9], 'circle-color': '#b34000', 'circle-stroke-color': '#fff', 'circle-stroke-width': 2 },
    });
    map.addLayer({
      id: 'grappes', type: 'symbol', source: 'lieux', filter: ['has', 'point_count'],
      layout: { 'icon-image': ['concat', 'grappe:', ['to-string', ['get', 'point_count_abbreviated']]], 'icon-allow-overlap': true },
    });
    map.named();
    // Names stay under the points, so that none is hidden.
    map.moveLayer('lieux');
    map.moveLayer('grappes');
    map.on('click', (event) => this.clicked(event));
    map.on('mousemove', ({ point }) => {
      map.getCanvas().style.cursor = this.at(point).length > 0 ? 'pointer' : '';
    });
  }

  async load() {
    const response = await fetch(this.box.dataset.source, { headers: { accept: 'application/geo+json' } });
    if (!response.ok) throw new Error(`source: ${response.status}`);
    const data = await response.json();
    await this.map.getSource('lieux').setData(data);
    const asked = parseBounds(this.box.dataset.bbox);
    this.map.fitBounds(asked ?? bounds(data.features), { padding: PADDING, maxZoom: isSmall(this.box) ? 11 : 13, duration: 0 });
  }

  /** What is under the pointer, with the margin of a finger. */
  at({ x, y }) {
    return this.map.queryRenderedFeatures([[x - 6, y - 6], [x + 6, y + 6]], { layers: ['lieux', 'grappes'] });
  }

  async clicked({ point }) {
    const found = this.at(point);
    if (found.length === 0) return;
    const cluster = found.find((feature) => feature.properties.cluster);
    if (cluster) {
      await this.openCluster(cluster);
      return;
    }
    const seen = new Map(found.map((feature) => [feature.properties.id, feature.properties]));
    this.show(found[0].geometry.coordinates, [...seen.values()]);
  }

  async openCluster({ properties, geometry }) {
    const source = this.map.getSource('lieux');
    const zoom = await source.getClusterExpansionZoom(properties.cluster_id);
    if (zoom < TIGHT) {
      this.map.easeTo({ center: geometry.coordinates, zoom: Math.min(zoom + 0.5, this.map.getMaxZoom()) });
      return;
    }
    const leaves = await source.getClusterLeaves(properties.cluster_id, 20, 0);
    this.show(geometry.coordinates, leaves.map((leaf) => leaf.properties));
  }

  show(position, list) {
    this.popup?.remove();
    this.popup = new this.library.Popup({ maxWidth: '20rem', offset: 10 }).setLngLat(position).setDOMContent(content(list)).addTo(this.map);
  }

  /** A button in each item of the list: the keyboard's way to a point of the map. */
  linkList() {
    for (const item of document.querySelectorAll('[data-lieu][data-lon][data-lat]')) {
      const position = [Number(item.dataset.lon), Number(item.dataset.lat)];
      if (!position.every(Number.isFinite)) continue;
      const name = item.querySelector('h2, h3')?.textContent.trim() ?? '';
      const button = element('button', { type: 'button', className: 'fr-btn fr-btn--tertiary-no-outline fr-btn--sm fr-icon-map-pin-2-line fr-btn--icon-left m-sans-impression', textContent: 'Voir sur la carte' });
      button.append(element('span', { className: 'fr-sr-only', textContent: ` : ${name}` }));
      button.addEventListener('click', () => {
        this.map.jumpTo({ center: position, zoom: Math.max(this.map.getZoom(), 11) });
        this.box.scrollIntoView({ block: 'nearest' });
        const address = item.querySelector('[data-adresse]')?.textContent.trim();
        this.show(position, [{ id: item.dataset.lieu, nom: name, adresse: address }]);
        this.popup.once('close', () => button.focus());
      });
      (item.querySelector('[data-actions]') ?? item).append(button);
    }
  }
}

export function start(root) {
  for (const box of root.querySelectorAll('[data-carte]')) {
    whenWanted(box, async () => {
      const live = new LieuxMap(box, await createMap(box, 'Carte des lieux'));
      await live.load();
      live.linkList();
      box.dataset.pret = 'oui';
    });
  }
}
