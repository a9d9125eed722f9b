"""Office 9's demo data: numbers of their own, whole expectations, and arithmetic that is wrong only on purpose."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from invoice_bridge_core.routes.loader import read_route, routes_folder
from sandbox.demo.qondor_quiddly import PREFIX
from sandbox.demo.stories import build_scene
from sandbox.quiddly.rules import invoice_faults

OFFICE = 9


def test_each_document_has_its_own_number_and_one_expectation() -> None:
    scene = build_scene(7, 140)
    payments = scene.rows("qondor", "payments")
    ours = {str(row["id"]) for row in payments if row["officeId"] == OFFICE}
    expected = Counter(one["source_id"] for one in scene.expectations)
    assert len({row["invoiceNumber"] for row in payments}) == len({row["id"] for row in payments}) == len(payments)
    assert len(ours) >= 20
    assert {one["source_id"] for one in scene.expectations if one["route"] == "qondor_quiddly"} == ours
    assert set(expected.values()) == {1}


def test_sums_are_wrong_only_where_they_are_meant_to_be() -> None:
    scene = build_scene(7, 140)
    expected = {one["source_id"]: one["why"] for one in scene.expectations}
    wrong = []
    for row in scene.rows("qondor", "payments"):
        lines = sum((each["totalInclVat"] for each in row["lines"]), Decimal(0))
        if row["officeId"] == OFFICE and abs(lines - row["totalInclVat"]) > Decimal("0.01"):
            wrong.append(expected[str(row["id"])])
    assert wrong == ["the totals do not add up"]


def test_a_plain_scene_and_a_small_one_have_none() -> None:
    for scene in (build_scene(7, 140, "plain"), build_scene(7, 12)):
        assert OFFICE not in {row["officeId"] for row in scene.rows("qondor", "payments")}


def test_the_number_that_is_taken_has_the_shipped_routes_prefix() -> None:
    route = read_route(routes_folder() / "qondor_quiddly.yaml")
    scene = build_scene(7, 140)
    [taken] = scene.rows("quiddly", "invoices")
    doubtful = next(one for one in scene.expectations if one["route"] == route.route and one["outcome"] == "in doubt")
    assert route.finance.number_prefix == PREFIX
    assert taken["invoiceNumber"] == PREFIX + doubtful["number"]
    assert invoice_faults(taken) == {}
