"""Settings: one clear error for all that is wrong, and no secret shown."""

import pytest

from parkrisk.api.service.settings import Settings, SettingsError, described, read_settings


@pytest.fixture
def environment(monkeypatch):
    """Settings of the environment, none but those given."""
    import os

    for name in [name for name in os.environ if name.startswith("PARKRISK_")]:
        monkeypatch.delenv(name)
    return lambda **names: [monkeypatch.setenv(name, value) for name, value in names.items()]


def test_every_setting_is_described_in_both_languages():
    rows = list(described())
    assert [row.name for row in rows] == [f"PARKRISK_{name.upper()}" for name in Settings.model_fields]
    for row in rows:
        assert any("\u4e00" <= sign <= "\u9fff" for sign in row.zh), row
        assert row.en.isascii()
        assert "Undefined" not in row.default


def test_settings_of_the_environment(environment):
    environment(
        PARKRISK_ENGINES="2",
        PARKRISK_CORS_ORIGINS="https://a.example, https://b.example",
        PARKRISK_TRUSTED_PROXIES="10.0.0.0/8,::1",
        PARKRISK_DATABASE_URL="postgresql://park:swordfish@db/park",
        PARKRISK_CACHE_DIR="/x",
        PARKRISK_TEST_ANYTHING="1",
    )
    found = read_settings()
    assert found.engines == 2
    assert found.cors_origins == ("https://a.example", "https://b.example")
    assert [str(network) for network in found.trusted_proxies] == ["10.0.0.0/8", "::1/128"]
    assert found.database == "postgresql://park:swordfish@db/park"
    assert "swordfish" not in repr(found)


def test_all_that_is_wrong_at_once_without_its_values(environment):
    environment(
        PARKRISK_ENGINES="swordfish",
        PARKRISK_DATABSE_URL="swordfish",
        PARKRISK_RATE_BY_KEY="swordfish",
        PARKRISK_OIDC_ALGORITHMS="HS256",
        PARKRISK_OIDC_ISSUER="https://id.example",
        PARKRISK_BODY_MB="0",
    )
    with pytest.raises(SettingsError) as wrong:
        read_settings()
    for name in ("ENGINES", "DATABSE_URL", "RATE_BY_KEY", "OIDC_ALGORITHMS", "BODY_MB"):
        assert f"PARKRISK_{name}" in wrong.value.message_en
        assert f"PARKRISK_{name}" in wrong.value.message_zh
    assert "swordfish" not in str(wrong.value)


@pytest.mark.parametrize("place", ["", "http://id.example/keys", "ftp://id.example/keys"])
def test_an_issuer_needs_its_keys_from_a_safe_place(environment, place):
    environment(PARKRISK_OIDC_ISSUER="https://id.example", PARKRISK_OIDC_JWKS=place)
    with pytest.raises(SettingsError, match="PARKRISK_OIDC_JWKS"):
        read_settings()
