// A certified OpenID provider (npm oidc-provider), configured as ProConnect is documented: /api/v2, one client with
// client_secret_post (or the "auth" that is asked for), userinfo signed, levels on demand, log-out started by the client. It listens on a free port of
// this machine, writes one line of JSON with its issuer, and ends with its standard input.
//
//   node op.mjs '{"idAlg":"ES256","userinfoAlg":"ES256","redirect":"…","afterLogout":"…"}'
//
// The interaction page is a script's: GET /api/v2/interaction/ID?compte=CLE[&acr=NIVEAU] signs in that person,
// GET /api/v2/interaction/ID?refus=access_denied gives up.

import { generateKeyPairSync } from 'node:crypto';
import http from 'node:http';
import Provider from 'oidc-provider';

const wanted = JSON.parse(process.argv[2] ?? '{}');
const PREFIX = '/api/v2';

/** Invented people. */
const PEOPLE = {
  agent: { email: 'agent@exemple.fr', given_name: 'Agent', usual_name: 'INVENTÉ', siret: '11002001300097', uid: 'a1' },
  successeur: { email: 'agent@exemple.fr', given_name: 'Autre', usual_name: 'INVENTÉE', siret: '11002001300097', uid: 'a2' },
};

const jwk = (type, options, rest) => ({ ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), use: 'sig', ...rest });

const server = http.createServer();
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}${PREFIX}`;

const provider = new Provider(issuer, {
  clients: [{
    client_id: 'maillage-essai',
    client_secret: 'un-secret-d-essai-de-plus-de-trente-deux-signes',
    redirect_uris: [wanted.redirect],
    post_logout_redirect_uris: [wanted.afterLogout],
    response_types: ['code'],
    grant_types: ['authorization_code'],
    token_endpoint_auth_method: wanted.auth ?? 'client_secret_post',
    ...(wanted.clientKeys ? { jwks: wanted.clientKeys, token_endpoint_auth_signing_alg: 'ES256' } : {}),
    id_token_signed_response_alg: wanted.idAlg ?? 'ES256',
    ...(wanted.userinfoAlg === null ? {} : { userinfo_signed_response_alg: wanted.userinfoAlg ?? 'ES256' }),
  }],
  jwks: { keys: [
    jwk('ec', { namedCurve: 'P-256' }, { alg: 'ES256', kid: 'es' }),
    jwk('rsa', { modulusLength: 2048 }, { alg: 'RS256', kid: 'rs' }),
  ] },
  acrValues: ['eidas0', 'eidas0-mfa', 'eidas1', 'eidas1-mfa', 'eidas2', 'eidas3'],
  claims: {
    openid: ['sub'], uid: ['uid'], given_name: ['given_name'], usual_name: ['usual_name'], email: ['email'],
    siret: ['siret'], amr: ['amr'],
  },
  responseTypes: ['code'],
  clientAuthMethods: [wanted.auth ?? 'client_secret_post'],
  pkce: { required: () => true },
  conformIdTokenClaims: true,
  cookies: { keys: ['une-cle-de-biscuit-pour-les-essais'] },
  ttl: { AccessToken: 60, AuthorizationCode: 30, IdToken: 60, Interaction: 600, Session: 600, Grant: 600 },
  enabledJWA: {
    idTokenSigningAlgValues: ['ES256', 'RS256'],
    userinfoSigningAlgValues: ['ES256', 'RS256'],
  },
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
  const interaction = url.pathname.startsWith(`${PREFIX}/interaction/`);
  try {
    if (interaction) {
      const asked = url.searchParams;
      const result = asked.has('refus')
        ? { error: asked.get('refus'), error_description: 'la personne renonce' }
        : { login: { accountId: asked.get('compte'), acr: asked.get('acr') ?? 'eidas1-mfa', amr: ['pwd', 'mfa'], remember: false } };
      await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
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
