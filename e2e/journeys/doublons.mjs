// From a delivery to a merge and back: a preview of a mapping, a report with its corrected file, what a source is worth,
// the queue of duplicates, the decision, its undoing, and where each value comes from.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { enter, open, quit, SCREENS, sound, visitor } from '../lib/navigateur.mjs';

after(quit);

const IMPORTS = '/gestion/lieux/imports';
const DOUBLONS = '/gestion/lieux/doublons';
const FUSIONS = '/gestion/lieux/fusions';

const ENTETE = 'id,nom,commune,code_postal,code_insee,adresse,latitude,longitude,telephone,services,source,date_maj,horaires';
const AGGLO = `${ENTETE}
a1,Médiathèque Paul Éluard,Guéret,23000,23096,8 avenue Fayolle,46.1712,1.8742,0555001122,Aide aux démarches administratives,Agglo d’essai,2026-09-01,Mo-Fr 09:00-12:00
a2,Tiers-lieu La Quincaillerie fictive,Guéret,23000,23096,1 rue Maurice Rollinat,46.1690,1.8702,0555001133,Aide aux démarches administratives,Agglo d’essai,2026-09-01,
a3,Maison de quartier,Aubusson,23200,23008,12 rue Vaveix,47.95,2.17,12,Aide aux démarches administratives,Agglo d’essai,pas une date,lundi de 9h à 12h
a4,,Aubusson,23200,23008,,,,,Aide aux démarches administratives,Agglo d’essai,2026-09-01,
`;
const DEPARTEMENT = `${ENTETE}
b1,Bibliothèque Éluard,Guéret,23000,23096,avenue Fayolle,46.1724,1.8731,0555004455,Accès internet et matériel informatique,Département d’essai,2026-10-01,
b2,La Quincaillerie fictive,Guéret,23000,23096,1 rue Maurice Rollinat,46.1690,1.8702,0555001133,Maîtrise des outils numériques du quotidien,Département d’essai,2026-10-01,
`;
const AUTRE = 'Numéro;Intitulé;Ville;CP;Ce qu’on y fait\n7;Le Fablab inventé;Felletin;23500;Démarches et poterie\n';
const CORRESPONDANCE = `source = "Fablabs d’essai"

[champs]
id = { colonne = "Numéro" }
nom = { colonne = "Intitulé" }
commune = { colonne = "Ville" }
code_postal = { colonne = "CP" }
`;

const fichier = (name, text) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });

async function deliver(page, name, text) {
  await open(page, IMPORTS);
  await page.getByLabel('Fichier de lieux').setInputFiles(fichier(name, text));
  await page.getByRole('button', { name: 'Importer', exact: true }).click();
  await page.waitForURL(/imports\/[0-9a-f-]{36}$/);
  while (await page.getByText('Import en cours').count()) {
    await page.waitForTimeout(300);
    await page.reload();
  }
  await page.getByText('Livraison enregistrée').waitFor();
  return new URL(page.url()).pathname;
}

/** Reloads a page until it says that. */
async function until(page, path, text) {
  for (let i = 0; i < 60; i += 1) {
    await open(page, path);
    if (await page.getByText(text).count()) return;
    await page.waitForTimeout(300);
  }
  throw new Error(`${path} ne dit pas : ${text}`);
}

const delivered = {};

before(async () => {
  const visit = await visitor();
  await enter(visit.page, 'nationale');
  delivered.agglo = await deliver(visit.page, 'agglo.csv', AGGLO);
  delivered.departement = await deliver(visit.page, 'departement.csv', DEPARTEMENT);
  await until(visit.page, FUSIONS, 'Quincaillerie fictive');
  await visit.close();
});

for (const screen of Object.keys(SCREENS)) {
  test(`imports, qualité, doublons : chaque page est saine, ${screen}`, async () => {
    const visit = await visitor({ screen });
    const { page } = visit;
    await enter(page, 'nationale');
    for (const [path, name] of [
      [IMPORTS, 'imports'], [delivered.agglo, 'livraison'], [`${delivered.agglo}/remarques`, 'remarques'],
      ['/gestion/lieux/qualite', 'qualite'], [DOUBLONS, 'doublons'], [FUSIONS, 'fusions'],
    ]) {
      await open(page, path);
      await sound(visit, `${name}-${screen}`);
    }
    await open(page, '/gestion/lieux/qualite');
    await page.getByRole('link', { name: 'Agglo d’essai' }).click();
    await page.getByText('Les dernières livraisons').waitFor();
    await sound(visit, `qualite-source-${screen}`);
    await open(page, DOUBLONS);
    await page.locator('main h3 a').first().click();
    await page.getByText('champ par champ').waitFor();
    await sound(visit, `comparer-${screen}`);
    await open(page, FUSIONS);
    await page.locator('main h2 a').first().click();
    await page.getByRole('heading', { name: 'D’où viennent les valeurs' }).waitFor();
    await sound(visit, `provenance-${screen}`);
    await visit.close();
  });
}

describe('un import', () => {
  test('l’aperçu d’une correspondance collée, sans souris', async () => {
    const visit = await visitor({ screen: 'telephone' });
    const { page } = visit;
    await enter(page, 'nationale');
    await open(page, IMPORTS);
    await page.getByLabel('Fichier de lieux').setInputFiles(fichier('fablabs.csv', AUTRE));
    await page.getByLabel('Correspondance des colonnes').selectOption('texte');
    await page.getByText('Ma propre correspondance').press('Enter');
    await page.getByLabel('Texte de la correspondance').fill('source = \n');
    await page.getByRole('button', { name: 'Voir un aperçu' }).press('Enter');
    await page.locator('#sommaire-erreurs').getByText('ligne 1').waitFor();
    assert.match(await page.locator('#sommaire-erreurs a').innerText(), /^Texte de la correspondance/);
    await sound(visit, 'imports-apercu-refuse');
    await page.getByLabel('Fichier de lieux').setInputFiles(fichier('fablabs.csv', AUTRE));
    await page.getByLabel('Texte de la correspondance').fill(CORRESPONDANCE);
    await page.getByRole('button', { name: 'Voir un aperçu' }).press('Enter');
    const titre = page.getByRole('heading', { name: 'Aperçu : rien n’est enregistré' });
    await titre.waitFor();
    assert.ok(await titre.evaluate((node) => node === document.activeElement), 'le focus est sur l’aperçu');
    await page.getByText('Le Fablab inventé').first().waitFor();
    await page.getByText(/Colonnes qui ne sont pas lues\s: Ce qu’on y fait/).waitFor();
    await sound(visit, 'imports-apercu');
    await visit.close();
  });

  test('le rapport et le fichier corrigé se téléchargent, sans script', async () => {
    const visit = await visitor({ js: false });
    const { page } = visit;
    await enter(page, 'nationale');
    await open(page, delivered.agglo);
    for (const [lien, attendu] of [[/le rapport/, 'Ce numéro de téléphone'], [/le fichier corrigé/, '+33555001122']]) {
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: lien }).click()]);
      const morceaux = [];
      for await (const m of await download.createReadStream()) morceaux.push(m);
      assert.ok(Buffer.concat(morceaux).toString().includes(attendu), `${download.suggestedFilename()} dit ${attendu}`);
    }
    await page.getByRole('link', { name: /Parcourir les remarques/ }).click();
    await page.getByLabel('Niveau').selectOption({ label: 'Enregistrement refusé' });
    await page.getByRole('button', { name: 'Filtrer' }).click();
    await page.getByText('1 remarque', { exact: true }).waitFor();
    await sound(visit, 'remarques-sans-script', { js: false });
    await visit.close();
  });
});

describe('une paire de fiches', () => {
  for (const js of [true, false]) {
    test(`fusionnée puis séparée, ${js ? 'au clavier' : 'sans script'}`, async () => {
      const visit = await visitor({ js, screen: js ? 'bureau' : 'telephone' });
      const { page } = visit;
      await enter(page, 'nationale');
      // Undone once, the pair stands among the lieux that a person said to be two.
      await open(page, js ? DOUBLONS : `${DOUBLONS}?etat=distincts`);
      const paire = page.getByRole('link', { name: /Éluard/ });
      await paire.press('Enter');
      await page.getByRole('button', { name: 'Enregistrer la décision' }).press('Enter');
      await page.getByText('Une réponse est à corriger').waitFor();
      const erreur = page.locator('#sommaire-erreurs a');
      assert.match(await erreur.innerText(), /^Que sont ces deux fiches/);
      await sound(visit, `comparer-refus${js ? '' : '-sans-script'}`, { js });
      await page.getByLabel('C’est le même lieu').press('Space');
      await page.getByRole('textbox', { name: /Pourquoi/ }).fill('Même bâtiment, vu sur place.');
      await page.getByRole('button', { name: 'Enregistrer la décision' }).press('Enter');
      await page.getByText('Les deux fiches n’en font plus qu’une').waitFor();
      await page.getByText('Même bâtiment, vu sur place.').first().waitFor();
      await page.getByRole('button', { name: /Annuler cette fusion.*Éluard/ }).first().press('Enter');
      await page.getByText('La fusion est annulée').waitFor();
      await visit.close();
    });
  }
});
