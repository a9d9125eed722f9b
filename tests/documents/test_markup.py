from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_bridge_core.documents.reading.markup import plain_text


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("<p>Day 2:<br>dinner &amp; wine&nbsp;</p>", "Day 2:\ndinner & wine"),
        ("<P>One</P>\n<P>Two</P>", "One\nTwo"),
        ('<div><span style="color: red">Room</span> 12</div>', "Room 12"),
        ("<ul><li>Coffee<li>Cake</ul>", "Coffee\nCake"),
        ("<table><tr><td>Room</td><td>12</td></tr></table>", "Room 12"),
        ("Coffee<br/>Cake<br />Tea", "Coffee\nCake\nTea"),
        ("<b>Bold</b>\nand not", "Bold\nand not"),
        ("<style>p { color: red }</style><p>Text</p><!-- <p>no</p> -->", "Text"),
        ("<!-- c -->Hi", "Hi"),
        ("R&amp;D", "R&D"),
        ("R&amp;amp;D", "R&D"),
        ("5 &lt; 6 &amp;&amp; 7 &gt; 6", "5 < 6 && 7 > 6"),
        ("&lt;p&gt;Day 2&lt;/p&gt;", "Day 2"),
        ("Sm&oslash;rrebr&oslash;d &#8211; 2&#x20AC;", "Smørrebrød – 2€"),
    ],
)
def test_what_a_rich_editor_wrote_becomes_what_it_showed(written: str, seen: str) -> None:
    assert plain_text(written) == seen


@pytest.mark.parametrize(
    "text",
    [
        *(
            "a < b",
            "a<b and c>d",
            "<3",
            "I <3 <p",
            "R&D",
            "AT&T;",
            "Firm <a@x.example>",
            "x <y> z",
            "<none>",
            "<b>",
            "<i> of",
        ),
        *("Hall <A>", "</", "<>", "5 <b and c> 4", "&", "&;", "&nosuchthing;", "Q&A; R&D", "?a=1&lt=2", "if <a> then"),
        *("line\n\n\nline", "  two  blanks "),
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert plain_text(text) == text


@given(st.text(st.characters(exclude_characters="&<>\r\xa0", exclude_categories=["Cs", "Cc"])))
def test_an_escaped_text_is_the_text(text: str) -> None:
    assert plain_text(html.escape(text)) == text
    assert plain_text(text) == text


@given(st.text("<>&/;abpr =\"'\n#x1", max_size=40))
def test_anything_is_read_without_a_fault(text: str) -> None:
    assert "&amp;" not in plain_text(text)
