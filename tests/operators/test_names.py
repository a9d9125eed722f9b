"""When Airflow learns the name of a document's task: a short task's at its end, however it ends."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge.operators.transfer.document import TransferDocumentOperator
from invoice_bridge_core.errors import TransientError
from tests.builders import route

if TYPE_CHECKING:
    from invoice_bridge_core.documents.outcomes import Result

NAME = "T-7 · Nordic AS · 100.00 SEK"


class Failing(TransferDocumentOperator):
    """Comes as far as Xero's outage."""

    def _open_and_carry(self, context: Any, *, dry_run: bool) -> Result:
        raise TransientError("Xero is down")


@pytest.mark.parametrize(("is_short", "at_the_start"), [(True, ""), (False, NAME)])
def test_a_task_has_its_name_at_the_end(is_short: bool, at_the_start: str) -> None:
    entry = {"source_id": "7", "label": NAME}
    task = Failing(task_id="invoices", route=route(), document=entry, is_short=is_short)
    assert task.label == at_the_start
    ti: Any = SimpleNamespace()
    with pytest.raises(TransientError):
        task.execute({"params": {}, "ti": ti})
    assert (task.label, ti.rendered_map_index) == (NAME, NAME)
