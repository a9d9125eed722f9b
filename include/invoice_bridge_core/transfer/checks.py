"""Everything that can be known to be wrong with a document before anything is sent, whatever the systems are.

All problems are gathered, not the first; what only one finance system objects to is found by its own module.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from invoice_bridge_core.documents import format_amount, round_half_up
from invoice_bridge_core.documents.final_problems import FinalProblem
from invoice_bridge_core.documents.problems import author_should, final_problem, gap_problem, we_must

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoice_bridge_core.documents import Document, Line
    from invoice_bridge_core.documents.problems import Problem
    from invoice_bridge_core.ports import SourceSystem
    from invoice_bridge_core.routes.model import Route


def document_problems(document: Document, route: Route) -> list[Problem]:
    """The problems that every finance system would have with the document."""
    return [
        *_party_problems(document),
        *_date_problems(document),
        *_article_problems(document, route),
        *_total_problems(document, route.policy.total_tolerance),
    ]


def number_problems(source: SourceSystem, number: str) -> list[Problem]:
    """What the source would not take for the number of a booking."""
    return source.number_rules.number_problems(number) if source.number_rules is not None else []


def _party_problems(document: Document) -> list[Problem]:
    party = document.party
    if party is None:
        message = f"Customer is missing: invoice {document.number} has neither a customer nor a booker"
        return [final_problem(FinalProblem.NO_PARTY, message)]
    if not party.name.strip():
        return [final_problem(FinalProblem.CUSTOMER_WITHOUT_NAME, f"Customer (ref: {party.key}) has no name")]
    if party.is_booker and not party.email:
        message = f"Booker '{party.name}' has no e-mail address, and a booker is found by that address"
        return [final_problem(FinalProblem.BOOKER_WITHOUT_EMAIL, message)]
    return []


def _date_problems(document: Document) -> list[Problem]:
    problems = []
    if document.currency is None:
        problems.append(author_should(f"Currency is missing on {document.number}"))
    if document.invoice_date is None:
        problems.append(author_should(f"Invoice date is missing on {document.number}"))
    elif document.is_owed and document.due_date is not None and document.due_date < document.invoice_date:
        problems.append(
            author_should(f"Due date {document.due_date} is before the invoice date {document.invoice_date}")
        )
    return problems


def _article_problems(document: Document, route: Route) -> list[Problem]:
    problems = []
    for position, line in enumerate(document.lines, start=1):
        if line.is_text or route.account_code(line.article_number, line.ledger_account) is not None:
            continue
        if line.article_number is not None and len(alike := route.articles_alike(line.article_number)) > 1:
            named = " and ".join(f"'{article}'" for article in alike)
            problems.append(
                we_must(
                    f"Article code '{line.article_number}' may be each of {named}, which are mapped to different "
                    "accounts: write it exactly as one of them, or give them one account"
                )
            )
            continue
        if line.article_number is None:
            rule = FinalProblem.ARTICLE_MISSING
            message = f"Article code is missing on line {position} '{(line.description or '')[:60]}'"
        else:
            rule = FinalProblem.ARTICLE_UNMAPPED
            message = f"Article code '{line.article_number}' not found in finance system"
        # Without any account code it is the route that is wrong.
        is_final = route.policy.unmapped_article == "reject" and route.start_problem is None
        problems.append(final_problem(rule, message) if is_final else we_must(message))
    return problems


def _total_problems(document: Document, tolerance: Decimal) -> list[Problem]:
    if not document.priced_lines:
        lines = "only lines of text" if document.lines else "no lines"
        return [author_should(f"{document.number} has {lines}")]
    problems = []
    if document.total_incl_vat < 0 and not document.is_credit_note:
        message = f"Total {format_amount(document.total_incl_vat)} is negative: money is given back with a credit note"
        problems.append(final_problem(FinalProblem.NEGATIVE_TOTAL, message))
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
    lines = document.priced_lines
    amounts = [value for line in lines if (value := amount(line)) is not None]
    if stated is None or len(amounts) < len(lines):
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
    miss = round_half_up(line.total_excl_vat + line.vat_amount - line.total_incl_vat)
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
