"""Typed settings. The sentence under each field is what the setup wizard and docs/settings.md print.

Sources, the first that has a value wins: systemd credentials (``$CREDENTIALS_DIRECTORY``), the environment, ``.env``
beside this file. A field ``groq_api_key`` is read from ``GROQ_API_KEY``; fields marked ``VESPERA_`` carry that prefix.
"""

import io
import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, get_type_hints

from addresses import HTTP, WEBSOCKET, checked_url
from errors import BadConfiguration

HOME = Path(__file__).resolve().parent
_KEY = re.compile(r"[0-9a-fA-F]{64}")


def _setting(default: Any, *, env: str, secret: bool = False, low: float = 0, high: float = 1e12) -> Any:
    return field(default=default, metadata={"env": env, "secret": secret, "low": low, "high": high})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything an operator can set. Unknown to the program: any other variable."""

    discord_token: str = _setting("", env="DISCORD_TOKEN", secret=True)
    """Bot token of the Discord application; needed by the bot alone."""
    discord_api_url: str = _setting("", env="DISCORD_API_URL")
    """Base of Discord's REST API when a proxy stands in front of it, e.g. http://127.0.0.1:8080/api/v10."""
    discord_gateway_url: str = _setting("", env="DISCORD_GATEWAY_URL")
    """Address of Discord's gateway when a proxy stands in front of it, e.g. ws://127.0.0.1:8081."""

    groq_api_key: str = _setting("", env="GROQ_API_KEY", secret=True)
    """Key of Groq; empty leaves Groq out."""
    groq_model: str = _setting("openai/gpt-oss-120b", env="GROQ_MODEL")
    """Model to use at Groq."""
    groq_base_url: str = _setting("", env="GROQ_BASE_URL")
    """Base address of Groq's API; empty for Groq's own."""
    gemini_api_key: str = _setting("", env="GEMINI_API_KEY", secret=True)
    """Key of Google Gemini; empty leaves Gemini out."""
    gemini_model: str = _setting("gemini-2.5-flash", env="GEMINI_MODEL")
    """Model to use at Gemini."""
    gemini_base_url: str = _setting("", env="GEMINI_BASE_URL")
    """Base address of Gemini's API; empty for Google's own."""
    openai_compatible_base_url: str = _setting("", env="OPENAI_COMPATIBLE_BASE_URL")
    """Address of a server that speaks OpenAI's protocol (LM Studio, Ollama, vLLM, OpenAI …); empty leaves it out."""
    openai_compatible_api_key: str = _setting("", env="OPENAI_COMPATIBLE_API_KEY", secret=True)
    """Key for that server; empty when it asks for none."""
    openai_compatible_model: str = _setting("", env="OPENAI_COMPATIBLE_MODEL")
    """Model to use there; needed with the address."""
    openai_compatible_embedding_model: str = _setting("", env="OPENAI_COMPATIBLE_EMBEDDING_MODEL")
    """Embedding model there, for the memory."""

    openai_compatible_embedding_dimension: int = _setting(0, env="OPENAI_COMPATIBLE_EMBEDDING_DIMENSION", high=16_384)
    """Numbers in a vector of that embedding model; 0 asks the server once."""
    gemini_embedding_model: str = _setting("", env="GEMINI_EMBEDDING_MODEL")
    """Embedding model at Gemini, for the memory, e.g. gemini-embedding-001; empty leaves Gemini out of it."""

    model_routes: str = _setting("", env="VESPERA_MODEL_ROUTES")
    """Order of providers per task type, e.g. cloud=gemini,groq; dnd=groq. Empty: Groq, Gemini, compatible server."""
    model_deadline_s: float = _setting(60.0, env="VESPERA_MODEL_DEADLINE_S", low=0.1, high=600)
    """Seconds a draft or a second opinion may take to come, fail-over and retries included."""
    model_retries: int = _setting(2, env="VESPERA_MODEL_RETRIES", high=10)
    """Further calls allowed per draft when calls fail, over all providers."""
    breaker_failures: int = _setting(3, env="VESPERA_BREAKER_FAILURES", low=1, high=100)
    """Failures in a row after which a provider is left alone for a while."""
    breaker_rest_s: float = _setting(30.0, env="VESPERA_BREAKER_REST_S", low=0.1, high=3600)
    """Seconds a failing provider is left alone before one probe."""
    prompt_tokens: int = _setting(3_000, env="VESPERA_PROMPT_TOKENS", low=500, high=100_000)
    """Bound on the facts put into a prompt, in tokens (characters / 3.5)."""
    memory_tokens: int = _setting(600, env="VESPERA_MEMORY_TOKENS", high=10_000)
    """Bound on what a draft's prompt is told from memory, in tokens (characters / 3.5); 0 for nothing."""
    draft_tokens: int = _setting(4_096, env="VESPERA_DRAFT_TOKENS", low=256, high=100_000)
    """Most tokens a draft may have."""
    tenant_daily_tokens: int = _setting(500_000, env="VESPERA_TENANT_DAILY_TOKENS", low=0)
    """Model tokens one server may use a day (UTC); 0 for no limit."""
    user_daily_tokens: int = _setting(100_000, env="VESPERA_USER_DAILY_TOKENS", low=0)
    """Model tokens one person may use a day (UTC); 0 for no limit."""

    user_per_minute: int = _setting(60, env="VESPERA_USER_PER_MINUTE", high=10_000)
    """Requests one person may make a minute; one that needs a draft counts as four; 0 for no limit."""
    tenant_per_minute: int = _setting(240, env="VESPERA_TENANT_PER_MINUTE", high=100_000)
    """Requests one server may make a minute, counted the same way; 0 for no limit."""

    running: int = _setting(3, env="VESPERA_RUNNING", low=1, high=64)
    """Answers made at the same time."""
    waiting: int = _setting(10, env="VESPERA_WAITING", high=1_000)
    """Answers that may wait behind them; further requests are told that the server is busy."""
    drafts: int = _setting(3, env="VESPERA_DRAFTS", low=1, high=3)
    """Drafts per answer before the safe fallback."""
    task_deadline_s: float = _setting(600.0, env="VESPERA_TASK_DEADLINE_S", low=1, high=3600)
    """Seconds after which an unfinished answer is closed as timed out."""
    cache_hours: float = _setting(24.0, env="VESPERA_CACHE_HOURS", high=8760)
    """Hours an accepted answer may be served from the cache."""
    cache_confidence: float = _setting(0.8, env="VESPERA_CACHE_CONFIDENCE", high=1)
    """Least confidence of an answer served from the cache."""
    keep_days: int = _setting(90, env="VESPERA_KEEP_DAYS", low=1, high=3650)
    """Days finished tasks are kept."""
    keep_trace_days: int = _setting(30, env="VESPERA_KEEP_TRACE_DAYS", low=1, high=3650)
    """Days the detailed trace of a task is kept; the compact trace lives as long as the task."""
    keep_audit_days: int = _setting(365, env="VESPERA_KEEP_AUDIT_DAYS", low=1, high=3650)
    """Days the audit log keeps its words; its digests stay, so that it can be verified whole."""
    default_edition: str = _setting("5.2", env="VESPERA_DEFAULT_EDITION")
    """Edition of the D&D rules when a question names none: 5.2 or 5.1."""
    insecure_terraform: str = _setting("warn", env="VESPERA_INSECURE_TERRAFORM")
    """What an insecure default in Terraform does: warn, or fail (drafts are rejected, checked files invalid)."""

    relay_repositories: str = _setting("", env="VESPERA_RELAY_REPOSITORIES")
    """Repositories in which people may start coding jobs from Discord: absolute paths, separated by colons."""
    relay_iterations: int = _setting(6, env="VESPERA_RELAY_ITERATIONS", low=1, high=50)
    """Tries of a coding job per goal before a person is asked."""
    relay_calls: int = _setting(1_000, env="VESPERA_RELAY_CALLS")
    """Calls to models that one coding job may make; 0 for no limit."""
    relay_tokens: int = _setting(3_000_000, env="VESPERA_RELAY_TOKENS")
    """Model tokens that one coding job may use; 0 for no limit."""
    relay_cost_usd: float = _setting(10.0, env="VESPERA_RELAY_COST_USD")
    """US dollars that one coding job may cost; 0 for no limit."""
    relay_prompt_tokens: int = _setting(8_000, env="VESPERA_RELAY_PROMPT_TOKENS", low=3_000, high=9_500)
    """Bound on a Builder's prompt, in tokens (characters / 3.5)."""
    relay_reply_tokens: int = _setting(8_192, env="VESPERA_RELAY_REPLY_TOKENS", low=512, high=100_000)
    """Most tokens a Builder's answer may have."""
    relay_builder_s: float = _setting(1_200.0, env="VESPERA_RELAY_BUILDER_S", low=0.5, high=7_200)
    """Seconds a Builder may take for one sprint, its repeated calls included."""
    relay_verifier_s: float = _setting(600.0, env="VESPERA_RELAY_VERIFIER_S", low=2, high=7_200)
    """Seconds a Verifier may take for one proposal."""
    relay_memory_mb: int = _setting(400, env="VESPERA_RELAY_MEMORY_MB", low=32, high=65_536)
    """MiB of memory that the checks of a proposal may use together."""
    relay_running: int = _setting(1, env="VESPERA_RELAY_RUNNING", low=1, high=16)
    """Coding jobs at work at the same time; the others wait. Only one at a time is verified."""
    relay_worktrees: str = _setting("", env="VESPERA_RELAY_WORKTREES")
    """Folder for working trees, best on a filesystem of fixed size; empty for one in the data directory."""
    relay_weak_sandbox: str = _setting("refuse", env="VESPERA_RELAY_WEAK_SANDBOX")
    """Whether checks run without bubblewrap where it is missing: refuse, or allow (network and files are then open)."""
    relay_port: int = _setting(0, env="VESPERA_RELAY_PORT", high=65_535)
    """Port on 127.0.0.1 at which the relay service offers its three roles over HTTP; 0 for none."""
    relay_token: str = _setting("", env="VESPERA_RELAY_TOKEN", secret=True)
    """Token that a caller of the three roles must bring; needed with the port."""
    relay_builder_url: str = _setting("", env="VESPERA_RELAY_BUILDER_URL")
    """Address of a Builder that runs elsewhere, e.g. http://127.0.0.1:8321; empty for the one in the service."""
    relay_verifier_url: str = _setting("", env="VESPERA_RELAY_VERIFIER_URL")
    """Address of a Verifier that runs elsewhere; empty for the one in the service."""

    metrics_port: int = _setting(0, env="VESPERA_METRICS_PORT", high=65_535)
    """Port at which the bot offers /metrics for Prometheus; 0 for none."""
    metrics_address: str = _setting("127.0.0.1", env="VESPERA_METRICS_ADDRESS")
    """IP address at which /metrics is offered; anything but loopback lets others read the figures."""
    otel_url: str = _setting("", env="VESPERA_OTEL_URL")
    """OpenTelemetry collector (OTLP over HTTP) that gets spans of tasks and model calls, e.g. http://127.0.0.1:4318."""

    at_rest_key: str = _setting("", env="VESPERA_AT_REST_KEY", secret=True)
    """Encrypts people's words in the databases: 64 hexadecimal digits, also kept elsewhere; empty: plain."""
    at_rest_key_before: str = _setting("", env="VESPERA_AT_REST_KEY_BEFORE", secret=True)
    """The key that is being replaced, until ./vespera rotate-key has ended; alone it lets the words be made plain."""
    backup_key: str = _setting("", env="VESPERA_BACKUP_KEY", secret=True)
    """Encrypts backups: 64 hexadecimal digits (`openssl rand -hex 32`), also kept elsewhere; empty: plain."""
    backup_days: int = _setting(14, env="VESPERA_BACKUP_DAYS", high=3650)
    """Days a dated backup lives: older ones in the same folder are deleted after a new one; 0 keeps all."""
    litestream: str = _setting("off", env="VESPERA_LITESTREAM")
    """Whether Litestream replicates the databases and is the only checkpointer: off or on; see docs/backup.md first."""

    data_dir: Path = _setting(HOME / "data", env="VESPERA_DATA_DIR")
    """Folder that holds the database and the key file; one process owns it at a time."""
    policy_file: Path = _setting(HOME / "policy.toml", env="VESPERA_POLICY_FILE")
    """Policy: who may ask what, topics refused, charter rules for drafts."""
    log_level: str = _setting("INFO", env="VESPERA_LOG_LEVEL")
    """Least level written to the log: DEBUG, INFO, WARNING or ERROR."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """Values that must never appear in a log, a trace or a prompt."""
        return tuple(
            getattr(self, item.name) for item in fields(self) if item.metadata["secret"] and getattr(self, item.name)
        )


def load_settings(environ: Mapping[str, str] | None = None, env_file: Path | None = HOME / ".env") -> Settings:
    """Read the settings.

    Raises:
        BadConfiguration: a value has the wrong type or is out of range; the text names the variable, never a secret.
    """
    environ = os.environ if environ is None else environ
    layers = [_credentials(environ), environ, _dotenv(env_file)]
    kinds = get_type_hints(Settings)
    values: dict[str, Any] = {}
    for item in fields(Settings):
        raw = next((layer[item.metadata["env"]] for layer in layers if layer.get(item.metadata["env"])), None)
        if raw is not None:
            values[item.name] = _parse(item.metadata, kinds[item.name], raw.strip())
    settings = Settings(**values)
    _check(settings)
    return settings


def _parse(metadata: Mapping[str, Any], kind: type, raw: str) -> Any:
    name = metadata["env"]
    if kind is str:
        return raw
    if kind is Path:
        return Path(raw).expanduser().resolve()
    try:
        value = kind(raw)
    except ValueError:
        raise BadConfiguration(f"{name} must be a number.") from None
    if not metadata["low"] <= value <= metadata["high"]:
        raise BadConfiguration(f"{name} must be between {metadata['low']:g} and {metadata['high']:g}.")
    return value


def _check(settings: Settings) -> None:
    if settings.log_level.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise BadConfiguration("VESPERA_LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR.")
    if settings.default_edition not in {"5.1", "5.2"}:
        raise BadConfiguration("VESPERA_DEFAULT_EDITION must be 5.1 or 5.2.")
    if settings.insecure_terraform not in {"warn", "fail"}:
        raise BadConfiguration("VESPERA_INSECURE_TERRAFORM must be warn or fail.")
    if settings.relay_weak_sandbox not in {"refuse", "allow"}:
        raise BadConfiguration("VESPERA_RELAY_WEAK_SANDBOX must be refuse or allow.")
    if len(settings.relay_token) < 16 and (settings.relay_port or settings.relay_token):
        raise BadConfiguration("VESPERA_RELAY_PORT needs a VESPERA_RELAY_TOKEN of at least 16 characters.")
    if not _is_ip_address(settings.metrics_address):
        raise BadConfiguration("VESPERA_METRICS_ADDRESS must be an IP address, for example 127.0.0.1.")
    if settings.litestream not in {"off", "on"}:
        raise BadConfiguration("VESPERA_LITESTREAM must be off or on.")
    for name in ("backup_key", "at_rest_key", "at_rest_key_before"):
        if (key := getattr(settings, name)) and not _KEY.fullmatch(key):
            raise BadConfiguration(
                f"VESPERA_{name.upper()} must be 64 hexadecimal digits, for example of openssl rand -hex 32."
            )
    for item in fields(settings):
        value = getattr(settings, item.name)
        if item.name.endswith("_url") and value:
            checked_url(item.metadata["env"], value, WEBSOCKET if item.name.endswith("gateway_url") else HTTP)


def _is_ip_address(text: str) -> bool:
    try:
        return bool(ipaddress.ip_address(text))
    except ValueError:
        return False


def _credentials(environ: Mapping[str, str]) -> dict[str, str]:
    folder = environ.get("CREDENTIALS_DIRECTORY")
    if not folder or not Path(folder).is_dir():
        return {}
    return {path.name: _text(path).strip() for path in Path(folder).iterdir() if path.is_file()}


def _dotenv(path: Path | None) -> dict[str, str]:
    if path is None or not path.is_file():
        return {}
    from dotenv import dotenv_values

    lines = io.StringIO(_text(path))
    return {name: value for name, value in dotenv_values(stream=lines, interpolate=False).items() if value}


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise BadConfiguration(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise BadConfiguration(
            f"{path} is not UTF-8 text. Save it as UTF-8, or write it with ./vespera setup."
        ) from None
