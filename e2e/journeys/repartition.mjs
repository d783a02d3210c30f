// The committee prepares a scenario and takes it up in its session; the administration works out the national assignment, looks
// at the fairness of contacts and checks a file before taking it over: with and without scripts, at both widths.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { enter, open, quit, sound, visitor, SCREENS } from '../lib/navigateur.mjs';

after(quit);

/** Presses « Actualiser » until the job is done: half a minute at most for the whole country, more on a busy machine. */
async function wait(page) {
  for (let n = 0; n < 120; n += 1) {
    const again = page.getByRole('link', { name: 'Actualiser' });
    if ((await again.count()) === 0) return;
    await page.waitForTimeout(1_500);
    await again.click();
  }
  throw new Error('the computation does not end');
}

async function scenario(page, name, posts) {
  await open(page, '/conseillers/repartition');
  await page.getByLabel(/^Nom du scénario/).fill(name);
  await page.getByLabel(/^Postes à accorder/).fill(posts);
  await page.getByRole('button', { name: 'Calculer' }).click();
  await wait(page);
  await page.getByText('C’est prouvé').waitFor();
  return page.url();
}

for (const screen of Object.keys(SCREENS)) {
  for (const js of [true, false]) {
    const at = `${screen}${js ? '' : '-sans-script'}`;
    describe(`répartition et affectation, ${at}`, () => {
      test('un scénario, de sa préparation à la séance', async () => {
        const visit = await visitor({ screen, js });
        const { page } = visit;
        await enter(page, 'comite');
        await open(page, '/conseillers/repartition');
        await sound(visit, `repartition-liste-${at}`, { js });
        const fiche = await scenario(page, `Soixante postes, ${at}`, '60');
        await sound(visit, `repartition-scenario-${at}`, { js });
        await page.getByRole('link', { name: /^Un poste de plus ici/ }).first().click();
        await page.getByRole('heading', { name: 'Un poste de plus ici ?' }).waitFor();
        await sound(visit, `repartition-essai-${at}`, { js });
        await scenario(page, `Cent postes, ${at}`, '100');
        await open(page, '/conseillers/repartition');
        await page.getByRole('button', { name: 'Comparer ligne à ligne' }).click();
        await page.getByRole('heading', { name: 'Deux scénarios, ligne à ligne' }).waitFor();
        await sound(visit, `repartition-comparaison-${at}`, { js });
        await open(page, fiche);
        await page.getByRole('link', { name: /^Reprendre dans la séance/ }).first().click();
        await page.getByText('Rien n’est enregistré').waitFor();
        await sound(visit, `repartition-reprise-${at}`, { js });
        await visit.close();
      });

      test('l’affectation nationale, l’équité, une reprise vérifiée', async () => {
        const visit = await visitor({ screen, js });
        const { page } = visit;
        await enter(page, 'nationale');
        await open(page, '/conseillers/affectation-nationale');
        await sound(visit, `affectation-liste-${at}`, { js });
        await page.getByRole('button', { name: 'Calculer' }).click();
        await wait(page);
        await page.getByText('C’est prouvé').waitFor();
        await sound(visit, `affectation-fiche-${at}`, { js });
        await open(page, '/conseillers/equite-des-contacts');
        await sound(visit, `equite-des-contacts-${at}`, { js });
        await open(page, '/conseillers/reprise');
        await sound(visit, `reprise-liste-${at}`, { js });
        await page.locator('fieldset').getByText('Candidats', { exact: true }).click();
        await page.getByLabel(/^Fichier/).setInputFiles({
          name: 'gens.csv',
          mimeType: 'text/csv',
          buffer: Buffer.from('prenom;nom;courriel;code_postal;commune;rayon;situations;motivation\nAnne;Fictif-Essai;sans adresse;23000;Guéret;20;en_emploi;J’aime expliquer.\n'),
        });
        await page.getByRole('button', { name: 'Vérifier sans rien enregistrer' }).click();
        await page.getByRole('heading', { name: /^Candidats : gens.csv/ }).waitFor();
        assert.ok(await page.locator('td', { hasText: 'Enregistrement refusé' }).first().isVisible());
        await sound(visit, `reprise-rapport-${at}`, { js });
        await visit.close();
      });
    });
  }
}
