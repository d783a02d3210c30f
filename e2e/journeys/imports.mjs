// The team of the habilitations brings a list: looked at, confirmed, written, sent again; without script, on a telephone and
// on a desk.

import { after, describe, test } from 'node:test';
import { enter, open, quit, sound, visitor, SCREENS } from '../lib/navigateur.mjs';

after(quit);

// Number of the first fictitious organisation of the country.
const NUMERO = 9_000_000;

/** Asks how far it is until it says so: the page never reloads by itself. */
async function jusque(page, texte) {
  for (let essai = 0; essai < 120 && await page.getByText(texte).count() === 0; essai += 1) {
    await page.waitForTimeout(500);
    await page.goto(page.url());
  }
  await page.getByText(texte).first().waitFor();
}

for (const screen of Object.keys(SCREENS)) {
  for (const js of [true, false]) {
    describe(`${screen}, ${js ? 'avec' : 'sans'} script`, () => {
      const suffix = `${screen}${js ? '' : '-sans-script'}`;

      test('importer d’anciennes demandes', async () => {
        const visit = { ...(await visitor({ screen, js })), js };
        const { page } = visit;
        await enter(page, 'habilitation');
        await open(page, '/gestion/aidants-connect/imports');
        await sound(visit, `imports-${suffix}`, { js });
        await page.getByRole('link', { name: 'Anciennes demandes de formation' }).click();
        await sound(visit, `imports-nouveau-${suffix}`, { js });
        const envoyer = async (name, texte) => {
          await page.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(texte) });
          await page.getByRole('button', { name: 'Vérifier le fichier' }).click();
        };
        await envoyer('sans-colonnes.csv', 'a;b\n1;2\n');
        await page.getByText('Il manque la colonne').first().waitFor();
        await sound(visit, `imports-erreur-${suffix}`, { js });
        const liste = `Adresse électronique;Prénom;Nom;Profession;Organisation;État\n`
          + `ana-${suffix}@exemple.fr;Ana;Inventée;Agente d’accueil;${NUMERO};en attente\n`
          + `pas une adresse;Luc;Inventé;Agent d’accueil;${NUMERO};\n`;
        await envoyer('anciennes.csv', liste);
        await jusque(page, 'Rien n’est encore enregistré');
        await sound(visit, `imports-apercu-${suffix}`, { js });
        await page.getByRole('button', { name: 'Enregistrer 1 ligne' }).click();
        await jusque(page, 'Terminé.');
        await sound(visit, `imports-fini-${suffix}`, { js });
        await open(page, '/gestion/aidants-connect/imports/demandes');
        await envoyer('anciennes.csv', liste);
        await page.getByText('0 création').first().waitFor();
        await visit.close();
      });
    });
  }
}
