"""A client of another hand again (Authlib, from PyPI) with our provider: same argument and same answer as rp.mjs."""

import base64
import json
import os
import re
import secrets
import sys
from urllib.parse import parse_qsl, urlsplit

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # http, on this machine only

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey

wanted = json.loads(sys.argv[1])
issuer = requests.get(f"{wanted['issuer']}/.well-known/openid-configuration", timeout=6).json()
assert issuer["issuer"] == wanted["issuer"]
keys = KeySet.import_key_set(requests.get(issuer["jwks_uri"], timeout=6).json())


def verified(token, alg):
    """The claims of a token, of the algorithm that was declared."""
    key = OctKey.import_key(wanted["secret"]) if alg == "HS256" else keys
    return jwt.decode(token, key, algorithms=[alg]).claims


def session(secret):
    signs = wanted["auth"] == "private_key_jwt"
    made = OAuth2Session(
        "franceconnect", ECKey.import_key(base64.b64decode(wanted["key"])) if signs else secret,
        token_endpoint_auth_method=wanted["auth"], redirect_uri=wanted["back"], scope="openid profile email birth",
        code_challenge_method="S256",
    )
    if signs:
        made.register_client_auth_method(PrivateKeyJWT(issuer["token_endpoint"], headers={"kid": wanted["kid"]}, alg="ES256"))
    return made


def depart(made, acr="eidas1"):
    """Goes to the provider; gives what the return must bear, and its address."""
    nonce, verifier = secrets.token_hex(32), secrets.token_urlsafe(48)
    claims = json.dumps({"id_token": {"rep_scope": {"essential": True, "values": ["Logement", "Justice"]}}})
    url, state = made.create_authorization_url(
        issuer["authorization_endpoint"], nonce=nonce, code_verifier=verifier, acr_values=acr, prompt="login",
        claims=claims, scope="openid profile email birth",
    )
    browser = requests.Session()
    answer = browser.get(url, allow_redirects=False, timeout=6)
    assert answer.status_code == 303, answer.status_code
    location = chosen(answer.headers["location"], browser)
    return {"state": state, "nonce": nonce, "verifier": verifier, "location": location}


def chosen(location, browser):
    """Where the browser is sent once somebody chose the first person and the first démarche, if asked to."""
    while location.startswith("/authorize/"):
        answer = browser.get(wanted["issuer"] + location, allow_redirects=False, timeout=6)
        if answer.status_code == 200:
            name = next(n for n in ("personne", "demarche") if f'name="{n}"' in answer.text)
            value = re.search(f'name="{name}"[^>]*value="([^"]+)"', answer.text).group(1)
            # Which person stood on the page, as its form says again.
            shown = dict(re.findall(r'name="(pour)" value="([^"]+)"', answer.text))
            form = {**shown, name: value}
            answer = browser.post(wanted["issuer"] + location, data=form, allow_redirects=False, timeout=6)
        assert answer.status_code == 303, answer.status_code
        location = answer.headers["location"]
    return location


def arrive(made, flow):
    made.state = None
    return made.fetch_token(
        issuer["token_endpoint"], authorization_response=flow["location"], state=flow["state"],
        code_verifier=flow["verifier"],
    )


def failed(made, flow):
    # Authlib leaves the reading of a refusal to whoever uses it.
    back = dict(parse_qsl(urlsplit(flow["location"]).query))
    if "error" in back:
        assert (back["state"], back["iss"]) == (flow["state"], wanted["issuer"]), back
        return back["error"]
    try:
        arrive(made, flow)
    except OAuthError as error:
        return error.error
    return None


def userinfo(token):
    header = {"authorization": f"Bearer {token['access_token']}"}
    return requests.get(issuer["userinfo_endpoint"], headers=header, timeout=6)


made = session(wanted["secret"])
first = depart(made)
token = dict(arrive(made, first))
claims = CodeIDToken(
    verified(token["id_token"], wanted["idAlg"]), {"alg": wanted["idAlg"]},
    options={"iss": {"essential": True, "value": wanted["issuer"]}},
    params={"nonce": first["nonce"], "client_id": "franceconnect", "access_token": token["access_token"]},
)
claims.validate()
told = userinfo(token)
info = verified(told.text, wanted["userinfoAlg"]) if wanted["userinfoAlg"] else told.json()
assert info["sub"] == claims["sub"]

replay = failed(made, first)
after_replay = userinfo(token).status_code
second = depart(made)
token = dict(arrive(made, second))
out = requests.get(
    issuer["end_session_endpoint"], allow_redirects=False, timeout=6,
    params={"id_token_hint": token["id_token"], "post_logout_redirect_uri": wanted["out"], "state": "etat-de-sortie"},
)
after_logout = userinfo(token).status_code
refused = failed(made, depart(made, "eidas2"))
stranger = session(f"{wanted['secret']}x")
wrong_secret = None if wanted["auth"] == "private_key_jwt" else failed(stranger, depart(stranger))

print(json.dumps({
    **{name: info[name] for name in ("sub", "given_name", "birthdate")}, "acr": claims["acr"],
    "rep_scope": claims["rep_scope"], "replay": replay, "afterReplay": after_replay,
    "logout": out.headers.get("location"), "afterLogout": after_logout, "refused": refused, "wrongSecret": wrong_secret,
}))
