// Workshops and tours: written by those who keep the lieu, found by those who look for them, at both widths, by keyboard,
// with and without scripts.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { complaints, read } from '../lib/lecteur.mjs';
import { enter, open, quit, sound, visitor } from '../lib/navigateur.mjs';

after(quit);

for (const js of [true, false]) {
  describe(js ? 'avec les scripts' : 'sans script', () => {
    const screen = js ? 'telephone' : 'bureau';
    const check = async (visit, name) => {
      await sound(visit, `${name}${js ? '' : '-sans-script'}`, { js });
      assert.deepEqual(complaints(await read(visit.page)), [], name);
    };

    test('un atelier annoncé, annulé un jour, suivi dans un agenda', async () => {
      const visit = await visitor({ screen, js });
      const { page } = visit;
      await enter(page, 'nationale');
      await open(page, `/gestion/lieux?q=mediatheque&departement=${js ? '87' : '19'}`);
      await page.locator('tbody th a').first().press('Enter');
      const lieu = new URL(page.url()).pathname.split('/').pop();
      await page.getByRole('link', { name: 'Ateliers', exact: true }).last().press('Enter');
      await page.getByText('Aucun atelier annoncé').waitFor();
      await check(visit, 'ateliers-vide');
      await page.getByRole('link', { name: 'Annoncer un atelier' }).press('Enter');
      await page.getByRole('button', { name: 'Annoncer l’atelier' }).press('Enter');
      await page.locator('#sommaire-erreurs').getByText(/^Titre/).waitFor();
      await check(visit, 'ateliers-refus');
      await page.getByLabel(/^Titre/).fill('Trier ses photos');
      await page.getByLabel('De', { exact: true }).fill('14:00');
      await page.getByLabel('À', { exact: true }).fill('16:00');
      await page.getByLabel('mardi').press('Space');
      await page.getByLabel(/^Places/).fill('8');
      await page.getByLabel(/^Comment s’inscrire/).fill('Au 05 55 00 11 22');
      await page.getByRole('button', { name: 'Annoncer l’atelier' }).press('Enter');
      await page.getByText('L’atelier est annoncé.').waitFor();
      await page.getByText(/séances? dans les trois mois/).press('Enter');
      await check(visit, 'ateliers-liste');
      await page.getByRole('button', { name: /^Annuler la séance/ }).first().press('Enter');
      await page.getByText('La séance est annulée').waitFor();
      await open(page, `/lieux/${lieu}`);
      await page.getByRole('heading', { name: 'Ateliers à venir' }).waitFor();
      await check(visit, 'ateliers-fiche');
      await open(page, '/ateliers?q=photos');
      await page.getByText('Annulé').first().waitFor();
      await check(visit, 'ateliers-calendrier');
      const ics = await page.request.get(new URL(`/lieux/${lieu}/ateliers.ics`, page.url()).href);
      assert.match(ics.headers()['content-type'], /text\/calendar/);
      assert.match(await ics.text(), /STATUS:CANCELLED/);
      await visit.close();
    });

    test('une tournée se lit sur la fiche et près d’un arrêt', async () => {
      const visit = await visitor({ screen, js });
      const { page } = visit;
      await enter(page, 'nationale');
      await open(page, `/gestion/lieux?q=fictif&departement=${js ? '87' : '19'}`);
      await page.locator('tbody th a').first().press('Enter');
      const lieu = new URL(page.url()).pathname.split('/').pop();
      await page.getByRole('link', { name: 'Tournée', exact: true }).press('Enter');
      for (const [nom, commune] of [['Place de la mairie', 'Ahun'], ['Salle des fêtes', 'Moutier-d’Ahun']]) {
        await page.getByRole('link', { name: 'Ajouter un arrêt' }).press('Enter');
        await page.getByLabel(/^Endroit/).fill(nom);
        await page.getByLabel('Commune').fill(commune);
        await page.getByLabel('De', { exact: true }).fill('09:00');
        await page.getByLabel('À', { exact: true }).fill('12:00');
        await page.getByLabel('jeudi').press('Space');
        await page.getByRole('button', { name: 'Ajouter l’arrêt' }).press('Enter');
        await page.getByText('L’arrêt est ajouté').waitFor();
      }
      await check(visit, 'tournee');
      await page.getByRole('button', { name: /Avancer d’un rang : Salle des fêtes/ }).press('Enter');
      await page.getByText('avancé d’un rang').waitFor();
      await page.getByText(/^1\. Salle des fêtes/).waitFor();
      await page.getByRole('link', { name: /^Modifier Place de la mairie/ }).press('Enter');
      await check(visit, 'tournee-arret');
      await open(page, `/lieux/${lieu}`);
      await page.getByRole('heading', { name: 'Où passe ce lieu' }).waitFor();
      await check(visit, 'tournee-fiche');
      await open(page, '/lieux?ou=Ahun&rayon=5');
      await page.getByRole('heading', { name: /itinérants passent près d’ici/ }).waitFor();
      await check(visit, 'tournee-recherche');
      await visit.close();
    });
  });
}
