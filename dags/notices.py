"""`notices__<route>` tells people what is new: by mail, by a webhook, in Slack.

- It tells what is newly in doubt, held or rejected, refused credentials, and what is late. Each thing is told once on
  each channel, grouped by reason, with a link to the page *Invoices*. It is quiet when nothing is new.
- Each morning it lists what is still open.
- A red run means that a channel could not be told; its log says which, and why. The next run tries it again.
- It reads only our own ledger. No transfer waits for it.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from airflow.sdk import DAG, get_parsing_context

from invoice_bridge.dag_settings import run_settings
from invoice_bridge.operators.notices.tell import TellOperator
from invoice_bridge.parsing import routes_to_build

if TYPE_CHECKING:
    from invoice_bridge_core.routes.model import Route
    from invoice_bridge_core.routes.notify import Notify

PREFIX = "notices__"
LONGEST = dt.timedelta(minutes=9)


def notices(route: Route, notify: Notify) -> DAG:
    """The DAG that tells people of one route."""
    with DAG(
        description=f"Tells people what is new between {route.source.conn_id} and {route.finance.conn_id}",
        dag_display_name=f"Notices · {route.source.system_name}, {route.finance.system_name} ({route.route})",
        doc_md=__doc__,
        **run_settings(route, PREFIX, notify.schedule, longest=2 * LONGEST),
    ) as dag:
        # The next run is the retry, and decides anew what is to be said.
        TellOperator(task_id="tell", route=route, notify=notify, retries=0, execution_timeout=LONGEST)
    return dag


for _route in routes_to_build(get_parsing_context().dag_id, PREFIX):
    if _route.notify is not None:
        globals()[f"{PREFIX}{_route.route}"] = notices(_route, _route.notify)
