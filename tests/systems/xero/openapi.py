"""Xero's own OpenAPI file as a judge of the bodies that are sent, where the file is at hand.

Where it is not, only this judgement is left out: what else a test looks at counts all the same, and
`test_openapi.py` says that it was left out.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

FILE = Path(__file__).parents[4] / "shared" / "xero" / "xero_accounting.yaml"


def check_body(schema: str, body: object) -> None:
    """Fail when the body breaks the schema or holds a key that the schema does not know."""
    if not FILE.exists():
        return
    errors = [f"{list(error.absolute_path)}: {error.message}" for error in _validator(schema).iter_errors(body)]
    assert errors == []


@cache
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/components/schemas/{schema}", "components": _components()})


@cache
def _components() -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    schemas: dict[str, Any] = yaml.load(FILE.read_text(encoding="utf-8"), Loader=loader)["components"]["schemas"]
    for schema in schemas.values():
        if schema.get("type") == "object" and "properties" in schema:
            schema["additionalProperties"] = False
    return {"schemas": schemas}
