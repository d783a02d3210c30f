// The small modules on pages of our own, where the service behind them can be made to answer well, badly or late.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { CSP, serve } from '../../assets/exemples/serveur.mjs';
import { quit, violations, visitor } from '../lib/navigateur.mjs';

const html = (body) => `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Essai</title><link rel="icon" href="/assets/icone.svg"><link rel="stylesheet" href="/assets/maillage.css"><script type="module" src="/assets/maillage.js"></script></head><body><main class="fr-container"><h1>Essai</h1>${body}</main></body></html>`;
const pages = {
  '/suggestions': '<form action="/recu"><label class="fr-label" for="ou">Commune</label><input class="fr-input" id="ou" name="ou" data-suggestions="/noms"></form>',
  '/position': '<form action="/recu"><label for="ou">Commune</label><input id="ou" name="ou" value="Guéret" data-suggestions="/noms"><button type="button" data-autour-de-moi>Autour de moi</button><button>Chercher</button></form>',
  '/formulaire': '<form method="post" action="/lent" data-avertir><label for="nom">Nom</label><input id="nom" name="nom"><button name="choix" value="garder">Envoyer</button></form>',
  '/erreurs': '<div class="fr-alert fr-alert--error" data-sommaire role="alert"><h2 class="fr-alert__title">1 réponse est à corriger</h2><ul><li><a href="#nom">Écrivez un nom.</a></li></ul></div><form method="post"><label for="nom">Nom</label><input id="nom" name="nom"></form>',
  '/creer': '<form><label for="nom">Nom de la clé</label><input id="nom" name="nom" value="Mon téléphone"><button type="button" data-passkey="creer" data-debut="/cle/debut" data-fin="/cle/fin">Créer une clé</button></form>',
  '/utiliser': '<button type="button" data-passkey="utiliser" data-debut="/cle/demande" data-fin="/cle/preuve">Utiliser ma clé</button>',
  '/recu': '<p>Reçu</p>',
};

let server;
let base;
let state;
const challenge = 'AAECAwQFBgcICQoLDA0ODw-_';

async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

const json = (response, value, status = 200) => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
};

const routes = {
  '/noms': (request, response, url) => {
    const q = url.searchParams.get('q');
    state.asked.push(q);
    if (q.startsWith('panne')) return json(response, {}, 500);
    const all = [['Guéret', '23096', 'Creuse'], ['Guérande', '44069', 'Loire-Atlantique'], ['Guer', '56075', '<b>Morbihan</b>']];
    return json(response, all.filter(([nom]) => nom.toLowerCase().startsWith(q.toLowerCase())).map(([libelle, valeur, detail]) => ({ libelle, valeur: libelle, detail, code: valeur })));
  },
  '/lent': async (request, response) => {
    state.posts.push(await body(request));
    setTimeout(() => {
      response.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': CSP });
      response.end(html('<p>Fait</p>'));
    }, 600);
  },
  '/cle/debut': async (request, response) => {
    state.begin = JSON.parse(await body(request));
    json(response, { publicKey: { challenge, rp: { id: 'localhost', name: 'Essai' }, user: { id: 'BwcHBw', name: 'camille@exemple.fr', displayName: 'Camille' }, pubKeyCredParams: [-7, -257].map((alg) => ({ type: 'public-key', alg })), excludeCredentials: state.exclude, authenticatorSelection: { residentKey: 'required', userVerification: 'required' } } });
  },
  '/cle/fin': async (request, response) => {
    state.end = JSON.parse(await body(request));
    json(response, { suite: '/recu' });
  },
  '/cle/demande': (request, response) => json(response, { publicKey: { challenge, rpId: 'localhost', allowCredentials: [], userVerification: 'required' } }),
  '/cle/preuve': async (request, response) => {
    state.end = JSON.parse(await body(request));
    if (state.refuse) return json(response, { message: 'Cette clé n’est plus acceptée. Utilisez votre mot de passe.' }, 422);
    return json(response, { suite: 'https://ailleurs.example/' });
  },
};
for (const [path, content] of Object.entries(pages)) {
  routes[path] = (request, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': CSP });
    response.end(html(content));
  };
}

before(async () => {
  server = await serve(0, CSP, routes);
  base = `http://localhost:${server.address().port}`;
});
beforeEach(() => { state = { asked: [], posts: [], exclude: [] }; });
after(async () => {
  await quit();
  server.closeAllConnections();
  server.close();
});

async function at(path, options = {}) {
  const visit = await visitor({ base, ...options });
  await visit.page.goto(base + path, { waitUntil: 'networkidle' });
  return visit;
}

describe('suggestions', () => {
  test('se parcourent et se choisissent au clavier', async () => {
    const { page, problems, close } = await at('/suggestions');
    const field = page.getByRole('combobox', { name: 'Commune' });
    await field.pressSequentially('gu', { delay: 20 });
    await page.getByRole('option').first().waitFor();
    assert.equal(await field.getAttribute('aria-expanded'), 'true');
    assert.deepEqual(await violations(page), []);
    assert.equal(await page.getByRole('option').nth(2).innerHTML().then((text) => text.includes('<b>')), false, 'un texte reste un texte');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    const active = await field.getAttribute('aria-activedescendant');
    assert.equal(await page.locator(`#${active}`).getAttribute('aria-selected'), 'true');
    await page.keyboard.press('Enter');
    assert.equal(await field.inputValue(), 'Guérande');
    assert.equal(await field.getAttribute('aria-expanded'), 'false');
    assert.deepEqual(state.asked, ['gu'], 'une seule demande pour deux lettres tapées vite');
    assert.deepEqual(problems, []);
    await close();
  });

  test('se ferment par Échap et laissent ce qui est tapé', async () => {
    const { page, close } = await at('/suggestions');
    const field = page.getByRole('combobox');
    await field.pressSequentially('gue', { delay: 20 });
    await page.getByRole('option').first().waitFor();
    await page.keyboard.press('Escape');
    assert.equal(await page.getByRole('option').count(), 0);
    assert.equal(await field.inputValue(), 'gue');
    await close();
  });

  test('se choisissent au doigt', async () => {
    const { page, close } = await at('/suggestions', { screen: 'telephone', hasTouch: true });
    await page.getByRole('combobox').pressSequentially('guer', { delay: 20 });
    await page.getByRole('option', { name: /Guer\b/ }).tap();
    assert.equal(await page.getByRole('combobox').inputValue(), 'Guer');
    await close();
  });

  test('une panne laisse un champ ordinaire', async () => {
    const { page, close } = await at('/suggestions');
    await page.getByRole('combobox').pressSequentially('panne', { delay: 20 });
    await page.waitForTimeout(500);
    assert.equal(await page.getByRole('option').count(), 0);
    assert.equal(await page.getByRole('combobox').inputValue(), 'panne');
    await close();
  });
});

describe('autour de moi', () => {
  test('envoie une position arrondie et oublie la commune tapée', async () => {
    const { page, close } = await at('/position', { geolocation: { latitude: 46.170123, longitude: 1.871987 }, permissions: ['geolocation'] });
    await page.getByRole('button', { name: 'Autour de moi' }).click();
    await page.waitForURL(/recu/);
    const sent = new URL(page.url()).searchParams;
    assert.deepEqual([sent.get('lat'), sent.get('lon'), sent.get('ou')], ['46.170', '1.872', '']);
    await close();
  });

  test('dit quoi faire quand la position est refusée', async () => {
    const { page, close } = await at('/position', { permissions: [] });
    await page.getByRole('button', { name: 'Autour de moi' }).click();
    await page.getByText('Indiquez votre commune ou votre code postal').waitFor();
    assert.equal(await page.locator(':focus').getAttribute('id'), 'ou');
    await close();
  });
});

describe('formulaires', () => {
  test('le sommaire des erreurs prend le focus et mène au champ', async () => {
    const { page, close } = await at('/erreurs');
    assert.ok(await page.evaluate(() => document.activeElement.hasAttribute('data-sommaire')));
    await page.getByRole('link', { name: 'Écrivez un nom.' }).click();
    assert.equal(await page.locator(':focus').getAttribute('id'), 'nom');
    await close();
  });

  test('deux clics n’envoient qu’une fois, avec le bouton choisi', async () => {
    const { page, close } = await at('/formulaire');
    await page.fill('#nom', 'Camille');
    await page.evaluate(() => { const button = document.querySelector('button'); button.click(); button.click(); });
    await page.getByText('Fait').waitFor();
    assert.deepEqual(state.posts, ['nom=Camille&choix=garder']);
    await close();
  });

  test('une saisie non enregistrée n’est pas perdue sans un mot', async () => {
    const { page, close } = await at('/formulaire');
    let warned = false;
    page.on('dialog', (dialog) => { warned = dialog.type() === 'beforeunload'; dialog.accept(); });
    await page.locator('#nom').pressSequentially('Camille');
    await page.goto(`${base}/recu`);
    assert.ok(warned);
    await close();
  });
});

describe('clés d’accès', () => {
  async function withKey(path) {
    const visit = await at(path);
    const protocol = await visit.context.newCDPSession(visit.page);
    await protocol.send('WebAuthn.enable');
    const { authenticatorId } = await protocol.send('WebAuthn.addVirtualAuthenticator', {
      options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
    });
    return { ...visit, protocol, authenticatorId };
  }

  const clientData = () => JSON.parse(Buffer.from(state.end.response.clientDataJSON, 'base64url'));

  test('se créent, puis servent à entrer', async () => {
    const { page, problems, close } = await withKey('/creer');
    await page.getByRole('button', { name: 'Créer une clé' }).click();
    await page.waitForURL(/recu/);
    assert.deepEqual(state.begin, { nom: 'Mon téléphone' });
    assert.equal(state.end.nom, 'Mon téléphone');
    assert.equal(state.end.type, 'public-key');
    assert.equal(state.end.rawId, state.end.id);
    assert.deepEqual([clientData().type, clientData().challenge, clientData().origin], ['webauthn.create', challenge, base]);
    assert.ok(Buffer.from(state.end.response.attestationObject, 'base64url').length > 100);
    const created = state.end.id;
    await page.goto(`${base}/utiliser`);
    await page.getByRole('button', { name: 'Utiliser ma clé' }).click();
    await page.getByText('La clé d’accès n’a pas pu être vérifiée').waitFor();
    assert.equal(state.end.id, created);
    assert.equal(clientData().type, 'webauthn.get');
    assert.equal(state.end.response.userHandle, 'BwcHBw');
    assert.ok(state.end.response.signature);
    assert.equal(new URL(page.url()).origin, base, 'une suite vers un autre site est ignorée');
    assert.deepEqual(problems, []);
    await close();
  });

  test('disent pourquoi, en français, quand elles ne servent pas', async () => {
    const { page, protocol, authenticatorId, close } = await withKey('/creer');
    await page.getByRole('button', { name: 'Créer une clé' }).click();
    await page.waitForURL(/recu/);
    state.exclude = [{ type: 'public-key', id: state.end.id }];
    await page.goto(`${base}/creer`);
    await page.getByRole('button', { name: 'Créer une clé' }).click();
    await page.getByText('Cet appareil a déjà une clé d’accès pour votre compte.').waitFor();
    state.refuse = true;
    await page.goto(`${base}/utiliser`);
    await page.getByRole('button', { name: 'Utiliser ma clé' }).click();
    await page.getByText('Cette clé n’est plus acceptée.').waitFor();
    await protocol.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
    await page.goto(`${base}/utiliser`);
    await page.getByRole('button', { name: 'Utiliser ma clé' }).click();
    await page.getByText('La clé d’accès n’a pas été utilisée').waitFor();
    await close();
  });
});
