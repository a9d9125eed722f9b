"""Strikes that do not happen are told; no Airflow is needed for that."""

from __future__ import annotations

from tests.chaos.airflow.plan import Plan
from tests.chaos.airflow.strikes import API_SERVER, POSTGRES, TASK


class Striker:
    """Strikes all but those whom it does not find."""

    def __init__(self, *not_found: str) -> None:
        self.not_found = not_found
        self.struck: list[str] = []

    def strike(self, what: str) -> bool:
        if what in self.not_found:
            return False
        self.struck.append(what)
        return True


def carry_out(plan: Plan, striker: Striker, upto: float) -> None:
    for look in range(20):
        plan.strike_when_due(striker, lambda now=look: min(upto, now / 10))  # type: ignore[misc]


def test_a_plan_that_was_carried_out_has_nothing_to_tell() -> None:
    plan, striker = Plan([(0.0, TASK), (0.5, POSTGRES), (1.0, TASK)]), Striker()
    carry_out(plan, striker, upto=1.0)
    assert striker.struck == [TASK, POSTGRES, TASK]
    assert plan.missed_servers() == []
    assert plan.missed_tasks() == 0


def test_a_server_whose_time_did_not_come_is_told_and_a_task_is_counted() -> None:
    plan, striker = Plan([(0.2, POSTGRES), (0.9, API_SERVER), (1.0, TASK)]), Striker()
    carry_out(plan, striker, upto=0.8)
    assert striker.struck == [POSTGRES]
    assert plan.missed_servers() == ["API server was to be struck, and was not: 1 ×"]
    assert plan.missed_tasks() == 1


def test_nobody_to_strike_lets_the_plan_go_on_and_is_told() -> None:
    plan, striker = (
        Plan([(0.1, TASK), (0.2, POSTGRES), (0.3, POSTGRES), (0.4, API_SERVER)], patience=0.0),
        Striker(TASK, POSTGRES),
    )
    carry_out(plan, striker, upto=1.0)
    assert striker.struck == [API_SERVER]
    assert plan.missed_servers() == ["PostgreSQL was to be struck, and was not: 2 ×"]
    assert plan.missed_tasks() == 1


def test_a_victim_is_waited_for() -> None:
    plan, striker = Plan([(0.0, TASK)]), Striker(TASK)
    carry_out(plan, striker, upto=1.0)
    striker.not_found = ()
    carry_out(plan, striker, upto=1.0)
    assert striker.struck == [TASK]
