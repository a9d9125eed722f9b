"""Only a problem of the closed list can reject a document."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.documents.final_problems import FinalProblem
from invoice_bridge_core.documents.problems import author_should, final_problem, we_must
from invoice_bridge_core.transfer.rejections import rejections_for
from tests.builders import document

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
HOME = "include/invoice_bridge_core/documents/problems.py"


class Source:
    """A source that takes rejections."""

    rejections = object()


@pytest.mark.parametrize("rule", FinalProblem)
def test_every_final_problem_has_a_rule_and_a_source(rule: FinalProblem) -> None:
    assert rule.rule.endswith(".")
    assert "seed 00" in rule.source


@pytest.mark.parametrize("rule", FinalProblem)
def test_a_problem_of_the_list_rejects_and_card_money_is_kept(rule: FinalProblem) -> None:
    problems = [we_must("an account is archived"), final_problem(rule, "wrong")]
    assert rejections_for(Source(), document(), problems) is Source.rejections  # type: ignore[arg-type]
    for kept in ({"kind": "card payment"}, {"kind": "credit note", "paid_by_card": True}):
        assert rejections_for(Source(), document(**kept), problems) is None  # type: ignore[arg-type]


def test_what_its_author_should_mend_is_held_where_it_is_not_in_the_list() -> None:
    problems = [author_should("no currency"), we_must("an account is archived")]
    assert rejections_for(Source(), document(), problems) is None  # type: ignore[arg-type]


def test_problems_are_made_in_one_place_only() -> None:
    """The constructor takes any rule, so that nobody else may call it or change what it made."""
    makers = {
        (path, name) for path, name in calls() if name in ("Problem", "replace") and path != HOME and speaks(path)
    }
    assert makers == set()


def test_every_rule_of_the_list_is_used_and_named_by_its_member() -> None:
    used = {
        node.attr
        for _, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "FinalProblem"
    }
    assert used == {rule.name for rule in FinalProblem}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for folder in ("include", "plugins", "dags"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text())


def calls() -> Iterator[tuple[str, str]]:
    for path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                yield path, getattr(node.func, "id", "")


def speaks(path: str) -> bool:
    """Whether the file knows problems at all."""
    return "documents.problems import" in (ROOT / path).read_text()
