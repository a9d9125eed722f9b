"""Activation goes out once: what each answer leaves noted, and what the next attempt asks first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge.hooks.quiddly.hook import QuiddlyHook
from invoice_bridge.systems.quiddly.activation import ACTIVATION, Activation
from invoice_bridge.systems.quiddly.settings import QuiddlySettings
from invoice_bridge_core.errors import NeedsHumanError, NotFoundError, OutcomeUnknownError, RefusedError, TransientError
from invoice_bridge_core.ports import Booking
from tests.hooks.scripted_server import DROP, ScriptedServer, connection_json, reply, scripted_server
from tests.systems.quiddly.bodies import quiddly_route

if TYPE_CHECKING:
    from collections.abc import Iterator

BOOKING = Booking(finance_id="I.1", number="Q-1", status="CREATED", contact_id="C", currency="SEK", total="1")
CREATED, ACTIVATED = ({"id": "I.1", "invoiceNumber": "Q-1", "status": status} for status in ("CREATED", "ACTIVATED"))
CONFLICT = reply({"message": "no"}, 409)
READ, SEARCH, SEND = "GET /invoices/I.1", "GET /invoices?invoiceNumber=Q-1", "PUT /invoices/I.1/activate"
NO_READ: dict[str, Any] = {"invoice_path": None}
BLIND: dict[str, Any] = {"invoice_path": None, "invoice_search_path": None}


class OneStep:
    """The ledger's memory of the one step."""

    def __init__(self, state: str | None = None) -> None:
        self.state = state

    def is_done(self, step: str) -> bool:
        assert step == ACTIVATION
        return self.state == "done"

    def was_tried(self, step: str) -> bool:
        return self.state in ("done", "intended")

    def intend(self, step: str) -> str:
        self.state = "intended"
        return "key"

    def done(self, step: str, finance_id: str | None = None) -> None:
        self.state = "done"

    def refused(self, step: str) -> None:
        assert self.state == "intended"
        self.state = "refused"

    def not_found(self, step: str) -> None:
        self.refused(step)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        connection = connection_json(conn_type="quiddly", host=running.url, password="token")
        monkeypatch.setenv("AIRFLOW_CONN_QUIDDLY_DEFAULT", connection)
        yield running


def activate(steps: OneStep, booking: Booking = BOOKING, **settings: Any) -> Booking:
    hook = QuiddlyHook(sleep=lambda _: None)
    try:
        return Activation(hook, quiddly_route(**settings).finance_as(QuiddlySettings)).activate(booking, steps)
    finally:
        if hook._session is not None:
            hook._session.close()


def asked(server: ScriptedServer) -> list[str]:
    return [f"{seen.method} {seen.path}" for seen in server.seen]


def test_the_first_time_it_is_sent_without_a_look(server: ScriptedServer) -> None:
    server.answers(reply(ACTIVATED))
    steps = OneStep()
    done = activate(steps)
    assert (done.status, done.is_draft, steps.state, asked(server)) == ("ACTIVATED", False, "done", [SEND])


def saying(status: str) -> Booking:
    return BOOKING.model_copy(update={"status": status})


@pytest.mark.parametrize(
    ("state", "known", "status"),
    [("done", "CREATED", "ACTIVATED"), ("done", "PAID", "PAID"), (None, "ACTIVATED", "ACTIVATED")],
)
def test_what_has_gone_out_is_not_touched(server: ScriptedServer, state: str | None, known: str, status: str) -> None:
    assert activate(OneStep(state), saying(known)).status == status
    assert asked(server) == []


@pytest.mark.parametrize("status", ["", "CREATED", "DRAFT", "NEW"])
def test_whatever_the_first_state_is_called_it_is_sent(server: ScriptedServer, status: str) -> None:
    server.answers(reply(ACTIVATED))
    steps = OneStep()
    assert (activate(steps, saying(status)).status, steps.state, asked(server)) == ("ACTIVATED", "done", [SEND])


@pytest.mark.parametrize("status", ["OPEN", "SENT", "PAID"])
@pytest.mark.parametrize(("settings", "calls"), [({}, [READ]), (BLIND, [])])
def test_an_unknown_word_of_what_was_never_sent_is_for_a_person(
    server: ScriptedServer, status: str, settings: dict[str, Any], calls: list[str]
) -> None:
    server.answers(reply({**CREATED, "status": status}))
    steps = OneStep()
    with pytest.raises(
        NeedsHumanError, match=f"gives Q-1 the status {status}, which does not say whether it is activated"
    ):
        activate(steps, saying(status), **settings)
    assert (steps.state, asked(server)) == (None, calls)


@pytest.mark.parametrize(("shown", "calls"), [(ACTIVATED, [READ]), (CREATED, [READ, SEND])])
def test_an_unknown_word_that_has_given_way_to_a_known_one_keeps_nobody(
    server: ScriptedServer, shown: dict[str, str], calls: list[str]
) -> None:
    server.answers(reply(shown), reply(ACTIVATED))
    assert (activate(OneStep(), saying("OPEN")).status, asked(server)) == ("ACTIVATED", calls)


@pytest.mark.parametrize("status", ["SENT", "PAID"])
def test_what_was_sent_and_has_gone_on_since_is_not_sent_again(server: ScriptedServer, status: str) -> None:
    server.answers(reply({**CREATED, "status": status}))
    steps = OneStep("intended")
    assert (activate(steps).status, steps.state, asked(server)) == (status, "done", [READ])


@pytest.mark.parametrize(("settings", "look"), [({}, READ), (NO_READ, SEARCH)])
def test_what_may_have_gone_out_is_looked_at(server: ScriptedServer, settings: dict[str, Any], look: str) -> None:
    shown = reply(ACTIVATED) if look is READ else reply([{**CREATED, "id": "I.2"}, ACTIVATED])
    server.answers(shown)
    steps = OneStep("intended")
    assert (activate(steps, **settings).status, steps.state, asked(server)) == ("ACTIVATED", "done", [look])


def test_what_has_not_gone_out_is_sent_after_the_look(server: ScriptedServer) -> None:
    server.answers(reply(CREATED), reply(ACTIVATED))
    steps = OneStep("intended")
    activate(steps)
    assert (steps.state, asked(server)) == ("done", [READ, SEND])


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (reply({**ACTIVATED, "status": None}), NeedsHumanError),
        (reply(None, 404), NotFoundError),
        (reply(None, 500), TransientError),
        (DROP, TransientError),
    ],
)
def test_a_look_that_does_not_tell_sends_nothing(server: ScriptedServer, answer: Any, error: type[Exception]) -> None:
    server.answers(answer)
    steps = OneStep("intended")
    with pytest.raises(error):
        activate(steps)
    assert steps.state == "intended"
    assert SEND not in asked(server)


def test_without_any_way_to_look_a_person_does(server: ScriptedServer) -> None:
    with pytest.raises(NeedsHumanError, match="may be activated"):
        activate(OneStep("intended"), **BLIND)
    assert asked(server) == []


@pytest.mark.parametrize("status", ["ACTIVATED", "PAID"])
def test_a_409_of_an_invoice_that_has_gone_out_counts_as_done(server: ScriptedServer, status: str) -> None:
    server.answers(CONFLICT, reply({**CREATED, "status": status}))
    steps = OneStep()
    assert (activate(steps).status, steps.state, asked(server)) == (status, "done", [SEND, READ])


def test_a_409_proves_nothing_where_nobody_can_look(server: ScriptedServer) -> None:
    server.answers(CONFLICT)
    steps = OneStep()
    with pytest.raises(
        NeedsHumanError,
        match=r"409.* Whether Q-1 is activated cannot be looked up, because the route has no invoice_path",
    ):
        activate(steps, **BLIND)
    assert (steps.state, asked(server)) == ("refused", [SEND])


def test_a_409_of_an_invoice_that_has_not_gone_out_is_a_refusal(server: ScriptedServer) -> None:
    server.answers(CONFLICT, reply(CREATED))
    steps = OneStep()
    with pytest.raises(RefusedError, match="409"):
        activate(steps)
    assert steps.state == "refused"


@pytest.mark.parametrize(
    ("answer", "error", "state"),
    [
        (reply({"message": "no e-mail address"}, 400), RefusedError, "refused"),
        (reply(None, 500), OutcomeUnknownError, "intended"),
        (DROP, OutcomeUnknownError, "intended"),
        (reply([]), OutcomeUnknownError, "intended"),
    ],
)
def test_only_a_definite_no_may_be_sent_again_without_a_look(
    server: ScriptedServer, answer: Any, error: type[Exception], state: str
) -> None:
    server.answers(answer)
    steps = OneStep()
    with pytest.raises(error):
        activate(steps)
    assert (steps.state, asked(server)) == (state, [SEND])
