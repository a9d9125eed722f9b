"""`docs/rejections.md` shows the closed list as the code has it, and texts that documents really get."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from invoice_bridge.systems.quiddly.checks import quiddly_problems
from invoice_bridge_core.documents.final_problems import FinalProblem
from invoice_bridge_core.routes.model import Route
from invoice_bridge_core.transfer.checks import document_problems
from tests.builders import document, line, party, route

if TYPE_CHECKING:
    from invoice_bridge_core.documents import Document

PAGE = Path(__file__).parents[2] / "docs/rejections.md"
REJECTS = route(policy={"unmapped_article": "reject"})
QUIDDLY = Route.model_validate({"route": "q", "source": {"system": "qondor"}, "finance": {"system": "quiddly"}})
EXAMPLES: dict[FinalProblem, Document] = {
    FinalProblem.NO_PARTY: document(party=None),
    FinalProblem.CUSTOMER_WITHOUT_NAME: document(party=party(name="")),
    FinalProblem.BOOKER_WITHOUT_EMAIL: document(party=party(name="Kari Nordmann", is_booker=True, email=None)),
    FinalProblem.SUMS_DO_NOT_ADD_UP: document(total_incl_vat=Decimal("9998.99")),
    FinalProblem.NEGATIVE_TOTAL: document(line("-100.00")),
    FinalProblem.ARTICLE_UNMAPPED: document(line(article="ROOM-DLX")),
    FinalProblem.ARTICLE_MISSING: document(line(article=None)),
    FinalProblem.VAT_RATE_NOT_TAKEN: document(line("310.00", vat="15", article="VAT15"), currency="SEK"),
    FinalProblem.ADDRESS_INCOMPLETE: document(
        party=party(address=party().address.model_copy(update={"postal_code": None, "city": None})), currency="SEK"
    ),
}


def test_the_page_has_every_rule_and_no_other() -> None:
    rows = [row.strip("| ").split(" | ") for row in PAGE.read_text().splitlines() if row.startswith("| ")]
    shown = {name: (rule, source) for name, rule, source, _ in rows[1:]}
    assert shown == {rule.value: (rule.rule, rule.source) for rule in FinalProblem}


@pytest.mark.parametrize("rule", FinalProblem)
def test_the_text_of_the_page_is_what_the_author_reads(rule: FinalProblem) -> None:
    [row] = [row for row in PAGE.read_text().splitlines() if row.startswith(f"| {rule.value} |")]
    wrong = EXAMPLES[rule]
    problems = [*document_problems(wrong, REJECTS), *quiddly_problems(wrong, QUIDDLY)]
    assert (rule, row.strip("| ").split(" | ")[3]) in [(one.final, one.message) for one in problems]
