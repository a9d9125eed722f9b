"""What people read when a route file is wrong."""
# ruff: noqa: E501 - one mistake and its message are read side by side

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.routes.errors import RouteError
from invoice_bridge_core.routes.loader import read_route

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GOOD = """\
route: good
source:
  system: qondor
  offices: [7]
finance:
  system: xero
  account_codes: {VAT25: 200}
policy:
  total_tolerance: 0.01
limits: {parallel: 4}
"""

WRONG = [
    ("route: good", "route: good-1", "line 1, route: got 'good-1', must be up to 100 letters, digits, underscores"),
    ("  offices: [7]", "  ofices: [7]", "line 4, source.ofices: unknown key; did you mean 'offices'?"),
    ("  offices: [7]", "  activate: true", "line 4, source.activate: unknown key here; it belongs in finance of system quiddly"),
    ("limits: {parallel: 4}", "lookback_days: 7", "line 10, lookback_days: unknown key here; it belongs in payments"),
    ("limits: {parallel: 4}", "currency: 7", "line 10, currency: unknown key; allowed here: route, enabled, source, finance, policy, payments, schedule, limits, customers, sales, decisions, notify, trigger"),
    ("  offices: [7]", "  offices: [7, true]", "line 4, source.offices[1]: got true, must be text"),
    ("  offices: [7]", "  offices: 7", "line 4, source.offices: got 7, must be a list, such as [7, 8]"),
    ("  offices: [7]", "  start_date: 2026-02-30", "line 4, source.start_date: got '2026-02-30', must be a date that exists: day is out of range for month"),
    ("  offices: [7]", "  start_date: 02.03.2026", "line 4, source.start_date: got '02.03.2026', must be a date written as YYYY-MM-DD, or null"),
    ("  offices: [7]", "  conn_id: a:b", "line 4, source.conn_id: got 'a:b', must be a connection id: letters, digits, and any of _ - ."),
    ("  system: qondor", "  system: sap", "line 3, source.system: got 'sap', must be 'ixpole' or 'qondor'"),
    ("  system: qondor", "  system: xero", "line 3, source.system: got 'xero', must be 'ixpole' or 'qondor'"),
    ("  system: qondor", "  system: [qondor]", "line 3, source.system: got a list, must be 'ixpole' or 'qondor'"),
    ("  system: xero", "  conn_id: x", "line 5, finance.system: is missing; must be quiddly or xero"),
    ("  system: qondor", "  conn_id: q", "line 2, source.system: is missing; must be ixpole or qondor"),
    ("route: good", "enabled: true", "route: is missing"),
    ("route: good", "route: good\nenabled: yes", "line 2, enabled: got 'yes', must be true or false"),
    ("route: good", "route: good\ntrigger: push", "line 2, trigger: got 'push', must be 'schedule' or 'watch'"),
    ("VAT25: 200", "VAT25: [200]", "line 7, finance.account_codes.VAT25: got a list, must be text"),
    ("VAT25: 200", "VAT25: ''", "line 7, finance.account_codes.VAT25: got '', must not be empty"),
    ("VAT25: 200", "Ø 1: ~", "line 7, finance.account_codes.'Ø 1': got null, must be text"),
    ("  account_codes: {VAT25: 200}", "  invoice_status: PAID", "line 7, finance.invoice_status: got 'PAID', must be 'AUTHORISED' or 'DRAFT'"),
    ("0.01", "-0.01", "line 9, policy.total_tolerance: got -0.01, must be 0 or more"),
    ("0.01", "11", "line 9, policy.total_tolerance: got 11, must be 10 or less"),
    ("0.01", "a cent", "line 9, policy.total_tolerance: got 'a cent', must be a number, such as 0.01"),
    ("0.01", "true", "line 9, policy.total_tolerance: got true, must be a number, such as 0.01"),
    ("0.01", ".nan", "line 9, policy.total_tolerance: got '.nan', must be a number, such as 0.01"),
    ("{parallel: 4}", "{parallel: 65}", "line 10, limits.parallel: got 65, must be 64 or less"),
    ("{parallel: 4}", "{parallel: 010}", "line 10, limits.parallel: got '010', must be a whole number, without quotes"),
    ("{parallel: 4}", "4", "line 10, limits: got 4, must hold keys and values of its own"),
    ("{parallel: 4}", "{parallel: 4", "line 11: not YAML at column 1: did not find expected ',' or '}'"),
    ("limits:", "policy:", "line 10: key 'policy' is written twice, first on line 8"),
    ("[7]", "&x [*x]", "line 4: the value at column 12 holds itself"),
    ("[7]", "!!set {7}", "line 4: the value at column 12 has the tag 'tag:yaml.org,2002:set', which is not supported"),
    ("[7]", "[{[8]: 9}]", "line 4: the value at column 14 is a key, and a key has to be text"),
]  # fmt: skip


def told(path: Path) -> str:
    with pytest.raises(RouteError) as caught:
        read_route(path)
    return str(caught.value)


def test_the_file_they_are_made_from_is_good(put: Callable[..., Path]) -> None:
    assert read_route(put("good.yaml", GOOD)).account_code("VAT25", None) == "200"


@pytest.mark.parametrize(("good", "wrong", "message"), WRONG, ids=[message[:40] for _, _, message in WRONG])
def test_one_mistake_is_told_in_one_line(put: Callable[..., Path], good: str, wrong: str, message: str) -> None:
    assert good in GOOD
    path = put("wrong.yaml", GOOD.replace(good, wrong, 1))
    assert told(path) == f"{path}: {message}"


def test_a_prefix_that_the_source_would_misread_is_named_at_its_key(put: Callable[..., Path]) -> None:
    text = GOOD.replace("qondor\n  offices: [7]", "ixpole").replace("system: xero", "system: xero\n  number_prefix: D-")
    path = put("wrong.yaml", text)
    assert told(path) == (
        f"{path}: line 6, finance.number_prefix: got 'D-', must not begin with D: "
        "iXpole takes such a number for a draft's"
    )


def test_all_mistakes_are_told_in_the_order_of_the_file(put: Callable[..., Path]) -> None:
    text = GOOD.replace("good", "b a d").replace("parallel: 4", "parallel: 0").replace("VAT25: 200", "VAT25: no, X: []")
    lines = told(put("wrong.yaml", text)).splitlines()
    assert [line.split(", ")[1].split(":")[0] for line in lines] == [
        "route",
        "finance.account_codes.X",
        "limits.parallel",
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        "  password: hunter2-hunter2",
        "  conn_id: https://user:hunter2-hunter2@qondor.example",
        "  conn_id: user hunter2-hunter2abcdefghijklmnop",
        "  subscription_key: [hunter2-hunter2]",
        "  start_date: hunter2-hunter2.abcdef",
    ],
)
def test_what_may_be_a_secret_is_not_repeated(put: Callable[..., Path], wrong: str) -> None:
    path = put("wrong.yaml", GOOD.replace("  offices: [7]", wrong))
    with pytest.raises(RouteError, match="line 4") as caught:
        read_route(path)
    # The whole traceback too: Airflow shows it as the import error.
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


def test_a_json_file_tells_line_column_and_doubled_keys(put: Callable[..., Path]) -> None:
    assert told(put("a.json", '{"route": "a",\n,}')).endswith(
        "a.json: line 2: not JSON at column 1: Expecting property name enclosed in double quotes"
    )
    assert told(put("b.json", '{"route": "a", "route": "b"}')).endswith("b.json: key 'route' is written twice")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty; a route file has the keys route, source and finance at least"),
        (b"# nothing but a comment\n", "is empty; a route file has the keys route, source and finance at least"),
        (b"- a\n", "must hold keys and values, such as route: my_route"),
        (b"route: \xff", "is no UTF-8 text: see byte 8"),
        (b"route: \x07", "not YAML: it holds a character that is not allowed in a text"),
        (b"route: a\n---\nroute: b\n", "line 2: not YAML at column 1: but found another document"),
        (b"a" * 1_000_001, "is larger than 1000000 bytes"),
    ],
)
def test_files_that_are_no_route_files(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_bytes(content)
    assert told(path) == f"{path}: {message}"


@pytest.mark.parametrize(("name", "opening"), [("deep.yaml", "["), ("deep.yaml", "{a: "), ("deep.json", "[")])
def test_deep_nesting_is_an_error_like_any_other(put: Callable[..., Path], name: str, opening: str) -> None:
    told(put(name, opening * 100_000))


def test_aliases_do_not_blow_a_file_up(put: Callable[..., Path]) -> None:
    lines = ["a0: &a0 [x, x]", *(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 60))]
    assert "line 60, a59: unknown key" in told(put("bomb.yaml", "\n".join(lines)))
