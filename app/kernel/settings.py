"""Settings: read once by a door from the environment (prefix `SKRANKE_`), then handed down."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

MIB = 1024 * 1024
_ORIGIN = re.compile(r"https?://[a-z0-9.:\[\]-]+")


def _is_origin(text: str) -> str:
    """Browsers send origins in small letters without a path, and are compared letter by letter:
    any other spelling would let nobody in, and `*` everybody (RFC 6454, section 6.2)."""
    if not _ORIGIN.fullmatch(text):
        raise ValueError(
            f"{text!r} is no origin. Write scheme, host and port alone, in small letters and with"
            " nothing behind them, as https://portal.acme.example."
        )
    return text


class Settings(BaseSettings):
    """Everything an operator may set. Each field is the variable `SKRANKE_<FIELD>` in capitals."""

    model_config = SettingsConfigDict(env_prefix="SKRANKE_", env_ignore_empty=True, extra="ignore")

    host: str = Field("127.0.0.1", description="Address the API listens on.")
    port: int = Field(8000, ge=1, le=65535, description="Port the API listens on.")
    public_url: str | None = Field(
        None, description="Address under which people reach the API; links in mails start with it."
    )
    data_dir: Path = Field(
        Path("var"), description="Where the embedded database, attachments and mails live."
    )

    database_url: SecretStr | None = Field(
        None,
        description="The app role's database, for the API. Without any of the three addresses the"
        " embedded PostgreSQL is used.",
    )
    migration_database_url: SecretStr | None = Field(
        None, description="The owner role's database, for `skranke database migrate`."
    )
    worker_database_url: SecretStr | None = Field(
        None,
        description="The worker role's database, for the worker and for commands such as `portal`,"
        " `user` and `key`.",
    )
    database_pool_size: int = Field(10, ge=1, le=200, description="Connections per process.")
    database_prepared_statements: bool = Field(
        True,
        description="Whether statements are prepared on the server. `false` behind a pooler that"
        " gives each transaction another connection and keeps none (PgBouncer before 1.21).",
    )

    secret_key: SecretStr | None = Field(
        None,
        min_length=32,
        description="Signs download addresses and reply addresses. Without it, one is made and"
        " kept in the data directory; several API processes must share one.",
    )

    smtp_url: SecretStr | None = Field(
        None,
        description="smtp://user:password@host:port or smtps://…; without it mails are"
        " written to the maildir `mail` in the data directory.",
    )
    mail_domain: str = Field(
        "skranke.example",
        pattern=r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$",
        max_length=150,
        description="Domain of Message-IDs and of reply addresses.",
    )

    storage_url: str | None = Field(
        None,
        description="Where attachments live: file:///path, s3://bucket, az://container or"
        " gs://bucket. Default: `attachments` in the data directory.",
    )
    attachment_limit_bytes: int = Field(
        1024 * MIB, ge=1, le=2**31 - 1, description="Largest attachment; at most 2 GiB."
    )
    scanner_url: str | None = Field(
        None,
        description="A clamd that looks at files: tcp://host:port or unix:///path/to/clamd.ctl."
        " Without it files stay unscanned.",
    )
    body_limit_bytes: int = Field(MIB, ge=1024, description="Largest JSON body.")

    allowed_origins: list[Annotated[str, AfterValidator(_is_origin)]] = Field(
        default_factory=list,
        description="Origins of browser frontends, as https://portal.acme.example.",
    )
    trusted_proxies: list[str] = Field(
        default_factory=list,
        description="Addresses or networks whose X-Forwarded-For and -Proto are believed.",
    )
    requests_per_minute: int = Field(
        1200, ge=1, description="Requests a caller may make in a minute, per API process."
    )
    requests_at_once_of_tenant: int = Field(
        3,
        ge=1,
        description="Requests of one tenant that an API process works on at once while other"
        " tenants call too; more of them wait, and get 503 where too many do.",
    )
    sign_ins_per_minute: int = Field(
        30, ge=1, description="Attempts to sign in from one network address in a minute."
    )

    stop_grace_seconds: float = Field(
        0,
        ge=0,
        le=60,
        description="For how many seconds an API process that is told to stop goes on taking"
        " requests, while `/readyz` says 503: longer than whoever asks that needs to see it.",
    )

    secrets_dir: Path | None = Field(
        None,
        description="Folder with secrets that portal definitions name, one file each:"
        " <portal>/<name>. The variable SKRANKE_SECRET__<PORTAL>__<NAME> wins over it.",
    )
    loopback_providers: bool = Field(
        False,
        description="For tests and development: whether OpenID providers may stand on this machine"
        " and speak plain http.",
    )

    environment: Literal["production", "development"] = Field(
        "production",
        description="API keys name it (`skr_live_…`, `skr_test_…`): one kind of installation takes"
        " none of the other's.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Least grave lines that are logged."
    )
    log_format: Literal["auto", "json", "console"] = Field(
        "auto",
        description="`json`: one object a line; `console`: for people; `auto`: for people on a"
        " terminal, else objects.",
    )
    clock_file: Path | None = Field(
        None, description="For tests: a file whose RFC 3339 time the clock shows."
    )

    @property
    def base_url(self) -> str:
        """The address people reach the API under, without a slash at its end."""
        return (self.public_url or self.listening_address).rstrip("/")

    @property
    def storage_address(self) -> str:
        """Where attachments live, as an address."""
        return self.storage_url or self._attachments_address

    @property
    def keeps_attachments(self) -> bool:
        """Whether attachments live in the data directory, named or by default."""
        return self.storage_address.rstrip("/") == self._attachments_address

    @property
    def _attachments_address(self) -> str:
        return (self.data_dir.absolute() / "attachments").as_uri()

    @property
    def listening_address(self) -> str:
        """The address the API itself listens on, without a slash at its end."""
        return f"http://{self.host}:{self.port}"

    @property
    def key_file(self) -> Path:
        """Where the signing key is kept if none is set."""
        return self.data_dir / "secret.key"

    @property
    def embedded(self) -> bool:
        """Whether the database is the embedded PostgreSQL of the data directory."""
        addresses = (self.database_url, self.migration_database_url, self.worker_database_url)
        return not any(addresses)
