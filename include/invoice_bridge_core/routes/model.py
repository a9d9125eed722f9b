"""One route: a source connection, a finance connection, and all that is decided between them.

The keys are a public interface, shown by the shipped files; an unknown key is an error.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import Field, PrivateAttr, SerializeAsAny, TypeAdapter, ValidationError, field_validator

from invoice_bridge_core.documents.reading.characters import as_code
from invoice_bridge_core.errors import ConfigurationError
from invoice_bridge_core.routes.customers import Customers
from invoice_bridge_core.routes.decisions import Decisions
from invoice_bridge_core.routes.fields import AccountCodes, Cron, Flag, Name, Number, TimeZone, WholeNumber
from invoice_bridge_core.routes.notify import Notify
from invoice_bridge_core.routes.sales import Sales
from invoice_bridge_core.routes.settings import FinanceSettings, Section, SourceSettings
from invoice_bridge_core.routes.syntax import RouteSyntaxError, read_json
from invoice_bridge_core.routes.system_sections import of_named_system, refused_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import ValidationInfo

SourceT = TypeVar("SourceT", bound=SourceSettings)
FinanceT = TypeVar("FinanceT", bound=FinanceSettings)


class Policy(Section):
    """What to do when a document leaves something open.

    :param unmapped_article: `reject`: the author is told (seed 001, "Failure messages"); `hold`: we mend the mapping.
    :param most_rejections: so many documents are rejected within 24 hours; beyond them, and where they are more than a
        fifth of what was handled, a person has to let further ones go.
    :param default_payment_terms_days: due date when the source names none, in days after the invoice date.
    :param total_tolerance: how far totals may differ, in the document's own currency.
    """

    added_later = frozenset({"most_rejections"})

    unmapped_article: Literal["reject", "hold"] = "hold"
    most_rejections: Annotated[WholeNumber, Field(ge=1, le=1000)] = 5
    default_payment_terms_days: Annotated[WholeNumber, Field(ge=0, le=365)] = 30
    total_tolerance: Annotated[Number, Field(ge=0, le=10)] = Decimal("0.01")


class Payments(Section):
    """How the source is told of payments.

    :param tolerance: what may be left of an invoice that counts as paid in full, in its currency; `None`: the policy's
        `total_tolerance`.
    :param lookback_days: how far back paid invoices are looked for (seed 002: 90 days).
    :param settled_by_credit: an invoice that a credit note cleared, without money: `report` it as paid, or `hold` it.
    :param report_credit_notes: report credit notes as paid too, once their money is given back or allocated.
    """

    added_later = frozenset({"tolerance"})

    tolerance: Annotated[Number, Field(ge=0, le=10)] | None = None
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
    """How much is done at a time: documents side by side, and documents per run.

    :param batch: so many documents are booked in one call, where the finance system has such a call; 0: each by itself.
    """

    parallel: Annotated[WholeNumber, Field(ge=1, le=64)] = 4
    documents_per_run: Annotated[WholeNumber, Field(ge=1, le=5000)] = 1000
    batch: Annotated[WholeNumber, Field(ge=0, le=50)] = 50

    def fingerprint_values(self) -> dict[str, Any]:
        """Without `batch`: in how many calls documents are booked changes the outcome of none."""
        return {name: value for name, value in super().fingerprint_values().items() if name != "batch"}


class Route(Section):
    """One route file. `route` is its name and names its three DAGs.

    :param trigger: what starts a transfer: `schedule`, or `watch`: also whatever is new in the source's queue.
    """

    route: Name
    enabled: Flag = True
    source: Annotated[SerializeAsAny[SourceSettings], of_named_system("source")]
    finance: Annotated[SerializeAsAny[FinanceSettings], of_named_system("finance")]
    policy: Policy = Policy()
    payments: Payments = Payments()
    schedule: Schedule = Schedule()
    limits: Annotated[Limits, Field(validate_default=True)] = Limits()
    customers: Customers | None = None
    sales: Sales = Sales()
    decisions: Decisions = Decisions()
    notify: Notify | None = None
    trigger: Literal["schedule", "watch"] = "schedule"
    # Articles of a Variable that cannot be read now. Not in the fingerprint: all that is held would be tried again.
    _gone: frozenset[str] = PrivateAttr(frozenset())

    @field_validator("finance")
    @classmethod
    def _the_source_reads_the_numbers(cls, finance: FinanceSettings, info: ValidationInfo) -> FinanceSettings:
        source = info.data.get("source")
        problem = source.number_prefix_problem(finance.number_prefix) if source is not None else None
        if problem is not None:
            raise refused_key("number_prefix", problem, finance.number_prefix)
        return finance

    @field_validator("limits")
    @classmethod
    def _finance_books_in_batches(cls, limits: Limits, info: ValidationInfo) -> Limits:
        finance = info.data.get("finance")
        if finance is None or finance.books_in_batches or not limits.batch:
            return limits
        if "batch" in limits.model_fields_set:
            must = f"must be 0 or left out: {finance.system_name} has no call that books several documents at once"
            raise refused_key("batch", must, limits.batch)
        return limits.model_copy(update={"batch": 0})

    @field_validator("customers")
    @classmethod
    def _both_systems_have_customers(cls, customers: Customers | None, info: ValidationInfo) -> Customers | None:
        for role in ("source", "finance"):
            system = info.data.get(role)
            if customers is None or system is None:
                continue
            if (problem := system.customers_problem(is_master=customers.master == role)) is not None:
                raise ValueError(problem)
        return customers

    @field_validator("sales")
    @classmethod
    def _the_source_shows_sales(cls, sales: Sales, info: ValidationInfo) -> Sales:
        source = info.data.get("source")
        if sales.enabled and source is not None and not source.shows_sales:
            must = f"must be false: {source.system_name} has no sales that could be kept in step with finance"
            raise refused_key("enabled", must, sales.enabled)
        return sales

    @property
    def account_codes_variable(self) -> str:
        """The key of the Airflow Variable that is laid over `finance.account_codes`."""
        return f"invoice_bridge_account_codes__{self.route}"

    @property
    def payments_tolerance(self) -> Decimal:
        """What may be left of an invoice that counts as paid in full, in the invoice's currency."""
        return self.policy.total_tolerance if self.payments.tolerance is None else self.payments.tolerance

    @property
    def fingerprint(self) -> str:
        """Changes with everything in the route that can change a document's outcome, which not all sections can."""
        others = {"trigger", "schedule", "customers", "sales", "decisions", "notify"}
        content = self.model_dump(mode="json", exclude=others)
        sections = {name: value for name, value in self if name in content and isinstance(value, Section)}
        content |= {name: section.fingerprint_values() for name, section in sections.items()}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def source_as(self, wanted: type[SourceT]) -> SourceT:
        """The settings of the source, which has to be of this system.

        :raises ConfigurationError: the route takes its documents from another system.
        """
        if not isinstance(self.source, wanted):
            raise ConfigurationError(
                f"Route {self.route} takes its documents from {self.source.system_name}, not from {wanted.system_name}"
            )
        return self.source

    def finance_as(self, wanted: type[FinanceT]) -> FinanceT:
        """The settings of the finance system, which has to be this one.

        :raises ConfigurationError: the route books elsewhere.
        """
        if not isinstance(self.finance, wanted):
            raise ConfigurationError(
                f"Route {self.route} books in {self.finance.system_name}, not in {wanted.system_name}"
            )
        return self.finance

    @property
    def customers_note(self) -> str:
        """What little of its customers the route keeps in step without a sync; empty where it makes one."""
        return self.source.customers_note or self.finance.customers_note

    def selects(self, office_id: str | None, project_id: str | None) -> bool:
        """Whether the filters let a document of this office and project through."""
        return self.source.selects(office_id, project_id)

    def account_code(self, article_number: str | None, ledger_account: str | None) -> str | None:
        """The account code of a line, or `None` when its article is not mapped, or not to one account.

        A finance system that books without account codes, and is given none, gets the empty text for every line.

        :param ledger_account: the product's own account, as the source tells it.
        :raises ConfigurationError: it may be mapped in the route's Variable, which cannot be read.
        """
        codes = self.finance.account_codes
        if article_number is None or folded(article_number) not in set(map(folded, self._gone)):
            if article_number is not None and (alike := self.articles_alike(article_number)):
                return codes[alike[0]] if len({codes[article] for article in alike}) == 1 else None
            if self.finance.use_product_ledger_account and ledger_account:
                return ledger_account
        if self._gone:
            raise ConfigurationError(
                f"Article code '{article_number or '(none)'}' may be mapped in Variable {self.account_codes_variable}, "
                "which was there before and cannot be found now. Bring it back; if it is to hold nothing, set it to {}"
            )
        return "" if self.finance.books_without_account_codes and not codes else None

    def articles_alike(self, article_number: str) -> tuple[str, ...]:
        """The mapped articles that a line may mean: its own writing alone, else all that look the same.

        Those differ in case, in blanks around them and in characters that nobody sees.
        """
        codes = self.finance.account_codes
        if article_number in codes:
            return (article_number,)
        wanted = folded(article_number)
        return tuple(article for article in codes if folded(article) == wanted)

    @property
    def start_problem(self) -> str | None:
        """Why nothing can be booked however right the documents are, in one sentence; `None` when nothing is known."""
        finance = self.finance
        if finance.books_without_account_codes or finance.account_codes or finance.use_product_ledger_account:
            return None
        if self._gone:
            return None  # A Variable held some, and may come back.
        return (
            f"Route {self.route} does not start: it has no account codes, and {finance.system_name} needs one for each "
            "line. Give them in the route's file under finance.account_codes, or in the Airflow Variable "
            f"{self.account_codes_variable}"
        )

    def with_account_codes(self, overlay: Mapping[str, str] | str) -> Route:
        """The route with further account codes laid over those of its file.

        :param overlay: what the Airflow Variable holds: article number → account code, or that as JSON text.
        :raises ConfigurationError: the overlay holds something else; the text names the Variable.
        """
        laid_over = read_account_codes(overlay, self.account_codes_variable)
        codes = {**_not_replaced(self.finance.account_codes, laid_over), **laid_over}
        return self.model_copy(update={"finance": self.finance.model_copy(update={"account_codes": codes})})

    def without_account_codes(self, gone: str) -> Route:
        """The route while nobody knows what its Variable holds.

        :param gone: what was in it when it was last read, as JSON text; the codes that it gave are unknown now.
        :raises ConfigurationError: as of `with_account_codes`.
        """
        route = self.model_copy()
        route._gone = frozenset(read_account_codes(gone, self.account_codes_variable))
        return route


def folded(article_number: str) -> str:
    """The article's number as people take it: without case, blanks around it, and characters that nobody sees."""
    return as_code(article_number).casefold()


def _not_replaced(codes: Mapping[str, str], laid_over: Mapping[str, str]) -> dict[str, str]:
    """The codes of the file without those that the Variable gives in another writing.

    Where the file itself tells writings apart, each stands for itself.
    """
    writings = Counter(map(folded, codes))
    replaced = set(map(folded, laid_over))
    return {
        article: code
        for article, code in codes.items()
        if folded(article) not in replaced or writings[folded(article)] > 1
    }


@cache
def _overlay_shape() -> TypeAdapter[Any]:
    return TypeAdapter(AccountCodes)


def read_account_codes(overlay: Mapping[str, str] | str, variable: str) -> dict[str, str]:
    """What a Variable says: article number → account code.

    :param overlay: its text, or what is to become of it.
    :param variable: its key.
    :raises ConfigurationError: it is something else; the text names the Variable.
    """
    wanted = 'a JSON object of article number and account code in quotes, such as {"VAT25": "200"}'
    try:
        content = read_json(overlay) if isinstance(overlay, str) else overlay
        return dict(_overlay_shape().validate_python(content))
    except RouteSyntaxError as error:
        raise ConfigurationError(f"Variable {variable} must be {wanted}; {error}") from None
    except ValidationError as error:
        where = ", ".join(sorted({f"{problem['loc'][0]!r}" for problem in error.errors() if problem["loc"]}))
        raise ConfigurationError(f"Variable {variable} must be {wanted}{where and f'; wrong at {where}'}") from None
