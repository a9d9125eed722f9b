"""One answer of an API: what came back, and how to read it without trusting it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from invoice_bridge.hooks.http.exact_json import read_json
from invoice_bridge_core.errors import BridgeError, GarbledAnswerError, OutcomeUnknownError, UnreadableError

MAY_BE_DONE = "whether it was done is not known"
LONGEST_REASON = 300
MOST_REASONS = 20
PDF_START = b"%PDF-"
PDF_END = b"%%EOF"
PDF_END_WITHIN = 1024
"""Bytes at the end of a PDF among which viewers look for its end mark."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_JSON_TYPE = re.compile(r"(application|text)/([\w.-]+\+)?json", re.IGNORECASE)
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([\w.:-]+)", re.IGNORECASE)
_UTF8_NAMES = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
_TEXT_KEYS = ("detail", "message", "error_description", "title", "error")

E = TypeVar("E", bound=BridgeError)


@dataclass(frozen=True)
class Answer:
    """An answer that the other system gave.

    :param headers: keys in any case.
    :param system: whose answer it is, for messages.
    :param conn_id: the connection that was called.
    :param what: what was asked: "reading invoice 12345".
    :param to_write: whether it answers a write; an unreadable answer then leaves open what was done.
    :param method: how it was asked, in capitals.
    :param request_id: the id by which the vendor's support finds the request; short and printable.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    system: str = ""
    conn_id: str | None = None
    what: str = ""
    to_write: bool = False
    method: str = ""
    request_id: str | None = None

    def error(self, kind: type[E], text: str, **more: Any) -> E:
        """An error about this answer: it names the connection, the status and the vendor's request id.

        :param more: what the kind of error takes besides its text.
        """
        error = kind(text, **more)
        error.conn_id = self.conn_id
        error.about_answer(self.status, self.request_id)
        return error

    def unusable(self, text: str) -> GarbledAnswerError | OutcomeUnknownError:
        """The error for an answer that says nothing; to a write, that leaves open what was done."""
        if self.to_write:
            return self.error(OutcomeUnknownError, f"{text}; {MAY_BE_DONE}")
        return self.error(GarbledAnswerError, text)

    @property
    def content_type(self) -> str:
        """The media type without its parameters, in small letters; empty when the answer names none."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def is_page(self) -> bool:
        """Whether it was made for browsers, whatever its content type says."""
        return "html" in self.content_type or self.text().lstrip().startswith("<")

    def json(self) -> Any:
        """The body's JSON: `Decimal` for every number with a point, `int` for the others.

        :raises GarbledAnswerError: HTML, half a JSON, nothing at all, another content type or charset, NaN or Infinity.
        :raises OutcomeUnknownError: the same, in answer to a write: whether it was done is not known.
        """
        try:
            return self._value
        except ValueError as error:
            raise self.unusable(
                f"{self.system} answered {self.status} to {self.what} with something unreadable: {error}"
            ) from error

    def json_list(self) -> list[Any]:
        """The body's JSON, which is a list.

        :raises UnreadableError: it is something else.
        """
        body = self.json()
        if not isinstance(body, list):
            raise self.error(UnreadableError, f"{self.system}'s answer to {self.what} is not a list")
        return body

    def json_object(self, called: str = "an object") -> dict[str, Any]:
        """The body's JSON, which is an object.

        :param called: what kind of thing it is, with its article, for the message.
        :raises UnreadableError: it is something else.
        """
        body = self.json()
        if not isinstance(body, dict):
            raise self.error(UnreadableError, f"{self.system}'s answer to {self.what} is not {called}")
        return body

    def refuse_page(self) -> None:
        """Do not believe a page made for browsers: a gateway sent it, whatever its status.

        :raises OutcomeUnknownError: the write that it answers may have been done.
        :raises GarbledAnswerError: it answers a read.
        """
        if self.is_page:
            raise self.unusable(f"{self.system} answered {self.status} to {self.what} with a page")

    def pdf(self) -> bytes:
        """The body, a whole PDF.

        :raises GarbledAnswerError: it is none, or breaks off, as it may when the connection ends early.
        """
        if not self.body.startswith(PDF_START):
            raise self.error(GarbledAnswerError, f"{self.system}'s answer to {self.what} is not a PDF")
        if PDF_END not in self.body[-PDF_END_WITHIN:]:
            raise self.error(GarbledAnswerError, f"{self.system} answered {self.what} with a PDF that breaks off")
        return self.body

    def text(self) -> str:
        """The body as text, whatever its charset: good enough for messages."""
        return self.body.decode("utf-8-sig", errors="replace")

    def reasons(self) -> tuple[str, ...]:
        """The system's own texts in an error's body, made fit to be shown: ProblemDetails, `message`, plain text."""
        return presentable(_texts(self))

    @cached_property
    def _value(self) -> Any:
        if not self.body.strip():
            raise ValueError("an empty body")
        if self.content_type and not _JSON_TYPE.fullmatch(self.content_type):
            raise ValueError(f"{cut(self.content_type, 60)} instead of JSON")
        charset = _CHARSET.search(self.headers.get("Content-Type", ""))
        if charset and charset.group(1).lower() not in _UTF8_NAMES:
            raise ValueError(f"JSON in {cut(charset.group(1), 60)} instead of UTF-8")
        try:
            text = self.body.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise ValueError("bytes that are not UTF-8") from None
        try:
            return read_json(text)
        except ValueError as error:
            raise ValueError(f"no valid JSON ({cut(str(error), 100)})") from None


def cut(text: str, limit: int = LONGEST_REASON) -> str:
    """The text in one line without control characters, at most `limit` characters."""
    clean = " ".join(_CONTROL.sub(" ", text).split())
    return clean if len(clean) <= limit else clean[: limit - 1].rstrip() + "…"


def presentable(texts: Iterator[str]) -> tuple[str, ...]:
    """At most 20 texts, each cut, none empty, none twice."""
    found = dict.fromkeys(text for raw in texts if (text := cut(raw)))
    return tuple(found)[:MOST_REASONS]


def _texts(answer: Answer) -> Iterator[str]:
    try:
        body = answer._value
    except ValueError:
        # A page is made for browsers: its text tells people nothing.
        if not answer.is_page:
            yield answer.text()
        return
    if isinstance(body, str):
        yield body
    elif isinstance(body, Mapping):
        yield from _problem_texts({str(key).lower(): value for key, value in body.items()})


def _problem_texts(problem: Mapping[str, Any]) -> Iterator[str]:
    fields = [*_field_texts(problem.get("errors"))]
    if fields:
        yield from fields
        return
    yield from (value for key in _TEXT_KEYS if isinstance(value := problem.get(key), str))


def _field_texts(errors: object) -> Iterator[str]:
    if isinstance(errors, str):
        yield errors
    elif isinstance(errors, Mapping):
        for field, messages in errors.items():
            for message in messages if isinstance(messages, list) else [messages]:
                yield f"{field}: {message}" if field else f"{message}"
    elif isinstance(errors, list):
        yield from (text for error in errors for text in _field_texts(error) if isinstance(error, str))
