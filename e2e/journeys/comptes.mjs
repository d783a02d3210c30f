// Accounts: an invitation accepted with a passkey (a virtual authenticator), or with a password and an application of
// codes without any script; management and "see as"; every page of an account sound at both widths.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { code } from '../lib/comptes.mjs';
import { enter, open, quit, sound, visitor, SCREENS } from '../lib/navigateur.mjs';

after(quit);

/** Invites somebody as the national administration; gives the path of the link, read in the mail. */
async function invite(courriel, nom) {
  const visit = await visitor({ js: false });
  const { page } = visit;
  await enter(page, 'nationale');
  await open(page, '/gestion/comptes/inviter');
  await page.getByLabel('Prénom et nom').fill(nom);
  await page.getByLabel('Adresse électronique').fill(courriel);
  await page.locator('label', { hasText: /^Préfecture/ }).click();
  await page.getByLabel('Périmètre', { exact: true }).selectOption('departements');
  await page.getByLabel(/^Codes du périmètre/).fill('01');
  await page.getByRole('button', { name: 'Envoyer l’invitation' }).click();
  await page.getByText('L’invitation est partie.').waitFor();
  const fiche = new URL(page.url()).pathname;
  await open(page, '/demo/courriels');
  await page.locator('tr, li', { hasText: courriel }).first().getByRole('link').first().click();
  const link = (await page.locator('main').innerText()).match(/\/invitation\/[0-9a-f]{64}/)[0];
  await visit.close();
  return { link, fiche };
}

describe('clé d’accès', () => {
  test('une invitation, une clé, puis une connexion sans rien taper', async () => {
    const { link } = await invite('cle@demonstration.example', 'Clé Inventée');
    const visit = await visitor({ screen: 'telephone' });
    const { page, context } = visit;
    const cdp = await context.newCDPSession(page);
    await cdp.send('WebAuthn.enable');
    await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
    });
    await open(page, link);
    await sound(visit, 'invitation-telephone');
    await page.getByRole('button', { name: 'Créer ma clé d’accès' }).click();
    await page.waitForURL('**/compte');
    await page.getByText('Clé Inventée').first().waitFor();
    await sound(visit, 'compte-telephone');
    await page.getByRole('button', { name: 'Se déconnecter' }).click();
    await page.getByText('Vous êtes déconnecté.').waitFor();
    await open(page, '/connexion?retour=%2Fcompte%2Fdelegations');
    await page.getByRole('button', { name: 'Utiliser ma clé d’accès' }).click();
    await page.waitForURL('**/compte/delegations');
    // A second key on the same device is refused by the device, in a sentence.
    await open(page, '/compte');
    await page.getByLabel(/Nom de la nouvelle clé/).fill('Seconde');
    await page.getByRole('button', { name: 'Ajouter une clé d’accès' }).click();
    await page.getByText('Cet appareil a déjà une clé d’accès pour votre compte.').waitFor();
    // The only way in is not taken away.
    await page.getByRole('button', { name: /^Retirer/ }).click();
    await page.getByText('C’est votre seul moyen de connexion').waitFor();
    await visit.close();
  });
});

describe('mot de passe et application, sans script', () => {
  test('une invitation, des codes de secours, une connexion', async () => {
    const { link, fiche } = await invite('papier@demonstration.example', 'Papier Inventé');
    const visit = await visitor({ js: false });
    const { page } = visit;
    await open(page, link);
    const seed = await page.locator('code').first().innerText();
    await page.getByLabel('Mot de passe').fill('court');
    await page.getByLabel(/^Code à six chiffres/).fill('000000');
    await page.getByRole('button', { name: 'Ouvrir mon compte' }).click();
    await page.getByText('2 réponses sont à corriger').waitFor();
    assert.equal(await page.locator('code').first().innerText(), seed, 'la même clé après une erreur');
    await page.getByLabel('Mot de passe').fill('correct cheval agrafe pile');
    await page.getByLabel(/^Code à six chiffres/).fill(code(seed));
    await page.getByRole('button', { name: 'Ouvrir mon compte' }).click();
    await page.getByRole('heading', { name: 'Vos codes de secours' }).waitFor();
    assert.equal(await page.locator('ol code').count(), 10);
    await sound(visit, 'codes-secours', { js: false });
    await page.getByRole('link', { name: /J’ai noté/ }).click();
    await page.getByRole('button', { name: 'Se déconnecter' }).click();
    await open(page, '/connexion');
    await page.getByLabel('Adresse électronique').fill('papier@demonstration.example');
    await page.getByLabel('Mot de passe').fill('correct cheval agrafe pile');
    await page.getByRole('button', { name: 'Continuer' }).click();
    await page.getByLabel(/^Code à six chiffres/).fill(code(seed, 30));
    await page.getByRole('button', { name: 'Me connecter' }).click();
    await page.waitForURL('**/bureau');

    // The support looks at the site as this person, who sees it.
    const support = await visitor();
    await enter(support.page, 'nationale');
    await open(support.page, fiche);
    await sound(support, 'fiche-compte');
    await support.page.getByLabel(/^Raison/).fill('Demande 12 : page blanche');
    await support.page.getByRole('button', { name: /^Voir comme/ }).click();
    await support.page.getByText('Vous regardez le site comme Papier Inventé').waitFor();
    await sound(support, 'voir-comme');
    await support.page.getByRole('button', { name: 'Quitter cette vue' }).click();
    await support.close();
    await open(page, '/compte');
    await page.getByText('Demande 12 : page blanche').waitFor();
    await visit.close();
  });
});

describe('pages du compte et de la gestion', () => {
  for (const screen of Object.keys(SCREENS)) {
    test(screen, async () => {
      const visit = await visitor({ screen });
      await enter(visit.page, 'nationale');
      for (const path of ['/compte', '/compte/delegations', '/gestion/comptes', '/gestion/comptes/inviter']) {
        await open(visit.page, path);
        await sound(visit, `${path.slice(1).replaceAll('/', '-')}-${screen}`);
      }
      await visit.close();
    });
  }
});

describe('la preuve demandée', () => {
  for (const screen of Object.keys(SCREENS)) {
    test(`${screen} : qui la demande et pourquoi, et rien n’attend d’être envoyé`, async () => {
      const visit = await visitor({ screen });
      const { page } = visit;
      await enter(page, 'aidant');
      await open(page, '/compte/preuve?retour=%2Faidant%2Fpersonnes');
      await page.getByText(/Personnes accompagnées.*attend une preuve récente de votre identité/).waitFor();
      await sound(visit, `preuve-raison-${screen}`);
      await open(page, '/compte/saisie');
      await page.getByRole('heading', { name: 'Aucune saisie gardée' }).waitFor();
      await sound(visit, `saisie-aucune-${screen}`);
      await page.getByRole('link', { name: 'Aller à mon bureau' }).click();
      await page.waitForURL('**/bureau');
      await visit.close();
    });
  }
});
