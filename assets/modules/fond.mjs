// What the two live maps share: when to show them, the base drawn from our own files, names and bubbles as images made
// on a canvas (there is no glyph server), the places to go to, French texts.

const CREDITS = 'Communes : Etalab, INSEE ; positions : GeoNames CC-BY ; côtes : Natural Earth';
const METROPOLE = [-5.3, 41.2, 9.7, 51.2];
const TERRITOIRES = [
  ['Métropole', METROPOLE],
  ['Guadeloupe', [-61.85, 15.8, -60.95, 16.55]],
  ['Martinique', [-61.3, 14.35, -60.75, 14.95]],
  ['Guyane', [-54.7, 2, -51.5, 6]],
  ['La Réunion', [55.15, -21.45, 55.9, -20.8]],
  ['Mayotte', [44.95, -13.05, 45.35, -12.6]],
  ['Saint-Pierre-et-Miquelon', [-56.5, 46.7, -56.05, 47.2]],
  ['Saint-Barthélemy', [-62.95, 17.85, -62.75, 17.98]],
  ['Saint-Martin', [-63.2, 18, -62.95, 18.15]],
  ['Wallis-et-Futuna', [-178.4, -14.6, -175.9, -13.1]],
  ['Polynésie française', [-152.6, -18.1, -148.8, -16]],
  ['Nouvelle-Calédonie', [163.4, -22.9, 168.3, -19.4]],
];
const LOCALE = {
  'AttributionControl.ToggleAttribution': 'Afficher ou masquer les sources',
  'CooperativeGesturesHandler.MacHelpText': 'Pour agrandir la carte : ⌘ et la molette',
  'CooperativeGesturesHandler.MobileHelpText': 'Pour déplacer la carte : deux doigts',
  'CooperativeGesturesHandler.WindowsHelpText': 'Pour agrandir la carte : Ctrl et la molette',
  'Map.Title': 'Carte. Flèches pour se déplacer, plus et moins pour agrandir ou réduire.',
  'NavigationControl.ResetBearing': 'Remettre le nord en haut',
  'NavigationControl.ZoomIn': 'Agrandir',
  'NavigationControl.ZoomOut': 'Réduire',
  'Popup.Close': 'Fermer',
  'ScaleControl.Kilometers': 'km',
  'ScaleControl.Meters': 'm',
};

export const element = (tag, properties = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
};

function message(box, text) {
  box.replaceChildren(element('p', { className: 'm-carte__message', textContent: text }));
}

function canDraw() {
  try {
    return Boolean(document.createElement('canvas').getContext('webgl2'));
  } catch {
    return false;
  }
}

/**
 * Shows the map at once on a wide screen, behind a button on a narrow one, where it would push the list away and cost
 * the visitor's data. `draw(box)` is called at most once.
 */
export function whenWanted(box, draw) {
  if (!canDraw()) {
    message(box, box.dataset.sansCarte ?? 'La carte ne peut pas s’afficher sur cet appareil : toutes les informations sont dans la liste.');
    return;
  }
  const open = () => {
    box.replaceChildren();
    box.classList.add('m-carte', 'm-carte--active');
    draw(box).catch((error) => {
      console.warn(`Carte : ${error.message}`);
      box.carte?.remove();
      box.classList.remove('m-carte--active');
      message(box, 'La carte ne répond pas pour le moment : toutes les informations sont dans la liste.');
    });
  };
  if (window.matchMedia('(min-width: 62em)').matches) {
    open();
    return;
  }
  const button = element('button', { type: 'button', className: 'fr-btn fr-btn--secondary fr-icon-road-map-line fr-btn--icon-left', textContent: 'Afficher la carte' });
  button.addEventListener('click', () => {
    open();
    box.tabIndex = -1;
    box.focus();
  });
  box.replaceChildren(button);
}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function baseStyle(folder) {
  const geojson = (file) => ({ type: 'geojson', data: new URL(file, folder).href, tolerance: 0.2 });
  return {
    version: 8,
    sources: {
      voisins: geojson('voisins.geojson'),
      departements: geojson('departements.geojson'),
      regions: geojson('regions.geojson'),
      // Filled once the file of the names is there.
      noms: { type: 'geojson', data: { type: 'FeatureCollection', features: [] } },
    },
    layers: [
      { id: 'mer', type: 'background', paint: { 'background-color': colour('--m-mer') } },
      { id: 'voisins', type: 'fill', source: 'voisins', paint: { 'fill-color': colour('--m-voisins') } },
      { id: 'terre', type: 'fill', source: 'departements', paint: { 'fill-color': colour('--m-terre') } },
      {
        id: 'departements', type: 'line', source: 'departements', layout: { 'line-join': 'round' },
        paint: { 'line-color': colour('--m-limite'), 'line-width': ['interpolate', ['linear'], ['zoom'], 4, 0.4, 8, 1.2, 12, 2], 'line-opacity': 0.8 },
      },
      {
        id: 'regions', type: 'line', source: 'regions', layout: { 'line-join': 'round' },
        paint: { 'line-color': colour('--m-contour'), 'line-width': ['interpolate', ['linear'], ['zoom'], 4, 0.8, 8, 2, 12, 3] },
      },
    ],
  };
}

/** Names are written over the data, the most important first; two names never overlap. */
function nameLayers() {
  // A name appears from the zoom its rank deserves.
  const from = [4.3, 5.8, 7, 8, 8.8, 9.2, 9.4];
  return [
    {
      id: 'bourgs', type: 'circle', source: 'noms', minzoom: 8, filter: ['<=', ['get', 'rang'], ['-', ['zoom'], 3]],
      paint: { 'circle-radius': ['interpolate', ['linear'], ['zoom'], 8, 1.5, 13, 3.5], 'circle-color': colour('--m-encre-pale') },
    },
    {
      id: 'noms-departements', type: 'symbol', source: 'departements', minzoom: 6.2, maxzoom: 9,
      layout: { 'icon-image': ['concat', 'departement:', ['get', 'nom']], 'icon-padding': 6, 'symbol-placement': 'point' },
      paint: { 'icon-opacity': 0.75 },
    },
    ...from.map((minzoom, rank) => ({
      id: `noms-${rank}`, type: 'symbol', source: 'noms', minzoom, filter: ['==', ['get', 'rang'], rank],
      layout: { 'icon-image': ['concat', rank < 5 ? 'ville:' : 'bourg:', ['get', 'nom']], 'icon-anchor': 'bottom', 'icon-offset': [0, -4], 'icon-padding': 3, 'symbol-sort-key': ['get', 'ordre'] },
    })).reverse(),
  ];
}

function text(label, { size, weight, ink, halo, spacing = 0 }) {
  const ratio = 2;
  const canvas = document.createElement('canvas');
  let pen = canvas.getContext('2d');
  const font = `${weight} ${size * ratio}px ${getComputedStyle(document.body).fontFamily}`;
  pen.font = font;
  if ('letterSpacing' in pen) pen.letterSpacing = `${spacing * ratio}px`;
  canvas.width = Math.ceil(pen.measureText(label).width) + 8 * ratio;
  canvas.height = Math.ceil(size * 1.5 * ratio);
  pen = canvas.getContext('2d');
  pen.font = font;
  if ('letterSpacing' in pen) pen.letterSpacing = `${spacing * ratio}px`;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.lineJoin = 'round';
  pen.lineWidth = 3.5 * ratio;
  pen.strokeStyle = halo;
  pen.strokeText(label, canvas.width / 2, canvas.height / 2);
  pen.fillStyle = ink;
  pen.fillText(label, canvas.width / 2, canvas.height / 2);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

function bubble(label) {
  const ratio = 2;
  const radius = 13 + 3.5 * label.length;
  const canvas = element('canvas', { width: (radius + 3) * 2 * ratio, height: (radius + 3) * 2 * ratio });
  const pen = canvas.getContext('2d');
  const middle = canvas.width / 2;
  pen.beginPath();
  pen.arc(middle, middle, radius * ratio, 0, 2 * Math.PI);
  pen.fillStyle = colour('--m-grappe');
  pen.fill();
  pen.lineWidth = 2 * ratio;
  pen.strokeStyle = '#fff';
  pen.stroke();
  pen.font = `700 ${13 * ratio}px ${getComputedStyle(document.body).fontFamily}`;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillStyle = '#fff';
  pen.fillText(label, middle, middle + ratio);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

/** Draws the image that a layer asks for, named `kind:text`. */
function image(id) {
  const [kind, label] = [id.slice(0, id.indexOf(':')), id.slice(id.indexOf(':') + 1)];
  const halo = colour('--m-halo');
  if (kind === 'ville') return text(label, { size: 12.5, weight: 500, ink: colour('--m-encre'), halo });
  if (kind === 'bourg') return text(label, { size: 11.5, weight: 400, ink: colour('--m-encre-pale'), halo });
  if (kind === 'departement') return text(label, { size: 12, weight: 400, ink: colour('--m-encre-pale'), halo, spacing: 0.6 });
  if (kind === 'grappe') return bubble(label);
  return null;
}

/** The names of towns at once, those of the small communes when the view is close. */
async function fillNames(map, folder) {
  const features = [];
  const add = async (file) => {
    const response = await fetch(new URL(file, folder));
    if (!response.ok) return;
    for (const [nom, lon, lat, rang] of await response.json()) {
      features.push({ type: 'Feature', properties: { nom, rang, ordre: features.length }, geometry: { type: 'Point', coordinates: [lon, lat] } });
    }
    map.getSource('noms')?.setData({ type: 'FeatureCollection', features });
  };
  await add('communes.json');
  const close = () => {
    if (map.getZoom() < 9.3) return;
    map.off('moveend', close);
    add('petites-communes.json').catch(() => {});
  };
  map.on('moveend', close);
  close();
}

/** « Aller à »: France is not one rectangle. */
class GoTo {
  onAdd(map) {
    const select = element('select', { className: 'm-carte__aller' });
    select.setAttribute('aria-label', 'Aller à un territoire');
    select.append(element('option', { value: '', textContent: 'Aller à…' }));
    for (const [rank, [name]] of TERRITOIRES.entries()) select.append(element('option', { value: rank, textContent: name }));
    select.addEventListener('change', () => {
      if (select.value === '') return;
      map.fitBounds(TERRITOIRES[Number(select.value)][1], { padding: 24, duration: 0 });
      select.value = '';
    });
    this.node = element('div', { className: 'maplibregl-ctrl maplibregl-ctrl-group' }, select);
    return this.node;
  }

  onRemove() {
    this.node.remove();
  }
}

/** Bounds [w, s, e, n] of points; the hexagon when they are on several oceans or when there is none. */
export function bounds(features) {
  let [w, s, e, n] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { geometry } of features) {
    if (geometry?.type !== 'Point') continue;
    const [lon, lat] = geometry.coordinates;
    [w, s, e, n] = [Math.min(w, lon), Math.min(s, lat), Math.max(e, lon), Math.max(n, lat)];
  }
  return w === Infinity || e - w > 40 ? METROPOLE : [w, s, e, n];
}

/** Room around what is shown, so that nothing lies under the controls. */
export const PADDING = { top: 64, right: 56, bottom: 44, left: 32 };

export const parseBounds = (text) => {
  const numbers = (text ?? '').split(',').map(Number);
  return numbers.length === 4 && numbers.every(Number.isFinite) ? numbers : null;
};

export const isSmall = (box) => box.classList.contains('m-carte--petite');

/** Makes the map and waits until it can take layers. `label` names it for those who do not see it. */
export async function createMap(box, label) {
  const sheet = element('link', { rel: 'stylesheet', href: new URL('./maplibre/maplibre-gl.css', import.meta.url).href });
  const styled = new Promise((resolve) => { sheet.onload = resolve; sheet.onerror = resolve; });
  document.head.append(sheet);
  const [library] = await Promise.all([import('./maplibre/maplibre-gl.mjs'), styled]);
  const folder = new URL(box.dataset.fond ?? './fond/', box.dataset.fond ? location.href : import.meta.url);
  const own = !box.dataset.style;
  box.setAttribute('role', 'region');
  box.setAttribute('aria-label', label);
  const map = new library.Map({
    container: box,
    style: own ? baseStyle(folder) : box.dataset.style,
    bounds: parseBounds(box.dataset.bbox) ?? METROPOLE,
    fitBoundsOptions: { padding: 24, maxZoom: 13 },
    minZoom: 3.2,
    maxZoom: own ? 15 : 18,
    maxBounds: [[-179.9, -62], [179.9, 72]],
    renderWorldCopies: false,
    attributionControl: false,
    cooperativeGestures: true,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    locale: LOCALE,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new library.NavigationControl({ showCompass: false }), 'top-right');
  // A small map shows one lieu: it needs no way to the other end of the world.
  if (!isSmall(box)) {
    map.addControl(new GoTo(), 'top-left');
    map.addControl(new library.ScaleControl({ maxWidth: 100 }), 'bottom-left');
  }
  map.addControl(new library.AttributionControl({ compact: box.clientWidth < 640, customAttribution: own ? CREDITS : undefined }), 'bottom-right');
  map.setMissingStyleImageResolver((id) => {
    const data = image(id);
    if (data && !map.hasImage(id)) map.addImage(id, data, { pixelRatio: 2 });
  });
  box.carte = map;
  // A layer of the base that does not come is no reason to hide the data: only the style is needed.
  await new Promise((resolve, reject) => {
    map.once('style.load', resolve);
    setTimeout(() => reject(new Error('le style de la carte ne se charge pas')), 20_000);
  });
  // Data goes under the names, and the names come after: they never delay the data.
  map.named = () => {
    if (!own) return;
    for (const layer of nameLayers()) map.addLayer(layer);
    fillNames(map, folder).catch(() => {});
  };
  return { library, map };
}
