// A certified OpenID provider (npm oidc-provider), configured as FranceConnect v2 is documented: /api/v2, its scopes and
// levels, `iss` in answers, userinfo signed or not. With "strict", an unknown parameter gets a page, as FranceConnect
// does (PKCE among them). It listens on a free port of this machine, writes one line of JSON with its issuer, and ends
// with its standard input.
//
// The interaction page is a script's: GET /api/v2/interaction/ID?compte=CLE[&acr=NIVEAU], or ?refus=access_denied.

import { generateKeyPairSync } from 'node:crypto';
import http from 'node:http';
import Provider from 'oidc-provider';

const wanted = JSON.parse(process.argv[2] ?? '{}');
const PREFIX = '/api/v2';
const ALGS = ['ES256', 'RS256', 'HS256'];
const TAKEN = ['client_id', 'acr_values', 'claims', 'response_type', 'nonce', 'state', 'redirect_uri', 'scope', 'prompt', 'idp_hint'];

/** Invented people. */
const PEOPLE = {
  paris: {
    given_name: 'Angèle Claire', given_name_array: ['Angèle', 'Claire'], family_name: 'INVENTÉE', gender: 'female',
    birthdate: '1962-08-24', idp_birthdate: '1962-08-24', birthplace: '75107', birthcountry: '99100',
    email: 'angele@exemple.fr',
  },
};
const PIVOT = ['given_name', 'given_name_array', 'family_name', 'birthdate', 'gender', 'birthplace', 'birthcountry'];

const jwk = (type, options, rest) => ({ ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), use: 'sig', ...rest });

const server = http.createServer();
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}${PREFIX}`;

const provider = new Provider(issuer, {
  clients: [{
    client_id: 'maillage-essai',
    client_secret: 'un-secret-d-essai-de-plus-de-trente-deux-signes',
    redirect_uris: [wanted.back],
    post_logout_redirect_uris: [wanted.out],
    response_types: ['code'],
    grant_types: ['authorization_code'],
    token_endpoint_auth_method: wanted.auth,
    ...(wanted.auth === 'private_key_jwt' ? { jwks: wanted.clientKeys, token_endpoint_auth_signing_alg: 'ES256' } : {}),
    id_token_signed_response_alg: wanted.idAlg,
    ...(wanted.userinfoAlg ? { userinfo_signed_response_alg: wanted.userinfoAlg } : {}),
  }],
  jwks: { keys: [
    jwk('ec', { namedCurve: 'P-256' }, { alg: 'ES256', kid: 'es' }),
    jwk('rsa', { modulusLength: 2048 }, { alg: 'RS256', kid: 'rs' }),
  ] },
  acrValues: ['eidas0', 'eidas1'],
  claims: { openid: ['sub'], identite_pivot: PIVOT, email: ['email'], preferred_username: ['preferred_username'], idp_birthdate: ['idp_birthdate'] },
  responseTypes: ['code'],
  clientAuthMethods: ['client_secret_post', 'client_secret_basic', 'private_key_jwt'],
  pkce: { required: () => false },
  conformIdTokenClaims: true,
  cookies: { keys: ['une-cle-de-biscuit-pour-les-essais'] },
  ttl: { AccessToken: 60, AuthorizationCode: 30, IdToken: 60, Interaction: 600, Session: 600, Grant: 600 },
  enabledJWA: { idTokenSigningAlgValues: ALGS, userinfoSigningAlgValues: ALGS },
  features: {
    devInteractions: { enabled: false },
    jwtUserinfo: { enabled: true },
    claimsParameter: { enabled: true },
    rpInitiatedLogout: { enabled: true },
  },
  routes: { authorization: '/authorize', token: '/token', userinfo: '/userinfo', jwks: '/jwks', end_session: '/session/end' },
  interactions: { url: (_, interaction) => `${PREFIX}/interaction/${interaction.uid}` },
  findAccount: (_, id) => PEOPLE[id] && { accountId: id, claims: () => ({ sub: id, ...PEOPLE[id] }) },
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope(ctx.oidc.params.scope);
    grant.addOIDCClaims([...(ctx.oidc.requestParamClaims ?? [])]);
    await grant.save();
    return grant;
  },
});

const answer = provider.callback();
server.on('request', async (request, response) => {
  const url = new URL(request.url, issuer);
  try {
    if (url.pathname.startsWith(`${PREFIX}/interaction/`)) {
      const asked = url.searchParams;
      const result = asked.has('refus')
        ? { error: asked.get('refus'), error_description: 'la personne renonce' }
        : { login: { accountId: asked.get('compte'), acr: asked.get('acr') ?? 'eidas1', amr: ['pwd'], remember: false } };
      await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
      return;
    }
    const strange = [...url.searchParams.keys()].some((name) => !TAKEN.includes(name));
    if (wanted.strict && url.pathname === `${PREFIX}/authorize` && strange) {
      response.writeHead(400, { 'content-type': 'text/html' }).end('<p>Y030007</p>');
      return;
    }
    request.originalUrl = request.url;
    request.url = request.url.slice(PREFIX.length) || '/';
    answer(request, response);
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
});

process.stdin.on('end', () => process.exit(0)).resume();
console.log(JSON.stringify({ issuer }));
