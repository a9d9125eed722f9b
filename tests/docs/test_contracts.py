"""Every reference to a page of the contracts, or to a seed document, leads to something that is there."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = next(folder for folder in Path(__file__).resolve().parents if (folder / "pyproject.toml").is_file())
PAGES = ROOT / "docs" / "contracts"
SYSTEMS = frozenset({"qondor", "ixpole", "xero", "quiddly"})
"""A page of these is meant even where the word contract is left out."""

_GAP = r"(?:[ \t]*\n[ \t]*(?:#+|>|\*)?[ \t]*|[ \t]+)"
"""Blanks, or the end of a line and what the next one begins with in a comment, a quotation or a list."""
_QUOTED = r'"[^"]{1,160}?"'
_HEADINGS = rf"(?P<headings>{_QUOTED}(?:{_GAP}?(?:,{_GAP}?(?:and{_GAP})?|and{_GAP}){_QUOTED})*)"
_PAGE = re.compile(
    rf"(?P<contract>\bcontracts?{_GAP}(?:pages?{_GAP})?)?"
    rf"(?P<folder>(?:[\w.-]+/)*)\b(?P<name>\w+)\.md\b(?:[`)]?,{_GAP}?{_HEADINGS})?"
)
_SEED = re.compile(rf"\b[Ss]eeds?{_GAP}(?P<number>00\d)\b(?:,{_GAP}?{_HEADINGS})?")


@dataclass(frozen=True)
class Reference:
    """`target` is a page's name without `.md` or a seed's number; `heading` is empty where the whole is meant."""

    target: str
    heading: str = ""


def page_references(text: str) -> list[Reference]:
    """The pages of the contracts, and their headings, that the text refers to."""
    found = []
    for match in _PAGE.finditer(text):
        name, folder = match["name"], match["folder"]
        is_page = folder.endswith("contracts/") or (not folder and (match["contract"] or name in SYSTEMS))
        if is_page and name != "README":
            found += [Reference(name, heading) for heading in headings_of(match)]
    return found


def seed_references(text: str) -> list[Reference]:
    """The seed documents, and their parts, that the text refers to."""
    return [Reference(match["number"], part) for match in _SEED.finditer(text) for part in headings_of(match)]


def headings_of(match: re.Match[str]) -> list[str]:
    """What stands in quotes, on one line again; one empty heading where nothing does."""
    quoted = re.findall(_QUOTED, match["headings"] or "")
    return [re.sub(_GAP, " ", heading.strip('"')) for heading in quoted] or [""]


def texts() -> Iterator[tuple[str, str]]:
    """Path and content of all Python and Markdown files outside of dot folders."""
    for folder, inner, files in os.walk(ROOT):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        for name in sorted(files):
            if name.endswith((".py", ".md")):
                path = Path(folder, name)
                yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def sections(page: Path) -> dict[str, str]:
    """The page's headings, each with the text down to the next heading of its level or a higher one."""
    without_code = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    titles = list(re.finditer(r"^(#+) +(.+?) *$", without_code, flags=re.MULTILINE))
    found = {}
    for position, title in enumerate(titles):
        ends = (later.start() for later in titles[position + 1 :] if len(later[1]) <= len(title[1]))
        found[title[2]] = without_code[title.end() : next(ends, None)]
    return found


def test_every_page_and_heading_that_is_referred_to_exists() -> None:
    headings = {page.stem: sections(page) for page in PAGES.glob("*.md")}
    missing, seen = [], 0
    for path, text in texts():
        for reference in page_references(text):
            seen += 1
            if reference.target not in headings:
                wanted = f" with the heading {reference.heading!r}" if reference.heading else ""
                missing.append(f"{path}: there is no page docs/contracts/{reference.target}.md{wanted}")
            elif reference.heading and reference.heading not in headings[reference.target]:
                missing.append(f"{path}: docs/contracts/{reference.target}.md has no heading {reference.heading!r}")
    assert not missing, "\n".join(missing)
    assert seen > 0


def test_every_seed_document_that_is_referred_to_is_summed_up() -> None:
    seeds = {
        title.split()[1].rstrip(":"): text
        for title, text in sections(PAGES / "README.md").items()
        if title.startswith("Seed ")
    }
    missing, seen = [], 0
    for path, text in texts():
        for reference in seed_references(text):
            seen += 1
            if reference.target not in seeds:
                missing.append(f"{path}: docs/contracts/README.md has no heading for seed {reference.target}")
            elif reference.heading and f'"{reference.heading}"' not in seeds[reference.target]:
                part = f"{reference.heading!r} of seed {reference.target}"
                missing.append(f"{path}: docs/contracts/README.md says nothing of {part}")
    assert not missing, "\n".join(missing)
    assert seen > 0


@pytest.mark.parametrize(
    ("text", "headings"),
    [
        ('(contract {page}, "Limits")', ["Limits"]),
        ('contracts {page}, "Limits"', ["Limits"]),
        ('(contract page {page}, "Limits")', ["Limits"]),
        ('the contract\n    # {page},\n    # "Payment status".', ["Payment status"]),
        ('contract {page}, "Payment\n    #  status"', ["Payment status"]),
        ('"""Pays (contract {page}, "Payment\nstatus")."""', ["Payment status"]),
        ('> contract {page},\n> "Limits"', ["Limits"]),
        ('(contract {page}, "Access", "Limits" and "Writing")', ["Access", "Limits", "Writing"]),
        ('(contract {page}, "Access",\n    # "Limits", and "Writing")', ["Access", "Limits", "Writing"]),
        ('[rules](contracts/{page}), "Limits"', ["Limits"]),
        ('`docs/contracts/{page}`, "Limits"', ["Limits"]),
        ('docs/contracts/{page}, "Limits"', ["Limits"]),
        ("(contract {page}; more)", [""]),
        ('(contract {page}). "No heading"', [""]),
        ('docs/other/{page}, "Limits"', []),
    ],
)
def test_references_are_found_however_they_are_broken(text: str, headings: list[str]) -> None:
    for name in ("xero", "fifth_system"):
        found = page_references(text.replace("{page}", name + ".md"))
        assert [each.heading for each in found if each.target == name] == headings


def test_a_page_of_the_four_systems_is_meant_without_the_word_contract() -> None:
    text = '({page}, "Limits")'
    assert page_references(text.replace("{page}", "xero" + ".md")) == [Reference("xero", "Limits")]
    assert page_references(text.replace("{page}", "engine" + ".md")) == []


def test_parts_of_seeds_are_found() -> None:
    text = 'A rule (seed{gap}002, "How contacts\n    # are matched"; seed{gap}004, step 4).'
    assert seed_references(text.replace("{gap}", "\n# ")) == [
        Reference("002", "How contacts are matched"),
        Reference("004"),
    ]
