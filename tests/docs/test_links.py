"""Every relative link of every Markdown page leads to a file that is there, and to a heading that it has."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = next(folder for folder in Path(__file__).resolve().parents if (folder / "pyproject.toml").is_file())

_FENCED = re.compile(r"^(?P<fence>```+|~~~+).*?^(?P=fence)[ \t]*$", re.MULTILINE | re.DOTALL)
_INLINE_CODE = re.compile(r"(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)")
_LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?(?P<target>[^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
_DEFINITION = re.compile(r"^ {0,3}\[[^\]]+\]:\s*<?(?P<target>\S+?)>?\s*$", re.MULTILINE)
_HEADING = re.compile(r"^#{1,6}[ \t]+(?P<title>.+?)[ \t]*#*[ \t]*$", re.MULTILINE)
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)


def pages(root: Path) -> Iterator[Path]:
    """All Markdown files outside of dot folders."""
    for folder, inner, files in os.walk(root):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        for name in sorted(files):
            if name.endswith(".md"):
                yield Path(folder, name)


def links(text: str) -> list[str]:
    """The targets of the page's own links; none of those to other sites, and none of what is code."""
    prose = _INLINE_CODE.sub("", _FENCED.sub("", text))
    targets = [match["target"] for pattern in (_LINK, _DEFINITION) for match in pattern.finditer(prose)]
    return [target for target in targets if not _ELSEWHERE.match(target)]


def anchors(text: str) -> set[str]:
    """What a link can name after `#`, as GitHub makes it of the headings."""
    found: set[str] = set()
    for match in _HEADING.finditer(_FENCED.sub("", text)):
        shown = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", match["title"])
        plain = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        anchor, count = plain, 0
        while anchor in found:
            count += 1
            anchor = f"{plain}-{count}"
        found.add(anchor)
    return found


def broken(page: Path, root: Path) -> list[str]:
    """The page's links that lead nowhere, or out of the repository."""
    faults = []
    for target in links(page.read_text(encoding="utf-8")):
        path, _, anchor = unquote(target).partition("#")
        meant = (page.parent / path).resolve() if path else page
        if not meant.is_relative_to(root) or not meant.exists():
            faults.append(f"{page.relative_to(root)}: {target} is not there")
        elif anchor and anchor not in (anchors(meant.read_text(encoding="utf-8")) if meant.suffix == ".md" else ()):
            faults.append(f"{page.relative_to(root)}: {target} names no heading of that page")
    return faults


def test_every_relative_link_leads_to_a_file_and_heading() -> None:
    found = list(pages(ROOT))
    assert {"README.md", "CONTRIBUTING.md"} <= {page.name for page in found}
    faults = [fault for page in found for fault in broken(page, ROOT)]
    assert not faults, "\n".join(faults)


def test_every_page_of_the_docs_is_linked_to() -> None:
    linked = {
        (page.parent / unquote(target).partition("#")[0]).resolve()
        for page in pages(ROOT)
        for target in links(page.read_text(encoding="utf-8"))
    }
    lonely = [str(page.relative_to(ROOT)) for page in pages(ROOT / "docs") if page.resolve() not in linked]
    assert not lonely, f"No page links to {', '.join(lonely)}"


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("See [this](docs/a.md).", ["docs/a.md"]),
        ("See [`code`](docs/a.md#part) and [that](b.md).", ["docs/a.md#part", "b.md"]),
        ("![A picture [big]](images/a.png)", ["images/a.png"]),
        ('[titled](a.md "A title")', ["a.md"]),
        ("[of a form](<a.md>)", ["a.md"]),
        ("[up](#a-part)", ["#a-part"]),
        ("[named][a]\n\n[a]: a.md", ["a.md"]),
        ("[site](https://example.com/a.md), [mail](mailto:a@example.com)", []),
        ("`[code](a.md)`", []),
        ("```\n[code](a.md)\n```", []),
    ],
)
def test_links_are_found_and_code_is_not(text: str, targets: list[str]) -> None:
    assert links(text) == targets


def test_anchors_are_those_of_github() -> None:
    text = "# What became of it?\n## In doubt\n## `a_b` & c\n## In doubt\n```\n# no heading\n```\n## [1.0.0] - 2026\n"
    assert anchors(text) == {"what-became-of-it", "in-doubt", "a_b--c", "in-doubt-1", "100---2026"}


def test_what_leads_nowhere_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Here\n[a](#here) [b](#there) [c](b.md) [d](b.md#x) [e](c.md) [f](../out.md)\n")
    (tmp_path / "b.md").write_text("# Y\n")
    assert broken(tmp_path / "a.md", tmp_path) == [
        "a.md: #there names no heading of that page",
        "a.md: b.md#x names no heading of that page",
        "a.md: c.md is not there",
        "a.md: ../out.md is not there",
    ]
