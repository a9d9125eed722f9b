"""An extra as people write it: read where its meaning is certain, else one sentence that names connection and field."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_bridge.hooks.http.extras import Extras
from invoice_bridge_core.errors import ConfigurationError

WHERE = "Connection xero_default (Xero)"


@pytest.mark.parametrize("blank", [None, "", "  ", "\n", "\u200b", "{}", '""'])
def test_nothing_is_an_extra_without_keys(blank: str | None) -> None:
    assert Extras.of(blank, WHERE).text("tenant_id", "none") == "none"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("null", "null, not a JSON object"),
        ("[]", "a list, not a JSON object"),
        ('"hidden"', "a text, not a JSON object"),
        ("7", "a number, not a JSON object"),
        ("true", "true or false, not a JSON object"),
        ("hidden", "not valid JSON"),
        ('{"tenant_id": "hidden", }', r"not valid JSON \(line 1, column 2[45]\).*no comma follows the last value"),
        ("{'tenant_id': 'hidden'}", "double quotes"),
        ('{"tenant_id": “hidden”}', "double quotes"),
        ("tenant_id=hidden", "not valid JSON"),
        ('{"tenant_id": "hidden"', "not valid JSON"),
        ("{tenant_id: hidden}", "not valid JSON"),
    ],
)
def test_what_is_no_object_is_said_and_not_shown(text: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint) as caught:
        Extras.of(text, WHERE)
    assert str(caught.value).startswith(f"{WHERE}: its extra is ")
    assert "hidden" not in repr(caught.value)
    assert caught.value.__cause__ is None


KEYS = [
    "tenant_id",
    " tenant_id ",
    "Tenant_ID",
    "tenantId",
    "TENANT-ID",
    "tenant id",
    "extra__xero__tenant_id",
    "\ufefftenant_id",
]


@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_found_however_it_is_written(key: str) -> None:
    assert Extras.of(json.dumps({key: "T-1", "other": 1}), WHERE).text("tenant_id") == "T-1"


def test_a_key_that_is_written_twice_is_said() -> None:
    same = Extras.of('{"tenant_id": "T-1", "tenantId": "T-1"}', WHERE)
    assert same.text("tenant_id") == "T-1"
    with pytest.raises(ConfigurationError, match="extra tenant_id is written twice"):
        Extras.of('{"tenant_id": "T-1", "tenantId": "T-2"}', WHERE).text("tenant_id")


@given(
    before=st.text("\ufeff\u200b \t\n\u00a0", max_size=4),
    after=st.text("\u200b\u00ad \r\n", max_size=4),
    quotes=st.sampled_from([("", ""), ('"', '"'), ("'", "'"), ("“", "”"), ("<", ">")]),
)
def test_a_text_is_read_without_what_was_pasted_around_it(before: str, after: str, quotes: tuple[str, str]) -> None:
    written = f"{before}{quotes[0]}T-1{quotes[1]}{after}"
    assert Extras.of(json.dumps({"tenant_id": written}), WHERE).text("tenant_id") == "T-1"


@pytest.mark.parametrize(("value", "read"), [(4711, "4711"), (None, "none"), ("", "none"), ("  ", "none")])
def test_a_whole_number_is_a_text_and_nothing_is_none(value: object, read: str) -> None:
    assert Extras.of(json.dumps({"client_id": value}), WHERE).text("client_id", "none") == read


@pytest.mark.parametrize("value", [True, ["T-1"], {"id": "T-1"}, 1.5])
def test_a_value_of_another_type_is_named(value: object) -> None:
    with pytest.raises(ConfigurationError, match=r"Xero\): extra tenant_id is not a text but "):
        Extras.of(json.dumps({"tenant_id": value}), WHERE).text("tenant_id")


@pytest.mark.parametrize("scopes", ["a b", "a,b", " a,  b ", ["a", "b"], "a;b", "a\nb"])
def test_words_are_read_however_they_are_parted(scopes: object) -> None:
    assert Extras.of(json.dumps({"scopes": scopes}), WHERE).words("scopes") == "a b"


@pytest.mark.parametrize(
    ("value", "read"), [(10, 10.0), ("10", 10.0), ("2,5", 2.5), (0, 0.0), ("", None), (None, None)]
)
def test_a_number_may_be_written_as_a_text(value: object, read: float | None) -> None:
    assert Extras.of(json.dumps({"calls_per_second": value}), WHERE).number("calls_per_second") == read


@pytest.mark.parametrize("value", ["ten", -1, True, [10], "NaN", "Infinity"])
def test_a_number_that_is_none_is_named(value: object) -> None:
    with pytest.raises(ConfigurationError, match="extra calls_per_second is not a number"):
        Extras.of(json.dumps({"calls_per_second": value}), WHERE).number("calls_per_second")


@pytest.mark.parametrize(
    ("written", "read"),
    [("true", True), ("True", True), ("no", False), (0, False), (False, False), ("/etc/ca.pem", "/etc/ca.pem")],
)
def test_yes_and_no_may_be_texts(written: object, read: object) -> None:
    text = Extras.of(json.dumps({" Verify": written}), WHERE).for_provider()
    assert json.loads(text or "") == {"verify": read}


@pytest.mark.parametrize("extra", [{"proxies": "http://p:1"}, {"proxies": ["http://p:1"]}, {"verify": ["x"]}])
def test_a_proxy_or_certificate_that_is_none_is_named(extra: object) -> None:
    with pytest.raises(ConfigurationError, match=r"Xero.: extra (proxies|verify) is "):
        Extras.of(json.dumps(extra), WHERE).for_provider()
