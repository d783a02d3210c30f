// The identity provider, through a small relying party that stands for FranceConnect: the whole choice without any script,
// a refusal, the pages of the staff. Every page sound at both widths.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { URL_BASE, enter, open, quit, sound, visitor, SCREENS } from '../lib/navigateur.mjs';

const PORT = 4180;
const CLIENT = 'franceconnect-fictif';
const SECRET = 'secret de demonstration du nouveau FranceConnect';
const RETOUR = `http://localhost:${PORT}/retour`;

/** The relying party: a page that says what it was told. */
const partie = createServer(async (request, answer) => {
  const url = new URL(request.url, RETOUR);
  const page = (title, text) => answer.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
    .end(`<!doctype html><html lang="fr"><title>${title}</title><h1>${title}</h1><p>${text}</p></html>`);
  if (url.pathname !== '/retour') return page('Service', 'rien');
  const code = url.searchParams.get('code');
  if (!code) return page('Refus', `${url.searchParams.get('error')} ${url.searchParams.get('state')}`);
  const body = new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: RETOUR, client_id: CLIENT, client_secret: SECRET });
  const token = await fetch(`${URL_BASE}/token`, { method: 'POST', body });
  const { access_token } = await token.json();
  const info = await fetch(`${URL_BASE}/userinfo`, { headers: { authorization: `Bearer ${access_token}` } });
  const jwt = await info.text();
  const claims = JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url'));
  return page('Identité reçue', `${claims.given_name} ${claims.family_name}`);
});

before(() => new Promise((resolve) => { partie.listen(PORT, 'localhost', resolve); }));
after(async () => { partie.close(); await quit(); });

const demande = (plus = {}) => `/authorize?${new URLSearchParams({
  client_id: CLIENT, response_type: 'code', redirect_uri: RETOUR, scope: 'openid profile birth email', acr_values: 'eidas1',
  state: 'etat-du-service', nonce: 'n'.repeat(64), prompt: 'login', ...plus,
})}`;

for (const screen of Object.keys(SCREENS)) {
  describe(`fournisseur d’identité, ${screen}`, () => {
    test('le choix, puis l’identité chez le service, sans script', async () => {
      const visit = await visitor({ screen, js: false });
      const { page } = visit;
      await enter(page, 'aidant');
      await open(page, demande());
      await page.getByRole('heading', { name: 'Pour qui agissez-vous ?' }).waitFor();
      await sound(visit, `fournisseur-personnes-${screen}`, { js: false });
      const choisir = page.getByRole('button', { name: /^Choisir/ });
      if (await choisir.count() === 0) {
        await page.getByText('Personne n’a de mandat en cours').waitFor();
      } else {
        await choisir.first().click();
        await page.getByRole('heading', { name: 'Pour quelle démarche ?' }).waitFor();
        await sound(visit, `fournisseur-demarche-${screen}`, { js: false });
        await page.locator('main input[type=radio] + label').first().click();
        await page.getByRole('button', { name: /^Continuer vers/ }).click();
        await page.getByRole('heading', { name: 'Identité reçue' }).waitFor();
        visit.problems.length = 0; // Another host, as it must be.
        await open(page, '/aidant/utilisations');
        await page.getByText('Identité transmise').first().waitFor();
        await sound(visit, `fournisseur-usages-${screen}`, { js: false });
      }
      await visit.close();
    });

    test('sans être connecté : qui demande, puis se connecter ou renoncer', async () => {
      const visit = await visitor({ screen, js: false });
      const { page } = visit;
      await open(page, demande());
      await page.getByRole('heading', { name: /demande pour qui vous agissez$/ }).waitFor();
      assert.match(await page.locator('main').innerText(), /Répondez avant \d+\sh\s\d\d \(heure de Paris\)/);
      await sound(visit, `fournisseur-entree-${screen}`, { js: false });
      await page.locator('main').getByRole('link', { name: 'Se connecter', exact: true }).click();
      assert.match(page.url(), /\/connexion\?retour=%2Fauthorize%2F/);
      await page.goBack();
      await page.getByRole('button', { name: /^Renoncer/ }).click();
      await page.getByText('access_denied etat-du-service').waitFor();
      await visit.close();
    });

    test('renoncer ramène au service, qui le sait', async () => {
      const visit = await visitor({ screen });
      const { page } = visit;
      await enter(page, 'aidant');
      await open(page, demande());
      await page.getByRole('button', { name: /^Renoncer/ }).click();
      await page.getByText('access_denied etat-du-service').waitFor();
      await visit.close();
    });

    test('pages de l’équipe, demandes refusées', async () => {
      const visit = await visitor({ screen });
      const { page } = visit;
      await enter(page, 'nationale');
      await open(page, '/gestion/fournisseur/clients');
      await sound(visit, `fournisseur-clients-${screen}`);
      await page.getByRole('link', { name: 'FranceConnect (démonstration)', exact: true }).click();
      await sound(visit, `fournisseur-client-${screen}`);
      await open(page, '/gestion/fournisseur/clients/nouveau');
      await page.getByRole('button', { name: 'Enregistrer' }).click();
      await page.getByText('à corriger').first().waitFor();
      await sound(visit, `fournisseur-client-erreurs-${screen}`);
      await open(page, demande({ redirect_uri: 'https://evil.example/' }), 400);
      await sound(visit, `fournisseur-refus-${screen}`);
      await open(page, demande(), 403);
      assert.match(await page.locator('main').innerText(), /Seul un aidant agit/);
      await visit.close();
    });
  });
}

test('le service fictif de la démonstration, du choix à ce qu’il reçoit', async () => {
  const visit = await visitor({ screen: 'telephone', js: false });
  const { page } = visit;
  await enter(page, 'aidant');
  await open(page, '/aidant');
  await page.getByRole('link', { name: 'essayer avec un service fictif' }).click();
  await sound(visit, 'fournisseur-service', { js: false });
  await page.getByRole('button', { name: /^Se connecter avec FranceConnect/ }).click();
  await page.getByRole('heading', { name: 'Pour qui agissez-vous ?' }).waitFor();
  await page.getByRole('button', { name: /^Choisir/ }).first().click();
  await page.getByRole('heading', { name: 'Pour quelle démarche ?' }).waitFor();
  await page.locator('main input[type=radio] + label').first().click();
  await page.getByRole('button', { name: /^Continuer vers/ }).click();
  await page.getByRole('heading', { name: 'Ce que le service a reçu' }).waitFor();
  await sound(visit, 'fournisseur-service-recu', { js: false });
  await open(page, '/demo/service/retour?state=inconnu&code=x');
  await page.getByText('n’a pas été commencée dans ce navigateur').waitFor();
  await visit.close();
});
