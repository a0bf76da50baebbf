"""Tokens of an identity provider (OIDC): JSON Web Tokens, checked by PyJWT. Any doubt is a refusal."""

import json
import time
from pathlib import Path
from typing import Any

import jwt
import structlog

from parkrisk.api.service.identity.roles import Caller, role_named
from parkrisk.api.service.settings import Settings, SettingsError
from parkrisk.api.service.store.database import Store
from parkrisk.api.service.store.tenants import find_tenant

_log = structlog.stdlib.get_logger(__name__)

#: Time limit of asking for the key set, how long it is kept, and the pause after it could not be had. [s]
_TIMEOUT, _LIFESPAN, _PAUSE = 5.0, 300.0, 15.0
_REQUIRED = ("exp", "iat", "iss", "aud", "sub")


class Tokens:
    """Verifies tokens of the one issuer of the settings; without an issuer every token is refused."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._keys = _key_set(settings.oidc_jwks) if settings.oidc_issuer else None

    def caller(self, text: str) -> Caller | None:
        """Return whom a token names; None: it is no valid token, or names no known tenant or role."""
        if self._keys is None:
            return None
        try:
            key = self._keys.key(jwt.get_unverified_header(text).get("kid"))
            claims = self._claims(text, key)
        except jwt.PyJWTError as error:
            _log.info("token refused", why=type(error).__name__)
            return None
        role = role_named(claims.get(self._settings.oidc_role_claim))
        tenant = claims.get(self._settings.oidc_tenant_claim)
        if role is None or not isinstance(tenant, str) or not _is_text(tenant) or not _is_text(claims["sub"]):
            _log.info("token refused", why="tenant or role")
            return None
        with self._store.reading() as connection:
            if find_tenant(connection, tenant) is None:
                return None
        return Caller(tenant, claims["sub"], role, None)

    def _claims(self, text: str, key: jwt.PyJWK) -> dict[str, Any]:
        return jwt.decode(
            text,
            key,
            algorithms=list(self._settings.oidc_algorithms),
            audience=self._settings.oidc_audience,
            issuer=self._settings.oidc_issuer,
            leeway=self._settings.oidc_leeway_seconds,
            options={"require": list(_REQUIRED)},
        )


def _is_text(value: str) -> bool:
    return 0 < len(value) <= 200 and value.isprintable()


class _FileOfKeys:
    """Keys of a file, read once."""

    def __init__(self, path: Path) -> None:
        try:
            self._keys = jwt.PyJWKSet.from_dict(json.loads(path.read_bytes()))
        except (OSError, ValueError, jwt.PyJWTError, AttributeError):
            raise SettingsError(
                "PARKRISK_OIDC_JWKS 不是可读的公钥集文件", "PARKRISK_OIDC_JWKS is no readable file of a key set"
            ) from None

    def key(self, key_id: object) -> jwt.PyJWK:
        for key in self._keys.keys:
            if key.key_id == key_id:
                return key
        raise jwt.PyJWKSetError("no such key")


class _Client(jwt.PyJWKClient):
    """Asks for the key set, but not right after it could not be had; what was had before stays good for its time."""

    _not_before = 0.0

    def fetch_data(self) -> Any:
        if time.monotonic() < self._not_before:
            raise jwt.PyJWKClientConnectionError("the key set could not be had a moment ago")
        try:
            return super().fetch_data()
        except (jwt.PyJWTError, ValueError, OSError) as error:
            self._not_before = time.monotonic() + _PAUSE
            _log.error("the key set of the identity provider cannot be had", why=type(error).__name__)
            raise jwt.PyJWKClientConnectionError("the key set cannot be had") from None


class _AddressOfKeys:
    """Keys of an address, kept for some minutes; one thread at a time asks for them."""

    def __init__(self, address: str) -> None:
        self._client = _Client(address, lifespan=_LIFESPAN, timeout=_TIMEOUT)

    def key(self, key_id: object) -> jwt.PyJWK:
        if not isinstance(key_id, str):
            raise jwt.PyJWKClientError("the token names no key")
        return self._client.get_signing_key(key_id)


def _key_set(place: str) -> _FileOfKeys | _AddressOfKeys:
    return _AddressOfKeys(place) if place.startswith(("https://", "http://")) else _FileOfKeys(Path(place))
