// The team of the habilitations moves mandats from one organisation to another, and gives them back; without script, on a
// telephone and on a desk.

import { after, describe, test } from 'node:test';
import { enter, open, quit, sound, visitor, SCREENS } from '../lib/navigateur.mjs';

after(quit);

// Number of the first fictitious organisation of the country.
const NUMERO = 9_000_000;

let paire = 0;
/** Asks how far the job is until it is over: the page never reloads by itself. */
async function fini(page) {
  for (let essai = 0; essai < 120 && await page.getByText('C’est fini').count() === 0; essai += 1) {
    await page.waitForTimeout(500);
    await page.goto(page.url());
  }
  await page.getByText('C’est fini').waitFor();
}

for (const screen of Object.keys(SCREENS)) {
  for (const js of [true, false]) {
    describe(`${screen}, ${js ? 'avec' : 'sans'} script`, () => {
      const suffix = `${screen}${js ? '' : '-sans-script'}`;
      const [de, vers] = [paire, paire + 1].map((n) => String(NUMERO + n));
      paire += 2;

      test('préparer un transfert, le suivre, le défaire', async () => {
        const visit = { ...(await visitor({ screen, js })), js };
        const { page } = visit;
        await enter(page, 'habilitation');
        await open(page, '/gestion/transferts');
        await sound(visit, `transferts-${suffix}`, { js });
        await page.getByRole('link', { name: 'Préparer un transfert' }).click();
        await page.getByLabel('Organisation de départ : numéro').fill('1');
        await page.getByRole('button', { name: 'Voir ce qui serait transféré' }).click();
        await page.getByText('ne porte ce numéro').first().waitFor();
        await sound(visit, `transfert-erreur-${suffix}`, { js });
        await page.getByLabel('Organisation de départ : numéro').fill(de);
        await page.getByLabel('Organisation d’arrivée : numéro').fill(vers);
        await page.getByRole('button', { name: 'Voir ce qui serait transféré' }).click();
        await page.getByRole('heading', { name: '2. Ce qui serait transféré' }).waitFor();
        await sound(visit, `transfert-apercu-${suffix}`, { js });
        await page.getByLabel('Motif').fill('Fusion de deux maisons fictives');
        await page.getByRole('button', { name: 'Transférer ces mandats' }).click();
        await page.getByRole('heading', { level: 1, name: /^De / }).waitFor();
        await fini(page);
        await sound(visit, `transfert-fini-${suffix}`, { js });
        await page.getByLabel('Motif du retour').fill('Essai fini');
        await page.getByRole('button', { name: 'Rendre ces mandats' }).click();
        await fini(page);
        await open(page, '/gestion/transferts');
        await page.getByRole('cell', { name: /mandats? transférés? sur/ }).first().waitFor();
        await sound(visit, `transferts-liste-${suffix}`, { js });
        await visit.close();
      });
    });
  }
}
