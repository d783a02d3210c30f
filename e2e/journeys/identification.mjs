// A first mandat with somebody who is not there: the aidant at their desk, the person on their telephone, without script,
// identified by a link; then their agreement by e-mail. And whoever got a link that they did not ask for.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { enter, open, quit, sound, visitor } from '../lib/navigateur.mjs';

after(quit);

const lienDe = async (page, adresse, sujet, forme) => {
  await open(page, `/demo/courriels?pour=${encodeURIComponent(adresse)}`);
  await page.locator('main').getByRole('link', { name: sujet }).first().click();
  return (await page.locator('main').innerText()).match(forme)[0];
};
const LIEN = /\/identification\/[0-9a-f]{64}/;

/** A draft whose person is not there, and the link that was sent to them. */
async function inviter(visit, adresse) {
  const { page } = visit;
  await enter(page, 'aidant');
  await open(page, '/aidant/mandats/nouveau');
  for (const nom of [/^Logement/, /^Un mois/]) await page.locator('label').filter({ hasText: nom }).click();
  await page.getByLabel(/électronique/i).first().fill(adresse);
  await page.getByRole('button', { name: 'Continuer sans elle' }).click();
  await page.getByRole('heading', { level: 1, name: 'Récapitulatif du mandat' }).waitFor();
  const brouillon = page.url();
  await page.locator('label').filter({ hasText: 'Par courriel' }).click();
  await page.getByRole('button', { name: 'Envoyer le lien' }).click();
  await page.getByText('Le lien est parti.').waitFor();
  return brouillon;
}

for (const [bureau, telephone] of [[true, false], [false, true]]) {
  describe(`l’aidant ${bureau ? 'avec' : 'sans'} script, la personne ${telephone ? 'avec' : 'sans'}`, () => {
    const suffix = bureau ? 'aidant-script' : 'personne-script';

    test('identifiée sur son téléphone, puis d’accord par courriel', async () => {
      const aidant = { ...(await visitor({ screen: 'bureau', js: bureau })), js: bureau };
      const personne = { ...(await visitor({ screen: 'telephone', js: telephone })), js: telephone };
      const adresse = `jean-baptiste-${suffix}@demonstration.example`;
      const brouillon = await inviter(aidant, adresse);
      await sound(aidant, `identification-envoyee-${suffix}`, aidant);
      const { page } = personne;
      const lien = await lienDe(page, adresse, /dites qui vous êtes/i, LIEN);
      await open(page, lien);
      assert.equal(await page.getByText('Logement').count(), 0, 'rien de ce qui est proposé');
      await sound(personne, `identification-lien-${suffix}`, personne);
      // By keyboard, from the heading to the button.
      for (let i = 0; i < 40 && !(await page.locator('button.fr-connect:focus').count()); i += 1) await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.waitForURL('**/faux-franceconnect/authorize**');
      await page.locator('button[name=personne][value=jean-baptiste]').click();
      await page.getByRole('heading', { level: 1, name: /nous savons qui vous êtes/ }).waitFor();
      await page.getByText('Logement').first().waitFor();
      await sound(personne, `identification-faite-${suffix}`, personne);
      await aidant.page.getByRole('link', { name: 'Voir si elle s’est identifiée' }).click();
      await aidant.page.getByText('Jean-Baptiste').first().waitFor();
      await sound(aidant, `identification-reconnue-${suffix}`, aidant);
      assert.equal(await aidant.page.getByRole('button', { name: 'Faire le mandat' }).count(), 0, 'pas sans son accord');
      await aidant.page.locator('label').filter({ hasText: 'Par courriel' }).click();
      await aidant.page.getByRole('button', { name: 'Demander son accord à distance' }).click();
      await aidant.page.getByRole('button', { name: 'Demander l’accord' }).click();
      await aidant.page.getByText('La demande d’accord est partie.').waitFor();
      // Where FranceConnect says that they are written to, whatever the aidant typed.
      await open(page, await lienDe(page, 'jean-baptiste@demonstration.example', /acceptez/i, /\/accord\/[0-9a-f]{64}/));
      await page.getByRole('button', { name: 'J’accepte' }).click();
      await page.getByText('vous acceptez').waitFor();
      await aidant.page.goto(brouillon);
      await aidant.page.locator('label').filter({ hasText: /^J’ai lu les explications/ }).click();
      await aidant.page.getByRole('button', { name: 'Faire le mandat' }).click();
      await aidant.page.getByText('Le mandat est fait, avec l’accord à distance').waitFor();
      await aidant.close();
      await personne.close();
    });

    test('qui n’a rien demandé le dit, et l’aidant l’apprend', async () => {
      const aidant = { ...(await visitor({ screen: 'telephone', js: bureau })), js: bureau };
      const autre = { ...(await visitor({ screen: 'bureau', js: telephone })), js: telephone };
      const adresse = `inconnue-${suffix}@demonstration.example`;
      const brouillon = await inviter(aidant, adresse);
      const lien = await lienDe(autre.page, adresse, /dites qui vous êtes/i, LIEN);
      await open(autre.page, lien);
      await autre.page.getByRole('button', { name: 'Je n’ai rien demandé, ne m’écrivez plus' }).click();
      await autre.page.getByRole('heading', { level: 1, name: 'C’est noté' }).waitFor();
      await sound(autre, `identification-refusee-${suffix}`, autre);
      await open(autre.page, lien, 404);
      await sound(autre, `identification-finie-${suffix}`, autre);
      await aidant.page.goto(brouillon);
      await aidant.page.getByText('elle n’a rien demandé').waitFor();
      await sound(aidant, `identification-apprise-${suffix}`, aidant);
      await aidant.page.getByText('ne veut plus recevoir de messages').waitFor();
      assert.equal(await aidant.page.locator('label').filter({ hasText: 'Par courriel' }).count(), 0, 'cette voie n’est plus offerte');
      await aidant.close();
      await autre.close();
    });
  });
}
