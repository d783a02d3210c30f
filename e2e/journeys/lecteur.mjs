// The way of somebody who listens: search, list, lieu, the four questions, and back, as a screen reader says them. What is
// read is the accessibility tree of the browser (lib/lecteur.mjs).

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { complaints, headings, ofRole, read } from '../lib/lecteur.mjs';
import { enter, open, quit, SCREENS, visitor } from '../lib/navigateur.mjs';

after(quit);

const focused = (page, selector) => page.locator(selector).evaluate((node) => node === document.activeElement);

/** Reads the page and holds it to what every page owes a listener. */
async function listen(page, name) {
  const lines = await read(page);
  assert.deepEqual(complaints(lines), [], name);
  assert.match(headings(lines)[0] ?? '', /^1 \S/, `${name} : le premier titre est celui de la page`);
  return lines;
}

for (const screen of Object.keys(SCREENS)) {
  test(`de la recherche au lieu, à l’oreille, ${screen}`, async () => {
    const { page, close } = await visitor({ screen });
    await open(page, '/');
    await listen(page, 'accueil');
    await open(page, '/lieux');
    const lines = await listen(page, 'recherche');
    assert.equal(ofRole(lines, 'search').length, 1, 'un seul repère de recherche');
    for (const name of [/^Que cherchez-vous/, /^Où/, /^À moins de/]) {
      assert.ok(ofRole(lines, 'textbox', 'combobox', 'searchbox').some((l) => name.test(l.name)), `un champ ${name}`);
    }
    await page.getByLabel('Où ?').fill('Guéret');
    await page.getByLabel('À moins de').selectOption('50');
    // The list of suggestions may lie over the button: the keyboard does not mind.
    await page.getByRole('button', { name: 'Chercher', exact: true }).press('Enter');
    await page.waitForURL(/ou=/);
    // The title is the first thing said of the new page: it says how many.
    assert.match(await page.title(), /^\d+ lieux? .*Guéret/);
    const liste = await listen(page, 'liste');
    const [compte] = headings(liste).filter((h) => h.startsWith('2 '));
    assert.match(compte, /^2 \d+ lieux? /, 'le nombre se lit dans un titre');
    assert.ok(ofRole(liste, 'list').some((l) => l.name === compte.slice(2)), 'la liste porte le nom du nombre');
    const noms = headings(liste).filter((h) => h.startsWith('3 '));
    assert.ok(noms.length > 1 && new Set(noms).size === noms.length, 'un titre par lieu, tous différents');
    for (const { name } of ofRole(liste, 'link').filter((l) => /^0\d( \d\d){4}/.test(l.name))) assert.fail(`« ${name} » ne dit pas que c’est un téléphone`);
    // The counts that follow the choices are said without leaving the box.
    await page.getByText('Votre besoin').first().click();
    const box = page.locator('input[name=services]').first();
    await box.focus();
    await page.keyboard.press('Space');
    await page.locator('[data-comptes-phrase]', { hasText: /Avec ces choix/ }).waitFor({ state: 'attached' });
    assert.ok((await read(page)).some((l) => l.role === 'status' && l.live === 'polite'), 'une région vivante dit le nombre');
    assert.ok(await box.evaluate((node) => node === document.activeElement), 'le focus reste sur la case');

    await page.locator('.m-lieux h3 a').first().click();
    await page.waitForURL(/\/lieux\/[0-9a-f-]{36}/);
    const fiche = await listen(page, 'fiche');
    assert.equal(await page.title(), `${headings(fiche)[0].slice(2)}, ${(await page.locator('.fr-breadcrumb__link').nth(1).innerText())} – Maillage`);
    for (const titre of ['2 Venir ou appeler', '2 Horaires', '2 L’aide proposée']) assert.ok(headings(fiche).includes(titre), titre);
    const tables = ofRole(fiche, 'table');
    assert.ok(tables.every((t) => t.name), 'chaque tableau a une légende');
    if (tables.length > 0) assert.ok(ofRole(fiche, 'rowheader').some((l) => /aujourd’hui/.test(l.name)), 'le jour présent est dit');
    await close();
  });

  test(`les quatre questions, à l’oreille, ${screen}`, async () => {
    const { page, close } = await visitor({ screen });
    await open(page, '/orientation');
    for (const etape of [1, 2, 3, 4]) {
      assert.match(await page.title(), new RegExp(`^Étape ${etape} sur 4`), 'le titre dit l’étape');
      const lines = await listen(page, `étape ${etape}`);
      assert.ok(headings(lines).some((h) => h.startsWith(`2 Étape ${etape} sur 4`)));
      assert.ok(ofRole(lines, 'group').every(({ name }) => name) || etape === 4, 'chaque groupe de cases a une légende');
      if (etape === 1) await page.locator('input[name=services]').first().press('Space');
      if (etape === 4) break;
      await page.getByRole('button', { name: 'Continuer' }).press('Enter');
      await page.waitForURL(new RegExp(`etape=${etape + 1}`));
    }
    await page.getByLabel(/^Commune/).fill('zzzzqq');
    await page.getByRole('button', { name: 'Voir les lieux' }).press('Enter');
    await page.waitForURL(/zzzzqq/);
    assert.match(await page.title(), /^Erreur : Étape 4/);
    assert.ok(await focused(page, '#sommaire-erreurs'), 'après un refus, le focus est au sommaire');
    const refus = await listen(page, 'étape 4 refusée');
    assert.ok(ofRole(refus, 'alert').length === 1);
    const champ = refus.find((l) => /^Commune/.test(l.name) && ['textbox', 'combobox'].includes(l.role));
    assert.ok(champ.invalid && /ne trouvons pas/.test(champ.description), 'le champ dit qu’il est faux, et pourquoi');
    await page.locator('#sommaire-erreurs a').press('Enter');
    assert.ok(await focused(page, '#ou'), 'le lien de l’erreur mène au champ');
    await page.getByLabel(/^Commune/).fill('Guéret');
    await page.getByLabel('À moins de').selectOption('100');
    await page.getByRole('button', { name: 'Voir les lieux' }).press('Enter');
    await page.waitForURL(/etape=5/);
    assert.match(await page.title(), /^\d+ lieux? /);
    const lines = await listen(page, 'résultats');
    assert.ok(ofRole(lines, 'link').some((l) => /^Modifier la réponse à : Où/.test(l.name)));
    for (const box of await page.locator('input[name=lieu]').all()) await box.uncheck({ force: true });
    await page.getByRole('button', { name: 'Préparer la feuille' }).press('Enter');
    await page.locator('#sommaire-erreurs').waitFor();
    assert.ok(await focused(page, '#sommaire-erreurs'));
    await listen(page, 'résultats refusés');
    await page.locator('input[name=lieu]').first().check({ force: true });
    await page.getByRole('button', { name: 'Préparer la feuille' }).press('Enter');
    await page.getByRole('heading', { level: 1 }).waitFor();
    await listen(page, 'feuille');
    await close();
  });
}

describe('ce qui change se dit', () => {
  test('la page suivante d’une liste commence à la liste', async () => {
    const { page, close } = await visitor();
    await open(page, '/lieux?q=fictive');
    await page.getByRole('link', { name: 'Page suivante' }).press('Enter');
    await page.waitForURL(/page=2/);
    assert.ok(await focused(page, '#resultats'), 'le focus est sur le nombre de lieux');
    assert.match(await page.title(), /page 2/);
    await listen(page, 'page 2');
    await close();
  });

  test('ce qui est fait est dit, et un refus nomme le champ', async () => {
    const { page, close } = await visitor();
    await enter(page, 'nationale');
    await open(page, '/gestion/comptes/inviter');
    await page.getByRole('button', { name: 'Envoyer l’invitation' }).press('Enter');
    const sommaire = page.locator('#sommaire-erreurs');
    await sommaire.getByText(/^Prénom et nom/).waitFor();
    assert.ok(await focused(page, '#sommaire-erreurs'));
    await listen(page, 'invitation refusée');
    await page.getByLabel('Prénom et nom').fill('Lou Inventée');
    await page.getByLabel('Adresse électronique').fill('lou.inventee@exemple.fr');
    await page.getByLabel(/^Gestion de lieux/).check({ force: true });
    await page.getByLabel('Périmètre', { exact: true }).selectOption('lieux');
    await page.getByLabel('Codes du périmètre').fill('01890a5d-ac96-774b-bcce-b302099a8057');
    await page.getByRole('button', { name: 'Envoyer l’invitation' }).press('Enter');
    await sommaire.getByText(/Aucun lieu ne porte l’identifiant/).waitFor();
    await page.getByLabel('Codes du périmètre').fill('');
    await page.getByLabel(/^Chercher une structure/).fill('guéret');
    await page.getByRole('button', { name: 'Chercher', exact: true }).press('Enter');
    await page.getByText('Cochez ce que la personne gérera').waitFor();
    await page.locator('input[name=choisi]').first().press('Space');
    await listen(page, 'invitation, lieux trouvés');
    await page.getByLabel('Prénom et nom').press('Enter');
    await page.getByText('L’invitation est partie.').waitFor();
    assert.ok(await focused(page, '.fr-alert[role=status]'), 'la phrase prend le focus');
    await listen(page, 'compte invité');
    for (const path of ['/gestion/lieux', '/gestion/structures', '/gestion/comptes', '/gestion/journal', '/gestion/taches', '/gestion/lieux/imports', '/gestion/lieux/doublons', '/gestion/lieux/fusions', '/gestion/lieux/signalements', '/gestion/lieux/qualite', '/compte']) {
      await open(page, path);
      const lines = await listen(page, path);
      assert.ok(ofRole(lines, 'table').every((t) => t.name), `${path} : chaque tableau a une légende`);
    }
    await close();
  });

  test('Échap replie le menu et rend le focus', async () => {
    const { page, close } = await visitor({ screen: 'telephone' });
    await open(page, '/');
    const menu = page.getByRole('button', { name: 'Menu' });
    await menu.press('Enter');
    await page.locator('#navigation summary').first().focus();
    await page.keyboard.press('Escape');
    assert.equal(await menu.getAttribute('aria-expanded'), 'false');
    assert.ok(await menu.evaluate((node) => node === document.activeElement));
    await close();
  });
});
