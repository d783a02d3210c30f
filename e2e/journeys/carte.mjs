// The live maps, on pages of our own: they draw under the strict policy, obey the keyboard, and give way to the list when
// they cannot draw. What stands on the canvas is asked of the map itself.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CSP, serve } from '../../assets/exemples/serveur.mjs';
import { quit, shot, violations, visitor } from '../lib/navigateur.mjs';

const point = (id, lon, lat, properties = {}) => ({ type: 'Feature', properties: { id, nom: `Lieu ${id}`, adresse: '1 rue <b>Haute</b>', ...properties }, geometry: { type: 'Point', coordinates: [lon, lat] } });
const GUERET = [1.872, 46.17];
let lieux;
let server;
let base;

const answer = (content) => (request, response) => {
  if (content() === null) { response.writeHead(503); return response.end(); }
  response.writeHead(200, { 'content-type': 'application/geo+json' });
  return response.end(JSON.stringify({ type: 'FeatureCollection', features: content() }));
};

before(async () => {
  server = await serve(0, CSP, {
    '/lieux.geojson': answer(() => lieux),
    '/couverture.geojson': answer(() => [
      { type: 'Feature', properties: { code: '23096', nom: 'Guéret', valeur: 3.25, population: 13_000 }, geometry: { type: 'Point', coordinates: GUERET } },
      { type: 'Feature', properties: { code: '23079', nom: 'Felletin', valeur: null, population: 1_600 }, geometry: { type: 'Point', coordinates: [2.174, 45.883] } },
    ]),
  });
  base = `http://localhost:${server.address().port}`;
});
after(async () => {
  await quit();
  server.closeAllConnections();
  server.close();
});

async function at(path, options = {}) {
  const visit = await visitor({ base, ...options });
  await visit.page.goto(base + path);
  return visit;
}

const ready = (page) => page.locator('[data-pret=oui]').waitFor({ timeout: 60_000 });
const settled = (page) => page.evaluate(() => {
  const map = document.querySelector('.m-carte').carte;
  return map.loaded() ? undefined : new Promise((resolve) => { map.once('idle', resolve); });
});
const drawn = (page, layers) => page.evaluate((names) => document.querySelector('.m-carte').carte.queryRenderedFeatures({ layers: names }).map((f) => f.properties), layers);

test('sur un écran large, la carte se montre, cadre les lieux et se tait', async () => {
  lieux = [point('1', ...GUERET), point('2', 1.95, 46.2), point('3', 2.17, 45.88)];
  const { page, problems, close } = await at('/carte.html');
  await ready(page);
  await settled(page);
  assert.equal((await drawn(page, ['lieux', 'grappes'])).length > 0, true);
  assert.ok((await drawn(page, ['terre'])).length > 0, 'la base est dessinée');
  assert.deepEqual(await violations(page), []);
  await shot(page, 'carte-bureau');
  assert.deepEqual(problems, []);
  await close();
});

test('chaque lieu de la liste mène à son point, au clavier, et en revient', async () => {
  lieux = [point('12', 1.8714, 46.1689)];
  const { page, problems, close } = await at('/carte.html');
  await ready(page);
  const button = page.getByRole('button', { name: /Voir sur la carte/ });
  await button.focus();
  await page.keyboard.press('Enter');
  const bubble = page.locator('.maplibregl-popup');
  assert.equal(await bubble.getByRole('link', { name: 'France services de Guéret' }).getAttribute('href'), '/lieux/12');
  assert.ok(await page.evaluate(() => document.activeElement.closest('.maplibregl-popup') !== null), 'le focus entre dans la bulle');
  await bubble.getByRole('button', { name: 'Fermer' }).click();
  assert.ok(await button.evaluate((node) => node === document.activeElement), 'le focus revient au bouton');
  assert.deepEqual(problems, []);
  await close();
});

test('des lieux au même endroit se lisent tous, et un texte reste un texte', async () => {
  lieux = ['a', 'b', 'c'].map((id) => point(id, ...GUERET));
  const { page, close } = await at('/carte.html');
  await ready(page);
  await settled(page);
  const box = await page.locator('.m-carte canvas').boundingBox();
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await page.getByText('3 lieux à cet endroit').waitFor();
  assert.equal(await page.locator('.maplibregl-popup b').count(), 0);
  assert.ok((await page.locator('.maplibregl-popup').innerText()).includes('1 rue <b>Haute</b>'));
  await close();
});

test('un autre territoire est à un choix de la liste', async () => {
  lieux = [point('r', 55.45, -20.88)];
  const { page, close } = await at('/carte.html');
  await ready(page);
  await page.getByLabel('Aller à un territoire').selectOption({ label: 'Métropole' });
  await settled(page);
  assert.equal((await drawn(page, ['lieux'])).length, 0);
  await page.getByLabel('Aller à un territoire').selectOption({ label: 'La Réunion' });
  await settled(page);
  assert.deepEqual((await drawn(page, ['lieux'])).map((p) => p.id), ['r']);
  await close();
});

test('sur un téléphone, rien de la carte ne vient avant qu’on la demande', async () => {
  lieux = [point('1', ...GUERET)];
  const { page, problems, weight, close } = await at('/carte.html', { screen: 'telephone' });
  await page.waitForLoadState('networkidle');
  assert.ok(weight() < 600_000 && !(await page.evaluate(() => performance.getEntriesByType('resource').some((r) => r.name.includes('maplibre')))));
  await page.getByRole('button', { name: 'Afficher la carte' }).click();
  await ready(page);
  await settled(page);
  await shot(page, 'carte-telephone');
  const [content, room] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(content <= room);
  assert.deepEqual(problems, []);
  await close();
});

test('sans WebGL, une phrase, et la liste reste', async () => {
  lieux = [];
  const { page, problems, close } = await at('/carte.html', {});
  await page.addInitScript(() => { HTMLCanvasElement.prototype.getContext = () => null; });
  await page.reload();
  await page.getByText('La carte ne peut pas s’afficher sur cet appareil').waitFor();
  assert.ok(await page.getByRole('heading', { name: 'France services de Guéret' }).isVisible());
  assert.deepEqual(problems, []);
  await close();
});

test('quand les points ne viennent pas, une phrase, et la liste reste', async () => {
  lieux = null;
  const { page, close } = await at('/carte.html');
  await page.getByText('La carte ne répond pas pour le moment').waitFor({ timeout: 60_000 });
  assert.equal(await page.locator('.m-carte--active').count(), 0);
  await close();
});

test('la carte de couverture colore par classe et dit la valeur', async () => {
  const { page, problems, close } = await at('/couverture.html');
  await ready(page);
  await settled(page);
  const classes = Object.fromEntries((await drawn(page, ['communes'])).map((p) => [p.nom, p.classe]));
  assert.deepEqual(classes, { Guéret: 1, Felletin: -1 });
  const where = await page.evaluate((lngLat) => document.querySelector('.m-carte').carte.project(lngLat), GUERET);
  const box = await page.locator('.m-carte canvas').boundingBox();
  await page.mouse.click(box.x + where.x, box.y + where.y);
  await page.getByText('3,3 km').waitFor();
  await shot(page, 'couverture-bureau');
  assert.deepEqual(problems, []);
  await close();
});
