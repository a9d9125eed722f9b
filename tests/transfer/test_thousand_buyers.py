"""A thousand buyers with rules for their reference: what leaves has it, as they wrote it, and nothing of ours."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from invoice_bridge.systems.qondor.payment import read_payment
from invoice_bridge.systems.xero.documents import document_body
from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.transfer.reference_checks import reference_problems
from sandbox.xero.pdf import printed as on_paper
from tests.builders import route
from tests.systems.xero.xero_facts import books
from tests.transfer.buyers import HEADINGS, LEGAL, OURS, Buyer, buyers, rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.world import World

SEED, COUNT, IN_THE_WORLD = 20261129, 1_000, 60
LINK = "https://qondor.example/invoice/{id}"


def printed(body: dict[str, Any]) -> Iterator[str]:
    """Every text of a body but the link, which nobody prints."""
    for name, value in body.items():
        if name == "Url":
            continue
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                yield from printed(each)
            elif isinstance(each, str):
                yield each


def leaves_as_asked(buyer: Buyer, body: dict[str, Any]) -> None:
    reference = body.get("Reference")
    assert reference == buyer.text
    assert reference is not None or not buyer.is_asked
    assert buyer.pattern is None or re.fullmatch(buyer.pattern, str(reference))
    assert [text for text in printed(body) if OURS.search(text)] == []


def test_none_of_a_thousand_leaves_without_what_its_buyer_asks() -> None:
    of = buyers(SEED, COUNT)
    asked = route(source={"document_link": LINK}, finance={"require_reference": rules(of)})
    ended: Counter[str] = Counter()
    for buyer in of:
        source_id = str(buyer.payment["id"])
        document = read_payment(buyer.payment, conn_id="qondor_default", source_id=source_id)
        problems = [problem.message for problem in reference_problems(document, asked)]
        if buyer.missing is not None:
            assert any(buyer.missing in message for message in problems), (buyer, problems)
            ended["held"] += 1
            continue
        assert problems == [], buyer
        leaves_as_asked(buyer, document_body(document, "c", asked, books()))
        ended["with" if buyer.text else "without"] += 1
        ended[buyer.language] += 1
    # Of everything there is enough.
    assert min(ended[name] for name in ("held", "with", "without", *HEADINGS)) > 30, ended
    assert {buyer.text for buyer in of} >= set(LEGAL)
    assert max(len(text) for text in LEGAL) == 255


def test_in_the_whole_world_they_arrive_as_they_were_written(world: World) -> None:
    of = buyers(SEED + 1, IN_THE_WORLD)
    world.route = route(source={"document_link": LINK}, finance={"require_reference": rules(of)})
    for buyer in of:
        world.sandbox.qondor.add(buyer.payment)
    ended = world.run()
    sent = {
        each["InvoiceNumber"]: each
        for entry in world.calls("xero", "PUT")
        if entry.path.endswith("/Invoices")
        for each in entry.body.get("Invoices", [entry.body])
    }
    for buyer in of:
        result = ended[str(buyer.payment["id"])]
        number = buyer.payment["invoiceNumber"]
        if buyer.missing is not None:
            assert result.outcome is Outcome.HELD
            assert buyer.missing in result.message
            assert number not in sent
            continue
        assert result.outcome is Outcome.TRANSFERRED, result
        leaves_as_asked(buyer, sent[number])
        [booked] = world.sandbox.xero.invoices.find("InvoiceNumber", number)
        assert booked.get("Reference") == buyer.text
        assert [text for text in on_paper(booked) if OURS.search(text)] == []
        assert not buyer.text or f"Reference {buyer.text}" in on_paper(booked)
        assert booked["Url"].startswith(f"https://qondor.example/invoice/{buyer.payment['id']}#")
    assert len(sent) == sum(buyer.missing is None for buyer in of) > IN_THE_WORLD / 3
