"""The ways out: Airflow's own notifiers, and whether what they failed with may have arrived.

A notifier's `notify` is called, not the notifier itself: that would render its texts as templates, and some of them
came over the network.
"""

from __future__ import annotations

import re
import smtplib
from socket import gaierror
from typing import TYPE_CHECKING

from airflow.sdk.exceptions import AirflowException, AirflowRuntimeError
from requests.exceptions import ConnectTimeout, InvalidURL, MissingSchema, SSLError, TooManyRedirects
from urllib3.exceptions import NewConnectionError

from invoice_bridge_core.notices.forms import mail_html, slack_blocks, webhook_json
from invoice_bridge_core.notices.tell import NotSentError, UnansweredError
from invoice_bridge_core.notices.wording import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow.sdk import BaseNotifier

    from invoice_bridge_core.notices.notice import Notice
    from invoice_bridge_core.notices.tell import Sender
    from invoice_bridge_core.routes.notify import Channel, Mail, Slack, Webhook

SECONDS = 20
"""How long a receiver of webhooks may take to answer; a mail server has what its connection says."""
_STATUS = re.compile(r"(?:.*\bstatus code[^0-9]*)?([1-5])[0-9]{2}\b", re.IGNORECASE | re.DOTALL)


def sender_of(channel: Channel) -> Sender:
    """The way out of a channel."""
    if channel.mail is not None:
        return MailSender(channel.mail)
    if channel.webhook is not None:
        return WebhookSender(channel.webhook)
    if channel.slack is not None:
        return SlackSender(channel.slack)
    raise ValueError("a channel is mail, webhook or slack")


class MailSender:
    """Sends a notice as one mail to all recipients."""

    def __init__(self, mail: Mail) -> None:
        self._mail = mail

    def send(self, notice: Notice) -> None:
        """Send it by SMTP.

        A server that took some of the recipients has taken the mail: the others are its answer's affair.
        """
        from airflow.providers.smtp.notifications.smtp import SmtpNotifier

        host = (self._mail.sender or self._mail.to[0]).rpartition("@")[2]
        notifier = SmtpNotifier(
            to=list(self._mail.to),
            from_email=self._mail.sender,
            subject=" ".join(notice.subject.split()),
            html_content=mail_html(notice),
            mime_subtype="alternative",
            smtp_conn_id=self._mail.conn_id,
            # The same when it is sent again, so that mail programs may show it once.
            custom_headers={"Message-ID": f"<invoice-bridge.{notice.route}.{notice.id}@{host}>", **_BY_A_MACHINE},
        )
        try:
            # The notifier takes the connection that is open, so that a server that is down is told from a lost answer.
            notifier.hook.get_conn()
        except Exception as error:
            raise NotSentError(_said(error)) from error
        try:
            notifier.notify({})
        except _NOT_TAKEN as error:
            raise NotSentError(_said(error)) from error
        except Exception as error:
            raise UnansweredError(_said(error)) from error


class WebhookSender:
    """Posts a notice as JSON."""

    def __init__(self, webhook: Webhook) -> None:
        self._webhook = webhook

    def send(self, notice: Notice) -> None:
        """Post it; an answer of the two hundreds means that it arrived.

        A redirect is no delivery: `requests` would follow it without the body.
        """
        from airflow.providers.http.notifications.http import HttpNotifier

        notifier = HttpNotifier(
            http_conn_id=self._webhook.conn_id,
            endpoint=self._webhook.endpoint,
            json=webhook_json(notice),
            headers={"Idempotency-Key": f"invoice-bridge-{notice.route}-{notice.id}"},
            extra_options={"timeout": SECONDS, "max_redirects": 0},
        )
        try:
            notifier.notify({})
        except Exception as error:
            raise _http_failure(error) from error


class SlackSender:
    """Sends a notice by an incoming webhook of Slack."""

    def __init__(self, slack: Slack) -> None:
        self._slack = slack

    def send(self, notice: Notice) -> None:
        """Post it."""
        from airflow.providers.slack.notifications.slack_webhook import (  # type: ignore[import-not-found,unused-ignore]
            SlackWebhookNotifier,
        )

        notifier: BaseNotifier = SlackWebhookNotifier(
            slack_webhook_conn_id=self._slack.conn_id,
            text=notice.subject,
            blocks=slack_blocks(notice),
            unfurl_links=False,
            unfurl_media=False,
            timeout=SECONDS,
            retry_handlers=[],
        )
        try:
            notifier.notify({})
        except Exception as error:
            raise _http_failure(error) from error


_BY_A_MACHINE = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}


_NOT_TAKEN = (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused, smtplib.SMTPNotSupportedError, ValueError)
"""What a mail server, or the form of the mail, answers before the mail is taken."""
_NEVER_LEFT = (ConnectTimeout, SSLError, InvalidURL, MissingSchema, TooManyRedirects, ConnectionRefusedError, gaierror)


def _http_failure(error: Exception) -> NotSentError | UnansweredError:
    """Whether what was posted may have arrived."""
    if isinstance(error, TooManyRedirects):
        return NotSentError("it is redirected: put the final address into the connection and the route")
    status = _STATUS.match(str(error)) if isinstance(error, AirflowException) else None
    if status is not None and status[1] == "5":
        return UnansweredError(_said(error))
    causes = list(_causes(error))
    is_certain = isinstance(error, AirflowException | AirflowRuntimeError | ValueError) or any(
        isinstance(cause, (*_NEVER_LEFT, NewConnectionError)) for cause in causes
    )
    return NotSentError(_said(error)) if is_certain else UnansweredError(_said(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, and what it was made of."""
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop()
        if isinstance(one, BaseException):
            yield one
            waiting += [getattr(one, "reason", None), *one.args]


def _said(error: Exception) -> str:
    """What went wrong, in one line, without the addresses that mail servers repeat."""
    return clean(f"{type(error).__name__}: {error}", 300)
