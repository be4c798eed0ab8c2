"""入札システム（見本） with Authlib, as an integrator would write it: client_secret_basic, RS256.

authlib_client.py ISSUER CLIENT PORT SECRET_FILE
"""

import html
import http.cookies
import http.server
import os
import secrets
import sys

# The test's issuer is on this computer.
os.environ['AUTHLIB_INSECURE_TRANSPORT'] = '1'

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import JsonWebKey, jwt
from authlib.oidc.core import CodeIDToken

issuer, name, port, file = sys.argv[1:]
here = f'http://localhost:{port}'
metadata = requests.get(f'{issuer}/.well-known/openid-configuration', timeout=10).json()
with open(file, encoding='utf-8') as secret:
    client = dict(client_id=name, client_secret=secret.read().strip(), scope='openid company card',
                  redirect_uri=f'{here}/callback', code_challenge_method='S256',
                  token_endpoint_auth_method='client_secret_basic')
sessions = {}


def finish(session, address):
    with OAuth2Session(**client, state=session['state']) as oauth:
        token = oauth.fetch_token(metadata['token_endpoint'], authorization_response=address,
                                  code_verifier=session['verifier'])
        keys = JsonWebKey.import_key_set(oauth.get(metadata['jwks_uri'], withhold_token=True).json())
        claims = jwt.decode(token['id_token'], keys, claims_cls=CodeIDToken,
                            claims_options={'iss': {'essential': True, 'values': [issuer]},
                                            'aud': {'essential': True, 'values': [name]}},
                            claims_params={'nonce': session['nonce'], 'client_id': name,
                                           'access_token': token['access_token']})
        claims.validate(leeway=60)
        user = oauth.get(metadata['userinfo_endpoint']).json()
        assert user['sub'] == claims['sub']
        session['company'] = user['company']['name']


class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        cookie = http.cookies.SimpleCookie(self.headers.get('Cookie')).get('authlib')
        session = sessions.get(cookie and cookie.value)
        if self.path.startswith('/callback?') and session:
            finish(session, here + self.path)
            self.answer(302, Location='/')
        elif session and 'company' in session:
            company = html.escape(session['company'])
            page = f'<!doctype html><main data-company="{company}"><h1>{company} 様</h1></main>'
            self.answer(200, page.encode(), **{'Content-Type': 'text/html; charset=utf-8'})
        elif self.path == '/':
            key, verifier, nonce = secrets.token_hex(16), generate_token(48), generate_token(20)
            with OAuth2Session(**client) as oauth:
                address, state = oauth.create_authorization_url(metadata['authorization_endpoint'],
                                                                code_verifier=verifier, nonce=nonce)
            sessions[key] = {'verifier': verifier, 'nonce': nonce, 'state': state}
            self.answer(302, Location=address, **{'Set-Cookie': f'authlib={key}; HttpOnly; SameSite=Lax'})
        else:
            self.answer(404)

    def answer(self, status, body=b'', **headers):
        self.send_response(status)
        for header, value in headers.items():
            self.send_header(header, value)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)


http.server.ThreadingHTTPServer(('127.0.0.1', int(port)), Answers).serve_forever()
