"""Tokens of an identity provider: only a sound token of the one issuer, with a known tenant and role, opens."""

import http.server
import json
import threading
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from parkrisk.api.service.settings import Settings, SettingsError
from tests.api.service.conftest import MINE, serving

ISSUER = "https://id.example"
KEY, OTHER = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))


def key_set(**keys):
    public = [
        {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())), "kid": name, "use": "sig"}
        for name, key in keys.items()
    ]
    return json.dumps({"keys": public})


def token(key=KEY, algorithm="RS256", kid="one", leave_out=(), **claims):
    now = int(time.time())
    content = {
        "iss": ISSUER, "aud": "parkrisk", "sub": "zhang", "iat": now, "exp": now + 600, "tenant": MINE,
        "role": "approver", **claims,
    }  # fmt: skip
    kept = {name: value for name, value in content.items() if name not in leave_out}
    return jwt.encode(kept, key, algorithm=algorithm, headers={"kid": kid} if kid else {})


@pytest.fixture(scope="module")
def frame(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tokens")
    (folder / "keys.json").write_text(key_set(one=KEY))
    with serving(Settings(data_dir=folder, oidc_issuer=ISSUER, oidc_jwks=str(folder / "keys.json"))) as served:
        yield served


def test_a_sound_token(frame):
    assert frame("GET", "/v1/me", key=token()).json() == {
        "tenant": MINE,
        "name": "zhang",
        "role": "approver",
        "permissions": ["ask", "decide", "read", "report"],
    }
    assert frame("GET", "/v1/keys", key=token()).status_code == 403


NOW = int(time.time())
UNSOUND = {
    "signed by another": {"key": OTHER},
    "unknown key": {"kid": "two"},
    "names no key": {"kid": None},
    "unsigned": {"key": None, "algorithm": "none"},
    "signed with the public key as a secret": {"key": "s" * 64, "algorithm": "HS256"},
    "algorithm not allowed": {"algorithm": "RS512"},
    "issued by another": {"iss": "https://evil.example"},
    "for another": {"aud": "another"},
    "expired": {"exp": NOW - 3600},
    "not yet": {"nbf": NOW + 3600},
    "no expiry": {"leave_out": ["exp"]},
    "no audience": {"leave_out": ["aud"]},
    "no issuer": {"leave_out": ["iss"]},
    "no subject": {"leave_out": ["sub"]},
    "no tenant": {"leave_out": ["tenant"]},
    "no role": {"leave_out": ["role"]},
    "unknown tenant": {"tenant": "nowhere"},
    "unknown role": {"role": "root"},
    "several roles": {"role": ["admin"]},
    "tenant is no text": {"tenant": 1},
    "subject is empty": {"sub": ""},
    "tenant with a zero": {"tenant": "a\x00"},
}


@pytest.mark.parametrize("unsound", UNSOUND.values(), ids=UNSOUND)
def test_an_unsound_token(frame, unsound):
    assert frame("GET", "/v1/me", key=token(**unsound)).status_code == 401


@pytest.mark.parametrize("text", ["a.b.c", "..", "e30.e30.", "é.b.c".encode("latin-1").decode("latin-1")])
def test_what_is_no_token(frame, text):
    answer = frame("GET", "/v1/me", role=None, headers={"Authorization": f"Bearer {text}".encode("latin-1")})
    assert answer.status_code == 401


def test_without_an_issuer_no_token_opens(tmp_path):
    with serving(Settings(data_dir=tmp_path)) as call:
        assert call("GET", "/v1/me", key=token()).status_code == 401


def test_names_of_claims_are_settings(tmp_path):
    (tmp_path / "keys.json").write_text(key_set(one=KEY))
    settings = Settings(
        data_dir=tmp_path,
        oidc_issuer=ISSUER,
        oidc_jwks=str(tmp_path / "keys.json"),
        oidc_tenant_claim="park",
        oidc_role_claim="https://park.example/role",
    )
    with serving(settings) as call:
        more = {"park": MINE, "https://park.example/role": "reader"}
        assert call("GET", "/v1/me", key=token(**more)).json()["role"] == "reader"
        assert call("GET", "/v1/me", key=token()).status_code == 401


def test_an_unreadable_key_set_stops_the_start(tmp_path):
    for content in ("", "{}", '{"keys": []}', "[]"):
        (tmp_path / "keys.json").write_text(content)
        settings = Settings(data_dir=tmp_path, oidc_issuer=ISSUER, oidc_jwks=str(tmp_path / "keys.json"))
        with pytest.raises(SettingsError, match="PARKRISK_OIDC_JWKS"), serving(settings):
            pass


@pytest.fixture
def provider():
    """An identity provider on the loopback: what it answers, and how often it was asked."""

    class Provider(http.server.BaseHTTPRequestHandler):
        content, status, asked = key_set(one=KEY), 200, 0

        def do_GET(self):
            Provider.asked += 1
            self.send_response(Provider.status)
            self.end_headers()
            self.wfile.write(Provider.content.encode())

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Provider) as server:
        Provider.address = f"http://127.0.0.1:{server.server_port}/keys"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Provider
        server.shutdown()
        thread.join()


def test_keys_of_an_address_are_kept(tmp_path, provider):
    with serving(Settings(data_dir=tmp_path, oidc_issuer=ISSUER, oidc_jwks=provider.address)) as call:
        assert [call("GET", "/v1/me", key=token()).status_code for _ in range(3)] == [200] * 3
        assert provider.asked == 1
        # Made-up names of keys do not make the service ask for each.
        assert {call("GET", "/v1/me", key=token(kid=f"x{n}")).status_code for n in range(5)} == {401}
        assert provider.asked == 1


@pytest.mark.parametrize(("status", "content"), [(500, ""), (200, "no JSON"), (200, "[]"), (200, '{"keys": []}')])
def test_a_provider_that_fails_closes(tmp_path, provider, status, content):
    provider.status, provider.content = status, content
    with serving(Settings(data_dir=tmp_path, oidc_issuer=ISSUER, oidc_jwks=provider.address)) as call:
        assert {call("GET", "/v1/me", key=token()).status_code for _ in range(4)} == {401}
        assert provider.asked == 1
        assert call("GET", "/v1/me").status_code == 200  # keys of the service go on working
