from __future__ import annotations

import pytest

from invoice_bridge_core.documents.reading.emails import email_addresses, is_email, usable_email

A, B = "post@firm.example", "faktura@firm.example"


@pytest.mark.parametrize(
    "text",
    [
        f"{A}; {B}",
        f"{A},{B}",
        f"{A} {B}",
        f"{A}\n{B}",
        f"{A}/{B}",
        f"{A} og {B}",
        f"{A} & {B}",
        f"Firm <{A}>; Accounts <{B}>",
        f'"Firm, AS" <{A}>, {B}',
        f"mailto:{A}; mailto:{B}?subject=Invoice",
        f"<p>{A}</p><p>{B}</p>",
        f"Email:{A};E-post: {B}.",
        f"post @ firm.example; {B}",
        f"{A};{B};{A.upper()};",
    ],
)
def test_several_addresses_stand_in_the_field_for_one(text: str) -> None:
    assert email_addresses(text) == (A, B)


@pytest.mark.parametrize(
    "text",
    [
        A,
        f" {A} ",
        f"{A}.",
        f"{A};",
        f"<{A}>",
        f"'{A}'",
        f"“Firm” <{A}>",
        f"'{A}' <{A}>",
        f"mailto:{A}",
        f"MAILTO:{A}?subject=Hi&body=x%20y@z.example",
        "mailto:post%40firm.example",
        f'<a href="mailto:{A}">{A}</a>',
        f"[{A}](mailto:{A})",
        f"&lt;{A}&gt;",
        f"{A} (Kari)",
        f"Kari: {A}",
        "post＠firm.example",
        "post(at)firm.example",
        "post [at] firm [dot] example",
        "post @ firm.example",
        "post@firm. example",
        "po\u200bst@firm.example\ufeff",
        "post@firm.exam\u00adple",
    ],
)
def test_one_address_is_found_however_it_is_written(text: str) -> None:
    assert usable_email(text) == A
    assert email_addresses(text) == (A,)


@pytest.mark.parametrize(
    "address",
    [
        "o'neil@firm.example",
        "jørgen.ås@blåbær.example",
        "Kari.Nordmann@Firm.Example",
        "first.last+tag@sub.firm.example",
        "a/b@firm.example",
        "accounts@firm.local",
        "accounts@firm.test",
        '"a b"@firm.example',
        "a@xn--blbr-roah.example",
    ],
)
def test_what_the_standard_allows_is_an_address_as_it_is(address: str) -> None:
    assert is_email(address)
    assert email_addresses(address) == (address,)


def test_an_apostrophe_that_a_program_made_nice_is_an_apostrophe() -> None:
    assert usable_email("o’neil@firm.example") == "o'neil@firm.example"


def test_the_address_in_brackets_counts_whatever_the_name_before_it_looks_like() -> None:
    assert email_addresses('"old@firm.example" <new@firm.example>') == ("new@firm.example",)
    assert usable_email("old@firm.example <new@firm.example>") == "new@firm.example"


@pytest.mark.parametrize(
    "text",
    [None, "", "-", "ingen", "post@firm", "@firm.example", "a..b@firm.example", "a@@firm.example", "firm.example"],
)
def test_what_is_no_address_is_none(text: str | None) -> None:
    assert email_addresses(text) == ()
    assert usable_email(text) is None


def test_an_address_that_cannot_be_used_does_not_hide_the_next() -> None:
    assert email_addresses("a..b@firm.example; Kari og Ola; post@firm.example") == (A,)
