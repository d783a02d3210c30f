// What was typed is never typed twice: a form sent after the end of a session, or before a fresh proof, is kept, and sent in
// one gesture once its author is back. The instance is a second one, whose clock these journeys move.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { code } from '../lib/comptes.mjs';
import { quit, sound, visitor, SCREENS } from '../lib/navigateur.mjs';
import { sansHorloge, start } from '../lib/serveur.mjs';

let site;
before(async () => {
  if (!sansHorloge) site = await start({ horloge: true });
});
after(async () => {
  await quit();
  assert.deepEqual(await site?.stop() ?? [], [], 'le serveur ne se plaint pas');
});

const seul = async (screen, js) => ({ ...(await visitor({ screen, js, base: site.url })), js });

async function ouvrir({ page }, path, status = 200) {
  const response = await page.goto(new URL(path, site.url).href, { waitUntil: 'load' });
  assert.equal(response.status(), status, `${path} répond ${response.status()}`);
}

async function entrer(visit, cle) {
  await ouvrir(visit, '/demo/entrer');
  await visit.page.locator(`button[name=personne][value=${cle}]`).click();
  await visit.page.waitForURL('**/bureau');
}

/** Fills the form that invites somebody to administer the whole country. */
async function remplirInvitation(visit, nom, courriel) {
  const { page } = visit;
  await ouvrir(visit, '/gestion/comptes/inviter');
  await page.getByLabel('Prénom et nom').fill(nom);
  await page.getByLabel('Adresse électronique').fill(courriel);
  await page.locator('label', { hasText: /^Administrat/ }).first().click();
  await page.getByLabel('Périmètre', { exact: true }).selectOption('national');
}

/** Somebody of a password and an application of codes, who administers; gives how they sign in. */
async function inviter(visit, nom, courriel) {
  const { page } = visit;
  await entrer(visit, 'nationale');
  await remplirInvitation(visit, nom, courriel);
  await page.getByRole('button', { name: 'Envoyer l’invitation' }).click();
  await page.getByText('L’invitation est partie.').waitFor();
  await ouvrir(visit, `/demo/courriels?pour=${encodeURIComponent(courriel)}`);
  await page.locator('main tbody, main ul').getByRole('link').first().click();
  const lien = (await page.locator('main').innerText()).match(/\/invitation\/[0-9a-f]{64}/)[0];
  await visit.context.clearCookies();
  await ouvrir(visit, lien);
  const graine = await page.locator('code').first().innerText();
  await page.getByLabel('Mot de passe').fill('correct cheval agrafe pile');
  await page.getByLabel(/^Code à six chiffres/).fill(code(graine, site.decalage() * 60));
  await page.getByRole('button', { name: 'Ouvrir mon compte' }).click();
  await page.getByRole('heading', { name: 'Vos codes de secours' }).waitFor();
  return async () => {
    await page.getByLabel('Adresse électronique').fill(courriel);
    await page.getByLabel('Mot de passe').fill('correct cheval agrafe pile');
    await page.getByRole('button', { name: 'Continuer' }).click();
    await page.getByLabel(/^Code à six chiffres/).fill(code(graine, site.decalage() * 60));
    await page.getByRole('button', { name: 'Me connecter' }).click();
  };
}

/** The code that the page of proofs of the demonstration shows. */
async function prouver({ page }) {
  await page.getByLabel(/^Code à six chiffres/).fill(await page.locator('.fr-alert strong').first().textContent());
  await page.getByRole('button', { name: 'Confirmer', exact: true }).click();
}

describe('la saisie gardée', { skip: sansHorloge }, () => {
  for (const screen of Object.keys(SCREENS)) {
    for (const js of [true, false]) {
      describe(`${screen}, ${js ? 'avec' : 'sans'} script`, () => {
        const suffix = `${screen}${js ? '' : '-sans-script'}`;

        test('la session a pris fin : se reconnecter, puis envoyer en un geste', async () => {
          const visit = await seul(screen, js);
          const { page } = visit;
          const revenir = await inviter(visit, 'Saisie Inventée', `saisie-${suffix}@demonstration.example`);
          const invite = `invite-${suffix}@demonstration.example`;
          await remplirInvitation(visit, 'Élise D’Exemple « Fictive »', invite);
          await site.avancer(61);
          await page.getByRole('button', { name: 'Envoyer l’invitation' }).click();
          await page.getByText('Ce que vous avez saisi est gardé une heure').waitFor();
          await page.getByRole('heading', { level: 1, name: 'Se connecter' }).waitFor();
          await sound(visit, `saisie-connexion-${suffix}`, { js });
          await revenir();
          await page.waitForURL('**/compte/saisie');
          await page.getByText('pas encore été envoyée').waitFor();
          await sound(visit, `saisie-gardee-${suffix}`, { js });
          await page.getByRole('button', { name: 'Envoyer ma saisie' }).click();
          await page.getByText('L’invitation est partie.').waitFor();
          await page.getByRole('heading', { level: 1, name: 'Élise D’Exemple « Fictive »' }).waitFor();
          await sound(visit, `saisie-envoyee-${suffix}`, { js });
          // It serves once.
          await ouvrir(visit, '/compte/saisie');
          await page.getByRole('heading', { level: 1, name: 'Aucune saisie gardée' }).waitFor();
          await visit.close();
        });

        test('après un silence : prouver que c’est soi, puis envoyer en un geste', async () => {
          const visit = await seul(screen, js);
          const { page } = visit;
          await entrer(visit, 'aidant');
          await ouvrir(visit, '/aidant/personnes');
          await page.locator('tbody a').filter({ hasText: /CREUSOIS/ }).first().click();
          await page.getByText('Écrire ou changer ses coordonnées').click();
          const adresse = `marcel-${suffix}@demonstration.example`;
          await page.getByLabel(/^Adresse électronique/).fill(adresse);
          await site.avancer(16);
          await page.getByRole('button', { name: 'Noter ces coordonnées' }).click();
          await page.getByText('que vous venez d’envoyer attend une preuve récente de votre identité').waitFor();
          await page.getByText('vous n’avez ouvert aucune page depuis 15 minutes').waitFor();
          await sound(visit, `saisie-preuve-${suffix}`, { js });
          await prouver(visit);
          await page.waitForURL('**/compte/saisie');
          await sound(visit, `saisie-prouvee-${suffix}`, { js });
          await page.getByRole('button', { name: 'Envoyer ma saisie' }).click();
          await page.waitForURL('**/aidant/personnes/**');
          await page.getByText(/C’est noté|a confirmé d’autres coordonnées/).waitFor();
          await sound(visit, `saisie-prouvee-envoyee-${suffix}`, { js });
          await visit.close();
        });
      });
    }
  }

  test('dans le rôle où elle fut saisie, ou abandonnée', async () => {
    const visit = await seul('telephone', false);
    const { page } = visit;
    await entrer(visit, 'itinerante');
    await ouvrir(visit, '/aidant/mandats/nouveau');
    for (const nom of [/^Logement/, /^Un jour/]) await page.locator('label').filter({ hasText: nom }).click();
    await site.avancer(16);
    await page.getByRole('button', { name: 'Continuer avec FranceConnect' }).click();
    await page.getByText('attend une preuve récente').waitFor();
    await prouver(visit);
    await page.getByRole('button', { name: 'Envoyer ma saisie' }).waitFor();
    // She now acts for the other organisation, then again for the first.
    const autre = async () => {
      await page.locator('details.m-qui__roles summary').click();
      await page.locator('form[action="/compte/role"]').getByRole('button').first().click();
      await ouvrir(visit, '/compte/saisie');
    };
    await autre();
    await page.getByText('Vous agissiez alors dans un autre rôle').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Envoyer ma saisie' }).count(), 0);
    await sound(visit, 'saisie-autre-role', { js: false });
    await autre();
    await page.getByRole('button', { name: 'Envoyer ma saisie' }).waitFor();
    await page.getByRole('button', { name: 'Abandonner' }).click();
    await page.getByText('Votre saisie est effacée. Rien n’a été envoyé.').waitFor();
    await ouvrir(visit, '/compte/saisie');
    await page.getByRole('heading', { level: 1, name: 'Aucune saisie gardée' }).waitFor();
    await visit.close();
  });

  test('une session que l’on a fermée soi-même ne garde rien', async () => {
    const [ici, ailleurs] = [await seul('bureau', true), await seul('telephone', false)];
    await entrer(ici, 'aidant');
    await entrer(ailleurs, 'aidant');
    await ouvrir(ailleurs, '/aidant/mandats/nouveau');
    for (const nom of [/^Logement/, /^Un jour/]) await ailleurs.page.locator('label').filter({ hasText: nom }).click();
    await ouvrir(ici, '/compte');
    await ici.page.getByRole('button', { name: 'Fermer toutes les autres sessions' }).click();
    await ici.page.getByRole('button', { name: 'Fermer toutes les autres sessions' }).waitFor({ state: 'detached' });
    const [reponse] = await Promise.all([
      ailleurs.page.waitForResponse((r) => r.request().method() === 'POST'),
      ailleurs.page.getByRole('button', { name: 'Continuer avec FranceConnect' }).click(),
    ]);
    assert.equal(reponse.status(), 401);
    await sound(ailleurs, 'saisie-session-fermee', { js: false });
    await entrer(ailleurs, 'aidant');
    await ouvrir(ailleurs, '/compte/saisie');
    await ailleurs.page.getByRole('heading', { level: 1, name: 'Aucune saisie gardée' }).waitFor();
    await ici.close();
    await ailleurs.close();
  });

  test('gardée une heure, et pas plus', async () => {
    const visit = await seul('telephone', false);
    await entrer(visit, 'aidant');
    await ouvrir(visit, '/aidant/mandats/nouveau');
    await visit.page.locator('label').filter({ hasText: /^Un jour/ }).click();
    await site.avancer(61);
    await visit.page.getByRole('button', { name: 'Continuer avec FranceConnect' }).click();
    await visit.page.getByText('Ce que vous avez saisi est gardé une heure').waitFor();
    await site.avancer(59);
    await entrer(visit, 'aidant');
    await ouvrir(visit, '/compte/saisie');
    await visit.page.getByRole('button', { name: 'Envoyer ma saisie' }).waitFor();
    await site.avancer(2);
    await ouvrir(visit, '/compte/saisie');
    await visit.page.getByRole('heading', { level: 1, name: 'Aucune saisie gardée' }).waitFor();
    await visit.close();
  });
});
