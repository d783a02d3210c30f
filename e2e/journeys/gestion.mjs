// Keeping a lieu up to date: every page sound at both widths; hours edited with and without scripts; a lieu that confirms
// by the link of a message.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { enter, open, quit, sound, visitor, SCREENS } from '../lib/navigateur.mjs';

after(quit);

const BASE = '/gestion/lieux';

/** The address of the first lieu that the list shows. */
async function first(page, query = '') {
  await open(page, `${BASE}${query}`);
  return page.locator('tbody th a').first().getAttribute('href');
}

for (const screen of Object.keys(SCREENS)) {
  describe(`pages de gestion des lieux, ${screen}`, () => {
    test('chaque page est saine', async () => {
      const visit = await visitor({ screen });
      const { page } = visit;
      await enter(page, 'nationale');
      const fiche = await first(page, '?q=mediatheque&departement=23');
      for (const [path, name] of [
        [BASE, 'liste'],
        [`${BASE}?fraicheur=perimee&completude=moyenne&tri=anciens`, 'liste-filtree'],
        [`${BASE}/nouveau`, 'nouveau'],
        [fiche, 'fiche'],
        [`${fiche}/modifier`, 'modifier'],
        [`${fiche}/horaires`, 'horaires'],
        [`${fiche}/fermer`, 'fermer'],
        [`${fiche}/structure`, 'structure'],
        [`${fiche}/historique`, 'historique'],
      ]) {
        await open(page, path);
        await sound(visit, `gestion-${name}-${screen}`);
      }
      await visit.close();
    });
  });
}

describe('les horaires d’un lieu', () => {
  for (const js of [true, false]) {
    test(js ? 'avec les scripts' : 'sans script, sur un téléphone', async () => {
      const visit = await visitor({ screen: js ? 'bureau' : 'telephone', js });
      const { page } = visit;
      await enter(page, 'nationale');
      const fiche = await first(page, `?q=mediatheque&departement=${js ? '87' : '19'}`);
      await open(page, `${fiche}/horaires`);
      await page.getByRole('button', { name: 'Ajouter un créneau le lundi' }).click();
      const lundi = page.getByRole('group', { name: 'lundi, créneau 2' });
      await lundi.waitFor();
      await page.getByRole('group', { name: 'lundi, créneau 1' }).getByLabel('De').fill('09:00');
      await page.getByRole('group', { name: 'lundi, créneau 1' }).getByLabel('à', { exact: true }).fill('12:00');
      await lundi.getByLabel('De').fill('14:00');
      await lundi.getByLabel('à', { exact: true }).fill('17:00');
      await page.getByRole('button', { name: 'Ajouter une date' }).click();
      await page.getByLabel(/^Le, ou du/).fill('24/12');
      await page.getByText('Fermé les jours fériés').click();
      await page.locator('.m-actions').getByRole('button', { name: 'Voir le résultat' }).click();
      await page.getByText('Ce que les gens liront').waitFor();
      await sound(visit, `gestion-horaires-resultat${js ? '' : '-sans-script'}`, { js });
      await page.getByRole('button', { name: 'Enregistrer ces horaires' }).click();
      await page.getByText('Les horaires sont enregistrés.').waitFor();
      await open(page, `${fiche}/horaires`);
      assert.equal(await page.getByRole('group', { name: 'lundi, créneau 2' }).getByLabel('De').inputValue(), '14:00');
      await visit.close();
    });
  }
});

describe('une fiche modifiée, puis confirmée par le lieu', () => {
  test('du formulaire au lien reçu par courriel', async () => {
    const visit = await visitor();
    const { page } = visit;
    await enter(page, 'nationale');
    const fiche = await first(page, '?fraicheur=perimee&departement=03&tri=anciens');
    await open(page, `${fiche}/modifier`);
    await page.getByLabel(/^Téléphone/).fill('12');
    await page.getByRole('button', { name: 'Enregistrer' }).click();
    await page.getByText('Une réponse est à corriger').waitFor();
    await sound(visit, 'gestion-modifier-erreur');
    await page.getByLabel(/^Téléphone/).fill('01 99 00 12 34');
    await page.getByLabel(/^Fiche à jour au/).fill('2024-01-15');
    await page.getByRole('button', { name: 'Enregistrer' }).click();
    await page.getByText('La fiche est modifiée').waitFor();
    await sound(visit, 'gestion-fiche-tenue');
    await page.getByRole('button', { name: 'Demander au lieu de confirmer' }).click();
    await page.getByText('Le courriel part').waitFor();
    await open(page, '/demo/courriels');
    await page.getByRole('link', { name: /toujours juste/ }).first().click();
    const lien = await page.locator('a[href*="/lieux/confirmer/"]').first().getAttribute('href');
    for (const [js, screen] of [[true, 'telephone'], [false, 'bureau']]) {
      const lieu = await visitor({ js, screen });
      await open(lieu.page, new URL(lien).pathname);
      await sound(lieu, `gestion-confirmer${js ? '' : '-sans-script'}`, { js });
      const bouton = lieu.page.getByRole('button', { name: /Tout est juste/ });
      if (await bouton.count()) await bouton.click();
      await lieu.page.getByText('Vous avez confirmé cette fiche').waitFor();
      await lieu.close();
    }
    await open(page, fiche);
    await page.getByText('Fraîcheur : à jour').waitFor();
    await visit.close();
  });
});
