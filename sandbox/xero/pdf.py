"""A small, valid PDF of an invoice or a credit note."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.store import Row


def invoice_pdf(row: Row) -> bytes:
    """One page with what a customer reads: number, dates, reference, lines and total. The link is not printed."""
    shown = b"".join(b"(" + _safe(text) + b") Tj T*\n" for text in printed(row))
    content = b"BT /F1 12 Tf 16 TL 72 770 Td\n" + shown + b"ET"
    return _assembled(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
            b"/Resources << /Font << /F1 5 0 R >> >> >>",
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        ]
    )


def printed(row: Row) -> list[str]:
    """The texts of the page, one a line."""
    name = f"Invoice {row['InvoiceNumber']}" if "InvoiceNumber" in row else f"Credit note {row['CreditNoteNumber']}"
    texts = [name, f"Date {row['Date']}"]
    if row.get("DueDate") and "InvoiceNumber" in row:
        texts.append(f"Due {row['DueDate']}")
    if row.get("Reference"):
        texts.append(f"Reference {row['Reference']}")
    for line in row["LineItems"]:
        money = f"  {line['Quantity']} x {line['UnitAmount']}" if line.get("UnitAmount") is not None else ""
        texts += f"{line.get('Description') or ''}{money}".splitlines()
    return [*texts, f"Total {row['Total']} {row['CurrencyCode']}"]


def _safe(text: str) -> bytes:
    return text.encode("latin-1", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _assembled(objects: list[bytes]) -> bytes:
    document, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(document))
        document += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    count, start = len(objects) + 1, len(document)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, start)
    return document + b"xref\n0 %d\n0000000000 65535 f \n" % count + table + trailer
