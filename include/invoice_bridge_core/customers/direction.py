"""Which side counts, and which one is written: the same steps work either way."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from invoice_bridge_core.customers.comparison import Agreed
from invoice_bridge_core.errors import ConfigurationError

if TYPE_CHECKING:
    from invoice_bridge_core.documents.customer_card import CustomerCard
    from invoice_bridge_core.ledger.customers.customer_rows import CustomerRow, Json
    from invoice_bridge_core.ports import FinanceSystem, SourceSystem
    from invoice_bridge_core.ports.customers import CustomerRegister, FinanceCustomers, SourceCustomers
    from invoice_bridge_core.routes.customers import Customers
    from invoice_bridge_core.routes.model import Route


@dataclass(frozen=True)
class Direction:
    """The two registers of a route, seen from its master.

    :param settings: the route's section `customers`.
    """

    settings: Customers
    source: SourceCustomers
    finance: FinanceCustomers
    source_name: str
    finance_name: str

    @classmethod
    def of(cls, route: Route, source: SourceSystem, finance: FinanceSystem) -> Direction:
        """The direction of a route.

        :raises ConfigurationError: the route keeps no customers in step, or its systems cannot.
        """
        if route.customers is None:
            raise ConfigurationError(f"Route {route.route} has no section customers: it keeps no customers in step")
        if route.customers_note:
            raise ConfigurationError(route.customers_note)
        if source.customers is None or finance.customer_cards is None:
            name = source.name if source.customers is None else finance.name
            raise ConfigurationError(f"Route {route.route}: {name} shows no customers that could be kept in step")
        return cls(route.customers, source.customers, finance.customer_cards, source.name, finance.name)

    @property
    def is_source_master(self) -> bool:
        """Whether the source's data counts."""
        return self.settings.is_source_master

    @property
    def master_name(self) -> str:
        """The system whose data counts, as people write it."""
        return self.source_name if self.is_source_master else self.finance_name

    @property
    def other_name(self) -> str:
        """The system that is written."""
        return self.finance_name if self.is_source_master else self.source_name

    @property
    def other(self) -> CustomerRegister:
        """The register that is written."""
        return self.finance if self.is_source_master else self.source

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """What is kept in step: what the route names and both systems have."""
        both = self.source.fields & self.finance.fields
        return tuple(field for field in self.settings.fields if field in both)

    @cached_property
    def person_fields(self) -> frozenset[str]:
        """The same of contact persons."""
        return self.source.person_fields & self.finance.person_fields

    @cached_property
    def left_out(self) -> tuple[str, ...]:
        """What the route names and one of the systems has not got."""
        return tuple(field for field in self.settings.fields if field not in self.fields)

    def sides(self, master: CustomerCard, other: CustomerCard) -> tuple[CustomerCard, CustomerCard]:
        """Source and finance, of master and other."""
        return (master, other) if self.is_source_master else (other, master)

    def master_of(self, row: CustomerRow) -> CustomerCard | None:
        """The master's card of a row."""
        return row.source if self.is_source_master else row.finance

    def other_of(self, row: CustomerRow) -> CustomerCard | None:
        """The other side's card of a row."""
        return row.finance if self.is_source_master else row.source

    def master_key(self, row: CustomerRow) -> str | None:
        """The master's key of a row."""
        return row.source_key if self.is_source_master else row.finance_id

    def other_key(self, row: CustomerRow) -> str | None:
        """The other side's key of a row."""
        return row.finance_id if self.is_source_master else row.source_key

    def agreed(self, base: Json) -> dict[str, Agreed]:
        """What the ledger keeps of a base, seen from the master."""
        master, other = ("source", "finance") if self.is_source_master else ("finance", "source")
        return {field: Agreed(both.get(master), both.get(other)) for field, both in base.items()}

    def as_base(self, agreed: dict[str, Agreed]) -> Json:
        """The same as the ledger keeps it."""
        master, other = ("source", "finance") if self.is_source_master else ("finance", "source")
        return {field: {master: both.master, other: both.other} for field, both in agreed.items()}
