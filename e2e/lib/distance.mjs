// What journeys of mandats at a distance share: a draft whose person is asked from afar, the person's own space, and the
// messages of the demonstration.

import { enter, open } from './navigateur.mjs';

/** Makes a draft for that person of the fictitious FranceConnect, as far as the choice of how they are asked. */
export async function brouillon({ page }, { personne, sms, courriel }) {
  await enter(page, 'aidant');
  await open(page, '/aidant/mandats/nouveau');
  for (const nom of [/^Logement/, /^Un jour/]) await page.locator('label').filter({ hasText: nom }).click();
  if (sms) await page.getByLabel(/téléphone/i).first().fill(sms);
  if (courriel) await page.getByLabel(/électronique/i).first().fill(courriel);
  await page.getByRole('button', { name: 'Continuer avec FranceConnect' }).click();
  await page.waitForURL('**/faux-franceconnect/authorize**');
  await page.locator(`button[name=personne][value=${personne}]`).click();
  await page.getByRole('heading', { level: 1, name: 'Récapitulatif du mandat' }).waitFor();
  return page.url();
}

/** Asks for their agreement by that way, from the draft. */
export async function demander({ page }, voie) {
  await page.locator('label').filter({ hasText: `Par ${voie}` }).click();
  await page.getByRole('button', { name: 'Demander son accord à distance' }).click();
}

/** That person of the fictitious FranceConnect enters their own space. */
export async function chezElle({ page }, personne) {
  await open(page, '/mes-mandats/connexion');
  await page.getByRole('button', { name: 'S’identifier avec FranceConnect' }).click();
  await page.waitForURL('**/faux-franceconnect/authorize**');
  await page.locator(`button[name=personne][value=${personne}]`).click();
  await page.waitForURL('**/mes-mandats');
}

/** The code of the last text message of the demonstration. */
export async function dernierCode({ page }) {
  await open(page, '/demo/sms');
  return (await page.locator('main tbody tr').first().innerText()).match(/\b\d{6}\b/)[0];
}

/** Whoever is in their own space gives that number, and confirms it by the code that they got there. */
export async function confirmerNumero(visit, numero) {
  const { page } = visit;
  await open(page, '/mes-mandats/coordonnees');
  await page.getByLabel('Nouveau numéro de téléphone portable').fill(numero);
  await page.getByRole('button', { name: 'Recevoir un code à ce numéro' }).click();
  await page.waitForURL('**/coordonnees/code');
  const code = await dernierCode(visit);
  await open(page, '/mes-mandats/coordonnees/code');
  await page.getByLabel('Code reçu').fill(code);
  await page.getByRole('button', { name: 'Confirmer' }).click();
  await page.getByText(numero).first().waitFor();
}
