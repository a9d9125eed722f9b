"""What a route says of telling people: on which channels, about what, and when something is late."""

from __future__ import annotations

import datetime as dt
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, Field, field_validator, model_validator

from invoice_bridge_core.routes.fields import (
    ClockTime,
    ConnId,
    Cron,
    EndpointPath,
    MailAddress,
    Name,
    WholeNumber,
)
from invoice_bridge_core.routes.settings import Section

Topic = Literal["in_doubt", "held", "rejected", "refused_credentials", "late"]
"""What people may be told about."""
TOPICS: tuple[Topic, ...] = get_args(Topic)

SLACK_PACKAGE = "apache-airflow-providers-slack"


def _some_once(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if not values:
        raise ValueError("must not be empty")
    return tuple(dict.fromkeys(values))


Topics = Annotated[tuple[Topic, ...], AfterValidator(_some_once)]


class Mail(Section):
    """A mail by SMTP.

    :param to: who gets it, all in one mail.
    :param conn_id: the Airflow connection of the mail server, of the type `smtp`.
    :param sender: the sender's address; `None`: `from_email` of the connection.
    """

    to: Annotated[tuple[MailAddress, ...], AfterValidator(_some_once)]
    conn_id: ConnId = "smtp_default"
    sender: MailAddress | None = None


class Webhook(Section):
    """A POST of JSON.

    :param conn_id: the Airflow connection of the receiver, of the type `http`.
    :param endpoint: the path below the connection's host.
    """

    conn_id: ConnId = "http_default"
    endpoint: EndpointPath = "/"


class Slack(Section):
    """A message in Slack, by an incoming webhook.

    :param conn_id: the Airflow connection of the type `slackwebhook`.
    """

    conn_id: ConnId = "slackwebhook_default"


class Channel(Section):
    """One way to people: exactly one of `mail`, `webhook` and `slack`.

    :param name: what the ledger remembers it by; `None`: its kind. Another name is told everything that is open again.
    :param about: what this channel is told; `None`: what the section says.
    """

    name: Name | None = None
    about: Topics | None = None
    mail: Mail | None = None
    webhook: Webhook | None = None
    slack: Slack | None = None

    @field_validator("slack")
    @classmethod
    def _slack_is_installed(cls, slack: Slack | None) -> Slack | None:
        if slack is not None and not is_slack_installed():
            raise ValueError(
                f"needs the package {SLACK_PACKAGE}, which is not installed here: install it, or use webhook"
            )
        return slack

    @model_validator(mode="after")
    def _exactly_one(self) -> Channel:
        if sum(way is not None for way in (self.mail, self.webhook, self.slack)) != 1:
            raise ValueError("must have exactly one of mail, webhook and slack")
        return self

    @property
    def kind(self) -> str:
        """`mail`, `webhook` or `slack`."""
        return "mail" if self.mail is not None else "webhook" if self.webhook is not None else "slack"

    @property
    def key(self) -> str:
        """What the ledger remembers the channel by, within its route."""
        return self.name or self.kind


class Notify(Section):
    """Who is told, about what, and when.

    :param channels: each is told everything once.
    :param about: what is told.
    :param schedule: when it is looked for something new, in the time zone of the route's `schedule`.
    :param digest: the time of day of a list of all that is still open; `None`: no such list.
    :param queue_within_minutes: how long after it was due the queue may not have been looked at; `None`: for ever.
    :param close_by: the time of day by which the daily close is done; `None`: it is not watched.
    """

    channels: tuple[Channel, ...]
    about: Topics = TOPICS
    schedule: Cron = "*/10 * * * *"
    digest: ClockTime | None = "07:30"
    queue_within_minutes: Annotated[WholeNumber, Field(ge=5, le=10080)] | None = 30
    close_by: ClockTime | None = "06:00"

    @field_validator("channels")
    @classmethod
    def _told_apart(cls, channels: tuple[Channel, ...]) -> tuple[Channel, ...]:
        if not channels:
            raise ValueError("must name one channel at least: mail, webhook or slack")
        keys = [channel.key for channel in channels]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise ValueError(f"must not have two channels called {twice[0]}: give each a name of its own")
        return channels

    def topics_of(self, channel: Channel) -> frozenset[Topic]:
        """What one channel is told about."""
        return frozenset(channel.about or self.about)

    @property
    def topics(self) -> frozenset[Topic]:
        """What any channel is told about."""
        return frozenset().union(*map(self.topics_of, self.channels))

    @property
    def queue_within(self) -> dt.timedelta | None:
        """How long after it was due the queue may not have been looked at, where that is watched."""
        minutes = self.queue_within_minutes
        return None if minutes is None or "late" not in self.topics else dt.timedelta(minutes=minutes)

    @property
    def close_time(self) -> dt.time | None:
        """By when the daily close is done, in the route's time zone, where that is watched."""
        return None if self.close_by is None or "late" not in self.topics else dt.time.fromisoformat(self.close_by)

    @property
    def digest_time(self) -> dt.time | None:
        """When the list of what is open goes out, in the route's time zone."""
        return None if self.digest is None else dt.time.fromisoformat(self.digest)


def is_slack_installed() -> bool:
    """Whether messages can go to Slack here."""
    try:
        version(SLACK_PACKAGE)
    except PackageNotFoundError:
        return False
    return True
