"""The reason of a document for whose customer several contacts fit, said and recognised in one place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invoice_bridge_core.documents.party import Party

_MOST_NAMED = 5
_SAID = re.compile(r"^[0-9]+ contacts in .+ fit '.*' \(ref: .+\): '")


def several_contacts(system: str, party: Party, names: Sequence[str]) -> str:
    """Why a person has to choose.

    :param system: as people write it.
    :param names: of the contacts.
    """
    named = ", ".join(f"'{name}'" for name in names[:_MOST_NAMED])
    return f"{len(names)} contacts in {system} fit '{party.name}' (ref: {party.key}): {named}"


def is_of_several_contacts(reason: str | None) -> bool:
    """Whether a document is held for this reason."""
    return reason is not None and _SAID.match(reason) is not None
