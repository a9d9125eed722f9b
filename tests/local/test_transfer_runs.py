from __future__ import annotations

import pytest

from local.transfer_runs import said_last


@pytest.mark.parametrize(
    ("log", "said"),
    [
        (
            "2026-11-30T02:55:35Z info 3 left: dated elsewhere filename=queue.py lineno=3\n"
            "2026-11-30T02:55:36Z error The token of qondor_default is refused filename=task_runner.py lineno=1639\n"
            "2026-11-30T02:55:36Z info ::group::Post Execute filename=task_runner.py",
            "The token of qondor_default is refused",
        ),
        (
            "2026-11-30T02:55:36Z error Task failed with exception error_detail=[{'exc_type': 'KeyError', "
            "'exc_value': \"'rows'\", 'exc_notes': []}]",
            "'rows'",
        ),
        ("2026-11-30T02:55:36Z info all is well", ""),
    ],
)
def test_what_went_wrong_is_read_from_the_end_of_a_log(log: str, said: str) -> None:
    assert said_last(log) == said
