"""Ways in which people and programs write a value, all of which have to be read as that value.

Each function takes a clean value and gives its ways by name; `one_of` draws one. `payment` and `instalment` write a
whole payload of a source in such ways, and say which were drawn.
"""

from __future__ import annotations

import copy
import datetime as dt
import html
import unicodedata
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Ways = dict[str, Any]
Written = tuple[str, Any]
"""The name of the way, and what is written."""

OSLO = ZoneInfo("Europe/Oslo")
INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u00ad\u2060\ufeff\u202a\u202c\u2066\u2069\ufe0f"
BLANKS = "\u00a0\u2007\u2009\u202f\u3000"
_CURRENCY_SIGNS = {"NOK": "kr", "SEK": "kr", "DKK": "kr.", "EUR": "€", "GBP": "£", "PLN": "zł", "USD": "$"}
_MONTHS = (
    *("januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september", "oktober", "november"),
    "desember",
)
_COUNTRIES = {
    "NO": ("Norge", "Norway", "NORWAY", "Noreg", "NOR", "no", "Norwegen", "Norvège", "Noorwegen", "Norwegia"),
    "SE": ("Sverige", "Sweden", "SWE", "Schweden", "Suède", "Zweden", "Szwecja", "Ruotsi"),
    "DK": ("Danmark", "Denmark", "DNK", "Dänemark", "Danemark", "Denemarken", "Dania"),
    "FI": ("Finland", "Suomi", "FIN", "Finnland", "Finlande"),
    "GB": ("UK", "U.K.", "United Kingdom", "Great Britain", "Storbritannia", "GBR", "England"),
    "DE": ("Deutschland", "Germany", "Tyskland", "DEU", "Allemagne", "Duitsland", "Niemcy"),
    "FR": ("France", "Frankrike", "FRA", "Frankreich", "Frankrijk", "Francja"),
    "NL": ("Nederland", "The Netherlands", "Holland", "NLD", "Niederlande", "Pays-Bas"),
    "BE": ("Belgium", "België", "Belgique", "Belgia", "BEL"),
    "PL": ("Polska", "Poland", "Polen", "POL", "Pologne"),
    "US": ("USA", "U.S.A.", "United States", "United States of America"),
}


def one_of(ways: Ways) -> st.SearchStrategy[Written]:
    """One of the ways, with its name."""
    return st.sampled_from(sorted(ways)).map(lambda name: (name, ways[name]))


def code(clean: str) -> Ways:
    """A number that names something, an id, an article, an account, a phone number or a postal code."""
    middle = len(clean) // 2
    return {
        "as it is": clean,
        "blanks around it": f"  {clean}\t",
        "a line end behind it": f"{clean}\r\n",
        **{f"U+{ord(sign):04X} within": f"{clean[:middle]}{sign}{clean[middle:]}" for sign in INVISIBLE},
        **{f"U+{ord(sign):04X} around": f"{sign}{clean}{sign}" for sign in (*INVISIBLE, *BLANKS)},
        "full-width signs": "".join(_wide(sign) for sign in clean),
        "decomposed": unicodedata.normalize("NFD", clean),
        "a hyphen that does not break": clean.replace("-", "\u2011"),
        "blanks that do not break": clean.replace(" ", "\u00a0"),
        "a control character behind it": f"{clean}\x00",
    }


def line(clean: str) -> Ways:
    """A text in one line that must stay as it was given, such as a purchase order."""
    ways = code(clean)
    return {name: ways[name] for name in ways if name not in ("full-width signs", "a hyphen that does not break")}


def name(clean: str) -> Ways:
    """A name, which may come out of a rich editor; a clean one has single blanks."""
    return {
        **line(clean),
        "entities": html.escape(clean),
        "entities escaped again": html.escape(html.escape(clean)),
        "a paragraph": f"<p>{html.escape(clean)}</p>",
        "a bold paragraph with a blank": f"<P><b>{html.escape(clean)}</b>&nbsp;</P>\n",
        "numbered entities": "".join(sign if sign.isascii() else f"&#{ord(sign)};" for sign in html.escape(clean)),
    }


def text(clean: str) -> Ways:
    """A description, maybe in several lines."""
    escaped = html.escape(clean)
    broken = escaped.replace("\n", "<br/>\n")
    return {
        **name(clean),
        "a paragraph": f"<p>{broken}</p>",
        "a bold paragraph with a blank": f"<P><b>{broken}</b>&nbsp;</P>\n",
        "a span with a style": f'<span style="font-size:12px">{broken}</span>',
        "a paragraph of a word processor": f'<p class="MsoNormal">{broken}<o:p></o:p></p>',
        "a fragment of a clipboard": f"<!--StartFragment-->{broken}<!--EndFragment-->",
        "an empty paragraph behind it": f"<p>{broken}</p><p>&nbsp;</p>",
        "a paragraph without an end": f"<p>{broken}",
        "a style sheet": f"<style>p {{ color: red }}</style><p>{broken}</p>",
        "a list": "<ul>" + "".join(f"<li>{each}</li>" for each in escaped.split("\n")) + "</ul>",
        "a font of old": f"<FONT color=red size=2>{broken}</FONT><BR>",
        "blanks as entities": broken.replace(" ", "&nbsp;").replace("<br/>\n", "<br>"),
        "hyphens for parting words": f"{broken[:1]}&shy;{broken[1:]}" if broken[0].isalpha() else broken,
        "what nobody sees as an entity": f"&#8203;{broken}&#xFEFF;",
        "breaks of a rich editor": f"<div>{escaped.replace(chr(10), '<br>')}</div>",
        "paragraphs of a rich editor": "".join(f"<p>{each}</p>" for each in escaped.split("\n")),
        "line ends of Windows": clean.replace("\n", "\r\n"),
        "line ends of a word processor": clean.replace("\n", "\u2028"),
    }


def amount(clean: Decimal, currency: str | None = None) -> Ways:
    """An amount of money or a price, of at most six decimals."""
    ways = number(clean)
    if clean >= 0 and clean == int(clean):
        ways["a dash for no cents"] = f"{int(clean):,},-".replace(",", "\u00a0", f"{int(clean):,}".count(","))
    if currency is not None:
        sign = _CURRENCY_SIGNS.get(currency, currency)
        plain = _grouped(clean, "\u00a0", ",")
        ways |= {
            "its currency before it": f"{currency} {plain}",
            "its currency behind it": f"{plain} {currency.lower()}",
            "its sign before it": f"{sign} {plain}",
            "its sign behind it": f"{plain} {sign}",
        }
    return ways


def number(clean: Decimal) -> Ways:
    """A number of things, of at most six decimals."""
    ways: Ways = {
        "as it is": clean,
        "the noise of a float above": _noisy(clean, 1),
        "the noise of a float below": _noisy(clean, -1),
        "text": _grouped(clean, ""),
        "decimal comma": _grouped(clean, "", ","),
        "thousands apart": _grouped(clean, " ", ","),
        "thousands that do not break": _grouped(clean, "\u00a0", ","),
        "thousands in thin blanks": _grouped(clean, "\u202f", ","),
        "thousands in apostrophes": _grouped(clean, "'"),
        "thousands in typographic apostrophes": _grouped(clean, "’"),
        "German": _grouped(clean, ".", ","),
        "English": _grouped(clean, ","),
        "full-width digits": "".join(_wide(sign) for sign in _grouped(clean, "")),
        "an invisible character in it": f"\ufeff{_grouped(clean, '')}\u200b",
    }
    if clean < 0:
        plain = _grouped(-clean, " ", ",")
        ways |= {
            "a typographic minus": f"\u2212{plain}",
            "a dash for a minus": f"–{plain}",
            "a minus behind it": f"{plain}-",
            "brackets": f"({plain})",
        }
    return ways


def rate(clean: Decimal) -> Ways:
    """A percentage."""
    ways = number(clean)
    return {**ways, "percent": f"{_grouped(clean, '')}%", "percent apart": f"{_grouped(clean, '', ',')}\u00a0%"}


def date(clean: dt.date, zone: ZoneInfo = OSLO) -> Ways:
    """A day, for somebody in this time zone."""
    midnight = dt.datetime.combine(clean, dt.time(), zone)
    there = dt.datetime.combine(clean, dt.time(12), zone)
    iso = clean.isoformat()
    instant = midnight.astimezone(dt.UTC)
    since_epoch = round(instant.timestamp() * 1000)
    ways: Ways = {
        "as it is": iso,
        "midnight": f"{iso}T00:00:00",
        "midnight and a fraction": f"{iso} 00:00:00.0000000",
        "midnight of nowhere": f"{iso}T00:00:00Z",
        "midnight there": midnight.isoformat(),
        "midnight in Tokyo": f"{iso}T00:00:00+0900",
        "a time of the day": f"{iso}T23:59:59.999",
        "the instant of midnight": instant.isoformat().replace("+00:00", "Z"),
        "the instant of midnight in ticks": f"{instant:%Y-%m-%dT%H:%M:%S}.0000000Z",
        "the instant of midnight in small letters": f"{instant:%Y-%m-%dt%H:%M:%Sz}",
        "the instant of midnight, colons left out": f"{instant:%Y-%m-%d %H:%M:%S}+0000",
        "the instant of midnight in New York": midnight.astimezone(ZoneInfo("America/New_York")).isoformat(),
        "noon": there.astimezone(dt.UTC).isoformat(),
        ".NET": f"/Date({since_epoch})/",
        ".NET with an offset": f"/Date({since_epoch}{midnight:%z})/"[:40],
        "dots": f"{clean.day:02}.{clean.month:02}.{clean.year}",
        "dots without zeros": f"{clean.day}. {clean.month}. {clean.year}",
        "in words": f"{clean.day}. {_MONTHS[clean.month - 1]} {clean.year}",
        "digits alone": f"{clean:%Y%m%d}",
        "slashes, the year first": f"{clean:%Y/%m/%d}",
        "invisible characters": f"\u200e{iso}\u200e",
    }
    if clean.day > 12 or clean.day == clean.month:
        ways |= {"slashes": f"{clean:%d/%m/%Y}", "American": f"{clean:%m/%d/%Y}"}
    return ways


def email(clean: str) -> Ways:
    """One address, alone, with a name, or before others."""
    local, _, domain = clean.partition("@")
    return {
        **{way: written for way, written in code(clean).items() if way != "decomposed"},
        "with another": f"{clean}; other@elsewhere.example",
        "with another behind a comma": f"{clean},other@elsewhere.example",
        "with another behind a blank": f"{clean} other@elsewhere.example",
        "with another in the next line": f"{clean}\nother@elsewhere.example",
        "a name": f"Accounts <{clean}>",
        "a quoted name": f'"Firm, AS" <{clean}>',
        "brackets": f"<{clean}>",
        "quotes": f"'{clean}'",
        "a link": f"mailto:{clean}?subject=Invoice%20for%20you",
        "a link of a rich editor": f'<a href="mailto:{clean}">{clean}</a>',
        "escaped brackets": f"Accounts &lt;{clean}&gt;",
        "a full stop": f"{clean}.",
        "a semicolon": f"{clean};",
        "blanks around the sign": f"{local} @ {domain}",
        "at in words": f"{local}(at){domain}",
        "a typographic apostrophe": clean.replace("'", "’"),
        "a word before it": f"E-mail: {clean}",
    }


def country(clean: str) -> Ways:
    """A country, by its code of two capitals."""
    return {"as it is": clean, "small letters": clean.lower()} | {each: each for each in _COUNTRIES.get(clean, ())}


def tax_number(clean: str) -> Ways:
    """A tax number; blanks in it stay on reading and are passed over where numbers are compared."""
    return code(clean)


def identifier(clean: int) -> Ways:
    """An id that counts."""
    as_text = code(str(clean))
    return {**as_text, "a number": clean, "a number with a point": Decimal(f"{clean}.0"), "text": str(clean)}


Kind = tuple["Callable[..., Ways]", tuple[str, ...]]

QONDOR: Mapping[str, Callable[..., Ways]] = {
    **dict.fromkeys(("invoiceNumber", "creditedInvoiceNumber", "projectNo"), code),
    **dict.fromkeys(("officeName", "projectName"), name),
    **dict.fromkeys(("officeId", "projectId"), identifier),
    **dict.fromkeys(("invoiceDate", "dueDate"), date),
    **dict.fromkeys(("totalExclVat", "vatAmount", "totalInclVat"), amount),
}
QONDOR_CUSTOMER: Mapping[str, Callable[..., Ways]] = {
    **dict.fromkeys(("name", "legalName", "address", "city"), name),
    **dict.fromkeys(("customerNumber", "zipCode"), code),
    **dict.fromkeys(("organisationNumber", "vatNumber"), tax_number),
    "invoiceEmail": email,
    "countryCode": country,
}
QONDOR_LINE: Mapping[str, Callable[..., Ways]] = {
    "description": text,
    "articleNumber": code,
    "quantity": number,
    "vatPercentage": rate,
    **dict.fromkeys(("unitPriceExclVat", "unitPriceInclVat", "totalExclVat", "vatAmount", "totalInclVat"), amount),
}
IXPOLE: Mapping[str, Callable[..., Ways]] = {
    **dict.fromkeys(("InvoiceDate", "DueDate"), date),
    **dict.fromkeys(("AmountExclVat", "VatAmount", "AmountInclVat"), amount),
    "InvoiceReference": line,
    "CustomerId": identifier,
}
IXPOLE_LINE: Mapping[str, Callable[..., Ways]] = {
    "Description": text,
    "ProductCode": code,
    "Quantity": number,
    "VatRate": rate,
    **dict.fromkeys(("UnitPrice", "AmountExclVat", "VatAmount", "AmountInclVat"), amount),
}


@st.composite
def payment(draw: st.DrawFn, clean: Mapping[str, Any], *, fields: int = 4) -> tuple[dict[str, Any], tuple[str, ...]]:
    """A payment of Qondor with some fields written in another way, and which: `customer.invoiceEmail: a link`."""
    written = copy.deepcopy(dict(clean))
    places = [(written, field, ways, "") for field, ways in QONDOR.items()]
    if written.get("customer"):
        places += [(written["customer"], field, ways, "customer.") for field, ways in QONDOR_CUSTOMER.items()]
    for position, each in enumerate(written.get("lines") or []):
        places += [(each, field, ways, f"lines[{position}].") for field, ways in QONDOR_LINE.items()]
    return written, _mangle(draw, places, fields, clean.get("currency"))


@st.composite
def instalment(draw: st.DrawFn, clean: Mapping[str, Any], *, fields: int = 4) -> tuple[dict[str, Any], tuple[str, ...]]:
    """An instalment of iXpole with some fields written in another way, and which."""
    written = copy.deepcopy(dict(clean))
    places = [(written, field, ways, "") for field, ways in IXPOLE.items()]
    for position, each in enumerate(written.get("Lines") or []):
        places += [(each, field, ways, f"Lines[{position}].") for field, ways in IXPOLE_LINE.items()]
    return written, _mangle(draw, places, fields, clean.get("Currency"))


def _mangle(draw: st.DrawFn, places: list[Any], fields: int, currency: str | None) -> tuple[str, ...]:
    there = [place for place in places if place[0].get(place[1]) not in (None, "")]
    chosen = draw(st.lists(st.sampled_from(range(len(there))), max_size=fields, unique=True))
    told = []
    for values, field, ways, path in (there[index] for index in chosen):
        way, value = draw(one_of(ways_of(ways, values[field], currency)))
        values[field] = value
        told.append(f"{path}{field}: {way}")
    return tuple(told)


def ways_of(ways: Callable[..., Ways], value: Any, currency: str | None) -> Ways:
    """The ways of one of the functions above for a value as it stands in JSON."""
    if ways is amount:
        return amount(Decimal(value), currency)
    if ways in (number, rate):
        return ways(Decimal(value))
    if ways is date:
        return date(dt.date.fromisoformat(value))
    return ways(value) if ways is identifier else ways(str(value))


def _grouped(clean: Decimal, thousands: str, point: str = ".") -> str:
    """The number as text, with enough decimals that it cannot be taken for thousands."""
    exponent = clean.as_tuple().exponent
    places = max(-exponent, 2) if isinstance(exponent, int) else 2
    written = f"{clean:,.{4 if places == 3 else places}f}"
    return written.replace(",", "T").replace(".", point).replace("T", thousands)


def _noisy(clean: Decimal, direction: int) -> Decimal:
    noise = Decimal(2 * direction).scaleb(max(clean.adjusted(), 0) - 16)
    return clean + noise


def _wide(sign: str) -> str:
    return chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign
