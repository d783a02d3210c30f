// Helping somebody find help: four questions, a sheet of paper, an error told.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, open, quit, sound, visitor } from '../lib/navigateur.mjs';

before(launch);
after(quit);

describe('les quatre questions', () => {
  for (const js of [true, false]) {
    test(`mènent à une feuille, au clavier, ${js ? 'avec' : 'sans'} script`, async () => {
      const visit = await visitor({ js, screen: js ? 'bureau' : 'telephone' });
      const { page, problems, close } = visit;
      await open(page, '/orientation');
      await page.getByRole('checkbox', { name: /démarches administratives/ }).focus();
      await page.keyboard.press('Space');
      if (js) await page.getByRole('status').filter({ hasText: /Avec ces choix : [\d\s]+lieux/ }).waitFor();
      for (const step of [2, 3, 4]) {
        await page.getByRole('button', { name: 'Continuer' }).focus();
        await page.keyboard.press('Enter');
        await page.getByRole('heading', { level: 2, name: new RegExp(`Étape ${step} sur 4`) }).waitFor();
      }
      await page.getByLabel(/Commune, code postal/).fill('01000 Bourg-en-Bresse');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Voir les lieux' }).click();
      await page.getByRole('heading', { level: 1, name: 'Les lieux qui conviennent' }).waitFor();
      assert.equal(await page.getByRole('checkbox', { checked: true }).count(), 3);
      await page.getByLabel(/Pour \(la personne/).fill('Madame Essai');
      await page.getByRole('button', { name: 'Préparer la feuille' }).click();
      await page.getByRole('heading', { level: 1, name: /Où aller/ }).waitFor();
      assert.equal(await page.locator('.m-feuille__lieu').count(), 3);
      assert.ok(!page.url().includes('Essai'), 'aucun nom dans l’adresse');
      await sound(visit, `orientation-feuille${js ? '' : '-sans-script'}`, { js });
      assert.deepEqual(problems, []);
      await close();
    });
  }

  test('la feuille tient sur une page', async () => {
    const { page, close } = await visitor();
    await open(page, '/orientation?etape=5&services=aide-demarches&ou=01000+Bourg-en-Bresse&rayon=50');
    await page.getByLabel(/Un mot/).fill('Apporter une pièce d’identité.');
    await page.getByRole('button', { name: 'Préparer la feuille' }).click();
    await page.locator('.m-feuille').waitFor();
    const pdf = (await page.pdf({ format: 'A4' })).toString('latin1');
    assert.equal(pdf.match(/\/Type\s*\/Page[^s]/g).length, 1);
    await close();
  });

  test('sans lieu coché, la page dit quoi faire et garde ce qui est écrit', async () => {
    const { page, close } = await visitor();
    await open(page, '/orientation?etape=5&services=aide-demarches&ou=01000+Bourg-en-Bresse');
    await page.evaluate(() => { for (const box of document.querySelectorAll('[name=lieu]')) box.checked = false; });
    await page.getByLabel(/De la part de/).fill('Le CCAS');
    await page.getByRole('button', { name: 'Préparer la feuille' }).click();
    await page.getByRole('alert').getByText('Cochez au moins un lieu').waitFor();
    assert.equal(await page.getByLabel(/De la part de/).inputValue(), 'Le CCAS');
    await close();
  });
});

describe('signaler une erreur', () => {
  for (const js of [true, false]) {
    test(`d’une fiche à la file de la préfecture, ${js ? 'avec' : 'sans'} script`, async () => {
      const visit = await visitor({ js, screen: js ? 'telephone' : 'bureau' });
      const { page, problems, close } = visit;
      await open(page, '/lieux?ou=01000+Bourg-en-Bresse&rayon=50');
      await page.locator('ol.m-lieux h3 a').first().click();
      await page.getByRole('link', { name: 'Signaler une erreur' }).click();
      await page.getByRole('heading', { level: 1, name: 'Signaler une erreur' }).waitFor();
      await sound(visit, `signaler${js ? '' : '-sans-script'}`, { js });
      await page.getByLabel(/Téléphone/).fill('12');
      await page.getByRole('button', { name: 'Envoyer' }).click();
      await page.getByText('Écrivez un numéro de téléphone français').first().waitFor();
      await page.getByLabel(/Téléphone/).fill('01 99 00 12 34');
      await page.waitForTimeout(3500);
      await page.getByRole('button', { name: 'Envoyer' }).click();
      await page.getByText('Merci. Votre message est transmis').waitFor();
      assert.deepEqual(problems, []);
      await close();
    });
  }
});

test('la fiche d’un lieu s’imprime sur une page, avec son code', async () => {
  const { page, close } = await visitor();
  await open(page, '/lieux?ou=01000+Bourg-en-Bresse&rayon=50');
  await page.locator('ol.m-lieux h3 a').first().click();
  await page.getByRole('heading', { name: 'Horaires' }).waitFor();
  await page.emulateMedia({ media: 'print' });
  assert.ok(await page.locator('.m-qr svg').isVisible());
  const pdf = (await page.pdf({ format: 'A4' })).toString('latin1');
  assert.equal(pdf.match(/\/Type\s*\/Page[^s]/g).length, 1);
  await close();
});
