from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_bridge_core.documents.reading.characters import as_code, odd_characters, visible

INVISIBLE = (
    *"\u00ad\u034f\u061c\u180b\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2064",
    *"\u2066\u2067\u2068\u2069\u206a\u206f\ufe00\ufe0e\ufe0f\ufeff\ufff9\ufffb\ufffc\U0001d173\U000e0001\U000e0041",
    "\U000e0100",
)


@pytest.mark.parametrize("character", INVISIBLE, ids=[f"{ord(each):04X}" for each in INVISIBLE])
@pytest.mark.parametrize("read", [visible, as_code])
def test_what_nobody_sees_is_left_out(read: object, character: str) -> None:
    assert callable(read)
    for text in (f"{character}T-1", f"T{character}-1", f"T-1{character}", f"{character}T-{character}{character}1"):
        assert read(text) == "T-1"


def test_every_character_without_a_meaning_is_left_out() -> None:
    kept = {
        character
        for character in map(chr, range(sys.maxunicode + 1))
        if unicodedata.category(character) == "Cf" and visible(f"T{character}1") != "T1"
    }
    assert all(unicodedata.name(character).split()[0] in ("ARABIC", "SYRIAC", "KAITHI") for character in kept)


@pytest.mark.parametrize("blank", "\u00a0\u1680\u2000\u2009\u200a\u202f\u205f\u3000\u2800\u3164")
def test_every_blank_is_a_blank(blank: str) -> None:
    assert visible(f"Acme{blank}AS") == "Acme AS"


@pytest.mark.parametrize("end", ["\r\n", "\r", "\x0b", "\x0c", "\u2028", "\u2029", "\x85"])
def test_every_line_end_is_a_line_end(end: str) -> None:
    assert visible(f"one{end}two") == "one\ntwo"
    assert as_code(f"one{end}two") == "one two"


def test_letters_are_composed_and_stay_the_letters_that_they_are() -> None:
    assert visible("Bla\u030aba\u0308r") == "Blåbär"
    assert visible("ﬁrm ² Ａ ½") == "ﬁrm ² Ａ ½"


@pytest.mark.parametrize(
    "text", ["می\u200cخواهم", "क्\u200dष", "👩\u200d🚀", "👩🏽\u200d🚀", "❤\ufe0f", "1\ufe0f\u20e3", "🏳\ufe0f\u200d🌈"]
)
def test_a_joiner_that_makes_the_word_stays(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("written", "code"),
    [("ＶＡＴ２５", "VAT25"), ("T‑1", "T-1"), ("T‐1", "T-1"), ("１２－３", "12-3"), ("a\u200d1", "a1"), ("Ö-1", "Ö-1")],
)
def test_a_code_has_plain_signs(written: str, code: str) -> None:
    assert as_code(written) == code


@given(st.text())
def test_reading_twice_changes_nothing_more(text: str) -> None:
    for read in (visible, as_code):
        assert read(read(text)) == read(text)
    assert as_code(text) == " ".join(as_code(text).split())


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_a_clean_text_stays(text: str) -> None:
    assert visible(text) == text


def test_a_character_that_stays_is_named_by_its_code_point() -> None:
    assert odd_characters("T\u200b-1\u00a0\u200b\x07") == [
        "U+200B ZERO WIDTH SPACE",
        "U+00A0 NO-BREAK SPACE",
        "U+0007 a control character",
    ]
    assert odd_characters("Blåbær 12 – ½") == []
