"""An invoice on paper: one page that a viewer opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.store import Row

_FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Courier>>"


def invoice_pdf(invoice: Row) -> bytes:
    """One page with what a debtor reads."""
    shown = b"".join(b"(%s) Tj T* " % _safe(text) for text in printed(invoice))
    drawing = b"BT /F 12 Tf 16 TL 60 760 Td %sET" % shown
    parts = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F %s>>>>>>" % _FONT,
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawing), drawing),
    )
    paper = b"%PDF-1.4\n"
    places = []
    for place, part in enumerate(parts, start=1):
        places.append(b"%010d 00000 n \n" % len(paper))
        paper += b"%d 0 obj%s endobj\n" % (place, part)
    size = len(parts) + 1
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, b"".join(places))
    return b"%s%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (paper, table, size, len(paper))


def printed(invoice: Row) -> list[str]:
    """The texts of the page, one a line: number, date, references, rows, remarks, and what is to be paid."""
    texts = [invoice["invoiceNumber"], invoice["dates"]["invoiceDate"]]
    for name in ("ourOrderNumber", "ourReference", "yourReference", "yourContactPerson", "remark", "terms"):
        texts += str(invoice.get(name) or "").splitlines()
    for row in invoice.get("articleRows") or []:
        texts += str(row.get("description") or "").splitlines()
    return [*texts, f"{invoice['totals']['totalToPay']} {invoice['currency']['invoiceCurrency']}"]


def _safe(text: str) -> bytes:
    return text.encode("ascii", "replace").replace(b"\\", b"?").replace(b"(", b"[").replace(b")", b"]")
