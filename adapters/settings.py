"""Settings, all from the environment with the prefix CHORUS_; every fault is named at once."""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from adapters import key_source
from adapters.env_file import faults_of
from adapters.key_source import SettingsError
from adapters.setting_kinds import Days, Host, Hours, Name, Rates, WebAddress, unquoted
from adapters.web.local import is_local_address
from bot.core.allowed_workspaces import AllowedWorkspaces, platform_of
from bot.core.rules import Rules
from bot.core.webhook_signing import is_secret
from bot.features.pulse.domain.noise import Noise
from bot.features.pulse.domain.privacy_budget import MOST_A_YEAR, cost_of_factor
from scheduler.jobs.kept import Kept
from storage.secrets import load_keys

NETWORKS = ("bluesky", "mastodon", "linkedin")
NAMED_WORKSPACE = re.compile(r"(slack|teams):[\w.-]+")
ANY_TENANT = re.compile(r"login\.microsoftonline\.com/(common|organizations|consumers)\b")
SECRETS_DIR = "CHORUS_SECRETS_DIR"  # a folder with settings in files, as mounted secrets are: chorus_slack_bot_token


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="CHORUS_", env_file=".env", extra="ignore", frozen=True, populate_by_name=True
    )

    database_url: str = "sqlite:///chorus.db"
    base_url: WebAddress = ""  # https address that the world reaches; default: where the web server listens
    secret_keys: SecretStr = SecretStr("")  # newest first, separated by commas
    secret_keys_file: str = ""  # instead: a file with a key a line, such as a mounted secret
    secret_keys_command: str = ""  # instead: a command that prints them, such as the client of a key service
    seal_people: bool = False  # names and addresses are sealed in the database, too
    organisation: Name = "our organisation"
    workspaces: str = ""  # that belong to the organisation, separated by commas: slack:T0123, teams:<tenant>

    slack_signing_secret: SecretStr = SecretStr("")
    slack_bot_token: SecretStr = SecretStr("")
    slack_app_token: SecretStr = SecretStr("")
    slack_client_id: str = ""
    slack_client_secret: SecretStr = SecretStr("")
    slack_api_url: WebAddress = "https://slack.com/api"
    slack_mode: Literal["http", "socket"] = "http"

    teams_app_id: str = ""
    teams_app_password: SecretStr = SecretStr("")
    teams_app_type: Literal["SingleTenant", "MultiTenant"] = "SingleTenant"
    teams_tenant_id: str = ""

    webhook_secret: SecretStr = SecretStr("")  # that monitoring services and whoever keeps leads sign with

    playground: bool = False

    nudge_hours: Hours = (9, 16)  # local hours, the last excluded
    nudge_days: Days = (1, 2, 3)  # "tue-thu" or "mon,wed"
    nudge_holidays: bool = False
    nudge_gap_hours: float = Field(48.0, ge=0, le=8784)
    nudge_spread_minutes: float = Field(180.0, ge=0, le=1440)
    messages_a_day: int = Field(1, ge=1)
    messages_a_week: int = Field(2, ge=1)
    second_approver: bool = False
    no_nudge_share: float = Field(0.2, ge=0, le=0.5)
    tick_seconds: float = Field(30.0, gt=0, le=300)
    keep_leavers_days: int = Field(30, ge=0, le=30)  # what is known of people who left
    keep_deliveries_days: int = Field(90, ge=35, le=90)  # a message that is settled
    keep_nudges_days: int = Field(90, ge=35, le=90)  # the words of a nudge
    keep_mentions_days: int = Field(365, ge=30, le=365)  # the words of a mention
    keep_history_days: int = Field(365, ge=30, le=365)  # who changed the framework

    office_hours: Hours = (9, 17)  # local, in which owners are expected to answer
    acknowledge_hours: float = Field(4.0, gt=0, le=80)  # working hours until a question is taken
    answer_days: float = Field(2.0, gt=0, le=30)  # working days until it is answered

    openai_api_key: SecretStr = Field(SecretStr(""), validation_alias="OPENAI_API_KEY")
    openai_base_url: str = Field("", validation_alias="OPENAI_BASE_URL")
    openai_model: str = "gpt-5-mini"  # that phrases answers, where there is a key
    openai_embeddings: str = ""  # the embeddings server's model; without one, routing goes by words alone
    embeddings_url: str = ""  # default: OPENAI_BASE_URL
    model_calls_a_day: int = Field(1000, ge=0)

    pulse_k: int = Field(5, ge=5)
    pulse_noise: float = Field(1.0, ge=1.0, le=10.0)
    pulse_budget: float = Field(MOST_A_YEAR, gt=0.0, le=MOST_A_YEAR)
    pulse_every_weeks: int = Field(2, ge=1, le=13)
    pulse_open_days: int = Field(5, ge=1, le=20)

    reach_per_share: int = Field(0, ge=0)  # people assumed to see a share; 0: reach is not spoken of
    media_rates: Rates = {}  # "linkedin=4.2,x=1.5": the price of a click, for an earned media value; off by default

    linkedin_client_id: str = ""  # of the app by which people connect their LinkedIn accounts
    linkedin_client_secret: SecretStr = SecretStr("")
    linkedin_version: str = Field("202611", pattern=r"^20\d{4}$")  # of its API: the month, served for a year
    mastodon_host: Host = ""  # the instance that is proposed to people who connect Mastodon, for example your own
    networks: str = "bluesky,mastodon,linkedin"  # on which people may connect accounts; linkedin only with its app

    oidc_issuer: str = ""  # sign-in to the console at the organisation's own identity provider
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_scopes: str = "openid profile"  # asked for; Okta tells groups only for "openid profile groups"
    oidc_only: bool | None = None  # a link from the chat alone lets nobody in; default: where there is an issuer

    @model_validator(mode="before")
    @classmethod
    def _without_quotes(cls, given: Any) -> Any:
        return {name: unquoted(value) for name, value in given.items()} if isinstance(given, dict) else given

    @property
    def keys(self) -> list[str]:
        """Newest first. Raises SettingsError where a file or command does not tell them."""
        said = self.secret_keys.get_secret_value()
        if self.secret_keys_file or self.secret_keys_command:
            said = key_source.told(self.secret_keys_file, self.secret_keys_command)
        lines = [line for line in said.splitlines() if not line.lstrip().startswith("#")]
        return [key.strip() for key in ",".join(lines).split(",") if key.strip()]

    @property
    def keys_setting(self) -> str:
        """The setting that tells the keys; empty where none does."""
        for name in ("secret_keys_file", "secret_keys_command"):
            if getattr(self, name):
                return f"CHORUS_{name.upper()}"
        return "CHORUS_SECRET_KEYS" if self.secret_keys.get_secret_value() else ""

    def hold_keys(self) -> None:
        """Make the keys those of this process. Raises SettingsError and KeyRingError."""
        load_keys(
            self.keys,
            seals_people=self.seal_people,
            ask=self._keys_now if self.keys_may_change else None,
            setting=self.keys_setting or "CHORUS_SECRET_KEYS",
        )

    @property
    def keys_may_change(self) -> bool:
        """Whether others can be told while the process runs."""
        return bool(self.secret_keys_file or self.secret_keys_command)

    def _keys_now(self) -> list[str]:
        key_source.told.cache_clear()
        return self.keys

    @property
    def has_slack(self) -> bool:
        return bool(self.slack_signing_secret.get_secret_value() or self.slack_app_token.get_secret_value())

    @property
    def has_teams(self) -> bool:
        return bool(self.teams_app_id) or self.playground

    @property
    def named_workspaces(self) -> list[str]:
        return [name.strip() for name in self.workspaces.split(",") if name.strip()]

    @property
    def speaks_by_one_token(self) -> bool:
        """Whether Slack is one workspace, that of the bot token."""
        return bool(self.slack_bot_token.get_secret_value())

    @property
    def network_names(self) -> list[str]:
        return [name.strip().lower() for name in self.networks.split(",") if name.strip()]

    def allowed_workspaces(self, listed: Callable[[], Awaitable[Collection[str]]] | None = None) -> AllowedWorkspaces:
        """Those named, the tenant of a SingleTenant app, and what only this machine reaches. The team of the one bot
        token is added once Slack has told it. `listed`: asks which others `chorus workspaces` has added."""
        named = list(self.named_workspaces)
        if self.teams_app_id and self.teams_app_type == "SingleTenant":
            named.append(f"teams:{self.teams_tenant_id}")
        local = [] if not self.playground else ["playground"] if self.teams_app_id else ["playground", "teams"]
        pending = "slack" if self.speaks_by_one_token else ""
        return AllowedWorkspaces(named, platforms=local, pending=pending, listed=listed)

    def open_doors(self) -> dict[str, bool]:
        """By platform, whether anybody could knock: then it has to be said which workspaces belong."""
        return {
            "slack": bool(self.slack_client_id),
            "teams": bool(self.teams_app_id) and self.teams_app_type == "MultiTenant",
        }

    @property
    def slack_api(self) -> str:
        return self.slack_api_url.rstrip("/") + "/"

    def strangers(
        self, installed: Iterable[str], allowed: AllowedWorkspaces, listed: Collection[str] = ()
    ) -> list[str]:
        """Of the workspaces that installed the bot, those that do not belong. Until Slack has told whose the one bot
        token is, it may be that of any. `listed`: those of `chorus workspaces`."""
        return [
            workspace
            for workspace in installed
            if workspace not in allowed and workspace not in listed and not allowed.is_pending(workspace)
        ]

    def contradiction_of(self, team: str) -> str:
        """What is wrong where the bot token is that of `team` ("slack:T0123"); empty where nothing is."""
        named = [name for name in self.named_workspaces if platform_of(name) == "slack"]
        if not named or team in named:
            return ""
        return f"CHORUS_SLACK_BOT_TOKEN is that of {team}, and CHORUS_WORKSPACES names {', '.join(named)}."

    @property
    def enforces_oidc(self) -> bool:
        """Whether nobody comes into the console but by the organisation's sign-in."""
        return bool(self.oidc_issuer) if self.oidc_only is None else self.oidc_only

    @property
    def writes(self) -> bool:
        """Whether a language model phrases answers: it takes a key."""
        return bool(self.openai_api_key.get_secret_value() and self.openai_model)

    def model_server(self) -> dict[str, Any]:
        """What the model server's client is made from."""
        return {
            "key": self.openai_api_key.get_secret_value(),
            "url": self.openai_base_url,
            "model": self.openai_model if self.writes else "",
            "embedding_model": self.openai_embeddings,
            "embeddings_url": self.embeddings_url,
        }

    def rules(self, base_url: str) -> Rules:
        return Rules(
            organisation=self.organisation,
            base_url=base_url,
            hours=self.nudge_hours,
            nudge_days=self.nudge_days,
            on_holidays=self.nudge_holidays,
            nudge_gap_hours=self.nudge_gap_hours,
            keep_leavers_days=self.keep_leavers_days,
            messages_a_day=self.messages_a_day,
            messages_a_week=self.messages_a_week,
            nudge_spread_minutes=self.nudge_spread_minutes,
            second_approver=self.second_approver,
            no_nudge_share=self.no_nudge_share,
            office=self.office_hours,
            acknowledge_hours=self.acknowledge_hours,
            answer_days=self.answer_days,
            model_writes=self.writes,
            model_embeds=bool(self.openai_embeddings),
            model_calls_a_day=self.model_calls_a_day,
            pulse_k=self.pulse_k,
            pulse_noise=self.pulse_noise,
            pulse_budget=self.pulse_budget,
            pulse_every_weeks=self.pulse_every_weeks,
            pulse_open_days=self.pulse_open_days,
            reach_per_share=self.reach_per_share,
            media_rates=self.media_rates,
        )

    def kept(self) -> Kept:
        return Kept(
            deliveries=timedelta(days=self.keep_deliveries_days),
            nudges=timedelta(days=self.keep_nudges_days),
            mentions=timedelta(days=self.keep_mentions_days),
            history=timedelta(days=self.keep_history_days),
        )

    def faults(self) -> list[str]:
        """All that is missing or contradicts, in words; empty when the bot can start."""
        return [*self._general_faults(), *self._faults_of_workspaces(), *self._slack_faults(), *self._teams_faults()]

    def _general_faults(self) -> Iterator[str]:
        sources = (self.secret_keys.get_secret_value(), self.secret_keys_file, self.secret_keys_command)
        if sum(map(bool, sources)) > 1:
            yield "The keys are told by one of CHORUS_SECRET_KEYS, CHORUS_SECRET_KEYS_FILE, CHORUS_SECRET_KEYS_COMMAND."
        elif not any(sources):
            yield "CHORUS_SECRET_KEYS is missing: make one with `chorus secrets new-key`."
        if self.playground and self.base_url and not is_local_address(self.base_url):
            yield "CHORUS_PLAYGROUND=1 lets clients in without a token: it goes with no public CHORUS_BASE_URL."
        if urlsplit(self.base_url).scheme == "http" and not is_local_address(self.base_url):
            yield "CHORUS_BASE_URL must begin with https://, except on this machine: sessions would travel in the open."
        if urlsplit(self.oidc_issuer).scheme == "http" and not is_local_address(self.oidc_issuer):
            yield "CHORUS_OIDC_ISSUER must begin with https://."
        if self.webhook_secret.get_secret_value() and not is_secret(self.webhook_secret.get_secret_value()):
            yield "CHORUS_WEBHOOK_SECRET: after `whsec_` comes Base64, as `openssl rand -base64 32` makes it."
        if bool(self.linkedin_client_id) != bool(self.linkedin_client_secret.get_secret_value()):
            yield "CHORUS_LINKEDIN_CLIENT_ID and CHORUS_LINKEDIN_CLIENT_SECRET go together."
        if (cost := cost_of_factor(Noise(Fraction(str(self.pulse_noise))))) > self.pulse_budget:
            yield f"CHORUS_PULSE_BUDGET is less than one round costs ({cost:.3f}): no round could open."
        if unknown := [name for name in self.network_names if name not in NETWORKS]:
            yield f'CHORUS_NETWORKS: "{unknown[0]}" is none of {", ".join(NETWORKS)}.'
        if self.messages_a_day > self.messages_a_week:
            yield "CHORUS_MESSAGES_A_DAY is more than CHORUS_MESSAGES_A_WEEK."
        if bool(self.oidc_issuer) != bool(self.oidc_client_id):
            yield "CHORUS_OIDC_ISSUER and CHORUS_OIDC_CLIENT_ID go together."
        if self.oidc_only and not self.oidc_issuer:
            yield "CHORUS_OIDC_ONLY=1 needs CHORUS_OIDC_ISSUER: nobody could come in."
        if ANY_TENANT.search(self.oidc_issuer):
            yield "CHORUS_OIDC_ISSUER must name your tenant: https://login.microsoftonline.com/<tenant id>/v2.0."

    def _faults_of_workspaces(self) -> Iterator[str]:
        wrong = [name for name in self.named_workspaces if not NAMED_WORKSPACE.fullmatch(name)]
        if wrong:
            yield f'CHORUS_WORKSPACES: "{wrong[0]}" must be slack: or teams: with the id of one workspace or tenant.'

    def _slack_faults(self) -> Iterator[str]:
        has_token = bool(self.slack_bot_token.get_secret_value())
        if self.slack_mode == "socket" and not self.slack_app_token.get_secret_value():
            yield "CHORUS_SLACK_MODE=socket needs CHORUS_SLACK_APP_TOKEN."
        if self.slack_mode == "socket" and not has_token:
            yield "CHORUS_SLACK_MODE=socket needs CHORUS_SLACK_BOT_TOKEN."
        if bool(self.slack_client_id) != bool(self.slack_client_secret.get_secret_value()):
            yield "CHORUS_SLACK_CLIENT_ID and CHORUS_SLACK_CLIENT_SECRET go together."
        speaks = has_token or bool(self.slack_client_id)
        if self.slack_mode == "http" and speaks and not self.slack_signing_secret.get_secret_value():
            yield "Slack over HTTP needs CHORUS_SLACK_SIGNING_SECRET."

    def _teams_faults(self) -> Iterator[str]:
        if self.teams_app_id and not self.teams_app_password.get_secret_value():
            yield "CHORUS_TEAMS_APP_ID needs CHORUS_TEAMS_APP_PASSWORD."
        if self.teams_app_id and self.teams_app_type == "SingleTenant" and not self.teams_tenant_id:
            yield "A SingleTenant Teams app needs CHORUS_TEAMS_TENANT_ID."


class StartSettings(Settings):
    """Settings that a process can start with."""

    @model_validator(mode="after")
    def _have_no_faults(self) -> Self:
        if found := self.faults():
            raise ValueError("\n".join(found))
        return self


def load_settings(**overrides: object) -> Settings:
    """The settings of this process. Raises SettingsError naming every value that is of the wrong kind."""
    return _settings(Settings, overrides)


def checked_settings(**overrides: object) -> Settings:
    """The settings, fit to start with. Raises SettingsError naming every fault at once."""
    return _settings(StartSettings, overrides)


def _settings(kind: type[Settings], overrides: Mapping[str, object]) -> Settings:
    if found := list(faults_of(Path(str(kind.model_config["env_file"])))):
        raise SettingsError("\n".join(found))
    folder = os.environ.get(SECRETS_DIR) or None
    if folder is not None and not Path(folder).is_dir():
        raise SettingsError(f"{SECRETS_DIR}: there is no folder {folder}.")
    try:
        return kind(_secrets_dir=folder, **overrides)  # type: ignore[arg-type, call-arg]
    except ValidationError as cause:
        found = [_in_words(error) for error in cause.errors()]
        wrong = {str(error["loc"][0]) for error in cause.errors() if error["loc"]}
        if kind is StartSettings and wrong:  # what else is wrong, were these as by default
            defaults = {name: Settings.model_fields[name].default for name in wrong if name in Settings.model_fields}
            found += _settings(Settings, {**overrides, **defaults}).faults()
        raise SettingsError("\n".join(found)) from cause


def _in_words(error: ErrorDetails) -> str:
    """As pydantic says it, without its own words around."""
    said = error["msg"].removeprefix("Value error, ").partition(", unable")[0]
    for words, plainer in (("Input should be", "must be"), ("a valid integer", "a whole number"), ("a valid ", "a ")):
        said = said.replace(words, plainer)
    if error["type"].startswith("bool"):
        said = "must be 1 or 0"
    return f"CHORUS_{str(error['loc'][0]).upper()} {said}" if error["loc"] else said
