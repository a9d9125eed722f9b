"""A person in iXpole, who sells and enters by hand what the accounting system did not (ixpole.md, "Writing back")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.ixpole.instalments import OPEN, PENDING, RECEIVED, TODO
from sandbox.ixpole.tenants import CLUB, Tenant

if TYPE_CHECKING:
    from sandbox.ixpole.instalments import Instalments
    from sandbox.store import Row, Store

_WRITTEN_BACK = ("InvoiceNumber", "InvoiceDueDate", "Pdf", "PaymentNo")


class IxpoleSeller:
    """What people do with instalments between two runs; all of it is saved.

    A `code` is the instalment's. Every method raises `UnknownInstalmentError` for another one.
    """

    def __init__(self, store: Store, instalments: Instalments) -> None:
        self._store, self._instalments = store, instalments

    def set_back(self, code: str, tenant: Tenant = CLUB) -> Row:
        """The instalment waits again, and what was written back is gone: it is handed out once more."""
        return self._put(code, tenant, Status=TODO, **dict.fromkeys(_WRITTEN_BACK))

    def enter_invoice(self, code: str, number: str, due: str = "2026-12-15", tenant: Tenant = CLUB) -> Row:
        """An invoice number by hand: the instalment is no longer handed out."""
        state = PENDING if number.startswith("D") else OPEN
        return self._put(code, tenant, Status=state, InvoiceNumber=number, InvoiceDueDate=due)

    def enter_payment(self, code: str, number: str, tenant: Tenant = CLUB) -> Row:
        """A payment by hand."""
        return self._put(code, tenant, Status=RECEIVED, PaymentNo=number)

    def set_status(self, code: str, status: str, tenant: Tenant = CLUB) -> Row:
        """Another status by hand, and nothing else."""
        return self._put(code, tenant, Status=status)

    def change(self, code: str, tenant: Tenant = CLUB, **fields: Any) -> Row:
        """Another amount, customer or date in the instalment itself."""
        with self._store.lock:
            row = self._instalments.row(tenant.name, code)
            return self._put(code, tenant, instalment={**row["instalment"], **fields})

    def remove(self, code: str, tenant: Tenant = CLUB) -> None:
        """The sale is deleted: the instalment is handed out no more, and takes nothing."""
        with self._store.lock:
            self._instalments.row(tenant.name, code)
            self._instalments.remove(tenant.name, code)
            self._store.flush()

    def _put(self, code: str, tenant: Tenant, **values: Any) -> Row:
        with self._store.lock:
            row = self._instalments.row(tenant.name, code)
            self._instalments.table.put({**self._instalments.table[row["key"]], **values})
            self._store.flush()
            return self._instalments.row(tenant.name, code)
