// An aidant and a person make a mandat through the fictitious FranceConnect; it is found, read, verified by the public, ended.
// With and without script, on a telephone and on a desk.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { enter, open, quit, sound, visitor, SCREENS } from '../lib/navigateur.mjs';

after(quit);

for (const screen of Object.keys(SCREENS)) {
  for (const js of [true, false]) {
    describe(`${screen}, ${js ? 'avec' : 'sans'} script`, () => {
      const suffix = `${screen}${js ? '' : '-sans-script'}`;

      test('faire un mandat, le vérifier, le révoquer', async () => {
        const visit = { ...(await visitor({ screen, js })), js };
        const { page } = visit;
        await enter(page, 'aidant');
        await open(page, '/aidant');
        await sound(visit, `mandats-accueil-${suffix}`, { js });
        await page.getByRole('link', { name: 'Faire un nouveau mandat' }).first().click();
        await page.getByRole('heading', { level: 1, name: 'Nouveau mandat' }).waitFor();
        await page.getByRole('button', { name: 'Continuer avec FranceConnect' }).click();
        await page.getByText('Choisissez une durée.').first().waitFor();
        await sound(visit, `mandats-nouveau-${suffix}`, { js });
        for (const nom of [/^Papiers/, /^Argent/, /^Un mois/]) await page.locator('label').filter({ hasText: nom }).click();
        await page.getByRole('button', { name: 'Continuer avec FranceConnect' }).click();
        await page.waitForURL('**/faux-franceconnect/authorize**');
        await page.locator('button[name=personne][value=nadia]').click();
        await page.waitForURL('**/aidant/mandats/brouillons/**');
        await page.getByRole('heading', { level: 1, name: 'Récapitulatif du mandat' }).waitFor();
        await page.getByText('R. 721-2').first().waitFor();
        await sound(visit, `mandats-recapitulatif-${suffix}`, { js });
        await page.locator('label').filter({ hasText: /^J’ai lu les explications/ }).click();
        await page.getByRole('button', { name: 'Faire le mandat' }).click();
        await page.getByText('Le mandat est fait.').waitFor();
        await sound(visit, `mandats-mandat-${suffix}`, { js });
        const mandat = new URL(page.url()).pathname;
        const adresse = await page.getByRole('link', { name: /\/verifier\// }).getAttribute('href');
        const pdf = await page.request.get(new URL(`${mandat}/imprimer`, page.url()).href);
        assert.equal(pdf.headers()['content-type'], 'application/pdf');
        const { pathname, search } = new URL(adresse);
        await open(page, pathname + search);
        await page.getByText('Ce mandat est authentique').waitFor();
        await sound(visit, `mandats-verifier-${suffix}`, { js });
        await open(page, '/aidant/personnes');
        await sound(visit, `mandats-personnes-${suffix}`, { js });
        await page.locator('tbody a').first().click();
        await sound(visit, `mandats-personne-${suffix}`, { js });
        await open(page, `${mandat}/revoquer`);
        await page.locator('label').filter({ hasText: 'La personne l’a demandé' }).click();
        await sound(visit, `mandats-revoquer-${suffix}`, { js });
        await page.getByRole('button', { name: 'Révoquer' }).click();
        await page.getByText('C’est révoqué.').waitFor();
        await open(page, pathname + search);
        await page.getByText('mais il est terminé').waitFor();
        for (const langue of ['en', 'ar']) {
          await open(page, `/mandats/lecture/${langue}`);
          await sound(visit, `mandats-lecture-${langue}-${suffix}`, { js });
        }
        await visit.close();
      });
    });
  }
}

// The person is far away: the offer, the question and the answer go by text message; the aidant waits on a page of their own.
for (const js of [true, false]) {
  test(`l’accord à distance par SMS, ${js ? 'avec' : 'sans'} script`, async () => {
    const visit = { ...(await visitor({ screen: 'telephone', js })), js };
    const { page } = visit;
    const suffix = js ? '' : '-sans-script';
    const numero = js ? '06 39 98 12 34' : '06 39 98 12 35';
    await enter(page, 'aidant');
    await open(page, '/aidant');
    await page.getByRole('link', { name: 'Faire un nouveau mandat' }).first().click();
    for (const nom of [/^Logement/, /^Un jour/]) await page.locator('label').filter({ hasText: nom }).click();
    await page.getByLabel(/portable|téléphone/i).first().fill(numero);
    await page.getByRole('button', { name: 'Continuer avec FranceConnect' }).click();
    await page.waitForURL('**/faux-franceconnect/authorize**');
    await page.locator('button[name=personne][value=rosa]').click();
    await page.getByRole('heading', { level: 1, name: 'Récapitulatif du mandat' }).waitFor();
    await page.locator('label').filter({ hasText: /SMS/ }).click();
    await page.getByRole('button', { name: 'Demander son accord à distance' }).click();
    await page.getByRole('heading', { level: 1, name: 'Accord à distance' }).waitFor();
    const attente = page.url();
    await sound(visit, `consentement-attente${suffix}`, { js });
    await page.getByRole('button', { name: 'Demander l’accord' }).click();
    await page.getByText('Envoyée le', { exact: false }).first().waitFor();
    await open(page, '/demo/sms');
    await sound(visit, `consentement-sms${suffix}`, { js });
    await page.getByLabel('Du numéro').fill(numero);
    await page.getByLabel(/^Réponse/).fill('Oui');
    await page.getByRole('button', { name: 'Répondre' }).click();
    await page.getByText('Votre réponse est partie').waitFor();
    await page.goto(attente);
    await page.getByText('La personne est d’accord').first().waitFor();
    await sound(visit, `consentement-accepte${suffix}`, { js });
    await page.getByRole('link', { name: 'Continuer le mandat' }).click();
    await page.getByText('La personne a donné son accord à distance').waitFor();
    await page.locator('label').filter({ hasText: /^J’ai lu les explications/ }).click();
    await page.getByRole('button', { name: 'Faire le mandat' }).click();
    await page.getByText('Le mandat est fait, avec l’accord à distance').waitFor();
    await page.getByText(/à distance/).first().waitFor();
    await visit.close();
  });
}
