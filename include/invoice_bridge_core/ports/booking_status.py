"""How bookings stand in finance: what is paid of them, and what else a person changed there."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from invoice_bridge_core.documents import Money
from invoice_bridge_core.ports.records import Booking


class BookingLine(BaseModel):
    """One line of a booking as finance has it; what it does not tell is `None`.

    `account` and `item` are the finance system's own codes. Amounts are in the booking's currency. `total` is what the
    line comes to, with or without VAT as the system counts its lines.
    """

    model_config = ConfigDict(frozen=True)

    description: str | None = None
    quantity: Money | None = None
    price: Money | None = None
    account: str | None = None
    item: str | None = None
    total: Money | None = None


class BookingStatus(BaseModel):
    """One booking as finance has it now. Amounts are in the booking's currency, and positive for credit notes too.

    `credited` is what was set off by credit notes, not paid in money. `is_paid_in_full`: the finance system itself says
    that nothing is left to pay; `paid_in_full_on` is the day of that. While only a little is left, it is the day of the
    last payment, where that is known. `is_gone`: voided or deleted. `dated`: the booking's own date,
    `contact_name` what its contact is called, and `lines` what it consists of, each where it is told.
    """

    model_config = ConfigDict(frozen=True)

    booking: Booking
    paid: Money = Decimal(0)
    credited: Money = Decimal(0)
    is_paid_in_full: bool = False
    paid_in_full_on: dt.date | None = None
    is_gone: bool = False
    dated: dt.date | None = None
    contact_name: str | None = None
    lines: tuple[BookingLine, ...] | None = None

    @property
    def overpaid(self) -> Decimal:
        """What was paid beyond what is to be paid; zero in the ordinary case."""
        return max(-self.left, Decimal(0))

    @property
    def left(self) -> Decimal:
        """What is still to be paid; negative when too much was."""
        return self.booking.to_pay - self.paid - self.credited

    @property
    def is_cleared_by_credit(self) -> bool:
        """Whether credit notes alone cleared it, without any money."""
        return self.is_paid_in_full and self.credited > 0 and self.paid == 0


@dataclass(frozen=True)
class ReceivedPayment:
    """One payment of an invoice as finance hands it out; a correction is negative.

    :param number: the invoice's number in finance, which is all that tells whose payment it is.
    :param amount: in `currency`, the invoice's.
    """

    payment_id: str
    number: str
    amount: Decimal
    currency: str | None
    paid_on: dt.date


@dataclass(frozen=True)
class PaymentChanges:
    """What a finance system told in one poll, all pages of it.

    :param booking_statuses: bookings that changed, ours and others'; each once.
    :param payments: single payments to be added up, where finance hands out those.
    :param cursor: where the next poll begins, in the finance system's own writing; `None` keeps the last one.
    """

    booking_statuses: tuple[BookingStatus, ...] = ()
    payments: tuple[ReceivedPayment, ...] = ()
    cursor: str | None = None
