"""A ledger that an older release filled is brought up to date: nothing in it is lost, and everything works on."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from invoice_bridge_core.commands.describe import describe
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import LedgerError, NeedsHumanError
from invoice_bridge_core.ledger import Ledger
from invoice_bridge_core.ledger.connections.fingerprints import is_hash_of
from invoice_bridge_core.ledger.connections.health import records_of, reopen
from invoice_bridge_core.ledger.database.schema import HEAD
from invoice_bridge_core.ledger.database.tables import SCHEMA
from invoice_bridge_core.ledger.payments.payment_claim import PaymentClaim
from invoice_bridge_core.ledger.payments.polls import Poll
from invoice_bridge_core.ports.booking_status import PaymentChanges, ReceivedPayment
from tests.builders import document
from tests.ledger.rows import booking, claimed, expire, row_of
from tests.ledger.upgrade import reading
from tests.ledger.upgrade.older import CREDENTIALS, DOCUMENTS, EXPECTED, FERNET_KEY, expected, load, ref

if TYPE_CHECKING:
    from collections.abc import Iterator

    from invoice_bridge_core.ledger import Claim
    from tests.postgres import PostgresServer

TRANSFERRED, REJECTED, REPORT_LOST, UNANSWERED, LEASED = "50004", "50051", "54006", "54001", "54009"
PAYMENT_LOST, PAYMENT_REFUSED, PAYMENT_DONE = "54020", "54021", "50032"
PART_PAID, TELLING, TOLD, TAKEN_BACK = "60004", "54010", "50005", "50001"
DRAFT_BECAME_REAL, RENUMBERED = "INST-2026-9002", "INST-2026-0003"
LOOK = "payments of qondor_quiddly"


@pytest.fixture(scope="module")
def upgraded(postgres: PostgresServer) -> Iterator[str]:
    """The name of a database that holds the older ledger, brought up to date by the present code."""
    url = postgres.create_database()
    load(url)
    Ledger.connect(url).close()
    yield str(sa.make_url(url).database)
    postgres.drop_database(url)


@pytest.fixture
def ledger(postgres: PostgresServer, upgraded: str) -> Iterator[Ledger]:
    """A copy of it for each test."""
    url = postgres.create_database(upgraded)
    ledger = Ledger.connect(url)
    yield ledger
    ledger.close()
    postgres.drop_database(url)


def taken(ledger: Ledger, source_id: str, finance_conn: str = "xero_default") -> Claim:
    return claimed(ledger, "run 9/task 1", ref(source_id), finance_conn=finance_conn)


def notes(ledger: Ledger, source_id: str) -> list[str]:
    return [change.note for change in ledger.history(row_of(ledger, ref(source_id)))]


def shape(ledger: Ledger) -> dict[str, dict[str, Any]]:
    """The tables with columns, keys, indexes and checks, in whatever order they were made."""
    with ledger.transaction() as connection:
        inspector = sa.inspect(connection)
        return {
            table: {
                "columns": {
                    column["name"]: (str(column["type"]), column["nullable"], column["default"], column.get("identity"))
                    for column in inspector.get_columns(table, schema=SCHEMA)
                },
                "key": inspector.get_pk_constraint(table, schema=SCHEMA),
                "unique": sorted(map(str, inspector.get_unique_constraints(table, schema=SCHEMA))),
                "foreign": sorted(map(str, inspector.get_foreign_keys(table, schema=SCHEMA))),
                "indexes": sorted(map(str, inspector.get_indexes(table, schema=SCHEMA))),
                "checks": sorted(map(str, inspector.get_check_constraints(table, schema=SCHEMA))),
            }
            for table in inspector.get_table_names(schema=SCHEMA)
        }


def test_it_has_the_shape_of_a_new_ledger(ledger: Ledger, ledger_url: str) -> None:
    new = Ledger.connect(ledger_url)
    assert shape(ledger) == shape(new)
    new.close()
    with ledger.transaction() as connection:
        assert connection.scalar(sa.text(f"SELECT version_num FROM {SCHEMA}.alembic_version")) == HEAD


def test_every_document_is_read_as_it_was(ledger: Ledger) -> None:
    found = reading.documents(ledger)
    assert found.keys() == DOCUMENTS.keys()
    differences = [
        f"{name}, {what}: {value!r} became {found[name][what]!r}"
        for name, known in DOCUMENTS.items()
        for what, value in known.items()
        if json.loads(json.dumps(found[name][what])) != value
    ]
    assert differences == []


def test_every_state_is_among_them() -> None:
    """What the dump is worth."""
    assert {known["state"] for known in DOCUMENTS.values()} == {str(state) for state in DocumentState}


def test_everything_else_is_read_as_it_was(ledger: Ledger) -> None:
    for known in EXPECTED["contacts"]:
        assert reading.contact(ledger, known["finance_conn"], known["key"]) == known["known"]
    for known in EXPECTED["reference_data"]:
        found = reading.reference_data(ledger, known["about"], known["run"])
        assert found == {"body": known["body"], "fingerprint": known["fingerprint"]}
    assert {name: reading.cursor(ledger, name) for name in EXPECTED["cursors"]} == EXPECTED["cursors"]
    assert {name: reading.connection(ledger, name) for name in EXPECTED["connections"]} == EXPECTED["connections"]


def test_tokens_are_decrypted_with_the_key_of_then(ledger: Ledger) -> None:
    assert {name: reading.token(ledger, name, FERNET_KEY) for name in EXPECTED["tokens"]} == EXPECTED["tokens"]
    assert ledger.forget_token("xero:xero_default")


def test_the_story_names_what_changed_before_the_upgrade(ledger: Ledger) -> None:
    row = row_of(ledger, ref(DRAFT_BECAME_REAL))
    told = describe(row, ledger.steps(row), ledger.history(row), ledger.payments.status(row.ref))
    assert "status in finance: DRAFT → AUTHORISED" in told


def test_documents_are_found_by_number_id_and_reference(ledger: Ledger) -> None:
    for name in (expected(TRANSFERRED)["number"], TRANSFERRED, str(ref(TRANSFERRED))):
        assert [row.ref for row in ledger.find(name)] == [ref(TRANSFERRED)]


def test_a_credit_note_finds_its_invoice(ledger: Ledger) -> None:
    by_id, by_number, waits = "50025", "54015", "50062"
    assert [expected(one)["credits"] for one in (by_id, by_number)] == [["50024", "Q-10024"], [None, "T-4014"]]
    found = [ledger.credited_row(row_of(ledger, ref(one))) for one in (by_id, by_number, waits)]
    assert [row and row.number for row in found] == ["Q-10024", "T-4014", None]


def test_what_is_not_finished_is_taken_up_again(ledger: Ledger) -> None:
    unfinished = {row.ref.source_id for row in ledger.unfinished("qondor", "qondor_default")}
    rejection_lost, held_after_booking = "54030", "54016"
    under_way = {
        name.rpartition(":")[2]
        for name, known in DOCUMENTS.items()
        if name.startswith("qondor:") and known["state"] in ("working", "booked")
    }
    assert unfinished == under_way | {rejection_lost, held_after_booking}


def test_a_booked_document_is_reported(ledger: Ledger) -> None:
    claim = taken(ledger, REPORT_LOST)
    assert (claim.row.state, claim.row.reported_at) == (DocumentState.BOOKED, None)
    claim.transferred()
    row = row_of(ledger, ref(REPORT_LOST))
    assert (row.state, row.reason, row.lease_owner) == (DocumentState.TRANSFERRED, None, None)
    assert row.reported_at is not None
    assert notes(ledger, REPORT_LOST)[-1] == "reported to its source"


def test_what_has_ended_stays_ended(ledger: Ledger) -> None:
    claim = taken(ledger, TRANSFERRED)
    assert (claim.row.state, claim.row.booking is not None) == (DocumentState.TRANSFERRED, True)
    with pytest.raises(LedgerError, match="is booked as Q-10004 and cannot be booked again"):
        claim.intend("Q-10004", "hash")
    claim.release()
    assert row_of(ledger, ref(TRANSFERRED)).state is DocumentState.TRANSFERRED
    assert taken(ledger, REJECTED).row.state is DocumentState.REJECTED


def test_what_was_sent_without_an_answer_keeps_its_key_and_number(ledger: Ledger) -> None:
    sent = expected(UNANSWERED)["sent"]
    claim = taken(ledger, UNANSWERED)
    assert (claim.row.state, claim.row.intent_token, claim.row.intent_number) == ("working", sent["key"], "T-4001")
    assert claim.intend("T-4001", sent["content"]) == sent["key"]
    with pytest.raises(LedgerError, match="may be booked as T-4001"):
        claim.intend("X-4001", sent["content"])
    claim.release()
    with pytest.raises(NeedsHumanError, match="Look in xero_default first"):
        taken(ledger, UNANSWERED, "xero_new").withdraw_intent("not there")


@pytest.mark.parametrize("name", EXPECTED["next_keys"])
def test_what_is_sent_next_has_the_key_that_it_would_have_had(ledger: Ledger, name: str) -> None:
    known = EXPECTED["next_keys"][name]
    claim = taken(ledger, name.rpartition(":")[2], known["finance_conn"])
    assert claim.intend(known["number"], known["content"]) == known["key"]


def test_a_booking_of_then_is_never_another_documents(ledger: Ledger) -> None:
    finance_id = expected(TRANSFERRED)["booking"]["finance_id"]
    assert ledger.payments.booked_as("xero_default", [finance_id])[finance_id].row.ref == ref(TRANSFERRED)
    claim = claimed(ledger, ref=document().ref, finance_conn="xero_default")
    with pytest.raises(NeedsHumanError, match="another document's booking"):
        claim.booked(booking("Q-10004", finance_id))


def test_new_documents_go_beside_the_old(ledger: Ledger) -> None:
    newest = max(row.id for row in ledger.outcomes())
    claim = claimed(ledger, ref=document().ref)
    claim.note_document(document())
    claim.release()
    assert row_of(ledger).id > newest
    assert [change.note for change in ledger.history(row_of(ledger))] == ["first met", "read from its source"]


def test_a_lease_of_then_is_taken_over_when_it_has_run_out(ledger: Ledger) -> None:
    expire(ledger)
    claim = taken(ledger, LEASED)
    assert claim.row.intent_token == expected(LEASED)["sent"]["key"]
    assert notes(ledger, LEASED)[-1] == f"taken over from {expected(LEASED)['leased_to']}, which stopped without a note"


def test_steps_go_on_where_they_were(ledger: Ledger) -> None:
    lost, refused, done = (taken(ledger, one).steps for one in (PAYMENT_LOST, PAYMENT_REFUSED, PAYMENT_DONE))
    tried = [(steps.was_tried("payment"), steps.is_done("payment")) for steps in (lost, refused, done)]
    assert tried == [(True, False), (False, False), (True, True)]
    for steps, one in ((lost, PAYMENT_LOST), (refused, PAYMENT_REFUSED)):
        assert steps.intend("payment") == expected(one)["steps"]["payment"]["key"]
    with pytest.raises(LedgerError, match="step payment is done"):
        done.intend("payment")
    again = taken(ledger, RENUMBERED).steps
    assert (again.was_tried("report"), again.is_done("report")) == (True, False)


def handed_out(payment_id: str, amount: str, source_id: str, paid_on: str = "2026-11-28") -> ReceivedPayment:
    known = expected(source_id)["booking"]
    day = dt.date.fromisoformat(paid_on)
    return ReceivedPayment(payment_id, known["number"], Decimal(amount), known["currency"], day)


def paid(ledger: Ledger, source_id: str) -> dict[str, Any]:
    entry = ledger.payments.status(ref(source_id))
    assert entry is not None
    return reading.payment(entry)


def look(ledger: Ledger, *payments: ReceivedPayment) -> None:
    news = PaymentChanges(payments=payments, cursor="c-2")
    how: dict[str, Any] = {"asked": {}, "payment_numbers": {}, "asked_all": False, "adds_up": True}
    ledger.payments.keep_poll(Poll(name=LOOK, finance_conn="quiddly_default", changes=news, **how))


def test_a_payment_of_then_that_is_handed_out_again_counts_once(ledger: Ledger) -> None:
    known = [(name.rpartition(":")[2], rest) for name, *rest in EXPECTED["payments"]]
    look(ledger, *(handed_out(payment_id, amount, one, on) for one, (payment_id, amount, on) in known))
    last_paid = {one: on for one, (_, amount, on) in known if not amount.startswith("-")}
    for one, on in last_paid.items():
        then = expected(one)["payment"]
        # Since a small rest may be let go, the day of the last payment is kept of what is paid in part, too.
        then = then if then["is_settled"] else {**then, "settled_on": on}
        assert paid(ledger, one) | {"seen_at": None} == then | {"seen_at": None}


def test_a_new_payment_is_added_to_those_of_then(ledger: Ledger) -> None:
    assert expected(PART_PAID)["payment"]["paid"] == "5593.75"
    look(ledger, handed_out("V.800001", "5593.75", PART_PAID))
    now = paid(ledger, PART_PAID)
    assert (now["paid"], now["is_settled"], now["payment_number"]) == ("11187.50", True, "V.800001")


def test_a_look_goes_on_from_its_cursor(ledger: Ledger) -> None:
    look(ledger)
    before, after = EXPECTED["cursors"][LOOK], ledger.payments.cursor(LOOK)
    assert after is not None
    assert (after.cursor, reading.text(after.asked_at)) == ("c-2", before["asked_at"])


def not_over(ledger: Ledger) -> set[str]:
    return {entry.row.ref.source_id for entry in ledger.payments.unfinished("qondor", "qondor_default", "xero_default")}


def test_a_source_hears_of_a_payment_where_it_was_left(ledger: Ledger) -> None:
    in_play = not_over(ledger)
    assert {TELLING, TAKEN_BACK} <= in_play
    assert TOLD not in in_play
    assert paid(ledger, TELLING)["telling_on"] == "2026-11-20"
    PaymentClaim(taken(ledger, TELLING)).told(dt.date(2026, 11, 20))
    now = paid(ledger, TELLING)
    assert (now["telling_on"], now["told_on"]) == (None, "2026-11-20")
    assert not_over(ledger) == in_play - {TELLING}


def test_a_contact_that_may_have_been_made_keeps_its_key(ledger: Ledger) -> None:
    [lost] = [known for known in EXPECTED["contacts"] if known["open_intent"]]
    assert ledger.contacts.intend(lost["finance_conn"], lost["key"]) == (lost["open_intent"], True)


def test_names_of_contacts_stay_taken(ledger: Ledger) -> None:
    known = next(one for one in EXPECTED["contacts"] if one["key"] == "ixpole_default:customer:308")
    name = known["known"]["name"].upper()
    assert ledger.contacts.is_name_taken(known["finance_conn"], name, by_other_than="another")
    assert not ledger.contacts.is_name_taken(known["finance_conn"], name, by_other_than=known["key"])


def test_what_is_open_from_then_is_told_once(ledger: Ledger) -> None:
    found = ledger.notices.view("qondor_xero", ["quiddly_default"])
    assert {str(one.state) for one in found.documents} >= {"held", "in doubt"} & {
        known["state"] for known in DOCUMENTS.values()
    }
    assert all(one.reason for one in found.documents)
    assert [one.conn_id for one in found.refused] == ["quiddly_default"]
    items: dict[str, int | None] = {f"{one.state} {one.id}": one.id for one in found.documents}
    ledger.notices.ended(ledger.notices.note("qondor_xero", "mail", {"of": "then"}, items))
    ledger.notices.tidy("qondor_xero")
    assert ledger.notices.told("qondor_xero", "mail") == items.keys()
    assert ledger.notices.pending("qondor_xero", "mail") is None


def test_a_refused_connection_knows_its_credentials_and_opens_again(ledger: Ledger) -> None:
    with ledger.transaction() as connection:
        refused = records_of(connection, ["quiddly_default"])["quiddly_default"]
        assert is_hash_of(refused.refused_credentials, CREDENTIALS)
        assert not is_hash_of(refused.refused_credentials, "others")
        assert reopen(connection, "quiddly_default")
        assert records_of(connection, ["quiddly_default"])["quiddly_default"].refused_at is None
