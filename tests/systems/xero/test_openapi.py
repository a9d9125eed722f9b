"""Whether bodies are judged by Xero's own OpenAPI file in this run."""

from __future__ import annotations

import pytest

from tests.systems.xero.openapi import FILE, check_body


def test_xeros_openapi_file_judges_the_bodies() -> None:
    if not FILE.exists():
        pytest.skip("Xero's OpenAPI file is not at hand: no body is judged by it")
    check_body("Invoice", {"Type": "ACCREC"})
    with pytest.raises(AssertionError):
        check_body("Invoice", {"Typ": "ACCREC"})
