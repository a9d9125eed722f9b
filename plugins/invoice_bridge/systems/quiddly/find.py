"""Looking for invoices in Quiddly: by number, or among all of them."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Final

from invoice_bridge.systems.quiddly.booking_answers import booking_found
from invoice_bridge_core.errors import GarbledAnswerError, InDoubtError

if TYPE_CHECKING:
    from invoice_bridge.hooks.quiddly.hook import QuiddlyHook
    from invoice_bridge.hooks.quiddly.wire import QuiddlyInvoice
    from invoice_bridge_core.ports import Booking
    from invoice_bridge_core.routes.model import Route

MOST_PAGES: Final = 500
"""No list is read further; what it may hold beyond is not known then."""


class NumberSearch:
    """Finds invoices and credits, which share their numbers.

    :param path: the route's `invoice_search_path`.
    """

    def __init__(self, hook: QuiddlyHook, route: Route, path: str) -> None:
        self._hook = hook
        self._route = route
        self._path = path
        self._seen: dict[str, QuiddlyInvoice] = {}

    def numbered(self, number: str) -> Booking | None:
        """What has the number, ours or not; one call.

        :raises GarbledAnswerError: Quiddly answers with something that cannot be told apart.
        """
        found = self._hook.invoices_numbered(number, self._path)
        if any(each.number is None for each in found):
            raise GarbledAnswerError(f"Quiddly answered the look-up of {number} with invoices that have no number")
        match = next((each for each in found if str(each.number).casefold() == number.casefold()), None)
        if match is None:
            return None
        self._seen[match.invoice_id] = match
        return booking_found(match, self._route)

    def seen(self, finance_id: str) -> QuiddlyInvoice | None:
        """What the last look-up showed under the id."""
        return self._seen.get(finance_id)


class InvoiceList:
    """All invoices and credits, whoever made them.

    :param path: the route's `invoice_list_path`.
    """

    def __init__(self, hook: QuiddlyHook, path: str) -> None:
        self._hook = hook
        self._path = path

    def first_page(self) -> tuple[QuiddlyInvoice, ...]:
        """Some of them; none where there are none at all. One call."""
        return self._hook.invoices_listed(self._path, 1)

    def all(self) -> list[QuiddlyInvoice]:
        """Every one of them: a call for each page, and one that shows that there are no more.

        An API that knows no pages shows the same list each time, which is all of them; but for a length at which an API
        may have cut it off.

        :raises InDoubtError: Quiddly does not show all of them.
        """
        found: dict[str, QuiddlyInvoice] = {}
        last: tuple[str, ...] | None = None
        for page in count(1):
            listed = {each.invoice_id: each for each in self._hook.invoices_listed(self._path, page)}
            if tuple(listed) == last and _is_a_usual_page(len(listed)):
                raise InDoubtError(
                    f"Quiddly's list of invoices has the same page {page} as before, so that it cannot be read whole; "
                    "check the route's invoice_list_path"
                )
            if not listed.keys() - found.keys():
                return list(found.values())
            found |= listed
            last = tuple(listed)
            if "{page}" not in self._path:
                return list(found.values())
            if page == MOST_PAGES:
                raise InDoubtError(f"Quiddly's list of invoices has more than {MOST_PAGES} pages")
        raise AssertionError("a count has no end")


def _is_a_usual_page(length: int) -> bool:
    return length > 0 and (length % 10 == 0 or length % 25 == 0)
