"""What a route says of sales: which documents of finance its source shows, and how others' are told apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator

from invoice_bridge_core.routes.fields import Code, Cron, Day, Flag
from invoice_bridge_core.routes.required_reference import Pattern
from invoice_bridge_core.routes.settings import Section

SaleKind = Literal["invoice", "card_payment", "credit_note"]
"""What may be shown as a sale; `card_payment` is an invoice whose money a card has paid."""


def _some_once(values: tuple[SaleKind, ...]) -> tuple[SaleKind, ...]:
    if not values:
        raise ValueError("must name at least one of invoice, card_payment, credit_note")
    return tuple(dict.fromkeys(values))


class OtherSales(Section):
    """Documents that others made in finance, and where they name their project.

    :param project_in: `reference`: the document's reference; `tracking`: the tracking options of its lines.
    :param pattern: finds the project's number there; its first group where it has one, else all that it matches.
    :param projects: project number → the source's id of that project. A number that is no key is looked for among the
        ids of the projects that the ledger knows.
    """

    project_in: Literal["reference", "tracking"]
    pattern: Pattern
    projects: Mapping[Code, Code] = {}


class Sales(Section):
    """How the source is shown what finance has really sent.

    :param enabled: whether there is a DAG that does it.
    :param schedule: when it runs, in the time zone of the route's `schedule`.
    :param since: documents dated earlier are left out; `None`: none of ours is.
    :param kinds: what is shown.
    :param others: documents that others made in finance; `None`: they are left out.
    """

    enabled: Flag = False
    schedule: Cron = "*/30 * * * *"
    since: Day = None
    kinds: Annotated[tuple[SaleKind, ...], AfterValidator(_some_once)] = ("invoice", "card_payment", "credit_note")
    others: OtherSales | None = None
