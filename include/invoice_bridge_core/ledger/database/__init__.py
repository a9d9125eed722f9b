"""The ledger's PostgreSQL: the way to it, its tables, its locks and its schema."""

# Tables in files of their own, so that the metadata is whole for whoever imports any part of this folder.
from invoice_bridge_core.ledger.database import change_tables as _change_tables  # noqa: F401
from invoice_bridge_core.ledger.database import customer_tables as _customer_tables  # noqa: F401
from invoice_bridge_core.ledger.database import decision_tables as _decision_tables  # noqa: F401
from invoice_bridge_core.ledger.database import notice_tables as _notice_tables  # noqa: F401
from invoice_bridge_core.ledger.database import sale_tables as _sale_tables  # noqa: F401
