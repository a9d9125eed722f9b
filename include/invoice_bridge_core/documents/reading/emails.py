"""E-mail addresses as people write them: several in the field for one, with names, in brackets, as links."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote

from invoice_bridge_core.documents.reading.characters import as_code, visible
from invoice_bridge_core.documents.reading.markup import plain_text

if TYPE_CHECKING:
    from collections.abc import Iterator

_APOSTROPHES = str.maketrans("’‘ʼ´′＇", "''''''")
_QUOTES = str.maketrans("“”„«»", '"""""')
_MAILTO = re.compile(r"mailto:\s*(?://)?([^\s?,;<>\"]*)(?:\?[^\s<>\"]*)?", re.IGNORECASE)
_AT = re.compile(r"\s*(?:\(\s*(?:at|a|@)\s*\)|\[\s*(?:at|a|@)\s*\]|\{\s*(?:at|a|@)\s*\})\s*", re.IGNORECASE)
_DOT = re.compile(r"\s*[(\[{]\s*(?:dot|punkt|punktum|prikk)\s*[)\]}]\s*", re.IGNORECASE)
_QUOTED_NAME = re.compile(r'"[^"\n]*"\s*(?=<)|(?<![^\s,;])\'[^\'\n]*\'\s*(?=<)')
_BEFORE_BRACKET = re.compile(r"([^,;<>\n]*)<([^<>\n]*@[^<>\n]*)>")
_SEPARATORS = re.compile(r"[,;\n]+")
_WORDS = re.compile(r'[\s,;<>()\[\]{}"]+')
_BETWEEN_TWO = re.compile(r"[/|\\&+:]+")
_AROUND_AT = re.compile(r"\s*@\s*")
_AROUND_DOT = re.compile(r"\s*\.\s*")
_EDGES = ".:!?*'`-–—_=·•"
_NOT_PUBLIC = ("arpa", "invalid", "local", "localhost", "onion", "test")
"""Ends of domains that the library refuses, though they are as valid as any other."""


def usable_email(text: str | None) -> str | None:
    """The first address of the text that is valid by RFC 5321 and RFC 6531; `None` where it has none.

    Nothing is asked of the network: whether the domain exists is not known.
    """
    return next(iter(email_addresses(text)), None)


def email_addresses(text: str | None) -> tuple[str, ...]:
    """Every valid address of the text, each once, in the order in which they stand there, written as they are."""
    return _addresses(text) if text else ()


def is_email(address: str) -> bool:
    """Whether the text is one valid address and nothing else."""
    from email_validator import EmailNotValidError, validate_email

    ending = address.rpartition(".")[2].casefold() if "." in address.rpartition("@")[2] else ""
    checked = f"{address}.example" if ending in _NOT_PUBLIC else address
    try:
        validate_email(checked, check_deliverability=False, allow_quoted_local=True)
    except EmailNotValidError:
        return False
    return len(address) <= 254


@lru_cache(maxsize=4096)
def _addresses(text: str) -> tuple[str, ...]:
    alone = _unquoted(as_code(text).translate(_APOSTROPHES))
    if is_email(alone):
        return (alone,)
    found: dict[str, str] = {}
    for address in _found(_prepared(text)):
        found.setdefault(address.casefold(), address)
    return tuple(found.values())


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 2 and text[0] == text[-1] == "'" else text


def _prepared(text: str) -> str:
    lines = (as_code(line) for line in plain_text(visible(text)).split("\n"))
    text = "\n".join(lines).translate(_APOSTROPHES).translate(_QUOTES)
    text = _MAILTO.sub(lambda match: unquote(match[1]), text)
    text = _DOT.sub(".", _AT.sub("@", text))
    text = _QUOTED_NAME.sub("", text)
    # What stands before a bracket is a name, even where it looks like an address.
    return _BEFORE_BRACKET.sub(r" \2 \1 ", text)


def _found(text: str) -> Iterator[str]:
    for segment in _SEPARATORS.split(text):
        in_words = [address for word in _WORDS.split(segment) for address in _in_word(word)]
        yield from in_words or _in_blanks(segment)


def _in_word(word: str) -> Iterator[str]:
    if "@" not in word:
        return
    if (address := _trimmed(word)) is not None:
        yield address
        return
    for part in _BETWEEN_TWO.split(word):
        if (address := _trimmed(part)) is not None:
            yield address


def _in_blanks(segment: str) -> Iterator[str]:
    """One address and nothing else, with blanks around its `@` or its dots."""
    joined = _AROUND_DOT.sub(".", _AROUND_AT.sub("@", segment.strip()))
    if " " not in joined and (address := _trimmed(joined)) is not None:
        yield address


def _trimmed(word: str) -> str | None:
    """The word, or what is left without the marks around it."""
    word = _unquoted(word)
    for candidate in (word.rstrip(".:!?"), word.rstrip(_EDGES), word.strip(_EDGES)):
        if candidate.count("@") == 1 and is_email(candidate):
            return candidate
    return None
