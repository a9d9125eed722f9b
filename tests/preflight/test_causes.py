"""Each cause is made to happen for real, is found by its name, and is gone once what it says was done."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.preflight.causes import Cause, only_articles, reason_keeps
from invoice_bridge_core.preflight.findings import Severity
from sandbox.faults import Fault
from tests.builders import route
from tests.preflight.looks import look, of
from tests.transfer import test_waking as scenes
from tests.transfer.test_dry_run import somebodys
from tests.world import customer, line, payment

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoice_bridge_core.preflight.findings import Finding, Preflight
    from tests.world import World

    Scene = Callable[[World, pytest.MonkeyPatch], Any]


def article(world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    waiting = world.sandbox.qondor.add(payment(1, lines=[line("NEW")]))

    def mend() -> None:
        world.route = world.route.with_account_codes({"NEW": "200"})

    return waiting, mend


def article_missing(world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    waiting = world.sandbox.qondor.add(payment(1, lines=[line("")]))

    def mend() -> None:
        world.sandbox.qondor.payments.change(waiting["id"], lines=[line()])
        scenes.pass_by(world, dt.timedelta(hours=1))

    return waiting, mend


def account_missing(world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    world.route = world.route.with_account_codes({"NEW": "777"})
    waiting = world.sandbox.qondor.add(payment(1, lines=[line("NEW")]))

    def mend() -> None:
        world.route = world.route.with_account_codes({"NEW": "200"})

    return waiting, mend


def tax(world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    waiting = world.sandbox.qondor.add(payment(1, lines=[line("VAT15")]))

    def mend() -> None:
        world.route = world.route.with_account_codes({"VAT15": "200"})

    return waiting, mend


CAUSES: dict[Scene, Cause] = {
    article: Cause.ARTICLE,
    article_missing: Cause.ARTICLE,
    scenes.account: Cause.ACCOUNT,
    account_missing: Cause.ACCOUNT,
    tax: Cause.TAX,
    scenes.currency: Cause.CURRENCY,
    scenes.lock_date: Cause.LOCK_DATE,
    scenes.archived_contact: Cause.CONTACT,
    scenes.double_contact: Cause.CONTACT,
    scenes.merged_into_archived: Cause.CONTACT,
    scenes.invoice_by_hand: Cause.INVOICE,
    scenes.entry: Cause.UNREADABLE,
}


@pytest.mark.parametrize("scene", CAUSES, ids=lambda scene: scene.__name__)
def test_a_cause_is_found_with_its_documents_and_gone_when_it_is_mended(
    world: World, monkeypatch: pytest.MonkeyPatch, scene: Scene
) -> None:
    waiting, mend = scene(world, monkeypatch)
    [never_tried] = holding(look(world), CAUSES[scene])
    assert never_tried.documents == 1
    world.run()
    assert world.row(waiting["id"]).state is DocumentState.HELD
    report = look(world)
    [finding] = holding(report, CAUSES[scene])
    assert (finding.documents, report.documents) == (1, 1)
    assert finding.what_to_do
    if CAUSES[scene] is not Cause.UNREADABLE:
        assert [(one.currency, abs(one.total)) for one in finding.sums] in (
            [("NOK", 10000)], [("DKK", 10000)],
        )  # fmt: skip
    assert not of(report, Cause.OTHER)
    mend()
    world.run()
    assert not look(world).keeps_any


def holding(report: Preflight, cause: Cause) -> list[Finding]:
    """The findings of one cause that keep documents."""
    return [finding for finding in of(report, cause) if finding.severity is Severity.HOLDS]


def test_articles_are_counted_with_their_documents_and_sums(world: World) -> None:
    for number in range(1, 6):
        world.sandbox.qondor.add(payment(number, lines=[line("CONF")]))
    world.sandbox.qondor.add(payment(6, currency="SEK", currencyCode=752, lines=[line("FOOD")]))
    world.sandbox.qondor.add(payment(7, lines=[line("FOOD")]))
    world.run()
    [finding] = of(look(world), Cause.ARTICLE)
    assert finding.text == "2 articles are not mapped (CONF, FOOD): 7 documents, 60 000.00 NOK and 10 000.00 SEK wait"
    assert [(part.name, part.documents) for part in finding.parts] == [("CONF", 5), ("FOOD", 2)]


def test_an_account_is_proposed_by_tax_and_name(world: World) -> None:
    food = line("CATER", description="Food for 40 guests", vatPercentage=15, vatAmount=1200, totalInclVat=9200)
    world.sandbox.qondor.add(payment(1, lines=[food], vatAmount=1200, totalInclVat=9200))
    world.run()
    [finding] = of(look(world), Cause.ARTICLE)
    [best, *others] = finding.proposals
    assert (best.article, best.account_code) == ("CATER", "205")
    assert "food" in best.why
    assert "15%" in best.why
    assert "299" not in [other.account_code for other in others]


def test_what_the_guard_keeps_back_is_told_as_such(world: World) -> None:
    world.route = route(policy={"unmapped_article": "reject"})
    scenes.rejections_guard(world)
    world.sandbox.qondor.add(payment(1, lines=[line("UNHEARD-OF")]))
    world.run()
    report = look(world)
    [finding] = of(report, Cause.GUARD)
    assert finding.documents == 1
    [rejected] = of(report, Cause.REJECTED)
    assert (rejected.severity, rejected.documents) == (Severity.NOTE, 5)
    assert report.documents == 1


def test_a_document_in_doubt_is_found(world: World) -> None:
    somebodys(world, "T-1")
    world.sandbox.qondor.add(payment(1))
    world.run()
    assert [finding.documents for finding in of(look(world), Cause.DOUBT)] == [1]


def test_a_route_without_account_codes_does_not_start(world: World) -> None:
    world.route = world.route.model_copy(
        update={"finance": world.route.finance.model_copy(update={"account_codes": {}})}
    )
    report = look(world)
    assert report.findings[0].severity is Severity.STOPS
    assert "has no account codes" in report.findings[0].text
    assert not [entry for entry in world.calls("qondor")]


def test_refused_credentials_are_one_finding_that_stops(world: World) -> None:
    world.sandbox.qondor.add(payment(1))
    world.sandbox.faults.add(Fault(kind="unauthorised", system="qondor"))
    report = look(world)
    [finding] = of(report, Cause.CREDENTIALS)
    assert finding.severity is Severity.STOPS
    assert "qondor_default" in finding.text


def test_a_closed_connection_is_asked_nothing(world: World) -> None:
    world.sandbox.qondor.add(payment(1))
    world.ledger.connections.close("xero_default", "Xero", "Xero's day limit is used up", None)
    world.sandbox.traffic.reset()
    report = look(world)
    [finding] = of(report, Cause.CLOSED)
    assert finding.severity is Severity.STOPS
    assert "Xero's day limit is used up" in finding.text
    assert world.calls("xero") == world.calls("qondor") == []


def test_accounts_of_the_mapping_are_told_before_a_document_meets_them(world: World) -> None:
    [finding] = of(look(world), Cause.ACCOUNT)
    assert finding.severity is Severity.NOTE
    assert "'OLD' is mapped to 299 'Sales, old', which is archived" in finding.text


def test_drafts_are_a_note(world: World) -> None:
    world.route = route(finance={"invoice_status": "DRAFT"})
    world.sandbox.qondor.add(payment(1))
    world.run()
    report = look(world)
    [finding] = of(report, Cause.DRAFT)
    assert (finding.severity, finding.documents) == (Severity.NOTE, 1)
    assert not report.keeps_any


def test_many_that_were_never_tried_are_looked_at_up_to_a_cap(world: World) -> None:
    for number in range(1, 31):
        world.sandbox.qondor.add(
            payment(number, customer=customer(901 + number % 2), lines=[line("NEW" if number < 4 else "VAT25")])
        )
    report = look(world)
    assert report.unread == 10
    assert report.documents + report.free == 20


@pytest.mark.parametrize(
    ("reason", "keeps"),
    [
        (
            "Waits for its invoice T-1, which is held: Article code 'X' not found in finance system",
            {(Cause.INVOICE, "T-1")},
        ),
        (
            "Article code 'A' not found in finance system; Currency DKK is not enabled in Xero",
            {(Cause.ARTICLE, "A"), (Cause.CURRENCY, "DKK")},
        ),
        (
            "E-mail address of customer 'Åse; AS' (ref: 9) is missing, and the route sends invoices by e-mail",
            {(Cause.EMAIL, "customer 'Åse; AS' (ref: 9)")},
        ),
        (
            "Booker 'Kari' has no address, and Quiddly needs one: set booker_address in the route",
            {(Cause.CUSTOMER, "Booker 'Kari'")},
        ),
        ("Exchange rate of EUR into SEK is missing in the route's exchange_rates", {(Cause.CURRENCY, "EUR")}),
        ("3 contacts in Xero fit 'Acme' (ref: 7): 'A', 'B'", {(Cause.CONTACT, "'Acme'")}),
    ],
)
def test_sentences_are_read_back(reason: str, keeps: set[tuple[Cause, str]]) -> None:
    assert {(one.cause, one.subject) for one in reason_keeps(reason)} == keeps


@pytest.mark.parametrize(
    ("reason", "articles"),
    [
        ("Article code 'A' not found in finance system", {"A"}),
        (
            "Article code 'A' not found in finance system; Article code 'B; C' not found in finance system",
            {"A", "B; C"},
        ),
        ("Article code 'A' not found in finance system; and 3 more", None),
        ("Article code 'A' not found in finance system; Currency DKK is not enabled in Xero", None),
        ("Currency DKK is not enabled in Xero", None),
        ("", None),
    ],
)
def test_only_articles_are_told_from_articles_and_something_else(reason: str, articles: set[str] | None) -> None:
    assert only_articles(reason) == articles
