"""What a route says of the questions that it puts to people in Airflow."""

from __future__ import annotations

from invoice_bridge_core.routes.fields import Cron, Flag
from invoice_bridge_core.routes.settings import Section


class Decisions(Section):
    """Whether people are asked in Airflow, one task for each question.

    :param enabled: whether there is a DAG that asks.
    :param schedule: when it looks for something to ask, in the time zone of the route's `schedule`.
    """

    enabled: Flag = False
    schedule: Cron = "0 7 * * *"
