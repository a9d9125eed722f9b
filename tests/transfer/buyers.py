"""Buyers and what they ask of the reference on an invoice, made up from a seed."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from typing import Any

from tests.world import customer, payment

HEADINGS = {
    "Norwegian": ("Bestillingsnummer", "Innkjøpsordre nr.", "Deres referanse", "Rekvisisjonsnummer", "FAKTURAMERKING"),
    "Swedish": ("Inköpsordernummer", "Beställningsnr", "Er referens", "Märkning", "Er ref."),
    "Danish": ("Indkøbsordre-nr.", "Rekvisitionsnummer", "Deres ref", "Ordrenummer", "Kundereference"),
    "Finnish": ("Tilausnumero", "Ostotilausnumero", "Viitteenne"),
    "English": ("PO number", "P.O. no.", "Purchase order", "Your reference", "Buyer's reference"),
}
LEGAL = (
    "PO  7781",
    "4500/2026//17",
    "Ærø & Ångström Öst-Åsa",
    "kst. 41 · prosjekt 7 / Åse",
    "'=1+1'",
    '"PO" <7>',
    "¤ % _ \\ | ~",
    "ref: 12:30:00",
    "ß ẞ ı İ",
    "PO-" + "ÆØÅæøå /." * 28,
)
"""Odd, and legal; the last one has 255 characters."""
PATTERNS = (
    (r"45[0-9]{8}", "4512345678", "451234567"),
    (r"PO-[0-9]{4,}", "PO-7781", "po-7781"),
    (r"[A-ZÆØÅ]{2,3}  [0-9]+/[0-9]{2}", "ÅSE  17/26", "ÅSE 17/26"),
    (r"(KST|PRJ)[0-9]{3}", "KST410", "KST410 "[:6] + "x"),
)
OURS = re.compile(r"qondor|ixpole|invoice-bridge|#ib-|_default|[0-9a-f]{40}")
"""Technical text of ours."""


@dataclass(frozen=True)
class Buyer:
    """A customer and one invoice to it.

    :param text: what the author wrote as the buyer's reference, without outer blanks; `None` where it is empty.
    :param pattern: what the route asks of this customer's reference; `None` where it asks nothing.
    :param missing: why the invoice may not leave, as a part of the reason; `None` where it may.
    """

    payment: dict[str, Any]
    text: str | None
    pattern: str | None = None
    is_asked: bool = False
    missing: str | None = None
    language: str = field(default="", compare=False)

    @property
    def number(self) -> str:
        return str(self.payment["customer"]["customerNumber"])


def buyers(seed: int, count: int) -> list[Buyer]:
    """So many of them, the same for the same seed."""
    dice = random.Random(seed)
    return [_buyer(dice, 1 + at) for at in range(count)]


def rules(of: list[Buyer]) -> dict[str, Any]:
    """The route's `finance.require_reference` for these customers."""
    asked = {one.number: {"pattern": one.pattern} if one.pattern else {} for one in of if one.is_asked}
    return {"customers": asked}


def _buyer(dice: random.Random, at: int) -> Buyer:
    language = dice.choice(sorted(HEADINGS))
    heading = dice.choice(HEADINGS[language])
    kind = dice.choice(["nothing", "required", "pattern", "flag", "listed", "customer's flag", "customer's list"])
    fits = dice.random() < 0.7
    pattern, missing = None, None
    text: str | None = dice.choice(LEGAL)
    own: dict[str, Any] = {}
    rule: dict[str, Any] = {}
    if kind == "pattern":
        pattern, good, bad = dice.choice(PATTERNS)
        text = good if fits else bad
        missing = None if fits else f"Reference '{text}'"
    elif kind == "listed" or kind == "customer's list":
        (own if kind == "listed" else rule)["allowedValues"] = [text, "something else"]
        text = text if fits else "neither"
        missing = None if fits else f"Field '{heading}'"
    elif not fits and kind != "nothing":
        text = None
        missing = {"required": "Reference of"}.get(kind, f"Field '{heading}'")
    elif not fits:
        text = None
    if kind == "flag":
        own["isRequired"] = True
    elif kind == "customer's flag":
        rule["isRequired"] = True
    written = dice.choice(["{}", " {}", "{} ", "\u200b{}\ufeff"]).format(text) if text else dice.choice(["", " ", None])
    asks = [{"externalReference": heading, **rule}] if rule else []
    return Buyer(
        payment=payment(
            at,
            customer=customer(1000 + at, organisationNumber=None, vatNumber=None, customerInvoiceFields=asks),
            customInvoiceFields=[
                {"heading": "Avdeling", "externalReference": "dept", "value": "Salg  Øst"},
                {"heading": heading, "externalReference": None, "value": written, **own},
            ],
        ),
        text=text,
        pattern=pattern,
        is_asked=kind in ("required", "pattern"),
        missing=missing,
        language=language,
    )
