"""One route: a source connection, a finance connection, and all that is decided between them.

The keys are a public interface, shown by the shipped files; an unknown key is an error.
"""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, TypeAdapter, ValidationError, field_validator

from invoice_bridge_core.errors import ConfigurationError
from invoice_bridge_core.routes.fields import (
    AccountCodes,
    Code,
    Codes,
    ConnId,
    Cron,
    Day,
    Flag,
    Name,
    Number,
    NumberPrefix,
    TimeZone,
    WholeNumber,
)
from invoice_bridge_core.routes.quiddly import QuiddlySettings
from invoice_bridge_core.routes.syntax import RouteSyntaxError, read_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import ValidationInfo


class Section(BaseModel):
    """A part of a route file: frozen, and knowing all its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class QondorSettings(Section):
    """Qondor as the source. Empty filters take every office and every project (seed 002, "Configuration options").

    :param start_date: documents dated earlier are left alone.
    """

    system: Literal["qondor"] = "qondor"
    conn_id: ConnId = "qondor_default"
    offices: Codes = ()
    projects: Codes = ()
    start_date: Day = None


class IxpoleSettings(Section):
    """iXpole as the source; it knows neither offices nor projects.

    :param start_date: documents dated earlier are left alone.
    :param send_pdf: hand the invoice's PDF back (seed 004, step 4).
    :param customer_codes: who gives out the customer codes; `finance`: the finance system's code is stored in iXpole
        (seed 004, step 2), `source`: iXpole's own code stays, and is Quiddly's customer number.
    """

    system: Literal["ixpole"] = "ixpole"
    conn_id: ConnId = "ixpole_default"
    start_date: Day = None
    send_pdf: Flag = True
    customer_codes: Literal["finance", "source"] = "finance"


class XeroSettings(Section):
    """Xero as the finance system.

    :param invoice_status: how invoices are created; a draft is never reported as paid (seed 002).
    :param account_codes: article number → account code (seed 002, "Field mapping reference").
    :param card_payment_account: code, name or id of the account that card money lands on.
    :param ambiguous_contact: `first`: the first contact that Xero returns (seed 002); `hold`: a person chooses.
    :param number_prefix: put before the source's number.
    :param items: `ensure`: make sure that products exist as Items.
    :param use_product_ledger_account: an article without a code of its own goes to its product's ledger account.
    """

    system: Literal["xero"] = "xero"
    conn_id: ConnId = "xero_default"
    invoice_status: Literal["AUTHORISED", "DRAFT"] = "AUTHORISED"
    account_codes: AccountCodes = {}
    card_payment_account: Code | None = None
    ambiguous_contact: Literal["first", "hold"] = "first"
    number_prefix: NumberPrefix = ""
    items: Literal["ignore", "ensure"] = "ignore"
    use_product_ledger_account: Flag = False


Source = QondorSettings | IxpoleSettings
Finance = XeroSettings | QuiddlySettings


class Policy(Section):
    """What to do when a document leaves something open.

    :param unmapped_article: `reject`: the author is told (seed 001, "Failure messages"); `hold`: we mend the mapping.
    :param default_payment_terms_days: due date when the source names none, in days after the invoice date.
    :param total_tolerance: how far totals may differ, in the document's own currency.
    """

    unmapped_article: Literal["reject", "hold"] = "reject"
    default_payment_terms_days: Annotated[WholeNumber, Field(ge=0, le=365)] = 30
    total_tolerance: Annotated[Number, Field(ge=0, le=10)] = Decimal("0.01")


class Payments(Section):
    """How the news of payments travels back.

    :param lookback_days: how far back paid invoices are looked for (seed 002: 90 days).
    :param settled_by_credit: an invoice that a credit note settled, without money: `report` it as paid, or `hold` it.
    :param report_credit_notes: report credit notes as paid too, once their money is given back or allocated.
    """

    lookback_days: Annotated[WholeNumber, Field(ge=1, le=3650)] = 90
    settled_by_credit: Literal["report", "hold"] = "report"
    report_credit_notes: Flag = False


class Schedule(Section):
    """When the three DAGs run: crontab expressions of five columns, read in `timezone` (an IANA name)."""

    transfer: Cron = "*/5 * * * *"
    payments: Cron = "*/15 * * * *"
    daily: Cron = "0 3 * * *"
    timezone: TimeZone = "Europe/Oslo"


class Limits(Section):
    """How much is done at a time: documents side by side, and documents per run."""

    parallel: Annotated[WholeNumber, Field(ge=1, le=64)] = 4
    documents_per_run: Annotated[WholeNumber, Field(ge=1, le=5000)] = 1000


class Route(Section):
    """One route file. `route` is its name and names its three DAGs."""

    route: Name
    enabled: Flag = True
    source: Annotated[Source, Field(discriminator="system")]
    finance: Annotated[Finance, Field(discriminator="system")]
    policy: Policy = Policy()
    payments: Payments = Payments()
    schedule: Schedule = Schedule()
    limits: Limits = Limits()
    # Articles of a Variable that cannot be read now; not in the fingerprint, lest all that is held be looked at again.
    _gone: frozenset[str] = PrivateAttr(frozenset())

    @field_validator("finance")
    @classmethod
    def _real_numbers_do_not_read_as_drafts(cls, finance: Finance, info: ValidationInfo) -> Finance:
        # To iXpole a number that begins with D is a draft (seed 004, step 4).
        if isinstance(info.data.get("source"), IxpoleSettings) and finance.number_prefix[:1] in ("D", "d"):
            raise ValueError("number_prefix must not begin with D: iXpole takes such a number for a draft's")
        return finance

    @property
    def account_codes_variable(self) -> str:
        """The key of the Airflow Variable that is laid over `finance.account_codes`."""
        return f"invoice_bridge_account_codes__{self.route}"

    @property
    def fingerprint(self) -> str:
        """Changes with everything in the route that can change an outcome: all but the schedule."""
        content = self.model_dump(mode="json", exclude={"schedule"})
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def selects(self, office_id: str | None, project_id: str | None) -> bool:
        """Whether the filters let a document of this office and project through."""
        if not isinstance(self.source, QondorSettings):
            return True
        return _lets_through(self.source.offices, office_id) and _lets_through(self.source.projects, project_id)

    def account_code(self, article_number: str | None, ledger_account: str | None) -> str | None:
        """The account code of a line, or `None` when its article is not mapped.

        A finance system that books without account codes, and is given none, gets the empty text for every line.

        :param ledger_account: the product's own account, as the source tells it.
        :raises ConfigurationError: it may be mapped in the route's Variable, which cannot be read.
        """
        codes = self.finance.account_codes
        if article_number not in self._gone:
            if article_number is not None and article_number in codes:
                return codes[article_number]
            if self.finance.use_product_ledger_account and ledger_account:
                return ledger_account
        if self._gone:
            raise ConfigurationError(
                f"Article code '{article_number or '(none)'}' may be mapped in Variable {self.account_codes_variable}, "
                "which was there and cannot be read now: bring it back, or set it to {} if it is to hold nothing"
            )
        return "" if self.finance.system == "quiddly" and not codes else None

    def with_account_codes(self, overlay: Mapping[str, str] | str) -> Route:
        """The route with further account codes laid over those of its file.

        :param overlay: what the Airflow Variable holds: article number → account code, or that as JSON text.
        :raises ConfigurationError: the overlay is no such thing; the text names the Variable.
        """
        codes = {**self.finance.account_codes, **_read_overlay(overlay, self.account_codes_variable)}
        return self.model_copy(update={"finance": self.finance.model_copy(update={"account_codes": codes})})

    def without_account_codes(self, gone: str) -> Route:
        """The route while nobody knows what its Variable holds.

        :param gone: what it held when it was last read, as JSON text; the codes that it gave are unknown now.
        :raises ConfigurationError: as of `with_account_codes`.
        """
        route = self.model_copy()
        route._gone = frozenset(_read_overlay(gone, self.account_codes_variable))
        return route


def _lets_through(wanted: tuple[str, ...], value: str | None) -> bool:
    return not wanted or value in wanted


@cache
def _overlay_shape() -> TypeAdapter[Any]:
    return TypeAdapter(AccountCodes)


def _read_overlay(overlay: Mapping[str, str] | str, variable: str) -> dict[str, str]:
    wanted = 'a JSON object of article number and account code in quotes, such as {"VAT25": "200"}'
    try:
        content = read_json(overlay) if isinstance(overlay, str) else overlay
        return dict(_overlay_shape().validate_python(content))
    except RouteSyntaxError as error:
        raise ConfigurationError(f"Variable {variable} must be {wanted}; {error}") from None
    except ValidationError as error:
        where = ", ".join(sorted({f"{problem['loc'][0]!r}" for problem in error.errors() if problem["loc"]}))
        raise ConfigurationError(f"Variable {variable} must be {wanted}{where and f'; wrong at {where}'}") from None
