// The person's own space: in by the fictitious FranceConnect or by a code, what is read, what is ended; without script,
// on a telephone and on a desk.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { open, quit, sound, visitor, SCREENS } from '../lib/navigateur.mjs';

after(quit);

/** From the page of sign-in to the return, as that person of the fictitious FranceConnect (or that refusal). */
async function parFranceConnect(visit, personne, name) {
  const { page } = visit;
  await open(page, '/mes-mandats');
  assert.match(page.url(), /\/mes-mandats\/connexion$/);
  await page.getByRole('button', { name: 'S’identifier avec FranceConnect' }).click();
  await page.waitForURL('**/faux-franceconnect/authorize**');
  await page.getByRole('heading', { level: 1, name: 'FranceConnect fictif' }).waitFor();
  if (name) await sound(visit, name, { js: visit.js });
  await page.locator(`button[name=personne][value=${personne}]`).click();
  await page.waitForURL('**/mes-mandats**');
}

for (const screen of Object.keys(SCREENS)) {
  for (const js of [true, false]) {
    describe(`${screen}, ${js ? 'avec' : 'sans'} script`, () => {
      const suffix = `${screen}${js ? '' : '-sans-script'}`;

      test('renoncer chez FranceConnect : une phrase, et l’on recommence', async () => {
        const visit = { ...(await visitor({ screen, js })), js };
        await open(visit.page, '/mes-mandats/connexion');
        await sound(visit, `mes-mandats-connexion-${suffix}`, { js });
        await parFranceConnect(visit, 'abandon', `mes-mandats-faux-${suffix}`);
        await visit.page.getByText('La connexion par FranceConnect a été abandonnée ou refusée.').waitFor();
        await sound(visit, `mes-mandats-renonce-${suffix}`, { js });
        // Somebody whom nobody helped: they are told, and nothing of theirs is kept.
        await parFranceConnect(visit, 'sacha');
        await visit.page.getByText('aucun mandat n’est enregistré à votre nom').waitFor();
        await open(visit.page, '/mes-mandats');
        assert.match(visit.page.url(), /connexion$/);
        await visit.close();
      });

      test('un code : la même réponse pour tous, puis trop d’essais', async () => {
        const visit = { ...(await visitor({ screen, js })), js };
        const { page } = visit;
        await open(page, '/mes-mandats/connexion');
        await page.getByRole('button', { name: 'Recevoir un code' }).click();
        if (!js) await page.getByText('à corriger').first().waitFor();
        await open(page, '/mes-mandats/connexion');
        await page.getByLabel('Adresse électronique ou téléphone').fill('inconnue@demonstration.example');
        await page.getByLabel('Votre date de naissance').fill('1962-08-24');
        await page.getByRole('button', { name: 'Recevoir un code' }).click();
        await page.waitForURL('**/mes-mandats/code');
        await sound(visit, `mes-mandats-code-${suffix}`, { js });
        for (let reste = 4; reste >= 1; reste -= 1) {
          await page.getByLabel('Code reçu').fill('000000');
          await page.getByRole('button', { name: 'Entrer' }).click();
          await page.getByText(`il reste ${reste} essai`).first().waitFor();
        }
        await sound(visit, `mes-mandats-code-faux-${suffix}`, { js });
        await page.getByLabel('Code reçu').fill('000000');
        await page.getByRole('button', { name: 'Entrer' }).click();
        await page.getByText('Ce code ne peut plus servir').waitFor();
        await visit.close();
      });

      test('lire ses mandats, choisir comment être prévenu, emporter, quitter', async () => {
        const visit = { ...(await visitor({ screen, js })), js };
        const { page } = visit;
        await parFranceConnect(visit, 'angele');
        assert.match(page.url(), /\/mes-mandats$/, 'la démonstration a un mandat d’Angèle');
        await page.getByText('FICTIVE-INVENTÉE').waitFor();
        await sound(visit, `mes-mandats-liste-${suffix}`, { js });
        await page.locator('h3 a').first().click();
        await page.getByRole('heading', { level: 1, name: /^Mandat / }).waitFor();
        await sound(visit, `mes-mandats-mandat-${suffix}`, { js });
        await page.getByRole('link', { name: 'Mettre fin à ce mandat' }).click();
        await page.getByRole('button', { name: 'Mettre fin à ce qui est coché' }).waitFor();
        await sound(visit, `mes-mandats-revoquer-${suffix}`, { js });
        for (const [lien, titre] of [['Qui a fait quoi', 'Qui a fait quoi'], ['Être prévenu', 'Être prévenu'], ['Mes données', 'Mes données']]) {
          await page.getByRole('navigation', { name: 'Mon espace' }).getByRole('link', { name: lien }).click();
          await page.getByRole('heading', { level: 1, name: titre }).waitFor();
          await sound(visit, `mes-mandats-${lien.toLowerCase().replace(/[^a-z]+/g, '-')}-${suffix}`, { js });
        }
        const [emporte] = await Promise.all([
          page.waitForEvent('download'),
          page.getByRole('button', { name: 'Emporter pour lire (texte)' }).click(),
        ]);
        assert.equal(emporte.suggestedFilename(), 'mes-mandats.txt');
        await page.getByRole('button', { name: 'Quitter mon espace' }).click();
        await page.getByText('Vous avez quitté votre espace.').waitFor();
        await open(page, '/mes-mandats');
        assert.match(page.url(), /connexion$/);
        await visit.close();
      });
    });
  }
}

test('mettre fin à une démarche : c’est fait, et c’est noté', async () => {
  const visit = { ...(await visitor({ js: false })), js: false };
  const { page } = visit;
  await parFranceConnect(visit, 'marcel');
  await page.getByRole('link', { name: /^Mettre fin à ce mandat/ }).first().click();
  const cases = page.locator('input[name=demarches]');
  const combien = await cases.count();
  assert.ok(combien > 1, 'le mandat de Marcel a plusieurs démarches');
  // One only stays ticked.
  for (let i = 1; i < combien; i += 1) await page.locator(`label[for="${await cases.nth(i).getAttribute('id')}"]`).click();
  await page.getByRole('button', { name: 'Mettre fin à ce qui est coché' }).click();
  await page.getByText('C’est fait : cette démarche ne peut plus être faite en votre nom.').waitFor();
  await page.getByText('Révoquée').waitFor();
  await page.getByRole('link', { name: 'Qui a fait quoi' }).click();
  await page.getByText('Fin d’un mandat, en tout ou partie').first().waitFor();
  await visit.close();
});

test('chaque page de l’espace renvoie à l’entrée qui n’y est pas', async () => {
  const { page, close } = await visitor({ js: false });
  for (const path of ['', '/journal', '/preferences', '/donnees', '/tout-revoquer', '/mandat/4F7K-9QXT-2M6C', '/mandat/4F7K-9QXT-2M6C/revoquer']) {
    await open(page, `/mes-mandats${path}`);
    assert.match(page.url(), /\/mes-mandats\/connexion$/, path);
  }
  await close();
});
