// Finding a lieu, as a person who helps someone does it.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, open, quit, visitor } from '../lib/navigateur.mjs';

before(launch);
after(quit);

/** « 1,2 km » or « 800 m » → metres. */
function metres(text) {
  const [, number, unit] = text.replace(/\s|à/g, '').match(/^([\d,]+)(km|m)$/) ?? assert.fail(`distance illisible : ${text}`);
  return Number(number.replace(',', '.')) * (unit === 'km' ? 1000 : 1);
}

const distances = async (page) => (await page.locator('ol.m-lieux .m-lieu__distance').allInnerTexts()).map(metres);

describe('chercher', () => {
  for (const js of [true, false]) {
    test(`par une commune, le plus proche d’abord, ${js ? 'avec' : 'sans'} script`, async () => {
      const { page, problems, close } = await visitor({ js });
      await open(page, '/');
      await page.locator('#ou').fill('Bourg-en-Bresse');
      await page.getByRole('button', { name: 'Chercher' }).click();
      await page.waitForURL(/\/lieux\?/);
      const found = await distances(page);
      assert.ok(found.length > 1, 'des lieux sont trouvés');
      assert.deepEqual(found, found.toSorted((a, b) => a - b));
      assert.deepEqual(problems, []);
      await close();
    });
  }

  test('par une suggestion choisie au clavier', async () => {
    const { page, problems, close } = await visitor();
    await open(page, '/lieux');
    const where = page.getByRole('combobox', { name: /Où/ });
    await where.pressSequentially('bourg en br', { delay: 30 });
    // The list of the whole text, not of its first letters.
    await page.getByRole('option').first().filter({ hasText: 'Bourg-en-Bresse' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    assert.match(await where.inputValue(), /Bourg-en-Bresse/);
    await page.keyboard.press('Enter');
    await page.waitForURL(/ou=/);
    assert.ok((await distances(page)).length > 0);
    assert.deepEqual(problems, []);
    await close();
  });

  test('autour de soi', async () => {
    const { page, problems, close } = await visitor({ geolocation: { latitude: 46.205, longitude: 5.226 }, permissions: ['geolocation'] });
    await open(page, '/lieux');
    await page.getByRole('button', { name: 'Autour de moi' }).click();
    await page.waitForURL(/lat=46\.205&lon=5\.226|lat=46\.205.*lon=5\.226/);
    const found = await distances(page);
    assert.ok(found.length > 0);
    assert.deepEqual(found, found.toSorted((a, b) => a - b));
    assert.deepEqual(problems, []);
    await close();
  });

  test('une commune inconnue dit quoi faire', async () => {
    const { page, close } = await visitor({ js: false });
    await open(page, '/lieux?ou=Zzzzqqville');
    assert.match(await page.getByRole('main').innerText(), /Zzzzqqville/);
    assert.equal(await page.locator('ol.m-lieux').count(), 0);
    await close();
  });

  test('aucune adresse ne casse la page', async () => {
    const { page, problems, close } = await visitor({ js: false });
    const strange = ['q=%00', 'q=%F0%9F%A6%80', 'rayon=-1', 'rayon=1e99', 'page=999999', 'page=abc', 'lat=999&lon=x', 'ou=%27%22%3Cscript%3E', `q=${'a'.repeat(3000)}`, 'q=a&q=b&ou=&ou=01', 'lat=NaN&lon=Infinity', '%', 'q=%ff'];
    for (const query of strange) {
      const response = await page.goto(new URL(`/lieux?${query}`, process.env.MAILLAGE_URL).href);
      assert.ok(response.status() < 500, `/lieux?${query} : ${response.status()}`);
    }
    assert.deepEqual(problems, []);
    await close();
  });
});

describe('choisir', () => {
  for (const js of [true, false]) {
    test(`un choix se coche, se voit dans l’adresse et se retire, ${js ? 'avec' : 'sans'} script`, async () => {
      const { page, problems, close } = await visitor({ js });
      await open(page, '/lieux?ou=Lyon&rayon=50');
      const count = async () => Number((await page.locator('#resultats').innerText()).replace(/\s/g, '').match(/\d+/)?.[0] ?? 0);
      const all = await count();
      await page.locator('summary', { hasText: 'Autres choix' }).click();
      await page.locator('label', { hasText: /^Gratuit \(/ }).click();
      await page.getByRole('button', { name: /^Voir les? .*lieu/ }).last().click();
      await page.waitForURL(/frais|gratuit/i);
      const few = await count();
      assert.ok(few > 0 && few <= all, `${few} parmi ${all}`);
      await page.getByRole('link', { name: /Retirer.*Gratuit/ }).click();
      assert.equal(await count(), all);
      assert.deepEqual(problems, []);
      await close();
    });
  }

  test('la page suivante continue la liste', async () => {
    const { page, close } = await visitor({ js: false });
    await open(page, '/lieux');
    const first = await page.locator('ol.m-lieux h3').allInnerTexts();
    await page.getByRole('navigation', { name: /page/i }).getByRole('link', { name: /suivante/i }).click();
    const second = await page.locator('ol.m-lieux h3').allInnerTexts();
    assert.ok(second.length > 0);
    assert.deepEqual(first.filter((name) => second.includes(name)), []);
    await close();
  });
});

describe('la carte à côté de la liste', () => {
  test('montre autant de lieux que la recherche en compte', async () => {
    const { page, problems, close } = await visitor();
    await open(page, '/lieux?ou=Lyon&rayon=20');
    await page.locator('[data-pret=oui]').waitFor({ timeout: 90_000 });
    const source = await page.locator('[data-carte]').getAttribute('data-source');
    const total = await page.evaluate((address) => fetch(address).then((r) => r.json()).then((json) => json.features.length), source);
    const count = Number((await page.locator('#resultats').innerText()).replace(/\s/g, '').match(/\d+/)[0]);
    // One of them has no exact position: the list has it, the map says that it has not.
    assert.equal(total, count - 1);
    await page.getByText('dont la position exacte n’est pas connue').waitFor();
    await page.getByRole('button', { name: /Voir sur la carte/ }).first().click();
    const name = await page.locator('ol.m-lieux h3').first().innerText();
    await page.locator('.maplibregl-popup').getByRole('link', { name }).click();
    await page.getByRole('heading', { level: 1, name }).waitFor();
    assert.deepEqual(problems, []);
    await close();
  });
});

describe('imprimer', () => {
  test('la fiche d’un lieu tient sur du papier, sans menu ni carte', async () => {
    const { page, close } = await visitor();
    await open(page, '/lieux?ou=Lyon&rayon=20');
    await page.locator('ol.m-lieux h3 a').first().click();
    await page.getByRole('heading', { name: 'Horaires' }).waitFor();
    await page.emulateMedia({ media: 'print' });
    assert.equal(await page.getByRole('navigation', { name: 'Menu principal' }).isVisible(), false);
    assert.equal(await page.locator('[data-carte]').isVisible(), false);
    assert.ok(await page.getByText('Adresse').isVisible());
    assert.ok((await page.pdf({ format: 'A4' })).length > 5_000);
    await close();
  });
});
