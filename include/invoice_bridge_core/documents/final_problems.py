"""The closed list of problems for which a document may be rejected, which no source takes back.

What may be our reading, our mapping or our taste is not in it: an e-mail's form, the way a number is written, a due
date, a line without money, rounding. Documents with any other problem are held. `docs/rejections.md` shows the list.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Self


class FinalProblem(Enum):
    """One rule that only the document's author can heed; the value is what it is noted as.

    :ivar rule: when a document breaks it, in words.
    :ivar source: where it is laid down.
    """

    rule: str
    source: str

    NO_PARTY = (
        "no party",
        "The document names neither a customer nor a booker.",
        "seed 001 (customer data); seed 003 (debtor)",
    )
    CUSTOMER_WITHOUT_NAME = (
        "customer without name",
        "The customer has no name at all.",
        "seed 001 (customer data); seed 003 (a debtor's name is required)",
    )
    BOOKER_WITHOUT_EMAIL = (
        "booker without e-mail",
        "A booker is invoiced who has no e-mail address. An address that is there and cannot be used only holds.",
        "seed 002 (a booker is matched by e-mail address only)",
    )
    SUMS_DO_NOT_ADD_UP = (
        "sums do not add up",
        "The amounts contradict each other by more than one unit of money and by more than the route's "
        "policy.total_tolerance, so that no rounding explains it.",
        "seed 001 (validate the content); seed 003 (totals)",
    )
    NEGATIVE_TOTAL = (
        "negative total",
        "The total is below 0 on what is not a credit note.",
        "seed 001 (money is given back with credit notes); seed 003 (CREDIT_INVOICE)",
    )
    ARTICLE_UNMAPPED = (
        "article unmapped",
        "An article code has no account code. Only where the route says policy.unmapped_article: reject.",
        "seed 001 (failure messages); seed 002 (account code mapping is required)",
    )
    ARTICLE_MISSING = (
        "article missing",
        "A line with money has no article code. Only where the route says policy.unmapped_article: reject.",
        "seed 001 (article codes); seed 002 (account code mapping is required)",
    )
    VAT_RATE_NOT_TAKEN = (
        "VAT rate not taken",
        "A line states a VAT rate other than 0, 6, 12 and 25%, and its VAT is that of none of these, on a route into "
        "Quiddly.",
        "seed 003 (vatPercentage)",
    )
    ADDRESS_INCOMPLETE = (
        "address incomplete",
        "The customer's address lacks street, postal code, city or country, which stands in no other field of it "
        "either, and the customer has no second address, on a route into Quiddly.",
        "seed 003 (invoiceAddress)",
    )

    def __new__(cls, value: str, rule: str, source: str) -> Self:
        """A member whose value is its first part."""
        member = object.__new__(cls)
        member._value_ = value
        member.rule = rule
        member.source = source
        return member
