"""What is wrong with a route file, in words for whoever edits it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from invoice_bridge_core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True)
class RouteProblem:
    """One thing that is wrong.

    :param key: the key's way from the top of the file, such as `source.offices[0]`; empty for the file as a whole.
    :param line: where it is written, counted from 1, if that is known.
    """

    key: str
    message: str
    line: int | None = None

    def __str__(self) -> str:
        """Written as `line 7, source.offices[0]: got true, must be text`."""
        where = ", ".join(part for part in (f"line {self.line}" if self.line else "", self.key) if part)
        return f"{where}: {self.message}" if where else self.message


class RouteError(ConfigurationError):
    """A route file that cannot be used; the other routes can."""

    def __init__(self, path: Path, problems: Sequence[RouteProblem]) -> None:
        super().__init__(path, tuple(problems))
        self.path = path
        self.problems = tuple(problems)

    def __str__(self) -> str:
        """One line per problem, each naming file, line and key."""
        return "\n".join(f"{self.path}: {problem}" for problem in self.problems)
