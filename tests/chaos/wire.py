"""What may not have gone over the wire, whatever the end: a write sent again without looking, a report told twice."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from tests.chaos.boundary import CALL
from tests.chaos.documents import REJECTED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from sandbox.traffic import Entry
    from tests.chaos.boundary import Boundary
    from tests.chaos.journeys import Journey
    from tests.chaos.state import State

REFUSALS = frozenset({400, 401, 403, 404, 409, 422, 429})
"""Answers that say that nothing was done, in every contract; 503 says so in the sources' contracts alone."""
HARMLESS = (None, "delay before")
HARMLESS_TO_BATCHES = (*HARMLESS, "shuffled after")
NOT_LET_IN = frozenset({401, 429})
"""Answers that say of many things that none was done: nobody looked into the body."""
MOST_IN_A_CALL = 50
_NUMBERS = {"Invoices": "InvoiceNumber", "CreditNotes": "CreditNoteNumber", "Contacts": "ContactNumber"}


@dataclass(frozen=True)
class Sending:
    """A write that must not be sent again before looking.

    :param key: names what it makes.
    :param name: what the answer to a batch calls it.
    :param sought: texts of which one must stand in the path or query of the look, and the path it must go to.
    :param is_found_missing: whether a 404 answers the look, too.
    """

    key: str
    sought: tuple[tuple[str, str], ...]
    is_found_missing: bool = False
    name: str = ""


def wrong_on_the_wire(
    journey: Journey,
    state: State,
    struck: Sequence[Boundary | None],
    stale: Collection[int] = (),
    stopped: Mapping[str, int] = MappingProxyType({}),
) -> Iterator[str]:
    """All violations, one sentence each.

    :param struck: where trouble struck, `None` for somewhere; it may have hidden from us that one call was heard.
    :param stale: calls that an attempt had in its hands when it lost its lease; no fence stops them, only the systems'
        own rules.
    :param stopped: source id → how many attempts on it ended without a note, where that is known.
    """
    # What a batch's task looked for counts, although others might have taken over meanwhile: nobody had.
    traffic = [each for each in state.traffic if each.number not in stale or each.method == "GET"]
    yield from sent_again(traffic)
    yield from wrong_batches(traffic)
    yield from _reports(journey, traffic, _may_have_hidden(struck, journey.route.source.system), stopped)
    yield from _marks(journey, traffic, _may_have_hidden(struck, journey.route.finance.system))


def _may_have_hidden(struck: Sequence[Boundary | None], system: str) -> int:
    """How many of the troubles may have kept the ledger from knowing that this system heard a call.

    That is what struck the call itself, or the database before it was noted.
    """
    return sum(each is None or each.kind != CALL or (each.system == system and each.is_write) for each in struck)


def sent_again(traffic: Sequence[Entry], made: Mapping[str, Collection[str]] | None = None) -> Iterator[str]:
    """Writes that were sent once more, and nobody looked whether they had arrived.

    :param made: number → the ids of what was made under it: a look at one of these is a look, too.
    """
    last: dict[str, tuple[int, Sending]] = {}
    for position, entry in enumerate(traffic):
        for sending in sendings_of(entry):
            before = last.get(sending.key)
            last[sending.key] = (position, sending)
            if before is None or _is_undone(traffic[before[0]], before[1]):
                continue
            between = traffic[before[0] + 1 : position]
            ids = (made or {}).get(sending.key.partition(" ")[2], ())
            sought = replace(sending, sought=(*sending.sought, *((f"/{one}", one) for one in ids)))
            if not any(_looked(each, sought) for each in between):
                yield (
                    f"{sending.key} was sent again (call {entry.number} after call {traffic[before[0]].number}) "
                    "without looking in between whether it is there"
                )


def sendings_of(entry: Entry) -> list[Sending]:
    """What a call makes that must not be made twice; documents and contacts may be many in one."""
    if (elements := made_by(entry)) and (field := _NUMBERS.get(resource := entry.path.rpartition("/")[2])):
        numbers = [one[field] for one in elements]
        return [Sending(f"{resource} {each}", ((f"/{resource}", each),), name=each) for each in numbers]
    sending = _sending_of(entry)
    return [] if sending is None else [sending]


def _sending_of(entry: Entry) -> Sending | None:
    system, method, path, body = entry.system, entry.method, entry.path, entry.body
    if system == "quiddly" and method == "POST" and path == "/invoices":
        return Sending(f"invoice {body['invoiceNumber']}", (("/invoices", body["invoiceNumber"]),))
    if system == "quiddly" and method == "PUT" and path.endswith("/activate"):
        finance_id = path.split("/")[2]
        return Sending(f"activation of {finance_id}", (("/invoices", finance_id), ("/invoices", "invoiceNumber=")))
    if system == "qondor" and method == "POST" and path.endswith("/Sale"):
        reference = body["externalReference"]
        return Sending(f"sale {reference}", (("/GetByExternalReference", reference),), is_found_missing=True)
    if system == "qondor" and method == "POST" and path.endswith(("/Customer", "/ContactPerson")):
        known = (body.get("externalReference"), body.get("email"))
        looks = tuple((f"{path.rpartition('/')[2]}/GetBy", each) for each in known if each)
        return Sending(f"{path.rpartition('/')[2]} {known[0]}", looks, is_found_missing=True)
    if system != "xero" or method != "PUT":
        return None
    resource = path.removeprefix("/api.xro/2.0/")
    if resource.endswith("/Allocations"):
        note = resource.split("/")[1]
        return Sending(f"allocation of {note}", (("/CreditNotes", note),))
    first: dict[str, Any] = body[resource][0]
    if resource == "Payments":
        paid = first.get("Invoice", {}).get("InvoiceID") or first.get("CreditNote", {}).get("CreditNoteID")
        # A person may say that another booking stands for the document: its money goes there, too.
        return Sending(f"payment {first['Reference']} of {paid}", (("/Payments", paid), ("/CreditNotes", paid)))
    key = first["Code"]
    return Sending(f"{resource} {key}", ((f"/{resource}", key),))


def made_by(entry: Entry) -> list[dict[str, Any]]:
    """What a call makes in Xero, as it was sent."""
    if (entry.system, entry.method) != ("xero", "PUT") or not isinstance(entry.body, dict):
        return []
    elements: list[dict[str, Any]] = entry.body.get(entry.path.rpartition("/")[2], [])
    return elements


def wrong_batches(traffic: Sequence[Entry]) -> Iterator[str]:
    """Calls that make the same thing twice, or more than Xero takes at once, and keys that stand for two calls."""
    keyed: dict[str, str] = {}
    for entry in traffic:
        elements = made_by(entry)
        if len(elements) > MOST_IN_A_CALL:
            yield f"call {entry.number} makes {len(elements)} things at once"
        key, sent = entry.headers.get("idempotency-key"), json.dumps(entry.body, sort_keys=True, default=str)
        if elements and key is not None and keyed.setdefault(key, sent) != sent:
            yield f"call {entry.number} has the key of another call with another body"
        for field in (*_NUMBERS.values(), "Name"):
            named = Counter(str(one[field]).casefold() for one in elements if one.get(field))
            yield from (
                f"call {entry.number} holds {name!r} {times} times" for name, times in named.items() if times > 1
            )


def _looked(entry: Entry, sending: Sending) -> bool:
    answers = (200, 404) if sending.is_found_missing else (200,)
    if entry.method != "GET" or entry.status not in answers or entry.fault not in HARMLESS:
        return False
    asked = unquote(f"{entry.path}?{entry.query}".replace("+", " ")).casefold()
    return any(where.casefold() in asked and _is_asked_for(text.casefold(), asked) for where, text in sending.sought)


def _is_asked_for(text: str, asked: str) -> bool:
    """Whether the text stands there by itself: a look for T-10 is none for T-1."""
    return re.search(rf"(?<![\w-]){re.escape(text)}(?![\w-])", asked) is not None


def _is_undone(entry: Entry, sending: Sending) -> bool:
    """Whether the answer says that this was not done.

    Of several things that one call makes, each may be said to be refused; an error is no word about any of them, unless
    it says that the call was not let in.
    """
    if len(made_by(entry)) < 2:
        return is_refused(entry)
    if entry.status == 200:
        return entry.fault in HARMLESS_TO_BATCHES and sending.name in entry.refused_elements
    return entry.status in NOT_LET_IN


def is_refused(entry: Entry) -> bool:
    """Whether the answer says that nothing was done."""
    if entry.status == 503 and entry.system in ("qondor", "ixpole"):
        return True
    # An answer that was spoiled on its way says nothing, even where it was a refusal.
    return entry.status in REFUSALS or (entry.refused and entry.fault in HARMLESS)


def _reports(journey: Journey, traffic: Sequence[Entry], hidden: int, stopped: Mapping[str, int]) -> Iterator[str]:
    told: dict[str, list[Entry]] = defaultdict(list)
    for entry in traffic:
        if entry.method == "PUT" and entry.system == "qondor" and "SetAs" in entry.path:
            told[f"{entry.path.rpartition('/')[2]} {entry.body['invoiceId']}"].append(entry)
        elif entry.method == "PUT" and entry.system == "ixpole":
            kind = "payment" if "PaymentNo" in entry.body else _number(entry.body)
            told[f"{kind} {entry.body['InstalmentCode']}"].append(entry)
    expected = {paper.expected.source_id: paper.expected for paper in journey.papers}
    for name, entries in told.items():
        verb, _, source_id = name.partition(" ")
        if verb == "SetAsUnprocessed" or (verb == "SetAsFailed" and expected[source_id].end != REJECTED):
            yield f"{name}: nothing called for it"
        if verb in ("SetAsPaid", "payment") and expected[source_id].told_on is None:
            yield f"{name}: nobody paid it in full"
        if len({json.dumps(each.body, sort_keys=True, default=str) for each in entries}) > 1:
            yield f"{name}: told different things"
        heard = [each for each in entries if each.status in (200, 204) and each.fault in HARMLESS]
        sent = [each for each in entries if not is_refused(each)]
        most = 1 + max(hidden, stopped.get(source_id, 0))
        if len(heard) > 1 and (len(sent) > most or verb.startswith("SetAs")):
            yield f"{name}: told {len(sent)} times, {len(heard)} of them heard and answered"


def _marks(journey: Journey, traffic: Sequence[Entry], hidden: int) -> Iterator[str]:
    ours = {":".join((*journey.source, paper.expected.source_id)) for paper in journey.papers}
    marks = [
        entry
        for entry in traffic
        if entry.method == "PUT" and entry.path.endswith("/external/export") and not is_refused(entry)
    ]
    for path, count in Counter(entry.path for entry in marks).items():
        heard = [each for each in marks if each.path == path and each.status in (200, 204) and each.fault in HARMLESS]
        if count > 1 and (len(heard) > 1 or count - 1 > hidden):
            yield f"{path}: marked {count} times, {len(heard)} of them heard and answered"
    for entry in marks:
        if entry.body["externalId"] not in ours:
            yield f"{entry.path}: marked as {entry.body['externalId']}, which is none of ours"


def _number(body: dict[str, Any]) -> str:
    return "draft" if str(body.get("InvoiceNumber", "")).startswith("D") else "invoice"
