"""Everything that can be known to be wrong with a document before anything is sent, whatever the systems are.

All problems are gathered, not the first; what only one finance system objects to is found by its own module.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from invoice_bridge_core.documents import format_amount, round_half_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from invoice_bridge_core.documents import Document, Line
    from invoice_bridge_core.routes.model import Route

MESSAGE_LIMIT = 999
"""Characters of a failure message: it has to stay under 1,000 (contract qondor.md, "Failure messages")."""

_MAY_BE_ROUNDING = Decimal(1)
"""Systems round lines, sums or whole amounts, each in its way, so that sums may be off by up to one unit of money."""


class FixedBy(StrEnum):
    """Who can do something about a problem."""

    AUTHOR = "author"
    US = "us"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, in words for the project manager or the bookkeeper, naming the thing and its key."""

    message: str
    fixed_by: FixedBy


def author_must(message: str) -> Problem:
    """Only whoever wrote the document can mend it: it will be rejected."""
    return Problem(message, FixedBy.AUTHOR)


def we_must(message: str) -> Problem:
    """Our mapping, our settings or the finance system's set-up: the document will be held."""
    return Problem(message, FixedBy.US)


def who_must_fix(miss: Decimal, tolerance: Decimal) -> Callable[[str], Problem]:
    """Who must mend a sum that misses: where it may be rounding, nobody is told that the document is wrong."""
    return we_must if abs(miss) <= max(_MAY_BE_ROUNDING, tolerance) else author_must


def gap_problem(message: str, miss: Decimal, tolerance: Decimal) -> Problem:
    """A sum that misses; where it may be rounding, the message names the setting that decides."""
    problem = who_must_fix(miss, tolerance)(message)
    if problem.fixed_by is FixedBy.AUTHOR:
        return problem
    return we_must(f"{message} (the route's policy.total_tolerance, now {tolerance}, decides what may be rounding)")


def join_messages(problems: Iterable[Problem]) -> str:
    """All problems as one message that a source accepts; says how many did not fit."""
    messages = list(dict.fromkeys(problem.message for problem in problems))
    text = ""
    for index, message in enumerate(messages):
        rest = len(messages) - index
        addition = f"{'; ' if text else ''}{message}"
        ending = f"; and {rest} more" if text else ""
        last = rest == 1
        if len(text) + len(addition) + (0 if last else len("; and 999 more")) > MESSAGE_LIMIT:
            return text + ending if text else message[: MESSAGE_LIMIT - 1] + "…"
        text += addition
    return text


def document_problems(document: Document, route: Route) -> list[Problem]:
    """The problems that every finance system would have with the document."""
    return [
        *_party_problems(document),
        *_date_problems(document),
        *_article_problems(document, route),
        *_total_problems(document, route.policy.total_tolerance),
    ]


def _party_problems(document: Document) -> list[Problem]:
    party = document.party
    if party is None:
        return [author_must(f"Customer is missing: invoice {document.number} has neither a customer nor a booker")]
    if not party.name.strip():
        return [author_must(f"Customer (ref: {party.key}) has no name")]
    if party.is_booker and not party.email:
        return [author_must(f"Booker '{party.name}' has no e-mail address, which is what a booker is found by")]
    return []


def _date_problems(document: Document) -> list[Problem]:
    problems = []
    if document.currency is None:
        problems.append(author_must(f"Currency is missing on {document.number}"))
    if document.invoice_date is None:
        problems.append(author_must(f"Invoice date is missing on {document.number}"))
    elif document.due_date is not None and document.due_date < document.invoice_date:
        problems.append(author_must(f"Due date {document.due_date} is before the invoice date {document.invoice_date}"))
    return problems


def _article_problems(document: Document, route: Route) -> list[Problem]:
    unmapped = author_must if route.policy.unmapped_article == "reject" else we_must
    problems = []
    for position, line in enumerate(document.lines, start=1):
        if route.account_code(line.article_number, line.ledger_account) is not None:
            continue
        if line.article_number is None:
            problems.append(unmapped(f"Article code is missing on line {position} '{(line.description or '')[:60]}'"))
        else:
            problems.append(unmapped(f"Article code '{line.article_number}' not found in finance system"))
    return problems


def _total_problems(document: Document, tolerance: Decimal) -> list[Problem]:
    if not document.lines:
        return [author_must(f"{document.number} has no lines")]
    problems = []
    if document.total_incl_vat < 0 and not document.is_credit_note:
        problems.append(
            author_must(
                f"Total {format_amount(document.total_incl_vat)} is negative: money is given back with a credit note"
            )
        )
    problems += _sum_problem(
        document, "including VAT", document.total_incl_vat, lambda line: line.total_incl_vat, tolerance
    )
    problems += _sum_problem(
        document, "excluding VAT", document.total_excl_vat, lambda line: line.total_excl_vat, tolerance
    )
    problems += _sum_problem(document, "of VAT", document.vat_amount, lambda line: line.vat_amount, tolerance)
    for position, line in enumerate(document.lines, start=1):
        problems += _line_problem(line, position, tolerance)
    return problems


def _sum_problem(
    document: Document,
    what: str,
    stated: Decimal | None,
    amount: Callable[[Line], Decimal | None],
    tolerance: Decimal,
) -> list[Problem]:
    amounts = [value for line in document.lines if (value := amount(line)) is not None]
    if stated is None or len(amounts) < len(document.lines):
        return []
    summed = sum(amounts, Decimal(0))
    miss = round_half_up(summed) - round_half_up(stated)
    if abs(miss) <= tolerance:
        return []
    return [
        gap_problem(
            f"Totals do not add up: the lines' sum {what} is {format_amount(summed)}, "
            f"the document says {format_amount(stated)} {document.currency or ''}".rstrip(),
            miss,
            tolerance,
        )
    ]


def _line_problem(line: Line, position: int, tolerance: Decimal) -> list[Problem]:
    if line.total_excl_vat is None or line.vat_amount is None:
        return []
    miss = line.total_excl_vat + line.vat_amount - line.total_incl_vat
    if abs(miss) <= tolerance:
        return []
    return [
        gap_problem(
            f"Totals do not add up on line {position}: {format_amount(line.total_excl_vat)} and VAT "
            f"{format_amount(line.vat_amount)} are not {format_amount(line.total_incl_vat)}",
            miss,
            tolerance,
        )
    ]
