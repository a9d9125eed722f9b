"""Puts payments back into Qondor's queue, where its rules allow it (contract qondor.md, "States and rules")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.documents import DocumentKind, SourceState

if TYPE_CHECKING:
    from invoice_bridge.hooks.qondor.hook import QondorHook
    from invoice_bridge_core.documents import Document


class QondorRequeue:
    """SetAsUnprocessed: for processed payments, and never for a credit note (seed 001)."""

    def __init__(self, hook: QondorHook) -> None:
        self._hook = hook

    def forbidden(self, document: Document) -> str | None:
        """Why Qondor's rules do not allow it; `None` for a processed payment that is no credit note."""
        if document.kind is DocumentKind.CREDIT_NOTE:
            return (
                f"{document.number} is a credit note, and Qondor never takes a processed credit note back. Book it in "
                "the finance system by hand, or have a new one made in Qondor"
            )
        if document.state is SourceState.PAID:
            return (
                f"Qondor says that {document.number} is paid, and it takes back processed payments only. Have it "
                "credited in Qondor and made anew"
            )
        if document.state is SourceState.FAILED:
            return f"Qondor says that {document.number} failed, which is final there. {_after_failure(document)}"
        return None

    def put_back(self, source_id: str) -> None:
        """Set it as unprocessed; Qondor keeps the old reference until it is told a new one."""
        self._hook.set_as_unprocessed(source_id)


def _after_failure(document: Document) -> str:
    if document.is_card_payment:
        return "A card payment can neither be deleted nor edited: ask an administrator of Qondor"
    return "Have it deleted there and made anew"
