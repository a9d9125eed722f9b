"""What both sides and the wire hold at the end of a case, collected in the sandbox's process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.chaos.acts import BY_HAND
from tests.chaos.played import ACTOR_HEADER

if TYPE_CHECKING:
    from decimal import Decimal

    from sandbox.sandbox import Sandbox
    from sandbox.traffic import Entry


@dataclass(frozen=True)
class Money:
    """A payment, a refund or an allocation."""

    finance_id: str
    amount: Decimal


@dataclass(frozen=True)
class Booked:
    """A document in a finance system.

    :param customer: the contact's or debtor's name.
    :param marker: the text in which a mark is printed, where one is.
    :param link: the link to the document in its source.
    :param open_amount: what is still owed, or not used of a credit; `None` where the system does not say.
    :param sent_out: how often it went out to its debtor; `None` where nothing does.
    """

    finance_id: str
    number: str
    is_credit: bool
    total: Decimal
    currency: str
    contact: str
    customer: str
    marker: str
    status: str
    open_amount: Decimal | None = None
    sent_out: int | None = None
    credits: str | None = None
    link: str = ""


@dataclass(frozen=True)
class Receipt:
    """Money that came in for an invoice, or a credit note that somebody set off against it by hand.

    :param payment_id: what the payment is known by; the number of a credit note.
    :param number: the invoice's.
    :param is_live: whether it was not taken back.
    :param marked: as whose it was marked as exported, where payments are.
    """

    payment_id: str
    number: str
    amount: Decimal
    day: str
    is_credit: bool = False
    is_live: bool = True
    marked: str | None = None


@dataclass(frozen=True)
class Told:
    """What a source was told of a document."""

    state: str
    reference: str | None
    paid: str | None = None
    due_date: str | None = None
    has_pdf: bool = False
    customer_code: str | None = None


@dataclass(frozen=True)
class State:
    """Everything, by keys that the journeys know.

    :param contacts: the names of all of Xero's contacts.
    :param typed: numbers under which a person typed an invoice of her own into Xero; these are not among the booked.
    """

    booked: list[Booked]
    payments: list[Money]
    receipts: list[Receipt]
    allocations: list[Money]
    contacts: list[str]
    items: list[str]
    told: dict[str, Told]
    traffic: list[Entry]
    typed: frozenset[str] = frozenset()


def state_of(sandbox: Sandbox, finance: str, source: str) -> State:
    """The state of one route's two systems; runs in the sandbox."""
    xero = sandbox.xero
    by_hand = _notes_by_hand(sandbox)
    return State(
        booked=_in_xero(sandbox) if finance == "xero" else _in_quiddly(sandbox),
        payments=[
            Money(row.get("InvoiceID") or row["CreditNoteID"], row["Amount"])
            for row in xero.payments.rows()
            if row["Status"] != "DELETED"
        ],
        receipts=_paid_in_xero(sandbox) if finance == "xero" else _paid_in_quiddly(sandbox),
        allocations=[
            Money(row["CreditNoteID"], row["Amount"])
            for row in xero.allocations.rows()
            if row["CreditNoteID"] not in by_hand
        ],
        contacts=[row["Name"] for row in xero.contacts.rows() if row["Name"] != BY_HAND],
        items=[row["Code"] for row in xero.items.rows()],
        told=_qondor(sandbox) if source == "qondor" else _ixpole(sandbox),
        traffic=sandbox.traffic.log(),
        typed=frozenset(row["InvoiceNumber"] for row in xero.invoices.rows() if row.get("Reference") == BY_HAND),
    )


def _in_xero(sandbox: Sandbox) -> list[Booked]:
    found = []
    names = {row["ContactID"]: row["Name"] for row in sandbox.xero.contacts.rows()}
    by_hand = _notes_by_hand(sandbox)
    tables = (
        (sandbox.xero.invoices, "Invoice", "AmountDue"),
        (sandbox.xero.credit_notes, "CreditNote", "RemainingCredit"),
    )
    for table, name, left in tables:
        found += [
            Booked(
                finance_id=row[f"{name}ID"],
                number=row[f"{name}Number"],
                is_credit=name == "CreditNote",
                total=row["Total"],
                currency=row["CurrencyCode"],
                contact=row["ContactID"],
                customer=names[row["ContactID"]],
                marker=row.get("Reference") or "",
                status=row["Status"],
                open_amount=row[left],
                link=row.get("Url") or "",
            )
            for row in table.rows()
            if row[f"{name}ID"] not in by_hand and row.get("Reference") != BY_HAND
        ]
    return found


def _notes_by_hand(sandbox: Sandbox) -> dict[str, str]:
    """Credit notes that the bookkeeper made, with the number of the invoice that each refers to."""
    numbers = {row["InvoiceNumber"] for row in sandbox.xero.invoices.rows()}
    return {
        row["CreditNoteID"]: row["Reference"]
        for row in sandbox.xero.credit_notes.rows()
        if row.get("Reference") in numbers
    }


def _paid_in_xero(sandbox: Sandbox) -> list[Receipt]:
    numbers = {row["InvoiceID"]: row["InvoiceNumber"] for row in sandbox.xero.invoices.rows()}
    money = [
        Receipt(
            payment_id=row["PaymentID"],
            number=numbers[row["InvoiceID"]],
            amount=row["Amount"],
            day=row["Date"],
            is_live=row["Status"] != "DELETED",
        )
        for row in sandbox.xero.payments.rows()
        if row.get("InvoiceID")
    ]
    by_hand = _notes_by_hand(sandbox)
    notes = [
        Receipt(row["CreditNoteNumber"], by_hand[row["CreditNoteID"]], row["Total"], row["Date"], is_credit=True)
        for row in sandbox.xero.credit_notes.rows()
        if row["CreditNoteID"] in by_hand
    ]
    return money + notes


def _paid_in_quiddly(sandbox: Sandbox) -> list[Receipt]:
    return [
        Receipt(
            payment_id=row["id"],
            number=row["payment"]["invoiceNumber"],
            amount=row["payment"]["amount"],
            day=row["payment"]["paymentDate"],
            marked=row["exported"],
        )
        for row in sandbox.quiddly.vouchers.table.rows()
    ]


def _in_quiddly(sandbox: Sandbox) -> list[Booked]:
    sent = [row["invoice"] for row in sandbox.quiddly.distributions.rows()]
    return [
        Booked(
            finance_id=row["id"],
            number=row["invoiceNumber"],
            is_credit=row["type"] == "CREDIT_INVOICE",
            total=abs(row["totals"]["totalToPay"]),
            currency=row["currency"]["invoiceCurrency"],
            contact=row["debtor"]["customerNumber"],
            customer=row["debtor"]["name"],
            marker=row.get("ourOrderNumber") or "",
            status=row["status"],
            sent_out=sent.count(row["id"]),
            credits=row.get("debitInvoiceNumber"),
        )
        for row in sandbox.quiddly.invoices.rows()
    ]


def _qondor(sandbox: Sandbox) -> dict[str, Told]:
    return {
        str(row["id"]): Told(row["statusText"], row.get("externalReference"), row.get("paidDate"))
        for row in sandbox.qondor.payments.rows()
    }


def _ixpole(sandbox: Sandbox) -> dict[str, Told]:
    customers = {row["key"]: row["CustomerCode"] for row in sandbox.ixpole.customers.rows()}
    return {
        row["instalment"]["InstalmentCode"]: Told(
            state=row["Status"],
            reference=row.get("InvoiceNumber"),
            paid=row.get("PaymentNo"),
            due_date=row.get("InvoiceDueDate"),
            has_pdf=bool(row.get("Pdf")),
            customer_code=customers.get(f"{row['tenant']}/{row['instalment']['CustomerId']}"),
        )
        for row in sandbox.ixpole.instalments.rows()
    }


def strike(sandbox: Sandbox, fault: dict[str, Any], system: str, method: str, path: str) -> None:
    """Let the next such call suffer; runs in the sandbox."""
    sandbox.fault(system=system, method=method, path=f"re:^{path}$", count=1, **fault)


def calm(sandbox: Sandbox) -> None:
    """Switch faults off, but for what is wrong with single documents; runs in the sandbox."""
    lasting = [fault for fault in sandbox.faults.all() if fault.body]
    sandbox.faults.clear()
    for fault in lasting:
        sandbox.faults.add(fault)


def steps_taken(sandbox: Sandbox) -> list[str]:
    """Who called what, in which order, and how it ended: the same whenever a round is repeated. Runs in the sandbox."""
    return [
        f"{entry.headers.get(ACTOR_HEADER.casefold())} {entry.method} {entry.template} {entry.status} {entry.fault}"
        for entry in sandbox.traffic.log()
    ]
