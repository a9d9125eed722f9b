"""The ledger that an older release filled: how it is loaded, and what is known to be in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg2

from invoice_bridge_core.documents import DocumentRef

FOLDER = Path(__file__).parent
EXPECTED: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text("utf-8"))
DOCUMENTS: dict[str, dict[str, Any]] = EXPECTED["documents"]

FERNET_KEY = "b3Blbi1zZXNhbWUtb3Blbi1zZXNhbWUtb3Blbi0xMjM="
"""Of the tokens in it, and of nothing else."""
CREDENTIALS = "credentials of the test"
"""Those of the connection that it knows as refused."""


def load(url: str) -> None:
    """Fill an empty database with it, as it was left."""
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute((FOLDER / "ledger_r0005.sql").read_text("utf-8"))
    finally:
        connection.close()


def ref(source_id: str) -> DocumentRef:
    """The reference of the document with this id in its source."""
    [name] = [name for name in DOCUMENTS if name.endswith(f":{source_id}")]
    return DocumentRef.parse(name)


def expected(source_id: str) -> dict[str, Any]:
    """What was known of the document with this id in its source."""
    return DOCUMENTS[str(ref(source_id))]
