// Somebody wants no more messages: STOP by text message, or the link that each e-mail bears. What waited for their answer
// ends, their aidant reads it, and they alone undo it, in their space.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { brouillon, chezElle, demander } from '../lib/distance.mjs';
import { open, quit, sound, visitor, SCREENS, URL_BASE } from '../lib/navigateur.mjs';

after(quit);

/** Back on the draft: the aidant reads that no message leaves for there, and is not offered that way any more. */
async function retrouver({ page }, prepare, voie, adresse) {
  await page.goto(prepare);
  await page.getByText(`La personne ne veut plus recevoir de messages à ${adresse}`).waitFor();
  await page.getByText('Faites le mandat en sa présence').waitFor();
  assert.equal(await page.locator('label').filter({ hasText: `Par ${voie}` }).count(), 0, 'cette voie n’est plus offerte');
}

for (const [rang, [screen, js]] of Object.keys(SCREENS).flatMap((screen) => [[screen, true], [screen, false]]).entries()) {
  describe(`${screen}, ${js ? 'avec' : 'sans'} script`, () => {
    const suffix = `${screen}${js ? '' : '-sans-script'}`;

    test('STOP par SMS arrête tout, et le dit à l’aidant', async () => {
      const visit = { ...(await visitor({ screen, js })), js };
      const { page } = visit;
      const numero = `06 39 98 22 0${rang + 1}`;
      const prepare = await brouillon(visit, { personne: 'angele', sms: numero });
      await demander(visit, 'SMS');
      await page.getByRole('heading', { level: 1, name: 'Accord à distance' }).waitFor();
      await page.getByText(numero).first().waitFor();
      const attente = page.url();
      await open(page, '/demo/sms');
      await page.getByLabel('Du numéro').fill(numero);
      await page.getByLabel(/^Réponse/).fill('stop');
      await page.getByRole('button', { name: 'Répondre' }).click();
      await page.getByText('Votre réponse est partie').waitFor();
      await page.goto(attente);
      await page.getByText('La personne ne veut plus recevoir de messages').waitFor();
      assert.equal(await page.getByRole('button', { name: 'Demander l’accord' }).count(), 0, 'plus rien à envoyer');
      await sound(visit, `arret-sms-${suffix}`, { js });
      await retrouver(visit, prepare, 'SMS', numero);
      await sound(visit, `arret-sms-redemande-${suffix}`, { js });
      await visit.close();
    });

    test('le lien d’un courriel arrête tout, l’aidant et la personne le lisent, elle seule y revient', async () => {
      const [aidante, elle] = [{ ...(await visitor({ screen, js })), js }, { ...(await visitor({ screen, js })), js }];
      const adresse = 'moussa@demonstration.example';
      // Nobody typed it: it is that of their FranceConnect account.
      const prepare = await brouillon(aidante, { personne: 'moussa' });
      await demander(aidante, 'courriel');
      await aidante.page.getByRole('heading', { level: 1, name: 'Accord à distance' }).waitFor();
      await aidante.page.getByText(adresse).first().waitFor();
      const attente = aidante.page.url();
      const { page } = elle;
      await open(page, `/demo/courriels?pour=${encodeURIComponent(adresse)}`);
      await page.locator('main').getByRole('link', { name: /permettrait/i }).first().click();
      const lien = (await page.locator('main').innerText()).match(/\/ne-plus-recevoir\/[0-9a-f]{64}/)[0];
      // Reading, as programs that scan messages do, changes nothing.
      await open(page, lien);
      await sound(elle, `arret-lien-${suffix}`, { js });
      await aidante.page.goto(attente);
      await aidante.page.getByRole('button', { name: 'Demander l’accord' }).waitFor();
      await page.getByRole('button', { name: 'Ne plus recevoir de messages' }).click();
      await page.getByText('C’est noté : nous ne vous écrivons plus').waitFor();
      await sound(elle, `arret-fait-${suffix}`, { js });
      // A second press, or the page read again, says the same.
      await open(page, lien);
      await page.getByText('C’est noté : nous ne vous écrivons plus').waitFor();

      await aidante.page.goto(attente);
      assert.equal(await aidante.page.getByRole('button', { name: 'Demander l’accord' }).count(), 0, 'plus rien à envoyer');
      await sound(aidante, `arret-attente-${suffix}`, { js });
      await retrouver(aidante, prepare, 'courriel', adresse);
      await sound(aidante, `arret-redemande-${suffix}`, { js });

      await page.getByRole('link', { name: '« Mes mandats », page « Être prévenu »' }).click();
      await chezElle(elle, 'moussa');
      await page.getByRole('navigation', { name: 'Mon espace' }).getByRole('link', { name: 'Être prévenu' }).click();
      await page.getByText(`Vous avez arrêté les messages à ${adresse}`).waitFor();
      await sound(elle, `arret-preferences-${suffix}`, { js });
      await open(page, '/mes-mandats/journal');
      await sound(elle, `arret-journal-${suffix}`, { js });
      await open(page, '/mes-mandats/preferences');
      await page.getByRole('button', { name: 'Recevoir de nouveau des courriels' }).click();
      await page.getByText('Vous avez arrêté les messages').waitFor({ state: 'detached' });
      await sound(elle, `arret-repris-${suffix}`, { js });
      // A link serves once: that of the former message stops nothing any more.
      await open(page, lien, 404);
      await page.getByRole('heading', { level: 1, name: 'Ce lien ne sert plus' }).waitFor();
      await sound(elle, `arret-lien-mort-${suffix}`, { js });
      await aidante.page.goto(prepare);
      await demander(aidante, 'courriel');
      await aidante.page.getByRole('button', { name: 'Demander l’accord' }).waitFor();
      await aidante.page.getByRole('button', { name: 'Arrêter' }).click();
      await aidante.page.getByText('Cette demande est arrêtée').first().waitFor();
      await aidante.close();
      await elle.close();
    });
  });
}

test('un lien inventé n’arrête rien et ne dit rien', async () => {
  const visit = await visitor({ screen: 'telephone', js: false });
  const { page } = visit;
  const lien = `/ne-plus-recevoir/${'0'.repeat(64)}`;
  await open(page, lien, 404);
  await page.getByRole('heading', { level: 1, name: 'Ce lien ne sert plus' }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Ne plus recevoir de messages' }).count(), 0);
  const reponse = await page.request.get(new URL(lien, URL_BASE).href);
  assert.equal(reponse.headers()['referrer-policy'], 'no-referrer');
  await sound(visit, 'arret-lien-invente', { js: false });
  await visit.close();
});
