"""Groups documents by what keeps them, and says each cause in one sentence."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from invoice_bridge_core.preflight.causes import Cause
from invoice_bridge_core.preflight.findings import (
    Finding,
    Part,
    Severity,
    counted,
    documents_text,
    sums_of,
)
from invoice_bridge_core.preflight.reason_keys import LONGEST_SUBJECT, cause_key, keys_for, subject_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from invoice_bridge_core.preflight.findings import KeptDocument

MOST_NAMED = 3
"""So many things of a cause are named in its sentence; all of them stand in its parts."""
MOST_PARTS = 200
MOST_REASONS = 20
"""So many reasons are told one by one; the documents of all others together."""
_OTHERS = "and other reasons"


@dataclass(frozen=True)
class _Words:
    """How a cause is said.

    :param thing: what is counted, such as `article`; empty where only documents are.
    :param one: what is so of one thing, and `many` of several; without a thing, the sentence's beginning.
    """

    thing: str
    one: str
    many: str
    what_to_do: str
    severity: Severity = Severity.HOLDS


_WORDS = {
    Cause.ROUTE: _Words("", "The route does not take them as they are", "", "Do what the reason says."),
    Cause.CREDENTIALS: _Words(
        "connection", "is refused", "are refused", "Put the right credentials into the connection, and test it there."
    ),
    Cause.CONNECTION: _Words(
        "connection", "is set up wrongly", "are set up wrongly", "Mend the connection's fields; the reason names them."
    ),
    Cause.GUARD: _Words(
        "",
        "Rejections are kept back, since a rejection is final",
        "",
        "Look at the documents first. If they are wrong, confirm their rejection; if our mapping is, mend that.",
    ),
    Cause.ARTICLE: _Words(
        "article",
        "is not mapped",
        "are not mapped",
        "Map each to an account; the proposals are accounts whose name or tax fits.",
    ),
    Cause.ACCOUNT: _Words(
        "account",
        "cannot be booked on",
        "cannot be booked on",
        "Restore or add the account in finance, or map the article to another one.",
    ),
    Cause.TAX: _Words(
        "tax rate",
        "does not fit its account",
        "do not fit their accounts",
        "Map the article to an account with the document's VAT rate, or correct the account's rate in finance.",
    ),
    Cause.CURRENCY: _Words(
        "currency",
        "is not set up",
        "are not set up",
        "Add the currency in finance; for Quiddly, its rate in the route's exchange_rates.",
    ),
    Cause.LOCK_DATE: _Words(
        "",
        "The books are locked for their dates",
        "",
        "Move the lock date in finance for as long as it takes, or have the documents dated later in the source.",
    ),
    Cause.CONTACT: _Words(
        "contact",
        "has to be chosen or mended",
        "have to be chosen or mended",
        "Choose the contact of each customer on the desk, or restore or merge it in finance.",
    ),
    Cause.EMAIL: _Words(
        "customer",
        "has no e-mail address that can be used",
        "have no e-mail address that can be used",
        "Fill in the invoice address of each customer in the source.",
    ),
    Cause.CUSTOMER: _Words(
        "customer",
        "lacks data that finance needs",
        "lack data that finance needs",
        "Complete the customer in the source.",
    ),
    Cause.REFERENCE: _Words(
        "",
        "The reference or a field that the customer asks for is missing or wrong",
        "",
        "Have the author fill it in, in the source; or correct require_reference in the route.",
    ),
    Cause.TOTALS: _Words(
        "",
        "Their sums do not add up, or finance would come to others",
        "",
        "Have the lines corrected in the source, or name a rounding_account in the route.",
    ),
    Cause.NUMBER: _Words(
        "number",
        "is taken or cannot be used",
        "are taken or cannot be used",
        "Look in finance what has the number. If it is this document, say so on the desk; if not, give the other one "
        "another number.",
    ),
    Cause.INVOICE: _Words(
        "",
        "Credit notes wait for their invoices",
        "",
        "Mend what keeps the invoice, or book it; the credit note follows by itself.",
    ),
    Cause.BOOKING: _Words(
        "",
        "Booked, but the booking is gone, was changed, or its source takes no report",
        "",
        "Open each on the desk, compare the two sides, and say what is so.",
    ),
    Cause.DOUBT: _Words(
        "",
        "In doubt whether they are booked",
        "",
        "Open each on the desk, look in finance, and say whether it is booked.",
    ),
    Cause.UNREADABLE: _Words(
        "",
        "Could not be read",
        "",
        "The reason says what its source told. Have the document corrected there.",
    ),
    Cause.PASSING: _Words(
        "",
        "The last attempt was cut short",
        "",
        "Nothing, if the reason passes: every run tries again. If it stays, the task's log says more.",
    ),
    Cause.OTHER: _Words("", "Held for another reason", "", "Do what the reason says."),
    Cause.REJECTED: _Words(
        "",
        "Rejected, or about to be",
        "",
        "Their authors correct them in the source; they come again by themselves.",
        Severity.NOTE,
    ),
}
_IRREGULAR = {"currency": "currencies"}
_BY_SUBJECT = frozenset({Cause.ROUTE, Cause.PASSING, Cause.OTHER})
"""Of which each subject is a finding of its own."""
_MENDED_ONE_BY_ONE = frozenset({Cause.ARTICLE, Cause.ACCOUNT})
"""Of which some subjects may be mended, while documents still stand with the reason."""


def grouped(documents: Sequence[KeptDocument]) -> list[Finding]:
    """One finding for each cause, in the order of the causes. A document that several keep is in each of them."""
    groups: defaultdict[tuple[Cause, str], dict[str, KeptDocument]] = defaultdict(dict)
    for one in documents:
        for kept in one.keeps:
            subject = kept.subject if kept.cause in _BY_SUBJECT else ""
            groups[kept.cause, subject][one.ref] = one
    _join_rare(groups)
    order = list(Cause)
    ranked = sorted(groups.items(), key=lambda group: (order.index(group[0][0]), -len(group[1]), group[0][1]))
    return [_finding(cause, subject, list(found.values())) for (cause, subject), found in ranked]


def _join_rare(groups: defaultdict[tuple[Cause, str], dict[str, KeptDocument]]) -> None:
    """Put together what only few documents wait for, where reasons are many."""
    for cause in _BY_SUBJECT:
        ranked = sorted((key for key in groups if key[0] is cause), key=lambda key: (-len(groups[key]), key[1]))
        for key in ranked[MOST_REASONS:]:
            groups[cause, _OTHERS].update(groups.pop(key))


def distinct(documents: Iterable[KeptDocument]) -> list[KeptDocument]:
    """Each document that really is kept, once."""
    notes = {cause for cause, words in _WORDS.items() if words.severity is Severity.NOTE}
    return list({one.ref: one for one in documents if any(kept.cause not in notes for kept in one.keeps)}.values())


def label_of(cause: Cause) -> str:
    """A cause in a few words, as a choice of a list; empty for what keeps no document of the ledger."""
    words = _WORDS.get(cause)
    if words is None:
        return "Drafts in finance" if cause is Cause.DRAFT else ""
    lead = f"{words.thing.capitalize()} {words.one}" if words.thing else words.one
    return lead.split(",")[0]


def what_to_do(cause: Cause) -> str:
    """What people do about a cause."""
    return _WORDS[cause].what_to_do


def _finding(cause: Cause, subject: str, documents: list[KeptDocument]) -> Finding:
    words, sums = _WORDS[cause], sums_of(documents)
    parts = _parts(cause, documents) if words.thing else ()
    if words.thing:
        lead = f"{_things(words.thing, len(parts))} {words.one if len(parts) == 1 else words.many}{_named(parts)}"
    else:
        lead = words.one
    if cause in _BY_SUBJECT:
        # What differs between them is left out of the subject, so one of them is told as it is.
        told = subject if subject == _OTHERS else documents[0].reason or subject
        lead = f"{lead}: {told}"[:400].rstrip(". ")
    wait = "wait" if len(documents) != 1 else "waits"
    ending = "" if words.severity is Severity.NOTE else f" {wait}"
    return Finding(
        cause=cause,
        severity=words.severity,
        text=f"{lead}: {documents_text(len(documents), sums)}{ending}{_woken(documents)}",
        what_to_do=words.what_to_do,
        documents=len(documents),
        sums=sums,
        parts=parts[:MOST_PARTS],
        states=tuple(sorted({one.state for one in documents if not one.is_untried})),
        reasons=_reasons(cause, documents, subject),
        listed=sum(not one.is_untried for one in documents),
    )


def _reasons(cause: Cause, documents: Sequence[KeptDocument], subject: str) -> tuple[str, ...]:
    if cause not in _BY_SUBJECT | _MENDED_ONE_BY_ONE:
        return (cause_key(cause),)
    named = {kept.subject for one in documents for kept in one.keeps if kept.cause is cause}
    return keys_for(cause, {subject} if cause in _BY_SUBJECT and subject != _OTHERS else named)


def _woken(documents: Sequence[KeptDocument]) -> str:
    woken = sum(one.is_woken for one in documents)
    if not woken:
        return ""
    which = "All" if woken == len(documents) else f"{woken} of them"
    return (
        f". {which} {'is' if woken == 1 else 'are'} tried again by the next run"
        if woken != len(documents) or woken > 1
        else ". It is tried again by the next run"
    )


def _parts(cause: Cause, documents: Sequence[KeptDocument]) -> tuple[Part, ...]:
    by_name: defaultdict[str, list[KeptDocument]] = defaultdict(list)
    for one in documents:
        for kept in one.keeps:
            if kept.cause is cause:
                by_name[kept.subject[:LONGEST_SUBJECT]].append(one)
    parts = (
        Part(name, len({one.ref for one in kept}), sums_of(_once(kept)), subject_key(cause, name))
        for name, kept in by_name.items()
    )
    return tuple(sorted(parts, key=lambda part: (-part.documents, part.name)))


def _once(documents: Iterable[KeptDocument]) -> list[KeptDocument]:
    return list({one.ref: one for one in documents}.values())


def _things(thing: str, number: int) -> str:
    return f"{number} {_IRREGULAR[thing]}" if number != 1 and thing in _IRREGULAR else counted(number, thing)


def _named(parts: Sequence[Part]) -> str:
    names = [part.name for part in parts if part.name]
    if not names:
        return ""
    more = len(names) - MOST_NAMED
    return f" ({', '.join(names[:MOST_NAMED])}{f' and {more} more' if more > 0 else ''})"
