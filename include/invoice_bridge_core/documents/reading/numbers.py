"""Numbers as people and programs write them, read exactly or not at all."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal

from invoice_bridge_core.documents.currencies import currency_letters
from invoice_bridge_core.documents.reading.characters import as_code

PLACES = 6
"""So many decimals a rate, quantity, price or amount has at most; what is behind them is the noise of a float."""
MOST_DIGITS = 15
"""Before the point; no amount of money has more."""
_MOST_WRITTEN = 60
_UNIT = Decimal(1).scaleb(-PLACES)
_EXACT = Context(prec=60)

_SIGNS = {
    **dict.fromkeys(("kr", "kr."), ("NOK", "SEK", "DKK", "ISK")),
    **{"nkr": ("NOK",), "skr": ("SEK",), "dkr": ("DKK",), "ikr": ("ISK",), "€": ("EUR",), "£": ("GBP",)},
    **{"euro": ("EUR",), "zł": ("PLN",), "kč": ("CZK",), "ft": ("HUF",), "¥": ("JPY", "CNY"), "₹": ("INR",)},
    **{"us$": ("USD",), "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "TWD")},
}
_WORD = r"[^\d\s.,'’+()–—:-]+\.?"
_BESIDE = re.compile(rf"(?P<before>{_WORD})?\s*(?P<number>.*?)\s*(?P<after>{_WORD})?")
_NO_CENTS = re.compile(r"(?<=\d)\s*([,.:])(?:-{1,2}|[–—])$")
"""`1500,-` and `1500:-`: what stands behind the comma is a dash for no cents, not a minus."""
_HAS_CENTS = re.compile(r"[.,]\d+$")
_DIGITS = r"\d{{1,3}}(?:{}\d{{3}})+|\d+"
_MINUS = ("-", "–", "—")


def rounded(number: Decimal) -> Decimal:
    """The number without the noise of a float: 24.999999999999996 is 25, and 24.9 stays 24.9."""
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent >= -PLACES:
        return number
    text = format(number.quantize(_UNIT, rounding=ROUND_HALF_UP, context=_EXACT), "f").rstrip("0").rstrip(".")
    return Decimal(0) if text in ("-0", "") else Decimal(text)


def read_number(text: str, *, is_rate: bool = False) -> Decimal | None:
    """The number that a text says; `None` where it says none, or may say two.

    `1,234` may be a thousand or one and a bit: it is read only where a rate is meant, which is never in thousands.

    :param is_rate: whether it may have a percent sign.
    """
    text = as_code(text)
    if is_rate:
        text = text.removesuffix("%").rstrip()
    body, is_negative = _without_sign(text)
    return _with_sign(_unsigned(body, is_rate=is_rate), is_negative)


def read_amount(text: str, currency: str | None) -> Decimal | None:
    """The amount of money that a text says, with or without its currency; `None` where it says none, or may say two.

    :param currency: the document's; an amount in another one is not read.
    """
    body, is_negative = _without_sign(_with_cents(as_code(text)))
    match = _BESIDE.fullmatch(body) if len(body) <= _MOST_WRITTEN else None
    if match is None:
        return None
    beside = [word for word in (match["before"], match["after"]) if word]
    if len(beside) > 1 or not all(_is_currency(word, currency) for word in beside):
        return None
    number = _with_cents(match["number"])
    if not is_negative:
        number, is_negative = _without_sign(number)
    return _with_sign(_unsigned(number, is_rate=False), is_negative)


def _with_cents(text: str) -> str:
    return _NO_CENTS.sub(lambda match: f"{'.' if match[1] == '.' else ','}00", text)


def _is_currency(word: str, currency: str | None) -> bool:
    stated = _SIGNS.get(word.casefold())
    if stated is None:
        letters = currency_letters(word) if word.isalpha() and len(word) == 3 else None
        stated = (letters,) if letters else ()
    return bool(stated) and (currency is None or currency in stated)


def _without_sign(text: str) -> tuple[str, bool]:
    """What is left without a minus before or behind it, or an accountant's brackets around it; whether it had any."""
    if text.startswith("(") and text.endswith(")"):
        return text[1:-1].strip(), True
    if text[:1] in _MINUS:
        return text[1:].strip(), bool(text)
    if text[-1:] in _MINUS:
        number = text[:-1].strip()
        # `100.00-` is an accountant's minus; the dash of `100-` may as well say that there are no cents.
        return number if _HAS_CENTS.search(number) else "", True
    return text.removeprefix("+").strip(), False


def _with_sign(number: Decimal | None, is_negative: bool) -> Decimal | None:
    return number if number is None or not is_negative or number.is_zero() else number.copy_negate()


def _unsigned(text: str, *, is_rate: bool) -> Decimal | None:
    text = text.replace("’", "'").replace("ʼ", "'")
    if not text or len(text) > _MOST_WRITTEN or re.fullmatch(r"[0-9.,' ]+", text) is None:
        return None
    if _is_ambiguous(text) and not is_rate:
        return None
    for thousands, point in (("", ".,"), (" ", ".,"), ("'", ".,"), (",", "."), (".", ",")):
        if (match := _pattern(thousands, point).fullmatch(text)) is not None:
            return _checked(match[1].replace(thousands, "") if thousands else match[1], match[2])
    match = re.fullmatch(r"[.,](\d+)", text)
    return _checked("0", match[1]) if match else None


def _pattern(thousands: str, point: str) -> re.Pattern[str]:
    digits = _DIGITS.format(re.escape(thousands)) if thousands else r"\d+"
    return re.compile(f"({digits})(?:[{point}](\\d*))?")


def _is_ambiguous(text: str) -> bool:
    """Whether what is before the last three digits may be thousands or a point: `0,125` and `1234,567` are not."""
    return re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", text) is not None


def _checked(whole: str, decimals: str | None) -> Decimal | None:
    number = Decimal(f"{whole}.{decimals}" if decimals else whole)
    return number if number.adjusted() < MOST_DIGITS else None
