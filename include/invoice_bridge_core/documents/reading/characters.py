"""Characters that nobody sees: which of them mean nothing and are left out, and how one that stays is named."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_JOINERS = "\u200c\u200d"
_EMOJI_STYLE = "\ufe0f"
_VISIBLE_FORMAT = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
"""Of category Cf, and yet they are seen: Arabic, Syriac and Kaithi signs that enclose a number."""
_INVISIBLE_MARKS = re.compile(
    r"[\u034f\u17b4\u17b5\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef\u2065\ufff0-\ufffc\ufdd0-\ufdef\ufffe\uffff]"
)
"""Not of category Cf, and nobody sees them all the same: variation selectors, what is no character."""
_LOOKS_BLANK = "\u2800\u3164\u115f\u1160\uffa0"
_HYPHENS = "\u2010\u2011\u2212\ufe63"
_LINE_ENDS = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]+")
_JOINED_SCRIPTS = ((0x0600, 0x08FF), (0x0900, 0x0DFF), (0x1000, 0x109F), (0x1780, 0x18AF), (0xFB50, 0xFDFF))
"""Arabic, those of India, Burmese, Khmer and Mongolian: a joiner makes another word there."""


def visible(text: str) -> str:
    """The text in composed characters (NFC), with plain blanks and line ends, and without what nobody sees.

    Joiners stay where a script or an emoji needs them.
    """
    if text.isascii():
        return _CONTROL.sub(" ", _LINE_ENDS.sub("\n", text))
    text = _CONTROL.sub(" ", _LINE_ENDS.sub("\n", text))
    kept = (_seen(character) for character in text)
    return unicodedata.normalize("NFC", _without_loose_joiners("".join(kept)))


def as_code(text: str) -> str:
    """A number, code or address: as `visible`, in one line, with plain signs for full-width ones, and no joiner."""
    text = visible(text)
    if not text.isascii():
        text = "".join(_narrow(character) for character in text if character not in f"{_JOINERS}{_EMOJI_STYLE}")
    return " ".join(text.split())


def odd_characters(text: str) -> list[str]:
    """The characters that do not show, or not as what they are, by code point: `U+200B ZERO WIDTH SPACE`."""
    return [code_point(character) for character in dict.fromkeys(text) if _is_odd(character)]


def _is_odd(character: str) -> bool:
    is_blank = character.isspace() and character != " "
    return is_blank or unicodedata.category(character)[0] == "C" or character in _LOOKS_BLANK or _is_hidden(character)


def code_point(character: str) -> str:
    """A character by its code point and name: `U+200B ZERO WIDTH SPACE`."""
    return f"U+{ord(character):04X} {unicodedata.name(character, 'a control character')}"


@cache
def _seen(character: str) -> str:
    if unicodedata.category(character) == "Zs" or character in _LOOKS_BLANK:
        return " "
    return "" if _is_hidden(character) and character not in f"{_JOINERS}{_EMOJI_STYLE}" else character


def _is_hidden(character: str) -> bool:
    if unicodedata.category(character) == "Cf":
        return character not in _VISIBLE_FORMAT
    return _INVISIBLE_MARKS.match(character) is not None


def _without_loose_joiners(text: str) -> str:
    if not any(joiner in text for joiner in f"{_JOINERS}{_EMOJI_STYLE}"):
        return text
    kept: list[str] = []
    for position, character in enumerate(text):
        if character in f"{_JOINERS}{_EMOJI_STYLE}":
            following = text[position + 1 : position + 2]
            if not (kept and _is_needed(character, kept[-1], following)):
                continue
        kept.append(character)
    return "".join(kept)


def _is_needed(joiner: str, before: str, after: str) -> bool:
    if joiner == _EMOJI_STYLE:
        return _is_emoji(before) or after == "\u20e3"
    if not after:
        return False
    is_joined = _is_joined_script(before) and _is_joined_script(after)
    return is_joined or (joiner == "\u200d" and (_is_emoji(before) or before == _EMOJI_STYLE) and _is_emoji(after))


def _is_emoji(character: str) -> bool:
    return unicodedata.category(character) == "So" or 0x1F3FB <= ord(character) <= 0x1F3FF


def _is_joined_script(character: str) -> bool:
    is_letter = unicodedata.category(character)[0] in "LM"
    return is_letter and any(first <= ord(character) <= last for first, last in _JOINED_SCRIPTS)


@cache
def _narrow(character: str) -> str:
    """A full-width sign, or a hyphen of another width, as the plain one; others as they are."""
    if character in _HYPHENS:
        return "-"
    return chr(ord(character) - 0xFEE0) if 0xFF01 <= ord(character) <= 0xFF5E else character
