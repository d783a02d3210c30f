// A certified client (npm openid-client, version 5 as in FranceConnect's core, or 6) that walks through every journey
// with our provider, and writes what it saw as one JSON.
//
//   node rp.mjs '{"version":5,"issuer":"…","auth":"client_secret_post","secret":"…","idAlg":"ES256",…}'

import { createPrivateKey, randomBytes } from 'node:crypto';

const wanted = JSON.parse(process.argv[2]);
const random = () => randomBytes(32).toString('hex');
const jwk = {
  ...createPrivateKey({ key: Buffer.from(wanted.key, 'base64'), format: 'der', type: 'pkcs8' }).export({ format: 'jwk' }),
  kid: wanted.kid, alg: 'ES256', use: 'sig',
};
const metadata = {
  client_id: 'franceconnect',
  client_secret: wanted.secret,
  redirect_uris: [wanted.back],
  response_types: ['code'],
  token_endpoint_auth_method: wanted.auth,
  id_token_signed_response_alg: wanted.idAlg,
  ...(wanted.auth === 'private_key_jwt' ? { token_endpoint_auth_signing_alg: 'ES256' } : {}),
  ...(wanted.userinfoAlg ? { userinfo_signed_response_alg: wanted.userinfoAlg } : {}),
};

/** What FranceConnect sends, `prompt=login` and `claims` included, and a parameter of tomorrow. */
const asked = (acr) => ({
  redirect_uri: wanted.back,
  scope: 'openid profile email birth',
  acr_values: acr,
  prompt: 'login',
  claims: JSON.stringify({ id_token: { rep_scope: { essential: true, values: ['Logement', 'Justice'] } } }),
  parametre_de_demain: '1',
  state: random(),
  nonce: random(),
});

/**
 * The browser: where the provider sends it. A provider that asks somebody to choose first has pages of its own: the first
 * person, then the first démarche.
 */
// Which person stood on the page, as its form says again.
const shown = (page) => Object.fromEntries([...page.matchAll(/name="(pour)" value="([^"]+)"/g)].map(([, k, v]) => [k, v]));
const sent = async (url) => {
  const cookies = [];
  const browse = async (to, form) => {
    const answer = await fetch(new URL(to, wanted.issuer), {
      redirect: 'manual', headers: { cookie: cookies.join('; ') }, ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
    });
    cookies.push(...answer.headers.getSetCookie().map((cookie) => cookie.split(';')[0]));
    return answer;
  };
  const next = async (to, form) => {
    const answer = await browse(to, form);
    if (answer.status !== 303) throw new Error(`${answer.status} at ${to}`);
    return answer.headers.get('location');
  };
  let location = await next(url);
  while (location.startsWith('/authorize/')) {
    const answer = await browse(location);
    const page = await answer.text();
    const name = ['personne', 'demarche'].find((field) => new RegExp(`name="${field}"`).test(page));
    const value = page.match(new RegExp(`name="${name}"[^>]*value="([^"]+)"`))?.[1];
    if (answer.status === 200 && !value) throw new Error(`nothing to choose at ${location}`);
    location = answer.status === 303 ? answer.headers.get('location') : await next(location, { ...shown(page), [name]: value });
  }
  return location;
};
const userinfoStatus = async (url, token) => (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status;

async function five() {
  const { Issuer, custom } = await import('openid-client-5');
  custom.setHttpOptionsDefaults({ timeout: 6000 });
  const issuer = await Issuer.discover(wanted.issuer);
  const client = new issuer.Client(metadata, { keys: [jwk] });
  const flow = (acr = 'eidas1') => {
    const sending = asked(acr);
    return { sending, url: client.authorizationUrl({ ...sending, response_type: 'code' }) };
  };
  const exchange = (location, { state, nonce }, by = client) =>
    by.callback(wanted.back, by.callbackParams(location), { state, nonce, response_type: 'code' });
  const first = flow();
  const location = await sent(first.url);
  const tokens = await exchange(location, first.sending);
  const info = await client.userinfo(tokens.access_token);
  return {
    issuer: issuer.metadata, flow, exchange, location, first, tokens, info, claims: tokens.claims(),
    stranger: new issuer.Client({ ...metadata, client_secret: `${wanted.secret}x` }, { keys: [jwk] }),
    error: (e) => e.error,
    endSession: (id_token_hint) =>
      client.endSessionUrl({ id_token_hint, post_logout_redirect_uri: wanted.out, state: 'etat-de-sortie' }),
  };
}

async function six() {
  const o = await import('openid-client');
  const { importJWK } = await import('jose');
  const key = { key: await importJWK(jwk, 'ES256'), kid: jwk.kid };
  const config = async (secret) => {
    const ways = {
      client_secret_post: () => o.ClientSecretPost(secret),
      client_secret_basic: () => o.ClientSecretBasic(secret),
      private_key_jwt: () => o.PrivateKeyJwt(key),
    };
    const { client_secret: _, ...rest } = metadata;
    const made = await o.discovery(new URL(wanted.issuer), 'franceconnect', { ...rest, client_secret: secret }, ways[wanted.auth](), {
      execute: [o.allowInsecureRequests],
    });
    o.enableNonRepudiationChecks(made);
    return made;
  };
  const client = await config(wanted.secret);
  const verifier = o.randomPKCECodeVerifier();
  const challenge = await o.calculatePKCECodeChallenge(verifier);
  const flow = (acr = 'eidas1') => {
    const sending = asked(acr);
    const url = o.buildAuthorizationUrl(client, { ...sending, code_challenge: challenge, code_challenge_method: 'S256' });
    return { sending, url: url.href };
  };
  const exchange = (location, { state, nonce }, by = client) =>
    o.authorizationCodeGrant(by, new URL(location), { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true });
  const first = flow();
  const location = await sent(first.url);
  const tokens = await exchange(location, first.sending);
  const claims = tokens.claims();
  const info = await o.fetchUserInfo(client, tokens.access_token, claims.sub);
  return {
    issuer: client.serverMetadata(), flow, exchange, location, first, tokens, info, claims,
    stranger: await config(`${wanted.secret}x`),
    // A client that came with `Authorization` hears of it by WWW-Authenticate, which this version gives as a cause.
    error: (e) => e.error ?? (e.status === 401 && e.cause?.[0]?.scheme === 'basic' ? 'invalid_client' : undefined),
    endSession: (id_token_hint) =>
      o.buildEndSessionUrl(client, { id_token_hint, post_logout_redirect_uri: wanted.out, state: 'etat-de-sortie' }).href,
  };
}

const a = await (wanted.version === 5 ? five() : six());
const failed = async (promise) => {
  try { await promise; return null; } catch (error) { return a.error(error) ?? String(error); }
};
if (a.info.sub !== a.claims.sub) throw new Error('two subjects');

// The same code again; what came of it then stops working.
const replay = await failed(a.exchange(a.location, a.first.sending));
const afterReplay = await userinfoStatus(a.issuer.userinfo_endpoint, a.tokens.access_token);

// A log-out ends the use.
const second = a.flow();
const tokens = await a.exchange(await sent(second.url), second.sending);
const logout = await sent(a.endSession(tokens.id_token));
const afterLogout = await userinfoStatus(a.issuer.userinfo_endpoint, tokens.access_token);

// A level that cannot be given comes back as an error that the library accepts as such (state, iss).
const third = a.flow('eidas2');
const refused = await failed(a.exchange(await sent(third.url), third.sending));

let wrongSecret = null;
if (wanted.auth !== 'private_key_jwt') {
  const fourth = a.flow();
  wrongSecret = await failed(a.exchange(await sent(fourth.url), fourth.sending, a.stranger));
}

const { sub, given_name, birthdate } = a.info;
const { acr, rep_scope } = a.claims;
console.log(JSON.stringify({ sub, given_name, birthdate, acr, rep_scope, replay, afterReplay, logout, afterLogout, refused, wrongSecret }));
