// The programme of conseillers: every page sound at both widths for the role that it is for; an application filed without any
// script, with its errors and a draft.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { enter, open, quit, sound, visitor, SCREENS } from '../lib/navigateur.mjs';

after(quit);

/** Who sees what: role of the demonstration, then its pages and their names. */
const PAGES = {
  nationale: [
    ['/conseillers/tableau-de-bord', 'tableau-de-bord'],
    ['/conseillers/tableau-de-bord/chiffres', 'chiffres'],
    ['/conseillers/tableau-de-bord/etats', 'etats-figes'],
    ['/gestion/courriels', 'courriels-du-programme'],
    ['/gestion/courriels/contrat.finira', 'courriel-exemple'],
    ['/conseillers/demandes', 'demandes'],
    ['/conseillers/demandes/calendrier', 'calendrier'],
    ['/conseillers/seances', 'seances'],
    ['/conseillers/enveloppes', 'enveloppes'],
    ['/conseillers/candidats', 'candidats'],
    ['/conseillers/candidats/doublons', 'candidats-doublons'],
    ['/conseillers/candidats/conservation', 'candidats-conservation'],
    ['/conseillers/contrats', 'contrats'],
    ['/conseillers/contrats/tous', 'tous-les-contrats'],
    ['/conseillers/en-poste', 'en-poste'],
    ['/conseillers/postes', 'postes'],
    ['/conseillers/formations', 'formations'],
    ['/conseillers/formations/nouvelle', 'formation-nouvelle'],
  ],
  prefecture: [
    ['/conseillers/tableau-de-bord', 'tableau-de-bord'],
    ['/conseillers/tableau-de-bord/chiffres', 'chiffres'],
    ['/conseillers/demandes', 'demandes'],
    ['/conseillers/demandes/classeur', 'classeur'],
    ['/conseillers/demandes/liste', 'liste'],
    ['/conseillers/postes', 'postes'],
  ],
  structure: [
    ['/conseillers', 'espace'],
    ['/conseillers/demandes', 'demandes'],
    ['/conseillers/candidats-a-rencontrer', 'candidats-a-rencontrer'],
    ['/conseillers/contacts', 'contacts'],
    ['/conseillers/postes', 'postes'],
    ['/conseillers/en-poste', 'en-poste'],
    ['/compte/collegues', 'collegues'],
  ],
  hub: [['/conseillers/en-poste', 'en-poste']],
  reseau: [
    ['/conseillers/en-poste', 'en-poste'],
    ['/conseillers/contrats/tous', 'contrats'],
  ],
  coordination: [['/conseillers/en-poste', 'en-poste']],
  conseiller: [
    ['/mon-espace', 'mon-espace'],
    ['/mon-espace/poste', 'mon-poste'],
  ],
  comite: [
    ['/conseillers/demandes', 'demandes'],
    ['/conseillers/seances', 'seances'],
  ],
  formation: [['/conseillers/formations', 'formations']],
  candidature: [
    ['/mon-espace', 'mon-espace'],
    ['/mon-espace/modifier', 'mon-espace-modifier'],
    ['/mon-espace/cv', 'mon-espace-cv'],
    ['/mon-espace/pix', 'mon-espace-pix'],
    ['/mon-espace/acces', 'mon-espace-acces'],
    ['/mon-espace/retirer', 'mon-espace-retirer'],
    ['/mon-espace/contacts', 'mon-espace-contacts'],
    ['/mon-espace/formation', 'mon-espace-formation'],
  ],
};

/** The first link of the main part whose address begins so. */
const first = (page, start) => page.locator(`main a[href^="${start}"]`).first().getAttribute('href');

for (const screen of Object.keys(SCREENS)) {
  describe(`pages des conseillers, ${screen}`, () => {
    for (const [role, pages] of Object.entries(PAGES)) {
      test(`chaque page de ${role} est saine`, async () => {
        const visit = await visitor({ screen });
        const { page } = visit;
        await enter(page, role);
        for (const [path, name] of pages) {
          await open(page, path);
          await sound(visit, `conseillers-${role}-${name}-${screen}`);
        }
        await visit.close();
      });
    }

    test('les fiches, une à une', async () => {
      const visit = await visitor({ screen });
      const { page } = visit;
      await enter(page, 'nationale');
      for (const [list, start, name] of [
        ['/conseillers/demandes', '/conseillers/demandes/0', 'demande'],
        ['/conseillers/candidats', '/conseillers/candidats/fiche/', 'candidat'],
        ['/conseillers/contrats', '/conseillers/contrats/0', 'contrat'],
        ['/conseillers/postes', '/conseillers/postes/0', 'poste'],
        ['/conseillers/formations', '/conseillers/formations/0', 'session'],
        ['/conseillers/en-poste', '/conseillers/en-poste/0', 'conseiller'],
      ]) {
        await open(page, list);
        await open(page, await first(page, start));
        await sound(visit, `conseillers-fiche-${name}-${screen}`);
      }
      await visit.close();
    });

    test('les formulaires publics', async () => {
      const visit = await visitor({ screen });
      const { page } = visit;
      await open(page, '/candidature');
      await sound(visit, `conseillers-candidature-${screen}`);
      await page.getByRole('button', { name: 'Déposer ma candidature' }).click();
      await page.getByText('à corriger').waitFor();
      await sound(visit, `conseillers-candidature-erreurs-${screen}`);
      await open(page, '/demande-de-postes');
      await sound(visit, `conseillers-demande-${screen}`);
      await visit.close();
    });
  });
}

describe('candidater sans script', () => {
  test('un brouillon gardé, puis une candidature déposée', async () => {
    const visit = await visitor({ screen: 'telephone', js: false });
    const { page } = visit;
    await open(page, '/candidature');
    await page.getByLabel('Prénom').fill('Camille');
    await page.getByRole('button', { name: 'Garder un brouillon' }).click();
    await open(page, '/candidature');
    assert.equal(await page.getByLabel('Prénom').inputValue(), 'Camille');
    await page.getByLabel('Nom', { exact: true }).fill('Fictif-Essai');
    await page.getByLabel(/^Adresse électronique/).fill('essai-e2e@demonstration.example.org');
    await page.getByLabel(/^Code postal/).fill('23000');
    await page.getByLabel(/^Commune où/).fill('Guéret');
    await page.getByLabel(/^Jusqu’où/).selectOption('20');
    const day = new Date(Date.now() + 40 * 86_400_000).toISOString().slice(0, 10);
    await page.getByLabel(/^Disponible à partir/).fill(day);
    await page.getByText('En recherche d’emploi').click();
    await page.getByLabel(/^Pourquoi souhaitez-vous/).fill('J’aime expliquer.');
    // Nobody reads and fills a form in under three seconds.
    await page.waitForTimeout(3_200);
    await page.getByRole('button', { name: 'Déposer ma candidature' }).click();
    await page.getByText('Votre candidature est enregistrée').waitFor();
    await sound(visit, 'conseillers-candidature-deposee', { js: false });
    await visit.close();
  });
});

describe('un menu long se range sous des titres', () => {
  for (const screen of Object.keys(SCREENS)) {
    test(`sans script, ${screen}`, async () => {
      const visit = await visitor({ screen, js: false });
      const { page } = visit;
      await enter(page, 'nationale');
      await open(page, '/compte');
      const menu = page.getByRole('navigation', { name: 'Menu principal' });
      assert.ok((await menu.locator('.fr-nav__list > li').count()) <= 8);
      assert.equal(await menu.getByRole('link', { name: 'Journal' }).isVisible(), false);
      await menu.locator('summary', { hasText: 'Administration' }).press('Enter');
      await menu.getByRole('link', { name: 'Journal' }).press('Enter');
      await page.getByRole('heading', { level: 1 }).waitFor();
      assert.match(page.url(), /\/gestion\/journal$/);
      await menu.locator('summary', { hasText: 'Administration' }).press('Enter');
      await sound(visit, `menu-${screen}`, { js: false });
      await visit.close();
    });
  }

  test('Échap referme un titre, un autre titre aussi', async () => {
    const visit = await visitor({ screen: 'bureau' });
    const { page } = visit;
    await enter(page, 'nationale');
    await open(page, '/compte');
    const summary = (name) => page.locator('.m-sousmenu > summary', { hasText: name });
    await summary('Postes').press('Enter');
    await summary('Conseillers').press('Enter');
    assert.equal(await page.locator('.m-sousmenu[open]').count(), 1);
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('.m-sousmenu[open]').count(), 0);
    await visit.close();
  });
});
