// A préfecture presents Aidants Connect: a meeting, invitations, an answer without account, who was there, targets; the
// team tells aidants and référents something. Without script, on a telephone and on a desk.

import { after, describe, test } from 'node:test';
import { enter, open, quit, sound, visitor, SCREENS } from '../lib/navigateur.mjs';

after(quit);

for (const screen of Object.keys(SCREENS)) {
  for (const js of [true, false]) {
    describe(`${screen}, ${js ? 'avec' : 'sans'} script`, () => {
      const suffix = `${screen}${js ? '' : '-sans-script'}`;

      test('la préfecture organise une réunion, invite, suit', async () => {
        const visit = { ...(await visitor({ screen, js })), js };
        const { page } = visit;
        const voir = (nom) => sound(visit, `animation-${nom}-${suffix}`, { js });
        await enter(page, 'prefecture');
        await open(page, '/gestion/reunions');
        await voir('reunions');
        await page.getByRole('link', { name: 'Organiser une réunion' }).click();
        await page.getByRole('button', { name: 'Enregistrer' }).click();
        await page.locator('.fr-error-text').first().waitFor();
        await voir('reunion-erreur');
        await page.getByLabel('Département').selectOption('23');
        const jour = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
        await page.getByLabel('Jour', { exact: true }).fill(jour);
        await page.getByLabel('Début').fill('09:30');
        await page.getByLabel('Fin', { exact: true }).fill('11:00');
        await page.getByLabel('Lieu').fill('Salle fictive, Guéret');
        await page.getByLabel('Nombre de places').fill('10');
        await page.getByLabel('Organisée par').fill(`Préfecture fictive ${suffix}`);
        await page.getByRole('button', { name: 'Enregistrer' }).click();
        await page.getByText('La réunion est enregistrée.').waitFor();
        await voir('reunion');
        const inscription = await page.getByRole('link', { name: /\/reunions\/inscription\// }).getAttribute('href');
        await page.getByRole('link', { name: 'Inviter des structures' }).click();
        await voir('inviter');
        await page.getByRole('button', { name: 'Inviter toutes les structures de cette recherche' }).click();
        await page.getByText(/structures? invitées?\./).first().waitFor();
        await voir('invitees');
        // The meeting that took place: who was there.
        await open(page, '/gestion/reunions?quand=passees');
        await page.locator('tbody th a').last().click();
        await voir('reunion-passee');
        await page.getByRole('link', { name: 'Noter les présences' }).click();
        await voir('presences');
        await open(page, '/gestion/objectifs');
        await page.getByText('23 – Creuse').first().waitFor();
        await voir('objectifs');
        await open(page, new URL(inscription).pathname);
        await voir('inscription');
        await page.getByRole('button', { name: 'M’inscrire' }).click();
        await page.locator('.fr-error-text').first().waitFor();
        await voir('inscription-erreur');
        await visit.close();
      });

      test('une structure répond par le lien de son courriel, sans compte', async () => {
        const visit = { ...(await visitor({ screen, js })), js };
        const { page } = visit;
        const invitation = page.locator('tr, li', { hasText: 'Réunion Aidants Connect, le' }).first();
        // By their subject: letters of mass sendings would hide them.
        for (let i = 0; i < 60; i += 1) {
          await open(page, `/demo/courriels?pour=${encodeURIComponent('Réunion Aidants Connect')}`);
          if ((await invitation.count()) > 0) break;
          await page.waitForTimeout(500);
        }
        await invitation.getByRole('link').first().click();
        const lien = (await page.locator('main').innerText()).match(/\/reunions\/reponse\/[0-9a-f]{64}/)[0];
        await open(page, lien);
        await sound(visit, `animation-reponse-${suffix}`, { js });
        await page.getByText('Je viens', { exact: true }).click();
        await page.getByLabel('Prénom').fill('Zoé');
        await page.getByLabel(/^Nom/).fill(`Fictive-${suffix}`);
        await page.getByRole('button', { name: 'Envoyer ma réponse' }).click();
        await page.getByText('C’est noté : vous venez.').waitFor();
        await sound(visit, `animation-repondu-${suffix}`, { js });
        await visit.close();
      });

      test('l’équipe écrit aux référents, un référent lit et range', async () => {
        const visit = { ...(await visitor({ screen, js })), js };
        const { page } = visit;
        const titre = `Annonce ${suffix}`;
        await enter(page, 'habilitation');
        await open(page, '/gestion/notifications');
        await sound(visit, `animation-notifications-${suffix}`, { js });
        await page.getByText('Information', { exact: true }).first().click();
        await page.getByText('Tous les référents', { exact: true }).click();
        await page.getByLabel('Titre').fill(titre);
        await page.getByLabel('Texte').fill('Les sessions de mars sont ouvertes.');
        await page.getByLabel('Dernier jour').fill(new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10));
        await page.getByRole('button', { name: 'Mettre en ligne' }).click();
        await page.getByText('La notification est en ligne.').waitFor();
        await sound(visit, `animation-notifications-ecrites-${suffix}`, { js });
        await enter(page, 'referent');
        await open(page, '/referent');
        await page.getByRole('heading', { name: titre }).waitFor();
        await sound(visit, `animation-notification-accueil-${suffix}`, { js });
        await page.getByRole('button', { name: `J’ai lu : ${titre}` }).click();
        await page.getByText('La notification est marquée comme lue.').waitFor();
        await open(page, '/aidant/notifications');
        await sound(visit, `animation-notifications-siennes-${suffix}`, { js });
        await page.getByRole('link', { name: titre }).click();
        await sound(visit, `animation-notification-${suffix}`, { js });
        await visit.close();
      });
    });
  }
}
