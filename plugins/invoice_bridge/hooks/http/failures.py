"""From what went wrong on the wire to the errors of `invoice_bridge_core.errors`, in one place.

What decides for a write is whether it can have been carried out: only when that is impossible may it be sent again.
"""

from __future__ import annotations

import datetime as dt
import ssl
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter
from requests.utils import check_header_validity
from urllib3.exceptions import HTTPError as Urllib3Error
from urllib3.exceptions import InvalidHeader, LocationValueError, NewConnectionError

from invoice_bridge.hooks.http.answers import MAY_BE_DONE
from invoice_bridge_core.errors import (
    BridgeError,
    ConfigurationError,
    CredentialsRefusedError,
    GarbledAnswerError,
    LimitReachedError,
    NotFoundError,
    OutcomeUnknownError,
    RefusedError,
    TransientError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from invoice_bridge.hooks.http.answers import Answer

LONGEST_BELIEVABLE_WAIT = dt.timedelta(days=2)
PASSING_STATUSES = frozenset({408, 425, 499, *range(500, 600)})
"""The system could not say, or not in time: a read may be asked again. 499 is a proxy's, which waited no longer."""
SEE_OTHER = 303
"""The redirect that answers a request which was carried out."""
SENDING_TROUBLE = (OSError, ValueError, Urllib3Error)
"""What requests and urllib3 raise while a request is made ready, sent or answered."""

_NO_TUNNEL = "Tunnel connection failed"
_WRONG_PORT = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST"})
_HANDSHAKE = ("HANDSHAKE_FAILURE", "PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL", "NO_PROTOCOLS", "NO_SHARED_CIPHER")


def preparing_failure(error: Exception, *, system: str, conn_id: str, what: str) -> BridgeError:
    """The error for a request that could not be made ready, so that nothing was sent; it shows no setting's value."""
    if isinstance(error, Urllib3Error):
        return sending_failure(error, system=system, conn_id=conn_id, what=what, is_write=False)
    return _setting_is_wrong(error, system=system, conn_id=conn_id) or ConfigurationError(
        f"Connection {conn_id} ({system}) holds something that cannot be sent: "
        "characters that a header cannot carry, or a certificate file that does not exist"
    )


def sending_failure(error: Exception, *, system: str, conn_id: str, what: str, is_write: bool) -> BridgeError:
    """The error for a request that was handed over and got no whole answer."""
    if isinstance(error, Urllib3Error):
        # A fault for which requests has no name of its own.
        error = requests.ConnectionError(error)
    if not isinstance(error, requests.RequestException):
        return _unforeseen(error, system=system, what=what, is_write=is_write)
    return (
        _setting_is_wrong(error, system=system, conn_id=conn_id)
        or _never_sent(error, system=system, what=what)
        or _no_answer(error, system=system, what=what, is_write=is_write)
    )


def check_sendable(session: requests.Session, request: requests.PreparedRequest, settings: Mapping[str, Any]) -> None:
    """Find the settings that sending would trip over, while it is certain that nothing has been sent.

    :raises ValueError: a header that cannot be sent, or a proxy that is not an address.
    :raises OSError: a certificate file that does not exist.
    """
    for name, value in request.headers.items():
        # Signing comes after the headers that requests checks.
        check_header_validity((name, value))
        if isinstance(value, str):
            value.encode("latin-1")
    url = request.url or ""
    adapter = session.get_adapter(url)
    if isinstance(adapter, HTTPAdapter):
        verify, cert = settings["verify"], settings["cert"]
        pool = adapter.get_connection_with_tls_context(request, verify, proxies=settings["proxies"], cert=cert)
        adapter.cert_verify(pool, url, verify, cert)  # type: ignore[no-untyped-call]


def _setting_is_wrong(error: Exception, *, system: str, conn_id: str) -> ConfigurationError | None:
    if isinstance(error, requests.exceptions.InvalidHeader) and not _is_about_the_answer(error):
        # Its own text shows the header's value.
        return ConfigurationError(f"Connection {conn_id} holds characters that cannot be sent to {system} as a header")
    no_address = (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, LocationValueError)
    if any(isinstance(cause, no_address) for cause in _causes(error)):
        return ConfigurationError(f"The host of connection {conn_id} is not a usable address of {system}")
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return ConfigurationError(
                f"The certificate of {system} (connection {conn_id}) cannot be trusted: {cause.verify_message}"
            )
        if isinstance(cause, ssl.SSLError) and cause.reason in _WRONG_PORT:
            return ConfigurationError(f"The host of connection {conn_id} does not speak TLS: https:// or port is wrong")
    if isinstance(error, requests.exceptions.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        return ConfigurationError(f"The certificate of {system} (connection {conn_id}) cannot be trusted")
    return None


def _is_about_the_answer(error: requests.exceptions.InvalidHeader) -> bool:
    """Whether urllib3 raised it: that complains only of two lengths in an answer."""
    return any(isinstance(cause, InvalidHeader) for cause in _causes(error))


def _never_sent(error: requests.RequestException, *, system: str, what: str) -> TransientError | None:
    if isinstance(error, requests.ConnectTimeout):
        return TransientError(f"{system} could not be reached for {what}: connecting took too long")
    for cause in _causes(error):
        if isinstance(cause, NewConnectionError):
            return TransientError(f"{system} could not be reached for {what}: {_plain(cause)}")
        if isinstance(cause, OSError) and str(cause).startswith(_NO_TUNNEL):
            return TransientError(f"{system} could not be reached for {what}: the proxy opened no way to it")
        if isinstance(cause, ssl.SSLError) and (cause.reason or "").endswith(_HANDSHAKE):
            return TransientError(f"{system} could not be reached for {what}: TLS failed ({cause.reason})")
    return None


def _no_answer(
    error: requests.RequestException, *, system: str, what: str, is_write: bool
) -> TransientError | OutcomeUnknownError:
    how = "did not answer in time" if isinstance(error, requests.Timeout) else "broke off its answer"
    if is_write:
        return OutcomeUnknownError(f"{system} {how} to {what}; {MAY_BE_DONE}")
    return TransientError(f"{system} {how} to {what}")


def _unforeseen(error: Exception, *, system: str, what: str, is_write: bool) -> TransientError:
    """The error for trouble that no library documents."""
    text = f"{system}'s answer to {what} cannot be read ({type(error).__name__})"
    return OutcomeUnknownError(f"{text}; {MAY_BE_DONE}") if is_write else GarbledAnswerError(text)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all that it wraps.

    `__context__` is left out: it may be an earlier error that a caller is handling.
    """
    todo: list[object] = [error]
    seen: set[int] = set()
    while todo:
        cause = todo.pop()
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        todo += [cause.__cause__, getattr(cause, "reason", None), *cause.args]
        todo.append(getattr(cause, "original_error", None))


def _plain(error: BaseException) -> str:
    """`[Errno 111] Connection refused`, without urllib3's object names before it."""
    return str(error).rpartition(": ")[2] or type(error).__name__


def status_failure(
    answer: Answer, *, reasons: tuple[str, ...], not_processed: frozenset[int], limit: str = ""
) -> BridgeError:
    """The error for an answer that is not a success.

    :param reasons: the system's own texts, fit to be shown.
    :param not_processed: statuses by which the system says that it has not even looked at the request.
    :param limit: which limit was hit, in the API's word.
    """
    text = refusal_text(answer, reasons)
    status = answer.status
    if status in (401, 403):
        return answer.error(CredentialsRefusedError, f"{text}; check the credentials in connection {answer.conn_id}")
    if status == 404:
        return answer.error(NotFoundError, text, of_write=answer.to_write)
    if status in not_processed:
        return answer.error(LimitReachedError, text, retry_after=retry_after(answer), limit=limit)
    if status in PASSING_STATUSES:
        return passing_failure(answer, text)
    if 400 <= status < 500:
        return answer.error(RefusedError, text, reasons=reasons)
    if 300 <= status < 400:
        if answer.to_write and status != SEE_OTHER:
            remedy = f"nothing was done. Check the host of connection {answer.conn_id}"
            return answer.error(ConfigurationError, f"{text} (a redirect, which is not followed): {remedy}")
        text += " (a redirect, which is not followed: the connection's host may be wrong)"
    return answer.unusable(text)


def refusal_text(answer: Answer, reasons: tuple[str, ...] = ()) -> str:
    """The sentence that says what was asked, which status came back, and the system's own reasons."""
    because = f": {'; '.join(reasons)}" if reasons else ""
    return f"{answer.system} answered {answer.status} to {answer.what}{because}"


def passing_failure(answer: Answer, text: str) -> TransientError:
    """The error for an outage or a limit that says for how long; a write may have been done all the same."""
    wait = retry_after(answer)
    if answer.to_write:
        return answer.error(OutcomeUnknownError, f"{text}; {MAY_BE_DONE}", retry_after=wait)
    return answer.error(TransientError, text, retry_after=wait)


def retry_after(answer: Answer) -> dt.timedelta | None:
    """How long `Retry-After` asks to wait, in seconds or until a date; `None` when it is absent or no such thing."""
    value = answer.headers.get("Retry-After", "").strip()
    if not value:
        return None
    if value.isascii() and value.replace(".", "", 1).isdigit():
        return min(dt.timedelta(seconds=min(float(value), 1e6)), LONGEST_BELIEVABLE_WAIT)
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=dt.UTC)
    wait = until - dt.datetime.now(dt.UTC)
    return min(max(wait, dt.timedelta(0)), LONGEST_BELIEVABLE_WAIT)
