"""Which project a document belongs to that others made in finance."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from invoice_bridge_core.documents.reading.characters import as_code

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from invoice_bridge_core.routes.sales import OtherSales


def project_number(texts: Iterable[str], others: OtherSales) -> str | None:
    """The first project number that the route's pattern finds; `None` when there is none."""
    pattern = re.compile(others.pattern)
    for text in texts:
        if (match := pattern.search(text)) is not None:
            found = as_code(next((group for group in match.groups() if group), match[0]))
            if found:
                return found
    return None


def project_ids(numbers: Collection[str], others: OtherSales, known: Collection[str]) -> Mapping[str, str]:
    """Project number → the source's id, for those that can be told.

    :param known: ids of projects that the ledger knows.
    """
    by_number = {as_code(number).casefold(): project_id for number, project_id in others.projects.items()}
    found = {number: by_number.get(number.casefold()) or (number if number in known else None) for number in numbers}
    return {number: project_id for number, project_id in found.items() if project_id is not None}
