"""What keeps a document, told from the reason that it was left with.

The reasons are sentences of this package, which say the thing and its key; `tests/preflight` makes every cause happen
for real and reads its sentence back. What no sentence tells is told by what the document waits for (`WakesOn`), and
else shown as it is: nothing is left out because its cause is not known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import WakesOn
from invoice_bridge_core.transfer.recheck import Waiting

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import DocumentRow


class Cause(StrEnum):
    """Why documents do not move; the order is that in which people are told."""

    ROUTE = "route"
    CREDENTIALS = "credentials"
    CONNECTION = "connection"
    CLOSED = "closed"
    GUARD = "rejections guard"
    ARTICLE = "article"
    ACCOUNT = "account"
    TAX = "tax"
    CURRENCY = "currency"
    LOCK_DATE = "lock date"
    CONTACT = "contact"
    EMAIL = "e-mail"
    CUSTOMER = "customer data"
    REFERENCE = "reference"
    TOTALS = "totals"
    NUMBER = "number"
    INVOICE = "invoice of a credit note"
    BOOKING = "booking"
    DOUBT = "doubt"
    UNREADABLE = "unreadable"
    PASSING = "passing trouble"
    OTHER = "other"
    DRAFT = "drafts"
    REJECTED = "rejected"
    LIMIT = "limit"


@dataclass(frozen=True)
class Keeps:
    """One thing that keeps a document.

    :param subject: what is to be mended, such as the article's code; empty where the cause says it all.
    """

    cause: Cause
    subject: str = ""


_CUSTOMER = r"(?P<s>(?:customer|booker|Customer|Booker) '.*?'(?: \(ref: .*?\))?)"
_ARTICLES = (
    r"Article code '(?P<s>.*?)' not found in finance system",
    r"Article code '(?P<s>.*?)' may be each of .*?, which are mapped to different accounts: write it exactly as one of "
    r"them, or give them one account",
    r"Article code is missing on lines? [0-9, and]+ '(?P<line>.*?)'(?=; |\. |$)",
)
_SENTENCES: tuple[tuple[Cause, tuple[str, ...]], ...] = (
    (Cause.ARTICLE, _ARTICLES),
    (Cause.ROUTE, (r"may be mapped in (?P<s>Variable \S+), which was there before and cannot be found now",)),
    (
        Cause.ACCOUNT,
        (
            r"[Aa]ccount code '(?P<s>.*?)' (?:of the route's finance\.rounding_account )?not found in ",
            r"(?:\bAccount|rounding_account) (?P<s>\S+ '.*?'|'.*?') (?:is archived|is a bank account|is one of)",
            r"Card payment account (?P<s>\S+ '.*?'|'.*?') (?:not found|is archived|takes no payments|is in )",
            r"(?P<s>Card payments) cannot be booked: the route has no card_payment_account",
            r"(?P<s>Name an account for such differences) in the route's finance\.rounding_account",
        ),
    ),
    (
        Cause.TAX,
        (
            r"(?P<s>VAT rate [0-9.,]+% not configured for account (?:\S+ '.*?'|'.*?')), which",
            r"(?P<s>Tax rate '.*?' of account (?:\S+ '.*?'|'.*?')) not found",
            r"(?P<s>Item '.*?' in \w+ has the tax rate '.*?')",
            r"rounding_account (?P<s>\S+ '.*?'|'.*?') has the tax rate",
            r"(?P<s>VAT rate [0-9.,]+%?) .*?(?:is not|takes)",
        ),
    ),
    (
        Cause.CURRENCY,
        (r"Currency (?P<s>[A-Z]{3}) is not enabled in ", r"Exchange rate of (?P<s>[A-Z]{3}) into [A-Z]{3} is missing"),
    ),
    (Cause.LOCK_DATE, (r"Invoice date [0-9-]+ is closed: (?P<s>.*?books are locked up to [0-9-]+)",)),
    (
        Cause.EMAIL,
        (
            rf"E-mail address of {_CUSTOMER} is ",
            r"(?P<s>Booker '.*?') has no e-mail address",
            rf"(?:GLN|FMI) of {_CUSTOMER} is missing",
        ),
    ),
    (
        Cause.CONTACT,
        (
            r"[0-9]+ contacts in .*? fit (?P<s>'.*?')(?: \(ref|$|:)",
            r"Contact (?P<s>'.*?')(?:, which belongs to .*?,)? (?:was merged|is archived)",
            r"accepts no (?:contact for|change of contact) (?P<s>'.*?')",
            r"has no contact for (?P<s>'.*?') \(ref",
            r"Customer (?P<s>'.*?') \(ref: .*?\) has number .*? There the two would become one customer",
            r"(?P<s>Contact \S+) (?:was merged into|is archived)",
        ),
    ),
    (
        Cause.CUSTOMER,
        (
            rf"{_CUSTOMER} has (?:no |country )",
            r"(?P<s>Booker '.*?') has no address",
            r"(?P<s>Customer is missing)",
            r"(?P<s>Customer \(ref: .*?\)) has no name",
            r"(?P<s>Delivery address) of .*? has ",
        ),
    ),
    (
        Cause.REFERENCE,
        (r"(?P<s>Reference)(?: '.*?')? of .*? (?:is missing|has |does not match)", r"Field '(?P<s>.*?)' of .*? is "),
    ),
    (
        Cause.TOTALS,
        (
            r"(?P<s>Totals do not add up)",
            r"(?P<s>Total) of .*? is .*?, (?:but|and) ",
            r"(?P<s>Rows) of .*? add up to",
            r"(?P<s>The card) (?:paid|got back) .*? but its lines come to",
            r"(?P<s>VAT) [0-9 .,-]+ is not [0-9.]+% of",
        ),
    ),
    (Cause.NUMBER, (r"has a document of the number (?P<s>\S+)", r"(?P<s>\S+) is already in ", r"Number '(?P<s>.*?)' ")),
)
_PATTERNS = tuple((cause, re.compile(text)) for cause, texts in _SENTENCES for text in texts)
_ARTICLE_SENTENCES = re.compile("|".join(re.sub(r"\(\?P<\w+>", "(?:", text) for text in _ARTICLES))
_MAPPED_TO = re.compile(r"which article code '(.*?)' is mapped to")
_WAITS_FOR_INVOICE = re.compile(
    r"Waits for its invoice (?P<s>.*?), which|Credit note .*? (?:names|does not name) |Its invoice "
)
_NOT_OURS = re.compile(r"It now belongs to office ")
_CONNECTION = re.compile(r"(?:C|c)onnection (?P<s>[\w.-]+)\b")
_OF_ITS_OWN = re.compile(r"'[^']*'|[0-9][0-9 .,:-]*")


def reason_keeps(reason: str) -> frozenset[Keeps]:
    """What a reason tells; nothing where it is none of the package's known sentences."""
    if (match := _WAITS_FOR_INVOICE.match(reason)) is not None:
        return frozenset({Keeps(Cause.INVOICE, match["s"] or "")})
    if _NOT_OURS.match(reason) is not None:
        return frozenset({Keeps(Cause.ROUTE, "another office or project")})
    found: set[Keeps] = set()
    covered: list[tuple[int, int]] = []
    for cause, pattern in _PATTERNS:
        for match in pattern.finditer(reason):
            # What an earlier pattern has explained is not explained again.
            if any(start < match.end() and match.start() < end for start, end in covered):
                continue
            covered.append(match.span())
            found.add(Keeps(cause, _subject(match)))
    return frozenset(found)


def _subject(match: re.Match[str]) -> str:
    named = match.groupdict()
    if named.get("line") is not None:
        return f"(none) on line '{named['line']}'"
    return named.get("s") or ""


def only_articles(reason: str) -> frozenset[str] | None:
    """The articles of a reason that names nothing but articles without an account; `None` for any other reason."""
    if _ARTICLE_SENTENCES.sub("", reason).strip("; ."):
        return None
    return frozenset(one.subject for one in reason_keeps(reason)) or None


def articles_named(reason: str) -> frozenset[str]:
    """The articles that a reason is about, not mapped or mapped to an account that does not do."""
    unmapped = {keeps.subject for keeps in reason_keeps(reason) if keeps.cause is Cause.ARTICLE}
    return frozenset(unmapped | set(_MAPPED_TO.findall(reason)))


def row_keeps(row: DocumentRow) -> frozenset[Keeps]:
    """What keeps a document of the ledger; nothing where only the next run is needed."""
    if row.state is DocumentState.IN_DOUBT:
        return frozenset({Keeps(Cause.DOUBT)})
    if row.state is DocumentState.REJECTED:
        return frozenset({Keeps(Cause.REJECTED)})
    if row.state is not DocumentState.HELD:
        is_stuck = row.state is not DocumentState.TRANSFERRED and row.reason is not None
        return frozenset({Keeps(Cause.PASSING, without_its_own(row.reason or ""))}) if is_stuck else frozenset()
    if row.booking is not None:
        return frozenset({Keeps(Cause.BOOKING)})
    reason = row.reason or ""
    if found := reason_keeps(reason):
        return found
    if not row.facts.is_readable:
        return frozenset({Keeps(Cause.UNREADABLE)})
    return frozenset({_by_what_it_waits_for(row, reason)})


def _by_what_it_waits_for(row: DocumentRow, reason: str) -> Keeps:
    wakes_on = Waiting.parse(row.held_fingerprint).wakes_on if row.held_fingerprint else frozenset()
    if wakes_on == {WakesOn.CONTACT}:
        return Keeps(Cause.CONTACT, without_its_own(reason))
    if wakes_on == {WakesOn.NUMBER}:
        return Keeps(Cause.NUMBER, row.number or "")
    if WakesOn.INVOICE in wakes_on:
        return Keeps(Cause.INVOICE)
    if WakesOn.CONNECTION in wakes_on:
        named = _CONNECTION.search(reason)
        return Keeps(Cause.CONNECTION, named["s"] if named else "")
    return Keeps(Cause.OTHER, without_its_own(reason))


def unknown_reason(reason: str) -> Keeps:
    """A reason that no sentence explains, by itself."""
    return Keeps(Cause.OTHER, without_its_own(reason))


def without_its_own(reason: str) -> str:
    """A reason without what differs from document to document, so that those of a kind are counted together."""
    return _OF_ITS_OWN.sub("…", reason)[:300]
