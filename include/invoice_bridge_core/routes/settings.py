"""What a route says of its two systems: the keys that every system has, and what the core asks of the settings.

Each system adds its own keys in a class of its own, which `invoice_bridge_core.routes.systems` finds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from invoice_bridge_core.routes.fields import (
    AccountCodes,
    Code,
    ConnId,
    Day,
    DocumentLink,
    Flag,
    NumberPrefix,
    ReferenceTemplate,
)
from invoice_bridge_core.routes.required_reference import Pattern


class Section(BaseModel):
    """A part of a route file: frozen, and knowing all its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    added_later: ClassVar[frozenset[str]] = frozenset()

    def fingerprint_values(self) -> dict[str, Any]:
        """What the fingerprint of the route is made of: a key of `added_later` counts where it was given a value.

        So a release that adds a key does not make every held document look as if its route had changed.
        """
        fields = type(self).model_fields
        added_later = {name for kind in type(self).__mro__ for name in vars(kind).get("added_later", ())}
        silent = {name for name in added_later if getattr(self, name) == fields[name].default}
        return self.model_dump(mode="json", exclude=silent)


class SystemSettings(Section):
    """What the settings of every system have.

    A system's own class narrows `system` to its name, such as `system: Literal["acme"] = "acme"`, and gives `conn_id`
    a default. `system_name` is the system's name as people write it. `customers_note` says what little of a customer
    the system takes, where it takes that without a sync of customers; empty where it takes part in one.
    """

    system_name: ClassVar[str]
    customers_note: ClassVar[str] = ""

    system: str
    conn_id: ConnId

    def customers_problem(self, *, is_master: bool) -> str | None:
        """Why customers cannot be kept in step with this system, as `must …`; `None` when they can."""
        return f"must be left out: {self.system_name} shows no customers that could be kept in step"


class SourceSettings(SystemSettings):
    """The settings of a source system.

    `shows_sales`: the source takes sales, so that a route may ask for them.

    :param start_date: documents dated earlier are left alone.
    :param document_link: where a document is seen in the source, with `{id}`, `{number}` or `{project_id}` in it.
    """

    shows_sales: ClassVar[bool] = False
    added_later: ClassVar[frozenset[str]] = frozenset({"document_link"})

    start_date: Day = None
    document_link: DocumentLink | None = None

    def selects(self, office_id: str | None, project_id: str | None) -> bool:
        """Whether the filters let a document of this office and project through; without filters, all pass."""
        return True

    @property
    def is_selective(self) -> bool:
        """Whether there are filters."""
        return False

    def may_share_documents_with(self, other: SourceSettings) -> bool:
        """Whether some document passes the filters of both; `other` is of the same system and connection.

        Start dates do not count: a document dated late enough passes both.
        """
        return True

    def number_prefix_problem(self, prefix: str) -> str | None:
        """Why the source would misread numbers with this prefix, as `must not …`; `None` when it would not."""
        return None


class RequiredCustomer(Section):
    """What one customer asks of the reference; without a pattern, only that there is one."""

    pattern: Pattern | None = None


class RequiredReference(Section):
    """What is asked of the reference.

    :param pattern: of all customers that are not named; `None`: nothing is asked of them.
    :param customers: customer number, or the source's id → what that one asks.
    """

    pattern: Pattern | None = None
    customers: Mapping[Code, RequiredCustomer] = {}


class FinanceSettings(SystemSettings):
    """The settings of a finance system.

    `books_without_account_codes`: a route that gives no account codes at all books its lines without any.
    `books_in_batches`: the system has a call that books several documents at once.

    :param number_prefix: put before the source's number.
    :param account_codes: article number → account code (seed 002, "Field mapping reference").
    :param reference: what the buyer reads as the reference; `None`: the purchase order, else the buyer's reference.
    :param require_reference: whether a document without one is held, and what it has to look like.
    :param printed_mark: our mark on what the customer reads: `none`; a `short` one; in `full`, as earlier versions did.
    :param use_product_ledger_account: an article without a code of its own goes to its product's ledger account.
    """

    books_without_account_codes: ClassVar[bool] = False
    books_in_batches: ClassVar[bool] = False
    added_later: ClassVar[frozenset[str]] = frozenset({"printed_mark", "reference", "require_reference"})

    number_prefix: NumberPrefix = ""
    reference: ReferenceTemplate | None = None
    require_reference: Flag | RequiredReference = False
    printed_mark: Literal["none", "short", "full"] = "none"
    account_codes: AccountCodes = {}
    use_product_ledger_account: Flag = False
