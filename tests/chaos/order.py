"""What the ledger must hold, committed, when a write leaves: the intent of it, and the booking before its report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from invoice_bridge_core.ledger.payments.payment_claim import PAYMENT_REPORT
from sandbox.xero.idempotency import KEY_LENGTH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.chaos.boundary import Boundary
    from tests.chaos.world import ChaosWorld

_ROW = "SELECT id, state, intent_token, intent_number, finance_id, lease_token FROM documents WHERE "
_PAYMENT_STATUS = (
    "SELECT id, lease_token, is_paid_in_full, telling_on, payment_number FROM payment_statuses"
    " JOIN documents ON id = document_id"
    " WHERE source_id = %s"
)
_SALE = "SELECT intent, lease_token FROM sales WHERE"
_CONTACT = "SELECT 1 FROM contacts WHERE intent_token IS NOT NULL AND contact_key = %s"
_LINK = "SELECT 1 FROM customer_links WHERE intent IS NOT NULL AND lease_token IS NOT NULL AND"
_STEP = "SELECT 1 FROM steps WHERE document_id = %s AND state = 'intended' AND step = ANY(%s)"

_BATCH = "SELECT document_ids, body, state, run_key FROM batches WHERE idempotency_key = %s ORDER BY id"
_UNSETTLED = "SELECT id, kind FROM batches WHERE run_key = %s AND idempotency_key <> %s AND state = 'sent'"


def out_of_order(world: ChaosWorld, boundary: Boundary) -> Iterator[str]:
    """What is missing in the ledger while this write is about to leave, one sentence each."""
    if not boundary.is_write:
        return
    body: dict[str, Any] = json.loads(boundary.body or b"{}")
    for matches, check in _CHECKS:
        if matches(boundary):
            yield from (f"{boundary}: {fault}" for fault in check(world, boundary, body))
            return


def _is(system: str, method: str, end: str) -> Callable[[Boundary], bool]:
    return lambda each: (each.system, each.method) == (system, method) and each.path.endswith(end)


def _xero_document(world: ChaosWorld, boundary: Boundary, body: dict[str, Any]) -> Iterator[str]:
    [elements] = body.values()
    for sent in elements:
        yield from _created(world, sent.get("InvoiceNumber") or sent["CreditNoteNumber"])
    if len(elements) > 1:
        yield from _batch(world, boundary, [one.get("InvoiceNumber") or one["CreditNoteNumber"] for one in elements])


def _batch(world: ChaosWorld, boundary: Boundary, numbers: list[str]) -> Iterator[str]:
    """The batch is written down as it leaves: members in order, bytes, key; and those before it are over."""
    noted = world.execute(_BATCH, boundary.key)
    if not noted:
        yield f"no batch is noted under the key {boundary.key!r}"
    for members, body, state, run_key in noted[-1:]:
        if bytes(body or b"") != boundary.body:
            yield "the batch that is noted holds other bytes than are sent"
        if state != "sent":
            yield f"the batch that is sent is noted as {state}"
        rows = dict(world.execute("SELECT id, intent_number FROM documents WHERE id = ANY(%s)", members))
        if [rows.get(member) for member in members] != numbers:
            yield f"the batch that is noted has other members than are sent: {[rows.get(each) for each in members]}"
        if waiting := world.execute(_UNSETTLED, run_key, boundary.key):
            yield f"what became of an earlier batch of the run is not noted: {waiting}"
    if len(boundary.key) > KEY_LENGTH:
        yield f"the key of the batch is {len(boundary.key)} characters long"


def _quiddly_document(world: ChaosWorld, _: Boundary, body: dict[str, Any]) -> Iterator[str]:
    yield from _created(world, body["invoiceNumber"])


def _created(world: ChaosWorld, number: str) -> Iterator[str]:
    rows = world.execute(f"{_ROW} intent_number = %s", number)
    if not rows:
        yield f"no intent is noted for {number}"
        return
    [(_, state, token, intended, finance_id, lease)] = rows
    if token is None or intended != number or state != "working":
        yield f"no intent is noted for {number}, which is {state}"
    if finance_id is not None:
        yield f"{number} is booked already"
    if lease is None:
        yield f"nobody holds the lease of {number}"


def _payment(world: ChaosWorld, _: Boundary, body: dict[str, Any]) -> Iterator[str]:
    [sent] = body["Payments"]
    paid = sent.get("Invoice", {}).get("InvoiceID") or sent["CreditNote"]["CreditNoteID"]
    yield from _step(world, paid, "payment", "refund")


def _allocation(world: ChaosWorld, boundary: Boundary, _: dict[str, Any]) -> Iterator[str]:
    yield from _step(world, boundary.path.split("/")[-2], "allocation")


def _activation(world: ChaosWorld, boundary: Boundary, _: dict[str, Any]) -> Iterator[str]:
    yield from _step(world, boundary.path.split("/")[-2], "activation")


def _step(world: ChaosWorld, finance_id: str, *steps: str) -> Iterator[str]:
    rows = world.execute(f"{_ROW} finance_id = %s", finance_id)
    if not rows:
        yield f"the ledger does not know the booking {finance_id} that {steps[0]} belongs to"
        return
    if not world.execute(_STEP, rows[0][0], list(steps)):
        yield f"the step {steps[0]} of {finance_id} is not noted"
    if rows[0][5] is None:
        yield f"nobody holds the lease of {finance_id}"


def _processed(world: ChaosWorld, _: Boundary, body: dict[str, Any]) -> Iterator[str]:
    yield from _reported(world, str(body["invoiceId"]), body["externalReference"])


def _reported(world: ChaosWorld, source_id: str, reference: str | None) -> Iterator[str]:
    [(_, _, _, _, finance_id, lease)] = world.execute(f"{_ROW} source_id = %s", source_id) or [(None,) * 6]
    if finance_id is None or reference not in (None, finance_id):
        yield f"{source_id} is reported as {reference} while the ledger knows it as {finance_id}"
    if lease is None:
        yield f"nobody holds the lease of {source_id}"


def _failed(world: ChaosWorld, _: Boundary, body: dict[str, Any]) -> Iterator[str]:
    rows = world.execute(f"{_ROW} source_id = %s", str(body["invoiceId"]))
    if not rows or not world.execute(_STEP, rows[0][0], ["rejection"]):
        yield f"the rejection of {body['invoiceId']} is not noted"


def _written_back(world: ChaosWorld, _: Boundary, body: dict[str, Any]) -> Iterator[str]:
    if "PaymentNo" in body:
        yield from _told_paid(world, body["InstalmentCode"], number=body["PaymentNo"])
    else:
        yield from _reported(world, body["InstalmentCode"], None)


def _paid(world: ChaosWorld, _: Boundary, body: dict[str, Any]) -> Iterator[str]:
    yield from _told_paid(world, str(body["invoiceId"]), on=body["paidDate"])


def _told_paid(world: ChaosWorld, source_id: str, *, on: str | None = None, number: str | None = None) -> Iterator[str]:
    rows = world.execute(_PAYMENT_STATUS, source_id)
    if not rows:
        yield f"the ledger knows nothing of a payment of {source_id}"
        return
    [(document_id, lease, is_paid_in_full, telling_on, payment_number)] = rows
    if not is_paid_in_full:
        yield f"{source_id} is not paid in full by what the ledger knows"
    if telling_on is None or on not in (None, telling_on.isoformat()):
        yield f"{source_id} is told of {on}, and the ledger notes {telling_on}"
    if number not in (None, payment_number):
        yield f"{source_id} is told of {number}, and the ledger knows {payment_number}"
    if not world.execute(_STEP, document_id, [PAYMENT_REPORT]):
        yield f"the report of the payment of {source_id} is not noted"
    if lease is None:
        yield f"nobody holds the lease of {source_id}"


def _marked(world: ChaosWorld, boundary: Boundary, _: dict[str, Any]) -> Iterator[str]:
    payment_id = boundary.path.split("/")[2]
    if not world.execute("SELECT 1 FROM payments WHERE payment_id = %s", payment_id):
        yield f"{payment_id} is marked, and the ledger does not know it"


def _contact(world: ChaosWorld, _: Boundary, body: dict[str, Any]) -> Iterator[str]:
    for sent in body["Contacts"]:
        if not world.execute(_CONTACT, sent["ContactNumber"]):
            yield f"no intent is noted for the contact {sent['ContactNumber']}"


def _customer(world: ChaosWorld, _: Boundary, body: dict[str, Any]) -> Iterator[str]:
    """Of contacts that batches change; one alone may be a transfer's, which notes no change of a contact."""
    sent = [one["ContactID"] for one in body["Contacts"] if one.get("ContactID")]
    for contact_id in sent if len(sent) > 1 else ():
        if not world.execute(f"{_LINK} finance_id = %s", contact_id):
            yield f"no intent is noted for the customer of {contact_id}, or nobody holds its lease"


def _sale(world: ChaosWorld, boundary: Boundary, body: dict[str, Any]) -> Iterator[str]:
    reference = body["externalReference"]
    rows = world.execute(f"{_SALE} finance_conn || ':' || finance_id = %s", reference)
    if not rows:
        yield f"the ledger does not know the sale {reference}"
        return
    [(intent, lease)] = rows
    if intent != ("insert" if boundary.method == "POST" else "update"):
        yield f"the intent that is noted for the sale {reference} is {intent}"
    if lease is None:
        yield f"nobody holds the lease of the sale {reference}"


def _kept(world: ChaosWorld, _: Boundary, body: dict[str, Any]) -> Iterator[str]:
    if not world.execute(f"{_LINK} finance_id = %s", body["externalReference"].partition(":")[0]):
        yield f"no intent is noted for what is made as {body['externalReference']}, or nobody holds its lease"


_CHECKS: tuple[tuple[Callable[[Boundary], bool], Callable[..., Iterator[str]]], ...] = (
    (_is("xero", "PUT", "/Allocations"), _allocation),
    (_is("xero", "PUT", "/Invoices"), _xero_document),
    (_is("xero", "PUT", "/CreditNotes"), _xero_document),
    (_is("xero", "PUT", "/Payments"), _payment),
    (_is("xero", "PUT", "/Contacts"), _contact),
    (_is("xero", "POST", "/Contacts"), _customer),
    (_is("quiddly", "POST", "/invoices"), _quiddly_document),
    (_is("quiddly", "PUT", "/activate"), _activation),
    (_is("qondor", "PUT", "/SetAsProcessed"), _processed),
    (_is("qondor", "PUT", "/SetAsFailed"), _failed),
    (_is("qondor", "PUT", "/SetAsPaid"), _paid),
    (_is("quiddly", "PUT", "/external/export"), _marked),
    (_is("ixpole", "PUT", "/instalments"), _written_back),
    (_is("qondor", "POST", "/Customer"), _kept),
    (_is("qondor", "POST", "/Sale"), _sale),
    (_is("qondor", "PUT", "/Sale"), _sale),
)
