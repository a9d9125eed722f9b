"""Whatever keeps whichever documents: each is counted, none twice, and the sums are theirs."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from invoice_bridge_core.preflight.causes import Cause, Keeps
from invoice_bridge_core.preflight.findings import KeptDocument, Severity, sums_of
from invoice_bridge_core.preflight.grouping import _WORDS, MOST_REASONS, distinct, grouped
from tests.examples import examples

KEEPS = st.builds(
    Keeps,
    st.sampled_from(list(_WORDS)),
    st.text("ABÅ' ;:()", max_size=4),
)
AMOUNTS = st.decimals("-1e9", "1e9", places=2)


@st.composite
def kept_documents(draw: st.DrawFn) -> list[KeptDocument]:
    refs = draw(st.lists(st.integers(1, 40), max_size=30, unique=True))
    return [
        KeptDocument(
            ref=f"qondor:test:{ref}",
            label=f"T-{ref}",
            state=draw(st.sampled_from(["held", "in doubt", "seen"])),
            total=draw(st.none() | AMOUNTS),
            currency=draw(st.sampled_from([None, "NOK", "SEK", "EUR"])),
            keeps=frozenset(draw(st.sets(KEEPS, min_size=1, max_size=3))),
            reason=draw(st.text(max_size=30)),
        )
        for ref in refs
    ]


@settings(max_examples=examples(100))
@given(kept_documents())
def test_each_document_is_in_the_finding_of_each_of_its_causes_once(documents: list[KeptDocument]) -> None:
    findings = grouped(documents)
    for cause in Cause:
        having = [one for one in documents if any(keeps.cause is cause for keeps in one.keeps)]
        told = [finding for finding in findings if finding.cause is cause]
        if not having:
            assert told == []
        elif cause in (Cause.ROUTE, Cause.PASSING, Cause.OTHER):
            assert sum(finding.documents for finding in told) >= len(having)
            assert len(told) <= MOST_REASONS + 1
        else:
            [finding] = told
            assert finding.documents == len(having)
            assert finding.sums == sums_of(having)
            assert all(part.documents <= len(having) for part in finding.parts)
            if finding.parts:
                assert sum(part.documents for part in finding.parts) >= len(having)


@settings(max_examples=examples(100))
@given(kept_documents())
def test_sums_are_those_of_the_documents(documents: list[KeptDocument]) -> None:
    sums = sums_of(documents)
    assert sum(one.count for one in sums) == len(documents)
    assert len({one.currency for one in sums}) == len(sums)
    for one in sums:
        if one.currency is not None:
            theirs = [each.total for each in documents if each.currency == one.currency and each.total is not None]
            assert one.total == sum(theirs, Decimal(0))
            assert one.count == len(theirs)


@settings(max_examples=examples(50))
@given(kept_documents())
def test_the_whole_counts_each_document_once_and_no_mere_notes(documents: list[KeptDocument]) -> None:
    really = distinct([*documents, *documents])
    assert len({one.ref for one in really}) == len(really)
    for finding in grouped(documents):
        if finding.severity is Severity.NOTE:
            continue
        assert finding.documents <= len(really)
    assert {one.ref for one in documents} - {one.ref for one in really} == {
        one.ref for one in documents if {keeps.cause for keeps in one.keeps} == {Cause.REJECTED}
    }
