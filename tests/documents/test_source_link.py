"""The link to a document in its source: which templates are none, and what values become in it."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from invoice_bridge.systems.marks import marked_link, marker_in_link, without_mark
from invoice_bridge_core.documents import DocumentRef
from invoice_bridge_core.documents.facts import DocumentFacts
from invoice_bridge_core.documents.source_link import LINK_LIMIT, link_problem, source_link
from tests.builders import document, route

WRONG = [
    ("http://q.example/{id}", "must be a web address that begins with https://"),
    ("q.example/{id}", "must be a web address that begins with https://"),
    ("//q.example/{id}", "must be a web address that begins with https://"),
    ("javascript:alert({id})", "must be a web address that begins with https://"),
    ("https:///{id}", "must be a web address that begins with https://"),
    ("https://{id}.q.example/", "must be a web address that begins with https://"),
    ("https://[q.example/{id}", "must be a web address"),
    ("https://q.example:80000/{id}", "must be a web address"),
    ("https://q.example/invoices", r"must hold \{id\} or \{number\}"),
    ("https://q.example/{project_id}", r"must hold \{id\} or \{number\}"),
    ("https://q.example/{Id}", r"must not hold \{Id\}; did you mean \{id\}\?"),
    ("https://q.example/{numbr}", r"must not hold \{numbr\}; did you mean \{number\}\?"),
    ("https://q.example/{zzz}/{id}", r"must not hold \{zzz\}; there are \{id\}, \{number\}, \{project_id\}"),
    ("https://q.example/{id", r"must not hold a single \{ or \}"),
    ("https://q.example/{{id}}", r"must not hold a single \{ or \}"),
    ("https://q.example/{id} /x", "must not hold blanks"),
    ("https://kari:secret@q.example/{id}", "must not hold a user name or a password"),
    ("https://kari@q.example/{id}", "must not hold a user name or a password"),
    ("https://xero.example/{id}", "must not contain the word xero"),
    ("https://q.example/XeRo/{id}", "must not contain the word xero"),
    ("https://q.example/{id}?to=Xero", "must not contain the word xero"),
    ("https://q.example/" + "a" * 600 + "/{id}", "at most 255 characters"),
]


@pytest.mark.parametrize(("template", "said"), WRONG)
def test_what_is_no_template_is_an_error_of_the_route(template: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        route(source={"document_link": template})


@pytest.mark.parametrize(
    "template",
    ["https://q.example/{id}", "https://q.example:8443/a?n={number}&p={project_id}#top", "https://bücher.example/{id}"],
)
def test_what_is_one(template: str) -> None:
    assert link_problem(template) is None


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("Xero/7", "%58ero%2F7"),
        ("a?b#c&d=e", "a%3Fb%23c%26d%3De"),
        ("VIP row B", "VIP%20row%20B"),
        ("Årsmøte-ü", "%C3%85rsm%C3%B8te-%C3%BC"),
        ("../../x", "..%2F..%2Fx"),
        ("50 %", "50%20%25"),
        ("xexero", "xe%78ero"),
        ("x%65ro", "x%2565ro"),
    ],
)
def test_a_value_is_one_part_of_the_link(value: str, written: str) -> None:
    facts = DocumentFacts.from_document(document(number=value))
    assert source_link("https://q.example/i/{number}/x", facts) == f"https://q.example/i/{written}/x"


TEMPLATES = [
    "https://q.example/{id}",
    "https://q.example/i?n={number}",
    "https://q.example/#/i/{id}",
    "https://q.example/a?b#c={number}",
]
VALUES = st.one_of(
    st.text(min_size=1, max_size=60), st.text(st.sampled_from("xeroXERO/?#&=% ·å"), min_size=1, max_size=30)
)


@given(st.sampled_from(TEMPLATES), VALUES, VALUES)
def test_a_link_is_one_that_xero_takes_and_its_mark_comes_back(template: str, source_id: str, number: str) -> None:
    of = document(number=number, ref=DocumentRef(system="qondor", conn_id="q", source_id=source_id))
    link = source_link(template, DocumentFacts.from_document(of))
    marked = marked_link(of, route(source={"document_link": template}))
    if link is None or marked is None:
        assert marked is None or len(marked) <= LINK_LIMIT
        return
    assert "xero" not in marked.casefold()
    assert marked.isascii()
    assert not any(letter.isspace() for letter in marked)
    assert urlsplit(marked).netloc == "q.example"
    assert without_mark(marked) == link
    if source_id[:1].strip():
        assert marker_in_link(marked) == f"qondor:q:{source_id}"
    assert unquote(link).endswith(source_id if "{id}" in template else number)
