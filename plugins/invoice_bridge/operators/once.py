"""One thing, once: what the mapped tasks of all DAGs have in common, whatever they carry."""

from __future__ import annotations

from abc import abstractmethod
from contextlib import nullcontext
from types import new_class
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from invoice_bridge.operators.ends import KnownEnd, say_end
from invoice_bridge.operators.failures import failing_for_good
from invoice_bridge.operators.naming import named_in_time
from invoice_bridge.operators.pauses import push_pause
from invoice_bridge.operators.session import route_session, run_key
from invoice_bridge_core.documents.document import shorten
from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.transfer.transfer import Attempt

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from airflow.sdk import BaseOperatorLink, Context

    from invoice_bridge_core.documents.outcomes import Result
    from invoice_bridge_core.routes.model import Route
    from invoice_bridge_core.transfer.route_session import RouteSession

NAME_LIMIT = 160
"""Characters of a mapped task's name: what Airflow's lists show in a line or two. Its database takes 250."""

_AS_WANTED = frozenset(
    {Outcome.TRANSFERRED, Outcome.REPORTED_PAID, Outcome.SHOWN, Outcome.BROUGHT_IN_STEP, Outcome.IN_STEP}
)
_SKIPS = frozenset({Outcome.HELD, Outcome.BUSY, Outcome.WAITS, Outcome.NOT_PAID})
_FAILS = frozenset({Outcome.REJECTED, Outcome.IN_DOUBT, Outcome.FAILED})


class OnceOperator(BaseOperator):
    """Carry one thing to the end of its step, or say why not.

    Held ones skip the task, with the reason in its name; rejected ones and those in doubt fail it for good; passing
    trouble is left to the retry policy. A kind of task says how it carries its entry, and adds nothing else.

    `entry_name`: the attribute that holds the entry of the list, as Airflow has mapped it: `id_key` and `label`.
    `id_key`: the key of the entry that names the thing for other tasks of the run.

    :param route: the route to work for.
    :param is_short: whether it takes less than a second as a rule. Airflow then learns its name after a second, or at
        its end, and not at its start as well, which would be one more request to its server for each.
    """

    entry_name: ClassVar[str]
    id_key: ClassVar[str] = "source_id"

    def __init__(self, *, route: Route, is_short: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.route = route
        self.is_short = is_short
        self.desk_url = ""
        self._has_begun = False
        self._result: Result | None = None

    @property
    def label(self) -> str:
        """The task's name: the thing's, and the reason where it did not end as wanted."""
        if self.is_short and not self._has_begun:
            return ""
        if self._result is None:
            return shorten(self.carried["label"], NAME_LIMIT)
        if self._result.outcome in _AS_WANTED or not self._result.message:
            return shorten(self._result.label, NAME_LIMIT)
        return shorten(f"{self._result.label} · {self._result.end}", NAME_LIMIT)

    @property
    def carried(self) -> dict[str, str]:
        """The entry that is carried."""
        entry: dict[str, str] = getattr(self, self.entry_name)
        return entry

    @classmethod
    def links_of(cls, route: Route) -> Sequence[BaseOperatorLink]:
        """The buttons that its tasks have on this route."""
        return ()

    @classmethod
    def of_route(cls, route: Route) -> type[Self]:
        """The same with the buttons of this route: Airflow takes those of mapped tasks from their class."""
        links = tuple(cls.links_of(route))
        if not links:
            return cls
        own = {"__module__": cls.__module__, "__doc__": cls.__doc__, "operator_extra_links": links}
        return cast("type[Self]", new_class(cls.__name__, (cls,), exec_body=lambda body: body.update(own)))

    @abstractmethod
    def carry(self, session: RouteSession, attempt: Attempt, *, dry_run: bool) -> Result:
        """Do it; in a dry run say what would be done, and write nothing."""

    def noted(self, result: Result) -> None:
        """Take from the result what links want."""

    def execute(self, context: Context) -> dict[str, str | None] | None:
        """Carry it; a dry run returns what would have been done."""
        self._has_begun = True
        dry_run = bool(context["params"].get("dry_run"))
        try:
            with self._named(), failing_for_good(self.carried["label"]):
                self._result = result = self._open_and_carry(context, dry_run=dry_run)
        finally:
            # Airflow's last message of a task has its name; one that it finds changed costs a request of its own.
            context["ti"].rendered_map_index = self.label
        self.noted(result)
        if result.is_paused or result.outcome is Outcome.BUSY:
            push_pause(context, self.carried[self.id_key], result)
        if result.outcome in _SKIPS:
            self.log.info("%s", say_end(self.log, result, self.route, self.desk_url))
            raise AirflowSkipException(result.end)
        if result.outcome in _FAILS and not dry_run:
            raise KnownEnd(result.end, last_line=say_end(self.log, result, self.route, self.desk_url))
        self.log.info("%s: %s", result.label, result.end)
        if not dry_run:
            return None
        self.log.info("The body that would be sent: %s", result.payload or "none")
        return {
            self.id_key: self.carried[self.id_key],
            "label": result.label,
            "outcome": str(result.outcome),
            "message": result.message,
            "total": None if result.total is None else str(result.total),
            "currency": result.currency,
        }

    def _named(self) -> AbstractContextManager[None]:
        return named_in_time(self.label) if self.is_short else nullcontext()

    def _open_and_carry(self, context: Context, *, dry_run: bool) -> Result:
        ti = context["ti"]
        attempt = Attempt(
            claimant=f"{ti.dag_id}/{ti.run_id}/{ti.task_id}/{ti.map_index}",
            run_key=run_key(context),
        )
        with route_session(self.route, attempt.run_key, context["dag_run"].start_date) as session:
            return self.carry(session, attempt, dry_run=dry_run)
