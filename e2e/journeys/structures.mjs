// Structures: every page sound at both widths for who may see it; entering one without any script, with its errors and
// its likely duplicate; two people on one sheet; a merge and its undoing.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { enter, open, quit, sound, visitor, SCREENS } from '../lib/navigateur.mjs';

after(quit);

const BASE = '/gestion/structures';

/** The address of the structure of that name. */
async function find(page, name) {
  await open(page, `${BASE}?q=${encodeURIComponent(name)}`);
  return page.getByRole('link', { name, exact: true }).getAttribute('href');
}

for (const screen of Object.keys(SCREENS)) {
  describe(`pages des structures, ${screen}`, () => {
    test('chaque page est saine', async () => {
      const visit = await visitor({ screen });
      const { page } = visit;
      await enter(page, 'nationale');
      const fiche = await find(page, 'Mairie fictive de La Souterraine');
      await open(page, BASE);
      await sound(visit, `structures-liste-${screen}`);
      for (const [path, name] of [
        [`${BASE}/nouvelle`, 'nouvelle'],
        [`${BASE}/doublons`, 'doublons'],
        [`${BASE}?q=introuvable-nulle-part`, 'liste-vide'],
        [fiche, 'fiche'],
        [`${fiche}/modifier`, 'modifier'],
        [`${fiche}/historique`, 'historique'],
        [`${fiche}/contacts/nouveau`, 'contact'],
      ]) {
        await open(page, path);
        await sound(visit, `structures-${name}-${screen}`);
      }
      await open(page, `${BASE}/doublons`);
      await page.locator('main h2 a').first().click();
      await page.getByRole('heading', { name: 'Comparer deux structures' }).waitFor();
      await sound(visit, `structures-comparer-${screen}`);
      await open(page, `${BASE}/nouvelle`);
      await page.getByRole('button', { name: 'Inscrire la structure' }).click();
      await page.getByText('réponses sont à corriger').waitFor();
      await sound(visit, `structures-nouvelle-erreurs-${screen}`);
      await visit.close();
    });
  });
}

describe('inscrire une structure sans script', () => {
  test('les erreurs, la commune à choisir, puis le doublon probable', async () => {
    const visit = await visitor({ screen: 'telephone', js: false });
    const { page } = visit;
    await enter(page, 'nationale');
    await open(page, `${BASE}/nouvelle`);
    await page.getByLabel('Nom de la structure').fill('CCAS fictif de Saint-Denis');
    await page.getByLabel('Genre').selectOption('action_sociale');
    await page.getByLabel(/^Commune/).fill('Saint-Denis');
    await page.getByRole('button', { name: 'Inscrire la structure' }).click();
    await page.locator('label', { hasText: /^Saint-Denis, La Réunion/ }).click();
    await page.getByRole('button', { name: 'Inscrire la structure' }).click();
    await page.getByText('La structure est inscrite.').waitFor();
    await sound(visit, 'structures-inscrite', { js: false });
    const first = new URL(page.url()).pathname;

    await open(page, `${BASE}/nouvelle`);
    await page.getByLabel('Nom de la structure').fill('Ccas fictif, Saint Denis');
    await page.getByLabel('Genre').selectOption('action_sociale');
    await page.getByLabel(/^Commune/).fill('Saint-Denis 97400');
    await page.getByRole('button', { name: 'Inscrire la structure' }).click();
    await page.getByText('Est-ce l’une de ces structures ?').waitFor();
    assert.equal(await page.locator(`a[href="${first}"]`).count(), 1);
    await page.locator('label', { hasText: 'Non, c’est une autre structure' }).click();
    await page.getByRole('button', { name: 'Inscrire la structure' }).click();
    await page.getByText('La structure est inscrite.').waitFor();
    await visit.close();
  });
});

describe('à deux sur une fiche', () => {
  test('la seconde personne retrouve ce qu’elle a écrit et ce qui a changé', async () => {
    const [one, two] = [await visitor(), await visitor({ screen: 'telephone' })];
    await enter(one.page, 'nationale');
    await enter(two.page, 'nationale');
    const fiche = await find(one.page, 'Coopérative fictive Clic et Liens');
    for (const { page } of [one, two]) await open(page, `${fiche}/modifier`);
    await one.page.getByLabel(/^Numéro et rue/).fill('50 rue de l’Exemple');
    await one.page.getByRole('button', { name: 'Enregistrer' }).click();
    await one.page.getByText('La fiche est modifiée.').waitFor();
    await two.page.getByLabel(/^Numéro et rue/).fill('51 rue de l’Exemple');
    await two.page.getByRole('button', { name: 'Enregistrer' }).click();
    await two.page.getByText('Quelqu’un a modifié cette fiche').waitFor();
    await two.page.getByRole('cell', { name: '50 rue de l’Exemple' }).waitFor();
    assert.equal(await two.page.getByLabel(/^Numéro et rue/).inputValue(), '51 rue de l’Exemple');
    await sound(two, 'structures-conflit-telephone');
    await two.page.getByRole('button', { name: 'Enregistrer' }).click();
    await two.page.getByText('La fiche est modifiée.').waitFor();
    await open(two.page, `${fiche}/historique`);
    await two.page.getByText('Alix Fictive-Nationale').first().waitFor();
    await one.close();
    await two.close();
  });
});

describe('un doublon', () => {
  test('se compare, se fusionne et se sépare', async () => {
    const visit = await visitor();
    const { page } = visit;
    await enter(page, 'prefecture');
    await open(page, `${BASE}/doublons`);
    await page.locator('main h2 a').first().click();
    await page.getByRole('button', { name: 'Fusionner les deux structures' }).click();
    await page.getByText('Les deux structures n’en font plus qu’une.').waitFor();
    await sound(visit, 'structures-fusionnee');
    await page.getByRole('button', { name: 'Annuler cette fusion' }).click();
    await page.getByText('La fusion est annulée').waitFor();
    await open(page, `${BASE}/doublons`);
    await page.getByText('1 paire à regarder').waitFor();
    await visit.close();
  });
});

describe('chacun chez soi', () => {
  test('la personne qui gère une structure ne voit que la sienne', async () => {
    const visit = await visitor();
    const { page } = visit;
    await enter(page, 'structure');
    await open(page, BASE);
    await page.getByText('1 structure', { exact: true }).waitFor();
    await page.locator('tbody a').first().click();
    await page.getByRole('listitem').filter({ hasText: 'Camille Fictive-Structure' }).waitFor();
    await open(page, BASE);
    assert.equal(await page.getByRole('link', { name: 'Inscrire une structure' }).count(), 0);
    await open(page, `${BASE}/nouvelle`, 403);
    await visit.close();
  });
});
