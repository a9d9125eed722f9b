"""Texts from rich editors: tags and entities become the text that a reader of the page would see."""

from __future__ import annotations

import html
import re

_TAGS = (
    *("a", "abbr", "article", "b", "blockquote", "body", "br", "center", "code", "dd", "del", "div", "dl", "dt", "em"),
    *("figure", "font", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hr", "html", "i"),
    *("img", "ins", "label", "li", "link", "main", "mark", "meta", "nav", "o:p", "ol", "p", "pre", "q", "s", "section"),
    *("script", "small", "span", "strike", "strong", "style", "sub", "sup", "table", "tbody", "td", "tfoot", "th"),
    *("thead", "title", "tr", "tt", "u", "ul", "wbr"),
)
_ATTRIBUTES = r"""(?P<with>(?:\s+[A-Za-z_:][\w:.-]*\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>=`]+))*)"""
_TAG = re.compile(
    rf"<(?:/(?P<end>{'|'.join(_TAGS)})\s*|(?P<start>{'|'.join(_TAGS)}){_ATTRIBUTES}\s*/?)>", re.IGNORECASE
)
"""A tag of HTML; `<3`, `a < b`, `<a@x>` and a name in angle brackets are none."""
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_UNSEEN = re.compile(r"<(script|style|head|title)\b[^>]*>.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_BLOCKS = frozenset(
    (
        *("article", "blockquote", "br", "dd", "div", "dl", "dt", "figure", "footer", "form", "h1", "h2", "h3", "h4"),
        *("h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "tr", "ul"),
    )
)
_CELLS = frozenset(("td", "th"))
_NEEDS_NO_END = frozenset(("br", "hr", "img", "li", "link", "meta", "p", "wbr", *_CELLS))
_MOST_ROUNDS = 3
"""An entity may have been escaped again by each program that it went through."""


def plain_text(text: str) -> str:
    """The text without tags, its entities as the characters that they stand for, blocks on lines of their own.

    A text without tags and entities comes back as it is.
    """
    for _ in range(_MOST_ROUNDS):
        found = _once(text)
        if found == text:
            break
        text = found
    return text


def _once(text: str) -> str:
    tags = _tags(text)
    if not tags and "<!--" not in text:
        return _ENTITY.sub(_character, text)
    text = _UNSEEN.sub("", text)
    # In a page, line ends are blanks; where nobody wrote a block, they are the only lines that there are.
    if tags & _BLOCKS:
        text = re.sub(r"[ \t]*\n[ \t]*", " ", text)
    text = _ENTITY.sub(_character, _TAG.sub(lambda tag: _break(tag, tags), text))
    lines = (re.sub(r"[ \t\u00a0]+", " ", line).strip() for line in text.split("\n"))
    return re.sub(r"\n{2,}", "\n", "\n".join(lines)).strip("\n")


def _tags(text: str) -> frozenset[str]:
    """The names of the tags that the text really has: a lone `<b>` may be anything that stands in brackets."""
    found = [*_TAG.finditer(text)]
    ended = {tag["end"].casefold() for tag in found if tag["end"]}
    begun = {tag["start"].casefold() for tag in found if tag["start"]}
    alone = {tag["start"].casefold() for tag in found if tag["start"] and tag["with"]}
    return frozenset((begun & ended) | (begun & _NEEDS_NO_END) | (ended & _NEEDS_NO_END) | alone)


def _break(tag: re.Match[str], tags: frozenset[str]) -> str:
    name = (tag["end"] or tag["start"]).casefold()
    if name not in tags:
        return tag[0]
    if name in _BLOCKS:
        return "\n"
    return " " if name in _CELLS else ""


def _character(entity: re.Match[str]) -> str:
    return html.unescape(entity[0])
