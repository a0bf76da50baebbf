"""Settings of the service: the environment, prefix ``PARKRISK_``; nothing else is read."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self
from urllib.parse import urlsplit

import platformdirs
from limits import parse as parse_rate
from pydantic import AfterValidator, Field, IPvAnyNetwork, SecretStr, ValidationError, model_validator
from pydantic.functional_validators import BeforeValidator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from pydantic_settings import SettingsError as PydanticSettingsError

from parkrisk.models.errors import ParkRiskError

PREFIX = "PARKRISK_"

#: Names with the prefix that other parts of the program read.
_OF_OTHERS = frozenset({"PARKRISK_CACHE_DIR", "PARKRISK_FOOTPRINT_CACHE_MB", "PARKRISK_HYRAM_PYTHON"})
_OF_TESTS = "PARKRISK_TEST_"


#: Where settings may lie as files, each named as its setting: Docker's secrets; systemd says where in the environment.
_SECRETS = (os.environ.get("CREDENTIALS_DIRECTORY", ""), "/run/secrets")


class SettingsError(ParkRiskError):
    """A setting is unknown or has a wrong value."""

    code = "settings.invalid"


def _described(zh: str, en: str, **more: Any) -> Any:
    return Field(description=en, json_schema_extra={"description_zh": zh}, **more)


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _rate(value: str) -> str:
    try:
        parse_rate(value)
    except ValueError:
        raise ValueError("should be like 60/minute 应如 60/minute") from None
    return value


Listed = BeforeValidator(_split)
Port = Annotated[int, Field(ge=1, le=65535)]
#: Of asymmetric signatures only: who can check a token can not make one.
Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
Rate = Annotated[str, AfterValidator(_rate)]


class Settings(BaseSettings):
    """All settings of the service."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True)

    database_url: SecretStr = _described(
        "数据库地址，sqlite:///文件 或 postgresql+psycopg://用户:口令@主机/库；空：数据目录中的 SQLite 文件",
        "Database, sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME; empty: an SQLite file in the data "
        "folder",
        default=SecretStr(""),
    )
    data_dir: Path = _described(
        "数据目录",
        "Data folder",
        default_factory=lambda: Path(platformdirs.user_data_dir("parkrisk", appauthor=False)),
    )
    engines: int = _described("计算子进程数", "Computing children", default=2, ge=1, le=256)
    engine_threads: int = _described(
        "每个计算子进程的线程数；0：全部处理器",
        "Threads of each; 0: all processors",
        default=0,
        ge=0,
    )
    engine_memory_mb: int = _described(
        "每个计算子进程的内存上限 [MB]", "Memory limit of each [MB]", default=6144, ge=512
    )
    engine_cache: int = _described(
        "每个计算子进程保留的评估数，供假设分析快速回答",
        "Assessments each keeps at hand for quick what-if answers",
        default=3,
        ge=0,
    )
    wait_seconds: float = _described(
        "同步请求最长等待计算的时间 [s]", "Longest a synchronous request waits for its answer [s]", default=30, gt=0
    )
    job_seconds: float = _described("一个任务最长计算时间 [s]", "Longest time of a job [s]", default=3600, gt=0)
    job_attempts: int = _described(
        "任务使计算进程或工作进程中断时最多开始的次数",
        "How often a job that costs its engine or its worker is begun",
        default=5,
        ge=1,
        le=100,
    )
    worker_unseen_seconds: float = _described(
        "工作进程多久无音讯后，其任务由其他工作进程接手 [s]",
        "A worker not heard of for so long loses its jobs to another [s]",
        default=30,
        ge=1,
    )
    most_waiting: int = _described(
        "同时等待计算的同步请求数上限", "How many synchronous requests may wait at once", default=32, ge=1, le=1000
    )
    body_mb: int = _described("请求体上限 [MB]", "Largest request body [MB]", default=32, ge=1, le=1024)
    rate_by_key: Rate = _described(
        "每个密钥的请求频率上限，按服务进程计",
        "Most requests of one key, to each server process",
        default="1200/minute",
    )
    rate_by_address: Rate = _described(
        "每个地址未通过身份验证的请求频率上限，按服务进程计",
        "Most requests without a valid key from one address, to each server process",
        default="60/minute",
    )
    key_cache_seconds: float = _described(
        "验证过的密钥的缓存时间 [s]；撤销最迟在此时间后生效",
        "How long a verified key is remembered [s]; a revoked key ends at most so much later",
        default=5,
        ge=0,
        le=60,
    )
    oidc_issuer: str = _described(
        "身份提供方 (OIDC) 的 issuer；空：不接受令牌", "Issuer of tokens (OIDC); empty: tokens are refused", default=""
    )
    oidc_audience: str = _described("令牌的 audience", "Audience of tokens", default="parkrisk")
    oidc_jwks: str = _described(
        "公钥集 (JWKS) 的 https 地址或文件", "Key set (JWKS): https address, or a file", default=""
    )
    oidc_algorithms: Annotated[tuple[Algorithm, ...], NoDecode, Listed] = _described(
        "接受的签名算法", "Signature algorithms that are accepted", default=("RS256", "ES256")
    )
    oidc_leeway_seconds: float = _described("时钟误差 [s]", "Tolerance of clocks [s]", default=30, ge=0, le=300)
    oidc_tenant_claim: str = _described("租户所在的声明", "Claim that names the tenant", default="tenant")
    oidc_role_claim: str = _described("角色所在的声明", "Claim that names the role", default="role")
    cors_origins: Annotated[tuple[str, ...], NoDecode, Listed] = _described(
        "允许跨域访问的来源，逗号分隔；空：不允许",
        "Origins that may call from a browser, with commas; empty: none",
        default=(),
    )
    trusted_proxies: Annotated[tuple[IPvAnyNetwork, ...], NoDecode, Listed] = _described(
        "可信反向代理的地址或网段，逗号分隔",
        "Addresses or networks of trusted proxies, with commas",
        default=(),
    )
    behind_tls: bool = _described(
        "服务位于 TLS 代理之后：发送 HSTS", "The service stands behind a TLS proxy: HSTS is sent", default=False
    )
    webhook_networks: Annotated[tuple[IPvAnyNetwork, ...], NoDecode, Listed] = _described(
        "除公共互联网外，允许网络钩子访问的内网网段，逗号分隔",
        "Networks of an intranet that webhooks may call beside the public internet, with commas",
        default=(),
    )
    webhook_ports: Annotated[tuple[Port, ...], NoDecode, Listed] = _described(
        "网络钩子允许的端口", "Ports that webhooks may call", default=(443, 8443)
    )
    webhook_plain_http: bool = _described(
        "允许网络钩子使用不加密的 http", "Webhooks may use http without encryption", default=False
    )
    log_level: Literal["debug", "info", "warning", "error"] = _described(
        "日志级别",
        "Level of the log",
        default="info",
    )
    log_format: Literal["auto", "json", "console"] = _described(
        "日志格式；auto：终端上便于阅读，否则 JSON",
        "Form of the log; auto: readable on a terminal, else JSON",
        default="auto",
    )

    @model_validator(mode="after")
    def _keys_of_the_issuer(self) -> Self:
        """Refuse an issuer whose keys are not known, or come over a line that anyone may change."""
        place = urlsplit(self.oidc_jwks)
        local = place.scheme == "http" and place.hostname in ("127.0.0.1", "::1", "localhost")
        if self.oidc_issuer and not (self.oidc_jwks and (place.scheme in ("", "https") or local)):
            raise ValueError("PARKRISK_OIDC_JWKS must be an https address or a file 应为 https 地址或文件")
        return self

    @property
    def database(self) -> str:
        """URL of the database, with its password."""
        return self.database_url.get_secret_value() or f"sqlite:///{self.data_dir / 'parkrisk.sqlite'}"


def read_settings() -> Settings:
    """Read the settings; one clear error lists all that is wrong, without the values."""
    known = _OF_OTHERS | {PREFIX + name.upper() for name in Settings.model_fields}
    unknown = sorted(
        name
        for name in os.environ
        if name.upper().startswith(PREFIX) and name.upper() not in known and not name.upper().startswith(_OF_TESTS)
    )
    wrong = [f"{name}: unknown 未知设置" for name in unknown]
    settings = None
    try:
        settings = Settings(_secrets_dir=[place for place in _SECRETS if place and Path(place).is_dir()])  # type: ignore[call-arg]
    except ValidationError as error:
        wrong += [_said(each) for each in error.errors()]
    except PydanticSettingsError as error:
        wrong.append(str(error))
    if settings is None or wrong:
        listed = "; ".join(wrong)
        raise SettingsError(f"设置有误：{listed}", f"wrong settings: {listed}")
    return settings


def _said(error: Any) -> str:
    where = f"{PREFIX}{str(error['loc'][0]).upper()}: " if error["loc"] else ""
    return where + str(error["msg"]).removeprefix("Value error, ")


class Described(NamedTuple):
    """One line of the table of settings."""

    name: str
    default: str
    zh: str
    en: str


def described() -> Iterator[Described]:
    """Give the table of settings."""
    for name, field in Settings.model_fields.items():
        more = field.json_schema_extra
        assert isinstance(more, dict)
        default = field.default
        shown = ",".join(map(str, default)) if isinstance(default, tuple) else str(default)
        if field.default_factory is not None:
            shown = "~/.local/share/parkrisk"
        yield Described(PREFIX + name.upper(), shown, str(more["description_zh"]), field.description or "")
