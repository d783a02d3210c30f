// The person is far away: an agreement by e-mail, a mandat without a paper to sign; and they change their own address.
// Without script on a telephone, with script on a desk.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { brouillon, chezElle, demander } from '../lib/distance.mjs';
import { open, quit, sound, visitor } from '../lib/navigateur.mjs';

after(quit);

for (const [screen, js] of [['telephone', false], ['bureau', true]]) {
  describe(`${screen}, ${js ? 'avec' : 'sans'} script`, () => {
    const suffix = `${screen}${js ? '' : '-sans-script'}`;

    test('un accord par courriel, un mandat sans papier à signer, une nouvelle adresse', async () => {
      const visit = { ...(await visitor({ screen, js })), js };
      const { page } = visit;
      const adresse = `rosa-${suffix}@demonstration.example`;
      await brouillon(visit, { personne: 'rosa', courriel: adresse });
      await demander(visit, 'courriel');
      await page.getByRole('heading', { level: 1, name: 'Accord à distance' }).waitFor();
      const attente = page.url();
      // She is written to where she proved that she is, whatever was typed.
      const sienne = (await page.locator('main .m-chapeau .m-coupe').innerText()).trim();
      assert.notEqual(sienne, adresse);
      await page.getByRole('button', { name: 'Demander l’accord' }).click();
      await page.getByText('La demande d’accord est partie.').waitFor();
      await open(page, `/demo/courriels?pour=${encodeURIComponent(sienne)}`);
      await page.locator('main').getByRole('link', { name: /acceptez/i }).first().click();
      const lien = (await page.locator('main').innerText()).match(/\/accord\/[0-9a-f]{64}/)[0];
      await open(page, lien);
      await sound(visit, `distance-accord-${suffix}`, { js });
      await page.getByRole('button', { name: 'J’accepte' }).click();
      await page.getByText('vous acceptez').waitFor();
      await sound(visit, `distance-accepte-${suffix}`, { js });
      await page.goto(attente);
      await page.getByRole('link', { name: 'Continuer le mandat' }).click();
      // What is forgotten has a short name in the summary.
      await page.getByRole('button', { name: 'Faire le mandat' }).click();
      await page.locator('#sommaire-erreurs').getByText('Attestation', { exact: false }).waitFor();
      await sound(visit, `distance-recapitulatif-${suffix}`, { js });
      await page.locator('label').filter({ hasText: /^J’ai lu les explications/ }).click();
      await page.getByRole('button', { name: 'Faire le mandat' }).click();
      await page.getByText('Le mandat est fait, avec l’accord à distance').waitFor();
      await page.getByText('elle n’a pas signé sur papier').waitFor();
      assert.equal(await page.getByText('deux exemplaires').count(), 0);
      await sound(visit, `distance-mandat-${suffix}`, { js });
      // Rosa reads it in her space, and changes her address there.
      await chezElle(visit, 'rosa');
      assert.equal(await page.getByRole('link', { name: 'Se connecter' }).count(), 0, 'elle est déjà chez elle');
      await page.getByRole('navigation', { name: 'Mon espace' }).getByRole('link', { name: 'Mes coordonnées' }).click();
      // What the aidant typed did not take the place of what FranceConnect gave, or of what she confirmed.
      const ancienne = (await page.locator('main strong.m-coupe').first().innerText()).trim();
      assert.notEqual(ancienne, adresse);
      await sound(visit, `mes-mandats-coordonnees-${suffix}`, { js });
      const nouvelle = `nouvelle-${adresse}`;
      await page.getByLabel('Nouvelle adresse électronique').fill(nouvelle);
      await page.getByRole('button', { name: 'Recevoir un code à cette adresse' }).click();
      await page.waitForURL('**/coordonnees/code');
      await sound(visit, `mes-mandats-coordonnees-code-${suffix}`, { js });
      await open(page, `/demo/courriels?pour=${encodeURIComponent(nouvelle)}`);
      const code = (await page.locator('main').innerText()).match(/\b\d{6}\b/)[0];
      await open(page, '/mes-mandats/coordonnees/code');
      await page.getByLabel('Code reçu').fill(code);
      await page.getByRole('button', { name: 'Confirmer' }).click();
      await page.getByText('C’est fait : nous vous écrirons à cette adresse.').waitFor();
      await page.getByText(nouvelle).first().waitFor();
      await open(page, `/demo/courriels?pour=${encodeURIComponent(ancienne)}`);
      await page.getByText('vos coordonnées').first().waitFor();
      await open(page, '/mes-mandats/journal');
      await page.getByText('Adresse ou numéro changé').first().waitFor();
      await sound(visit, `mes-mandats-journal-${suffix}`, { js });
      await visit.close();
    });
  });
}
