// The person agrees on the telephone: what the mandat would allow is read to them, then their agreement is asked for. That
// they were on the line is proved by a code that they got there and say, or by a colleague who listened and confirms it in a
// session of their own. Two people of the organisation, two browsers.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { brouillon, chezElle, confirmerNumero, demander, dernierCode } from '../lib/distance.mjs';
import { enter, open, quit, sound, visitor, SCREENS } from '../lib/navigateur.mjs';

after(quit);

// Nobody whose list of mandats another journey reads: this one makes some.
const PERSONNE = 'moussa';
const NUMERO = '06 39 98 33 01';
const PAR_CODE = 'téléphone, elle vous dit un code';
const PAR_COLLEGUE = 'téléphone, un de vos collègues écoute';

// Only a number that was known before is called: the person gives theirs in their space.
before(async () => {
  const visit = await visitor();
  await chezElle(visit, PERSONNE);
  await confirmerNumero(visit, NUMERO);
  await visit.close();
});

/** What was said on the telephone is in the mandat, and on its page. */
async function faire({ page }) {
  await page.getByRole('link', { name: 'Continuer le mandat' }).click();
  await page.locator('label').filter({ hasText: /^J’ai lu les explications/ }).click();
  await page.getByRole('button', { name: 'Faire le mandat' }).click();
  await page.getByText('Le mandat est fait, avec l’accord à distance').waitFor();
  await page.getByText('Le mandat lui a été proposé par téléphone').waitFor();
}

/** Reads both steps to the person; the second one says whether they agree. Returns the address of the call. */
async function lire(visit, voie, suffix) {
  const { page, js } = visit;
  await brouillon(visit, { personne: PERSONNE });
  await demander(visit, voie);
  await page.getByRole('heading', { level: 2, name: /^Étape 1 sur 2/ }).waitFor();
  assert.equal(await page.getByRole('button', { name: /a dit oui|accepte/ }).count(), 0, 'l’offre d’abord');
  if (suffix) await sound(visit, `appel-lu-${suffix}`, { js });
  await page.getByRole('button', { name: 'C’est lu et compris' }).click();
  await page.getByRole('heading', { level: 2, name: /^Étape 2 sur 2/ }).waitFor();
  return page.url();
}

/** The colleague finds the call on their desk, among what waits for them. */
async function collegue({ page }) {
  await enter(page, 'referent');
  await page.getByRole('link', { name: /attend que vous confirmiez l’avoir entendu/ }).first().click();
  await page.getByRole('heading', { level: 2, name: 'Avez-vous entendu la personne accepter ?' }).waitFor();
}

for (const screen of Object.keys(SCREENS)) {
  for (const js of [true, false]) {
    describe(`${screen}, ${js ? 'avec' : 'sans'} script`, () => {
      const suffix = `${screen}${js ? '' : '-sans-script'}`;
      const seul = async () => ({ ...(await visitor({ screen, js })), js });

      test('un code que la personne dit', async () => {
        const visit = await seul();
        const { page } = visit;
        const appel = await lire(visit, PAR_CODE, `code-${suffix}`);
        const code = await dernierCode(visit);
        await page.goto(appel);
        await page.getByLabel('Code que dit la personne').fill(code === '000000' ? '000001' : '000000');
        await page.getByRole('button', { name: 'La personne accepte' }).click();
        await page.getByText('Il reste 2 essais').first().waitFor();
        await sound(visit, `appel-code-faux-${suffix}`, { js });
        await page.getByLabel('Code que dit la personne').fill(code);
        await page.getByRole('button', { name: 'La personne accepte' }).click();
        await page.getByText('L’accord est enregistré.').waitFor();
        await sound(visit, `appel-code-accepte-${suffix}`, { js });
        await faire(visit);
        await sound(visit, `appel-code-mandat-${suffix}`, { js });
        await visit.close();
      });

      test('un collègue qui a écouté', async () => {
        const [aidante, temoin] = [await seul(), await seul()];
        const appel = await lire(aidante, PAR_COLLEGUE, `collegue-${suffix}`);
        assert.equal(await aidante.page.getByLabel('Code que dit la personne').count(), 0, 'aucun code n’est dit');
        await sound(aidante, `appel-collegue-question-${suffix}`, { js });
        // Before the person has said yes, whoever listened has nothing to confirm.
        await enter(temoin.page, 'referent');
        await temoin.page.goto(appel);
        await temoin.page.getByText('La personne qui appelle note ce qui est dit.').waitFor();
        assert.equal(await temoin.page.locator('main form').count(), 0, 'rien à confirmer');
        await sound(temoin, `appel-collegue-trop-tot-${suffix}`, { js });
        await aidante.page.getByRole('button', { name: 'La personne a dit oui' }).click();
        await aidante.page.getByRole('heading', { level: 2, name: 'Votre collègue confirme' }).waitFor();
        // Whoever called does not confirm for another.
        assert.equal(await aidante.page.getByRole('button', { name: /entendu/ }).count(), 0);
        await sound(aidante, `appel-collegue-attente-${suffix}`, { js });
        await collegue(temoin);
        await sound(temoin, `appel-collegue-confirme-${suffix}`, { js });
        await temoin.page.getByRole('button', { name: 'J’ai entendu la personne accepter' }).click();
        await temoin.page.getByText('L’accord est enregistré.').waitFor();
        await temoin.page.getByText('Oui, dit au téléphone ; entendu par Mehdi Fictif-Référent').waitFor();
        assert.equal(await temoin.page.getByRole('link', { name: 'Continuer le mandat' }).count(), 0, 'le mandat est celui de qui l’a commencé');
        await sound(temoin, `appel-collegue-confirme-fait-${suffix}`, { js });
        await open(temoin.page, '/bureau');
        assert.equal(await temoin.page.getByRole('link', { name: /attend que vous confirmiez/ }).count(), 0, 'plus rien n’attend');
        await aidante.page.getByRole('link', { name: 'Voir si c’est confirmé' }).click();
        await aidante.page.getByText('La personne est d’accord').first().waitFor();
        await sound(aidante, `appel-collegue-accepte-${suffix}`, { js });
        await faire(aidante);
        await sound(aidante, `appel-collegue-mandat-${suffix}`, { js });
        await aidante.close();
        await temoin.close();
      });
    });
  }
}

test('un non, un doute : rien n’est fait en son nom', async () => {
  const [aidante, temoin] = [await visitor({ screen: 'telephone', js: false }), await visitor({ screen: 'telephone', js: false })];
  await lire(aidante, PAR_CODE);
  await aidante.page.getByRole('button', { name: 'La personne refuse' }).click();
  await aidante.page.getByText('Le refus est enregistré').waitFor();
  await sound(aidante, 'appel-refuse', { js: false });
  assert.equal(await aidante.page.getByRole('link', { name: 'Continuer le mandat' }).count(), 0);
  await lire(aidante, PAR_COLLEGUE);
  await aidante.page.getByRole('button', { name: 'La personne a dit oui' }).click();
  await collegue(temoin);
  await temoin.page.getByRole('button', { name: 'J’écoutais, et elle n’a pas accepté' }).click();
  await temoin.page.getByText('C’est noté : cet accord ne compte pas.').waitFor();
  await sound(temoin, 'appel-pas-entendu', { js: false });
  await aidante.page.getByRole('link', { name: 'Voir si c’est confirmé' }).click();
  await aidante.page.getByText('Rien n’est fait au nom de la personne').waitFor();
  assert.equal(await aidante.page.getByRole('link', { name: 'Continuer le mandat' }).count(), 0);
  await sound(aidante, 'appel-sans-temoin', { js: false });
  await aidante.close();
  await temoin.close();
});

test('l’appel se mène au clavier seul', async () => {
  const visit = await visitor();
  const { page } = visit;
  /** Tabs to what bears that name, seen at each stop. */
  const vers = async (nom) => {
    for (let stop = 0; stop < 60; stop += 1) {
      await page.keyboard.press('Tab');
      const ici = await page.evaluate(() => {
        const node = document.activeElement;
        const label = node.labels?.[0];
        const shown = [getComputedStyle(node), getComputedStyle(node, '::before'), ...(label ? [getComputedStyle(label, '::before')] : [])];
        return { nom: (label ?? node).textContent.replace(/\s+/g, ' ').trim(), vu: shown.some((s) => !/^none/.test(s.outlineStyle) && s.outlineWidth !== '0px') };
      });
      assert.ok(ici.vu, `l’arrêt « ${ici.nom} » se voit`);
      if (nom.test(ici.nom)) return;
    }
    assert.fail(`aucun arrêt ne porte le nom ${nom}`);
  };
  await brouillon(visit, { personne: PERSONNE });
  await vers(/^Par SMS/);
  // One stop for the group, arrows inside it.
  for (let i = 0; i < 6 && !await page.getByRole('radio', { name: new RegExp(`^Par ${PAR_CODE}`) }).isChecked(); i += 1) await page.keyboard.press('ArrowDown');
  await vers(/^Demander son accord à distance/);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 2, name: /^Étape 1 sur 2/ }).waitFor();
  await vers(/^C’est lu et compris/);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 2, name: /^Étape 2 sur 2/ }).waitFor();
  const appel = page.url();
  const code = await dernierCode(visit);
  await page.goto(appel);
  await vers(/^Code que dit la personne/);
  await page.keyboard.type(code);
  // Enter in the only field of a form sends it.
  await page.keyboard.press('Enter');
  await page.getByText('L’accord est enregistré.').waitFor();
  await vers(/^Continuer le mandat/);
  await page.keyboard.press('Enter');
  await page.getByText('La personne a donné son accord à distance').waitFor();
  await vers(/^J’ai lu les explications/);
  await page.keyboard.press('Space');
  await vers(/^Faire le mandat/);
  await page.keyboard.press('Enter');
  await page.getByText('Le mandat est fait, avec l’accord à distance').waitFor();
  await visit.close();
});
