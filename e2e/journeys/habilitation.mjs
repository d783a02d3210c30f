// A request of habilitation, from the first page to the organisation: who asks has no account and no script; the staff
// accepts; on a telephone and on a desk.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { enter, open, quit, sound, visitor, SCREENS } from '../lib/navigateur.mjs';

after(quit);

/** The latest link of that shape, of a message to that address. */
async function lien(page, courriel, shape) {
  await open(page, '/demo/courriels');
  await page.locator('tr, li', { hasText: courriel }).first().getByRole('link').first().click();
  return (await page.locator('main').innerText()).match(shape)[0];
}

for (const [rang, screen] of Object.keys(SCREENS).entries()) {
  describe(`habilitation, ${screen}`, () => {
    test('demander sans script, puis accepter', async () => {
      const courriel = `demande-${rang}@demonstration.example`;
      const visit = await visitor({ screen, js: false });
      const { page } = visit;
      const voir = (nom) => sound(visit, `habilitation-${nom}-${screen}`, { js: false });
      await open(page, '/habilitation');
      await voir('accueil');
      await page.getByRole('link', { name: 'Commencer une demande' }).click();
      await page.getByRole('button', { name: 'Recevoir le lien' }).click();
      await page.getByText('Écrivez votre prénom.').first().waitFor();
      await voir('demandeur-erreur');
      await page.getByLabel('Prénom').fill('Anne');
      await page.getByLabel('Nom', { exact: true }).fill('Essai');
      await page.getByLabel('Fonction dans l’organisation').fill('Directrice');
      await page.getByLabel(/^Adresse électronique/).fill(courriel);
      await page.getByRole('button', { name: 'Recevoir le lien' }).click();
      await page.getByRole('heading', { name: 'Un message vient de partir' }).waitFor();
      await voir('message');
      await open(page, await lien(page, courriel, /\/habilitation\/confirmer\/[0-9a-f]{64}/));
      await page.getByRole('button', { name: 'Confirmer et continuer' }).click();
      await page.getByText('Votre adresse est confirmée').waitFor();
      await voir('espace');
      await page.getByRole('link', { name: 'Commencer une demande' }).click();
      await page.getByLabel('SIRET ou RIDET').fill('12');
      await page.getByRole('button', { name: 'Continuer' }).click();
      await page.getByText('14 chiffres').first().waitFor();
      await voir('siret-erreur');
      await page.getByLabel('SIRET ou RIDET').fill(['43493312300029', '35600000000048'][rang % 2]);
      await page.getByRole('button', { name: 'Continuer' }).click();
      await page.getByRole('heading', { level: 1, name: 'L’organisation' }).waitFor();
      await page.getByRole('button', { name: 'Enregistrer et continuer' }).click();
      await page.getByText('Écrivez le numéro et la rue').first().waitFor();
      await voir('organisation-erreur');
      await page.getByLabel('Nom de l’organisation').fill(`Mairie fictive du parcours ${screen}`);
      await page.getByLabel('Type d’organisation').selectOption('municipalite');
      await page.getByLabel(/^Catégorie juridique/).fill('7210');
      await page.getByLabel('Numéro et rue').fill(`${rang + 1} rue de l’Exemple`);
      await page.getByLabel('Code postal', { exact: true }).fill('01000');
      await page.getByLabel(/^Commune/).fill('Bourg-en-Bresse');
      for (const groupe of [/organisation privée/, /France services \?/]) {
        await page.getByRole('radiogroup', { name: groupe }).getByText('Non', { exact: true }).click();
      }
      await page.getByLabel(/^Sa mission/).fill('Accueillir les habitants.');
      await page.getByLabel(/^Démarches faites/).fill('30');
      await page.getByRole('button', { name: 'Enregistrer et continuer' }).click();
      await page.getByRole('heading', { level: 1, name: 'La personne référente' }).waitFor();
      await voir('referent');
      await page.getByLabel('Prénom').fill('Mona');
      await page.getByLabel('Nom', { exact: true }).fill('Fictive-Référente');
      await page.getByLabel('Profession', { exact: true }).fill('Responsable');
      await page.getByLabel(/^Adresse électronique/).fill(`mona-${rang}@demonstration.example`);
      await page.getByLabel('Téléphone portable').fill('06 39 98 00 01');
      for (const groupe of [/aussi des mandats/, /conseiller numérique/]) {
        await page.getByRole('radiogroup', { name: groupe }).getByText('Non', { exact: true }).click();
      }
      await page.getByRole('button', { name: 'Enregistrer et continuer' }).click();
      await page.getByRole('heading', { level: 1, name: 'Les personnes à former' }).waitFor();
      await page.getByLabel('Prénom').fill('Ali');
      await page.getByLabel('Nom', { exact: true }).fill('Fictif-Aidant');
      await page.getByLabel('Profession', { exact: true }).fill('Médiateur');
      await page.getByLabel(/^Adresse électronique/).fill(`ali-${rang}@demonstration.example`);
      await page.getByRole('radiogroup', { name: /conseiller numérique/ }).getByText('Oui', { exact: true }).click();
      await page.getByRole('button', { name: 'Ajouter cette personne' }).click();
      await page.getByText('Ali Fictif-Aidant').first().waitFor();
      // Somebody who has an account already, under another name: they decide themselves.
      await page.getByLabel('Prénom').fill('Lena');
      await page.getByLabel('Nom', { exact: true }).fill('Fictive-Nommée');
      await page.getByLabel('Profession', { exact: true }).fill('Agente');
      await page.getByLabel(/^Adresse électronique/).fill('lea@demonstration.example');
      await page.getByRole('radiogroup', { name: /conseiller numérique/ }).getByText('Non', { exact: true }).click();
      await page.getByRole('button', { name: 'Ajouter cette personne' }).click();
      await page.getByText('Lena Fictive-Nommée').first().waitFor();
      await voir('aidants');
      await page.getByRole('link', { name: 'Continuer' }).click();
      for (const label of [/J’ai lu/, /L’aide est gratuite/, /protection des données/, /professionnels salariés/, /Aucun des aidants/]) {
        await page.getByLabel(label).check({ force: true });
      }
      await voir('engagements');
      await page.getByRole('button', { name: 'Enregistrer et continuer' }).click();
      await page.getByRole('heading', { level: 1, name: 'Relire et déposer' }).waitFor();
      await voir('recapitulatif');
      await page.getByRole('button', { name: 'Déposer la demande' }).click();
      await page.getByText('Votre demande est déposée').waitFor();
      await voir('suivi');
      const suivi = new URL(page.url()).pathname;
      await visit.close();

      const staff = await visitor({ screen });
      await enter(staff.page, 'habilitation');
      await open(staff.page, '/gestion/habilitations');
      await sound(staff, `habilitation-file-${screen}`);
      await open(staff.page, `/gestion/habilitations?q=${screen}`);
      await staff.page.getByRole('link', { name: `Mairie fictive du parcours ${screen}` }).click();
      await staff.page.getByRole('heading', { level: 1, name: 'Mairie fictive' }).waitFor();
      await sound(staff, `habilitation-fiche-${screen}`);
      await staff.page.getByRole('link', { name: 'Accepter' }).click();
      await staff.page.getByRole('button', { name: 'Voir le message' }).click();
      await staff.page.getByText('comme il partira').waitFor();
      await staff.page.getByText('Le nom n’est pas le même').waitFor();
      await sound(staff, `habilitation-accepter-${screen}`);
      await staff.page.getByRole('button', { name: 'Accepter et envoyer' }).click();
      await staff.page.getByText('C’est fait').waitFor();
      await open(staff.page, `/gestion/organisations-habilitees?q=${encodeURIComponent('Mairie fictive du parcours')}`);
      await sound(staff, `habilitation-organisations-${screen}`);
      await staff.page.getByRole('link', { name: `Mairie fictive du parcours ${screen}` }).click();
      await staff.page.getByText('Ali Fictif-Aidant').waitFor();
      await staff.page.getByText('Réponse attendue').waitFor();
      await sound(staff, `habilitation-organisation-${screen}`);
      await staff.close();

      const lea = await visitor({ screen, js: false });
      await enter(lea.page, 'aidant');
      await open(lea.page, '/aidant');
      await lea.page.getByRole('link', { name: 'Une organisation vous propose d’agir aussi pour elle' }).click();
      await lea.page.getByRole('heading', { level: 2, name: `Mairie fictive du parcours ${screen}` }).waitFor();
      await sound(lea, `rattachement-${screen}`, { js: false });
      await open(lea.page, '/bureau');
      await lea.page.getByRole('link', { name: /organisation vous propose/ }).click();
      await lea.page.getByRole('button', { name: 'Décliner' }).click();
      await lea.page.getByText('C’est décliné').waitFor();
      await lea.page.getByText('Aucune organisation n’attend votre réponse').waitFor();
      await lea.close();

      const retour = await visitor({ screen, js: false });
      await open(retour.page, suivi);
      await retour.page.getByText('L’organisation est habilitée').waitFor();
      assert.equal(await retour.page.getByRole('button', { name: 'Annuler la demande' }).count(), 0);
      await retour.close();
    });
  });
}
