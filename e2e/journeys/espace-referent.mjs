// A référent looks after their organisation: people, a team, a training asked for; without script, on a telephone and on a
// desk. The team of the habilitations says yes.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { enter, open, quit, sound, visitor, SCREENS } from '../lib/navigateur.mjs';

after(quit);

for (const screen of Object.keys(SCREENS)) {
  for (const js of [true, false]) {
    describe(`${screen}, ${js ? 'avec' : 'sans'} script`, () => {
      const suffix = `${screen}${js ? '' : '-sans-script'}`;
      const adresse = `fictive-${suffix}@demonstration.example`;

      test('le référent demande une formation, crée une équipe, regarde une fiche', async () => {
        const visit = { ...(await visitor({ screen, js })), js };
        const { page } = visit;
        await enter(page, 'referent');
        await open(page, '/referent');
        await page.getByRole('heading', { level: 1, name: 'Espace référent' }).waitFor();
        await sound(visit, `referent-accueil-${suffix}`, { js });
        for (const [chemin, nom] of [['organisation', 'organisation'], ['sessions', 'sessions'], ['personnes/ajouter', 'ajouter'], ['personnes/referent', 'coreferent']]) {
          await open(page, `/referent/${chemin}`);
          await sound(visit, `referent-${nom}-${suffix}`, { js });
        }
        await open(page, '/referent/personnes/former');
        await sound(visit, `referent-former-${suffix}`, { js });
        await page.getByLabel('Prénom').first().fill('Zoé');
        await page.getByRole('button', { name: 'Envoyer la demande' }).click();
        await page.getByRole('heading', { level: 1, name: 'Demander une formation' }).waitFor();
        await sound(visit, `referent-former-erreur-${suffix}`, { js });
        await page.getByLabel('Prénom').first().fill('Zoé');
        await page.getByLabel('Nom', { exact: true }).first().fill(`Fictive-${suffix}`);
        await page.getByLabel('Adresse professionnelle, à elle seule').first().fill(adresse);
        await page.getByLabel('Profession', { exact: true }).first().fill('Agente d’accueil');
        await page.getByRole('button', { name: 'Envoyer la demande' }).click();
        await page.waitForURL('**/referent/personnes');
        await page.getByText('1 demande envoyée').waitFor();
        await sound(visit, `referent-personnes-${suffix}`, { js });
        await page.getByRole('link', { name: `Fictive-${suffix} Zoé`, exact: true }).click();
        await page.getByText('Demande en attente').first().waitFor();
        await sound(visit, `referent-personne-${suffix}`, { js });
        await open(page, '/referent/equipes');
        await page.getByLabel('Nom de l’équipe').fill(`Équipe ${suffix}`);
        await page.getByRole('button', { name: 'Créer l’équipe' }).click();
        await page.getByText('L’équipe est créée.').waitFor();
        await sound(visit, `referent-equipes-${suffix}`, { js });
        await visit.close();
      });

      test('l’équipe des habilitations la trouve et la déclare à former', async () => {
        const visit = { ...(await visitor({ screen, js })), js };
        const { page } = visit;
        await enter(page, 'habilitation');
        await open(page, `/gestion/aidants?q=${encodeURIComponent(adresse)}`);
        await sound(visit, `equipe-aidants-${suffix}`, { js });
        await page.getByRole('link', { name: new RegExp(`Fictive-${suffix}`) }).first().click();
        await sound(visit, `equipe-fiche-${suffix}`, { js });
        await page.getByRole('button', { name: 'Peut être formée' }).click();
        await page.getByText('La situation est enregistrée.').waitFor();
        await page.getByText('À former').first().waitFor();
        for (const [chemin, nom] of [['/gestion/aidants/demandes', 'demandes'], ['/gestion/aidants/en-masse', 'masse'], ['/gestion/aidants/pix', 'pix'], ['/organisme/sessions', 'organisme'], ['/organisme/sessions/nouvelle', 'session-nouvelle']]) {
          await open(page, chemin);
          await sound(visit, `equipe-${nom}-${suffix}`, { js });
        }
        await open(page, '/gestion/aidants/en-masse');
        await page.getByLabel('Mettre les comptes en sommeil').check({ force: true });
        await page.getByLabel('Adresses électroniques').fill(`${adresse}\ninconnue@demonstration.example`);
        await page.getByRole('button', { name: 'Voir ce qui changerait' }).click();
        await page.getByRole('heading', { name: 'Ce qui changerait' }).waitFor();
        await page.getByText('Aucune personne de cette adresse').waitFor();
        assert.equal(await page.getByRole('button', { name: 'Confirmer' }).count(), 0, 'nothing to do for anybody');
        await sound(visit, `equipe-masse-apercu-${suffix}`, { js });
        await open(page, '/compte/rattachements');
        await sound(visit, `rattachements-${suffix}`, { js });
        await visit.close();
      });

      test('prouver que c’est soi, lire les conditions', async () => {
        const visit = { ...(await visitor({ screen, js })), js };
        const { page } = visit;
        await enter(page, 'aidant');
        await open(page, '/aidant/conditions?retour=/aidant/moi');
        await sound(visit, `aidant-conditions-${suffix}`, { js });
        await open(page, '/aidant/moi');
        await sound(visit, `aidant-moi-${suffix}`, { js });
        await open(page, '/compte/preuve?retour=/aidant/moi');
        await sound(visit, `preuve-${suffix}`, { js });
        const code = await page.locator('.fr-alert strong').first().textContent();
        assert.match(code, /^\d{6}$/);
        await page.getByLabel('Code à six chiffres').fill(code);
        await page.getByRole('button', { name: 'Confirmer', exact: true }).click();
        await page.waitForURL('**/aidant/moi');
        await visit.close();
      });
    });
  }
}
