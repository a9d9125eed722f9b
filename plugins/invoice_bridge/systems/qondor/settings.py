"""The settings of a route that takes its documents from Qondor."""

from __future__ import annotations

from typing import ClassVar, Literal

from invoice_bridge_core.routes.fields import Codes, ConnId, GroupPath
from invoice_bridge_core.routes.settings import SourceSettings


class QondorSettings(SourceSettings):
    """Qondor as the source. Empty filters take every office and every project (seed 002, "Configuration options").

    :param sale_path: where the Sale API is, below the connection's host.
    """

    system_name = "Qondor"
    shows_sales = True
    added_later: ClassVar[frozenset[str]] = frozenset({"sale_path"})

    system: Literal["qondor"] = "qondor"
    conn_id: ConnId = "qondor_default"
    offices: Codes = ()
    projects: Codes = ()
    sale_path: GroupPath = "/Sale/v1/Sale"

    def selects(self, office_id: str | None, project_id: str | None) -> bool:
        """Whether both filters let a document of this office and project through."""
        return _lets_through(self.offices, office_id) and _lets_through(self.projects, project_id)

    @property
    def is_selective(self) -> bool:
        """Whether the route leaves offices or projects to others."""
        return bool(self.offices or self.projects)

    def may_share_documents_with(self, other: SourceSettings) -> bool:
        """Whether the filters of both let some office and some project through."""
        if not isinstance(other, QondorSettings):
            return False
        return _share(self.offices, other.offices) and _share(self.projects, other.projects)

    def customers_problem(self, *, is_master: bool) -> str | None:
        """Qondor keeps customers, and lets them be made and changed."""
        return None


def _lets_through(wanted: tuple[str, ...], value: str | None) -> bool:
    return not wanted or value in wanted


def _share(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two filters let some value through both; an empty one lets all through."""
    return not one or not other or not set(one).isdisjoint(other)


SOURCE = QondorSettings
