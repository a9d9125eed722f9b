"""Tax numbers as people write them: read, compared, and written in other ways."""

from invoice_bridge_core.documents.tax_numbers.likeness import Likeness, compare_tax_numbers, same_tax_number
from invoice_bridge_core.documents.tax_numbers.number import TaxNumber, read_tax_number, read_tax_numbers
from invoice_bridge_core.documents.tax_numbers.writings import tax_number_writings

__all__ = [
    "Likeness",
    "TaxNumber",
    "compare_tax_numbers",
    "read_tax_number",
    "read_tax_numbers",
    "same_tax_number",
    "tax_number_writings",
]
