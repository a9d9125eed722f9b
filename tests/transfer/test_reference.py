"""The reference is the buyer's, byte for byte; what a customer asks of it and misses holds the document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from invoice_bridge.systems.qondor.payment import read_payment
from invoice_bridge.systems.xero.documents import document_body
from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.transfer.reference_checks import reference_problems
from tests.builders import route
from tests.systems.xero.xero_facts import books
from tests.world import payment

if TYPE_CHECKING:
    from invoice_bridge_core.documents import Document
    from tests.world import World

HEADINGS = (
    "Bestillingsnummer", "INNKJØPSORDRE", "Deres ref.", "Ordrenr.", "Inköpsordernummer", "Er referens", "Märkning",
    "Indkøbsordre", "Rekvisitionsnummer", "P.O. number", "PO no.", "Your reference", "Buyer's reference",
)  # fmt: skip


def read(*fields: dict[str, Any], **customer: Any) -> Document:
    one = payment(customInvoiceFields=list(fields))
    one["customer"] |= customer
    return read_payment(one, conn_id="qondor_default", source_id="50001")


def written(document: Document, **finance: Any) -> str | None:
    reference: str | None = document_body(document, "c", route(finance=finance), books()).get("Reference")
    return reference


TEXTS = st.text(st.sampled_from("PO-47 /#·ÆØåöü\"'&_.:"), min_size=1, max_size=255).map(str.strip).filter(bool)


@given(st.sampled_from(HEADINGS), TEXTS, st.booleans(), st.sampled_from([None, "PO-[0-9]{2,}", "[^ ]+"]))
def test_it_goes_out_as_it_was_written_or_not_at_all(
    heading: str, text: str, is_empty: bool, pattern: str | None
) -> None:
    import re

    one = read({"heading": heading, "value": None if is_empty else text})
    required: Any = True if pattern is None else {"pattern": pattern}
    asked = route(finance={"require_reference": required})
    problems = reference_problems(one, asked)
    fits = not is_empty and (pattern is None or re.fullmatch(pattern, text) is not None)
    assert bool(problems) != fits
    if fits:
        body = document_body(one, "c", asked, books())
        assert body["Reference"] == text
        printed = [body["Reference"], body["InvoiceNumber"], *(line["Description"] for line in body["LineItems"])]
        assert not any("qondor" in each or "#ib-" in each for each in printed)


@pytest.mark.parametrize(
    ("template", "reference"),
    [
        ("{purchase_order} / {project_number}", "PO  7 / P-5501"),
        ("{buyer_reference} / {project_number}", "P-5501"),
        ("{field:KST}, {purchase_order}", "41, PO  7"),
        ("{field:kostnads sted}", "41"),
        ("Project {project_number}", "Project P-5501"),
    ],
)
def test_a_template(template: str, reference: str) -> None:
    one = read(
        {"heading": "Purchase order", "value": " PO  7 "},
        {"heading": "Kostnads-sted:", "externalReference": "KST", "value": "41"},
    )
    if "buyer_reference" in template:
        one = read({"heading": "Purchase order", "value": "PO  7"})
    assert written(one, reference=template) == reference


@pytest.mark.parametrize(
    ("finance", "said"),
    [
        ({"reference": "{purchase_ordr}"}, "did you mean {purchase_order}"),
        ({"reference": "PO"}, "must hold a field"),
        ({"require_reference": {"pattern": "(a+)+"}}, "must not repeat within"),
        ({"require_reference": {"pattern": "(a|aa)*b"}}, "must not repeat a choice"),
        ({"require_reference": {"pattern": "["}}, "must be a regular expression"),
    ],
)
def test_what_cannot_be_meant_is_an_error_of_the_route(finance: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        route(finance=finance)


def test_one_customer_asks_and_others_do_not() -> None:
    asked = route(finance={"require_reference": {"customers": {"C-901": {"pattern": "45[0-9]{3}"}}}})
    [problem] = reference_problems(read({"heading": "PO", "value": "PO-1"}), asked)
    assert "Reference 'PO-1' of T-1 does not match 45[0-9]{3}" in problem.message
    assert reference_problems(read(customerNumber="C-902"), asked) == []


def test_what_the_customers_own_fields_ask_is_heeded() -> None:
    rules = [{"externalReference": "KST", "isRequired": True, "allowedValues": ["10", "20"]}]
    [empty] = reference_problems(read(customerInvoiceFields=rules), route())
    assert "Field 'KST' of T-1 is empty" in empty.message
    stated = {"heading": "Kostnadssted", "externalReference": "KST", "value": "30"}
    [wrong] = reference_problems(read(stated, customerInvoiceFields=rules), route())
    assert "Field 'Kostnadssted' of T-1 is '30', but has to be one of '10', '20'" in wrong.message


@pytest.mark.parametrize(("value", "said"), [("a\nb", "has a line break"), ("x" * 256, "has 256 characters")])
def test_what_no_reference_can_be_holds(value: str, said: str) -> None:
    [problem] = reference_problems(read({"heading": "PO", "value": value}), route())
    assert said in problem.message


def test_in_the_whole_world(world: World) -> None:
    world.route = route(finance={"require_reference": {"pattern": "PO-.*"}})
    world.sandbox.qondor.add(payment(1, customInvoiceFields=[{"heading": "Bestillingsnr", "value": "PO-7  · 1/Å"}]))
    world.sandbox.qondor.add(payment(2))
    ended = world.run()
    assert (ended["50001"].outcome, ended["50002"].outcome) == (Outcome.TRANSFERRED, Outcome.HELD)
    [booked] = world.sandbox.xero.invoices.rows()
    assert booked["Reference"] == "PO-7  · 1/Å"
