"""Whatever people write into a document, it is rejected for a rule of the closed list that it really breaks."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from invoice_bridge.systems.quiddly.checks import quiddly_problems
from invoice_bridge_core.documents import Address, DocumentKind
from invoice_bridge_core.documents.final_problems import FinalProblem
from invoice_bridge_core.routes.model import Route
from invoice_bridge_core.transfer.checks import document_problems
from invoice_bridge_core.transfer.rejections import rejections_for
from tests.builders import ACCOUNT_CODES, document, line, party
from tests.examples import examples

if TYPE_CHECKING:
    from invoice_bridge_core.documents import Document, Line

FINANCE = {system: {"system": system, "account_codes": ACCOUNT_CODES} for system in ("xero", "quiddly")}
CENT = Decimal("0.01")

few_or_none = st.sampled_from([None, "", " ", "x", "Acme", "a@x.example", "a@x; b@x", "not an address", "SE", "sweden"])
amounts = st.sampled_from(["0", "100", "-100", "0.01", "4999.995", "1000000"])
lines = st.builds(
    lambda excl, vat, article, changes: line(excl, vat=vat, article=article, **changes),
    amounts,
    st.sampled_from(["25", "24.999999", "15", "12", "0", "6"]),
    st.sampled_from(["VAT25", "vat25", " VAT0 ", "NOPE", None]),
    st.fixed_dictionaries(
        {},
        optional={
            "vat_percentage": st.sampled_from([None, Decimal(25), Decimal(15), Decimal(0)]),
            "vat_amount": st.sampled_from([None, Decimal(0), Decimal(7)]),
            "total_excl_vat": st.none(),
            "total_incl_vat": st.sampled_from([Decimal(0), Decimal(125), Decimal(130)]),
            "description": st.sampled_from([None, "Day 2: dinner"]),
            "quantity": st.sampled_from([None, Decimal(0), Decimal("2.999999")]),
        },
    ),
)
parties = st.builds(
    lambda name, email, is_booker, **address: party(
        name=name or "", email=email, is_booker=is_booker, address=Address(**address)
    ),
    few_or_none, few_or_none, st.booleans(),
    line1=few_or_none, postal_code=few_or_none, city=few_or_none, country_code=few_or_none,
)  # fmt: skip
days = st.none() | st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31))
documents = st.builds(
    lambda of, changes: document(*of, **changes),
    st.lists(lines, min_size=1, max_size=4),
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(DocumentKind),
            "paid_by_card": st.booleans(),
            "invoice_date": days,
            "due_date": days,
            "party": st.none() | parties,
            "currency": st.sampled_from([None, "NOK", "SEK", "XXX"]),
        },
        optional={
            "total_incl_vat": st.sampled_from([Decimal(0), Decimal(125), Decimal("-0.01"), Decimal("124.5")]),
            "vat_amount": st.sampled_from([None, Decimal(25), Decimal(0)]),
            "total_excl_vat": st.sampled_from([None, Decimal(100)]),
            "lines": st.just(()),
        },
    ),
)


class Source:
    """A source that takes rejections."""

    rejections = object()


@given(documents, st.sampled_from(["reject", "hold"]), st.booleans())
@settings(max_examples=examples(300))
def test_a_document_is_rejected_only_for_a_rule_that_it_breaks(one: Document, policy: str, into_quiddly: bool) -> None:
    system = "quiddly" if into_quiddly else "xero"
    values = {"source": {"system": "qondor"}, "finance": FINANCE[system], "policy": {"unmapped_article": policy}}
    on = Route.model_validate({"route": "wild", **values})
    problems = [*document_problems(one, on), *(quiddly_problems(one, on) if into_quiddly else [])]
    rules = {problem.final for problem in problems if problem.final is not None}
    assert rules <= broken(one, on)
    rejected = rejections_for(Source(), one, problems) is not None  # type: ignore[arg-type]
    moved_by_card = one.kind is DocumentKind.CARD_PAYMENT or (one.is_credit_note and one.paid_by_card)
    assert rejected == (bool(rules) and not moved_by_card)


def broken(one: Document, on: Route) -> set[FinalProblem]:
    """The rules that a document breaks, told apart from the checks."""
    who = one.party
    into_quiddly = on.finance.system == "quiddly"
    rejects = on.policy.unmapped_article == "reject"
    known = {article.casefold() for article in ACCOUNT_CODES}
    articles = [each.article_number for each in one.lines]
    conditions: dict[FinalProblem, Any] = {
        FinalProblem.NO_PARTY: who is None,
        FinalProblem.CUSTOMER_WITHOUT_NAME: who is not None and not who.name.strip(),
        FinalProblem.BOOKER_WITHOUT_EMAIL: who is not None and who.is_booker and not who.email,
        FinalProblem.SUMS_DO_NOT_ADD_UP: is_far_off(one),
        FinalProblem.NEGATIVE_TOTAL: one.total_incl_vat < 0 and not one.is_credit_note,
        FinalProblem.ARTICLE_UNMAPPED: rejects and any(a and a.strip().casefold() not in known for a in articles),
        FinalProblem.ARTICLE_MISSING: rejects
        and any(not each.article_number and not each.is_text for each in one.lines),
        FinalProblem.VAT_RATE_NOT_TAKEN: into_quiddly
        and any(each.vat_percentage not in (None, 0, 6, 12, 25) for each in one.lines),
        FinalProblem.ADDRESS_INCOMPLETE: into_quiddly
        and who is not None
        and any(
            not (part or "").strip()
            for part in (who.address.line1, who.address.postal_code, who.address.city, who.address.country_code)
        ),
    }
    return {rule for rule, is_broken in conditions.items() if is_broken}


def is_far_off(one: Document) -> bool:
    """Whether any two amounts that belong together are more than one unit of money apart."""
    gaps = []
    parts = {
        "total_incl_vat": [each.total_incl_vat for each in one.lines],
        "total_excl_vat": [net_and_vat(each)[0] for each in one.lines],
        "vat_amount": [net_and_vat(each)[1] for each in one.lines],
    }
    for name, amounts in parts.items():
        gaps.append(sum(amounts, Decimal(0)) - (getattr(one, name) or Decimal(0)))
    for each in one.lines:
        net, vat = net_and_vat(each)
        gaps.append(net + vat - each.total_incl_vat)
        gaps.append(vat - net * (each.vat_percentage or 0) / 100)
    return any(abs(gap) > 1 - CENT for gap in gaps)


def net_and_vat(each: Line) -> tuple[Decimal, Decimal]:
    """A line's amounts as they are stated; what is not stated is what the others leave of its total."""
    net, vat = each.total_excl_vat, each.vat_amount
    net = each.total_incl_vat - (vat or 0) if net is None else net
    return net, each.total_incl_vat - net if vat is None else vat
