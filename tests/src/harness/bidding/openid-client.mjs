// 入札システム（見本） with openid-client, as an integrator would write it: pushed requests, private_key_jwt, ES256.
// openid-client.mjs LIBRARY ISSUER CLIENT PORT KEY

import { webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [library, issuer, name, port, file] = process.argv.slice(2);
const oidc = await import(library);
const pem = readFileSync(file, 'utf8').replace(/-----[^-]+-----|\s/g, '');
const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
const key = await webcrypto.subtle.importKey('pkcs8', Buffer.from(pem, 'base64'), algorithm, false, ['sign']);
const about = { id_token_signed_response_alg: 'ES256' };
// The test's issuer is on this computer.
const insecure = { execute: [oidc.allowInsecureRequests] };
const config = await oidc.discovery(new URL(issuer), name, about, oidc.PrivateKeyJwt(key), insecure);

const here = `http://localhost:${port}`;
/** @type {Map<string, {verifier: string, state: string, nonce: string, company?: string}>} */
const sessions = new Map();

async function begin(response) {
  const session = {
    verifier: oidc.randomPKCECodeVerifier(),
    state: oidc.randomState(),
    nonce: oidc.randomNonce(),
  };
  sessions.set(session.state, session);
  const address = await oidc.buildAuthorizationUrlWithPAR(config, {
    redirect_uri: `${here}/callback`,
    scope: 'openid company card',
    code_challenge: await oidc.calculatePKCECodeChallenge(session.verifier),
    code_challenge_method: 'S256',
    state: session.state,
    nonce: session.nonce,
  });
  const cookie = `openid-client=${session.state}; HttpOnly; SameSite=Lax`;
  response.writeHead(302, { location: address.href, 'set-cookie': cookie }).end();
}

async function finish(session, url, response) {
  const tokens = await oidc.authorizationCodeGrant(config, url, {
    pkceCodeVerifier: session.verifier,
    expectedState: session.state,
    expectedNonce: session.nonce,
    idTokenExpected: true,
  });
  const user = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
  session.company = user.company.name;
  response.writeHead(302, { location: '/' }).end();
}

async function answer(request, response) {
  const cookie = /openid-client=([^;]+)/.exec(request.headers.cookie ?? '');
  const session = sessions.get(cookie?.[1] ?? '');
  const url = new URL(request.url ?? '/', here);
  if (url.pathname === '/callback' && session) {
    await finish(session, url, response);
  } else if (session?.company) {
    const text = session.company.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(`<!doctype html><main data-company="${text}"><h1>${text} 様</h1></main>`);
  } else if (url.pathname === '/') {
    await begin(response);
  } else {
    response.writeHead(404).end();
  }
}

createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error);
    response.writeHead(500).end();
  });
}).listen(Number(port), '127.0.0.1');
