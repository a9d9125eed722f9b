"""Each thing is told once on each channel, by a real mail server and a real receiver of webhooks, whatever fails."""

from __future__ import annotations

import datetime as dt
import random
import threading
from collections import Counter
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest

from invoice_bridge.operators.notices.tell import tell
from invoice_bridge_core.ledger.notices import NoticeLedger
from invoice_bridge_core.notices.tell import MOST_TRIES
from tests.notices.conftest import connect_mail
from tests.notices.receivers import html_of, mail_server, serving
from tests.notices.trouble import CHANNELS, TO

if TYPE_CHECKING:
    from typing import Any

    from tests.notices.receivers import Receiver
    from tests.notices.trouble import Trouble


def test_fifty_troubles_are_told_once_on_each_channel(trouble: Trouble, mails: Receiver, posts: Receiver) -> None:
    for _ in range(20):
        trouble.held()
    for number in range(12):
        trouble.held(f"The total differs by {number}.50", total="500.00")
    for _ in range(6):
        trouble.in_doubt()
    for _ in range(5):
        trouble.rejected(name="Beta AB")
    for _ in range(7):
        trouble.kept()
    told = trouble.tell()
    assert told.failures == []
    [mail], [(path, headers, post)] = mails.taken(), posts.taken()
    assert mail["Subject"] == ("qondor_xero: 6 in doubt, 32 held, 7 kept from being rejected, 5 rejected")
    assert mail["To"] == ", ".join(TO)
    assert (path, post["text"]) == ("/hooks/invoices", mail["Subject"])
    assert headers["Idempotency-Key"] == f"invoice-bridge-qondor_xero-{post['id']}"
    groups = {(group["kind"], group["reason"]): group for group in post["groups"]}
    assert {key: group["count"] for key, group in groups.items()} == {
        ("in_doubt", "It may be booked"): 6,
        ("held", "Article code 'VAT99' has no account code"): 20,
        ("held", "The total differs by 0.50"): 12,
        ("kept", "The customer has no name. Nothing was booked yet"): 7,
        ("rejected", "The customer has no name"): 5,
    }
    assert groups["held", "The total differs by 0.50"]["sums"] == [{"currency": "NOK", "total": "6 000.00"}]
    html = html_of(mail)
    assert "20 documents, 20 000.00 NOK" in html
    assert "https://airflow.acme.example/here/plugin/invoices?route=qondor_xero&amp;state=in+doubt" in html
    assert "and 15 more" in html
    for _ in range(3):
        trouble.tell()
    assert (mails.taken(), posts.taken()) == ([], [])
    trouble.held(total="77.00")
    trouble.tell()
    [mail], [(_, _, post)] = mails.taken(), posts.taken()
    assert mail["Subject"] == post["text"] == "qondor_xero: 1 held"
    assert post["groups"][0]["documents"] == [
        {"number": "Q-20051", "customer": "Acme Events AS", "amount": "77.00 NOK"}
    ]


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 4))])
def test_fifty_troubles_through_faults(trouble: Trouble, mails: Receiver, posts: Receiver, seed: int) -> None:
    """Whatever is certain is told once; what may have arrived is sent again as the same notice, and says so."""
    chance = random.Random(seed)
    kinds = [trouble.held, trouble.in_doubt, trouble.rejected, trouble.kept]
    made = []
    for number in range(50):
        made.append(f"Q-{20001 + number}")
        chance.choice(kinds)(f"Reason '{number}'")
        for receiver in (mails, posts):
            receiver.fault = chance.choice(["", "", "refused", "lost"])
        trouble.tell()
    for receiver in (mails, posts):
        receiver.fault = ""
    for _ in range(2):
        trouble.tell()
    assert trouble.tell().failures == []
    seen: dict[int, set[str]] = {}
    for _, _, post in posts.taken():
        numbers = {one["number"] for group in post["groups"] for one in group["documents"]}
        assert post["again"] == (post["id"] in seen)
        assert seen.setdefault(post["id"], numbers) == numbers, "the same notice says the same"
    assert Counter(number for numbers in seen.values() for number in numbers) == Counter(made)
    by_mail: dict[str, str] = {}
    for mail in mails.taken():
        was_there = mail["Message-ID"] in by_mail
        assert mail["Subject"].startswith("Again: ") == was_there
        assert ("Sent again" in html_of(mail)) == was_there
        by_mail[mail["Message-ID"]] = html_of(mail)
    assert all(
        sum(f'<td style="padding: 0 1em 0 0">{one}</td>' in html for html in by_mail.values()) == 1 for one in made
    )


def test_a_server_that_was_down_tells_what_is_open_then(
    trouble: Trouble, posts: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect_mail(monkeypatch, 1)
    trouble.held(number=20001)
    trouble.held(number=20002)
    [failure] = trouble.tell().failures
    assert failure.startswith("mail: not sent, tried again by the next run: ConnectionRefusedError")
    assert len(posts.taken()) == 1, "the other channel is told all the same"
    trouble.transferred(20001)
    trouble.tell()
    with serving(mail_server()) as mails:
        connect_mail(monkeypatch, mails.port)
        assert trouble.tell().failures == []
        [mail] = mails.taken()
    assert mail["Subject"] == "qondor_xero: 1 held"
    assert ("Q-20002" in html_of(mail), "Q-20001" in html_of(mail)) == (True, False)
    assert posts.taken() == []


@pytest.mark.parametrize("fault", ["refused", "moved"])
def test_what_is_refused_is_sent_later(trouble: Trouble, posts: Receiver, fault: str) -> None:
    trouble.section = {"channels": CHANNELS[1:], "digest": None}
    trouble.held()
    posts.fault = fault
    [failure] = trouble.tell().failures
    assert "not sent" in failure
    posts.fault = ""
    trouble.tell()
    [(_, _, post)] = posts.taken()
    assert not post["again"]


@pytest.mark.parametrize(("channel", "fault"), [(0, "lost"), (1, "lost"), (1, "broken")])
def test_a_lost_answer_is_sent_again_and_says_so(
    trouble: Trouble, mails: Receiver, posts: Receiver, channel: int, fault: str
) -> None:
    trouble.section = {"channels": [CHANNELS[channel]], "digest": None}
    receiver = (mails, posts)[channel]
    trouble.held()
    receiver.fault = fault
    [failure] = trouble.tell().failures
    assert "may have arrived; the next run sends it again and says so" in failure
    trouble.in_doubt()
    receiver.fault = ""
    assert trouble.tell().failures == []
    first, again, new = receiver.taken()
    if channel == 0:
        assert first["Message-ID"] == again["Message-ID"] != new["Message-ID"]
        assert [one["Subject"] for one in (again, new)] == ["Again: qondor_xero: 1 held", "qondor_xero: 1 in doubt"]
    else:
        assert [one[2]["id"] for one in (first, again)] == [first[2]["id"]] * 2
        assert [one[2]["again"] for one in (first, again, new)] == [False, True, False]
    trouble.tell()
    assert receiver.taken() == []


def test_a_receiver_that_never_answers_is_not_asked_for_ever(trouble: Trouble, posts: Receiver) -> None:
    trouble.section = {"channels": CHANNELS[1:], "digest": None}
    trouble.held()
    posts.fault = "lost"
    for _ in range(MOST_TRIES + 3):
        trouble.tell()
    assert len(posts.taken()) == MOST_TRIES
    posts.fault = ""
    trouble.in_doubt()
    trouble.tell()
    [(_, _, post)] = posts.taken()
    assert post["counts"] == {"in_doubt": 1}


class Killed(BaseException):
    """The process ends here."""


def test_a_kill_between_noting_and_sending_is_told_once(trouble: Trouble, mails: Receiver, posts: Receiver) -> None:
    trouble.held()
    with patch.object(NoticeLedger, "sending", side_effect=Killed), pytest.raises(Killed):
        trouble.tell()
    trouble.tell()
    [mail], [(_, _, post)] = mails.taken(), posts.taken()
    assert (mail["Subject"], post["again"]) == ("qondor_xero: 1 held", False)


def test_a_kill_between_sending_and_its_answer_is_told_again(trouble: Trouble, posts: Receiver) -> None:
    trouble.section = {"channels": CHANNELS[1:], "digest": None}
    trouble.held()
    with patch.object(NoticeLedger, "ended", side_effect=Killed), pytest.raises(Killed):
        trouble.tell()
    trouble.tell()
    assert [(post["id"], post["again"]) for _, _, post in posts.taken()] == [(1, False), (1, True)]


def test_runs_side_by_side_tell_once(trouble: Trouble, mails: Receiver, posts: Receiver) -> None:
    for _ in range(10):
        trouble.held()
    at_once = threading.Barrier(5)
    failures: list[Any] = []

    def run() -> None:
        at_once.wait()
        for _ in range(2):
            failures.extend(tell(trouble.route, trouble.notify).failures)

    threads = [threading.Thread(target=run) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert (len(mails.taken()), len(posts.taken())) == (1, 1)


def test_what_comes_back_is_told_again_and_what_only_counts_is_not(trouble: Trouble, posts: Receiver) -> None:
    trouble.section = {"channels": CHANNELS[1:], "digest": None}
    for reason in (
        "Waits since 5 minutes",
        "Waits since 6 minutes",
        "Article 'A' is not mapped",
        "Waits since 7 minutes",
    ):
        trouble.held(reason, number=20001)
        trouble.tell()
    assert [post["groups"][0]["reason"] for _, _, post in posts.taken()] == [
        "Waits since 5 minutes",
        "Article 'A' is not mapped",
    ]
    trouble.claim(20001).release("passing trouble")
    trouble.tell()
    assert posts.taken() == [], "a document that is tried again is not out of its trouble"
    trouble.rejected("It is wrong", number=20001)
    trouble.tell()
    [(_, _, post)] = posts.taken()
    assert post["counts"] == {"rejected": 1}


def test_refused_credentials_are_told_once_while_they_are_refused_on_and_off(trouble: Trouble, posts: Receiver) -> None:
    trouble.section = {"channels": CHANNELS[1:], "digest": None}
    trouble.refuse(reason="401 for login <script> of bob@acme.example")
    trouble.tell()
    trouble.ledger.connections.reopen("xero_default")
    trouble.refuse()
    trouble.tell()
    [(_, _, post)] = posts.taken()
    [sentence] = post["sentences"]
    assert "Xero refuses the credentials of connection xero_default since" in sentence["text"]
    assert "bob" not in sentence["text"]


def test_a_channel_hears_only_what_it_asks_for(trouble: Trouble, posts: Receiver, mails: Receiver) -> None:
    it = {"name": "it", "about": ["refused_credentials"], "webhook": {}}
    trouble.section = {"channels": [it, {**CHANNELS[0], "about": ["rejected"]}], "digest": None}
    trouble.held()
    trouble.kept()
    trouble.tell()
    assert posts.taken() == []
    assert [mail["Subject"] for mail in mails.taken()] == ["qondor_xero: 1 kept from being rejected"]
    trouble.refuse()
    trouble.tell()
    assert [post["counts"] for _, _, post in posts.taken()] == [{"refused_credentials": 1}]
    assert mails.taken() == []


def test_a_new_channel_hears_what_is_open(trouble: Trouble, posts: Receiver, mails: Receiver) -> None:
    trouble.section = {"channels": CHANNELS[1:], "digest": None}
    trouble.held()
    trouble.tell()
    trouble.section = {"channels": CHANNELS, "digest": None}
    trouble.tell()
    assert (len(posts.taken()), len(mails.taken())) == (1, 1)


def test_a_digest_of_what_is_open_goes_out_once_a_day_and_not_when_nothing_is(
    trouble: Trouble, posts: Receiver
) -> None:
    time = (dt.datetime.now(dt.UTC) - dt.timedelta(minutes=2)).strftime("%H:%M")
    trouble.section = {"channels": CHANNELS[1:], "digest": time, "about": ["held", "in_doubt"]}
    route = trouble.route.model_copy(update={"schedule": trouble.route.schedule.model_copy(update={"timezone": "UTC"})})
    for number in (20001, 20002):
        trouble.held(number=number)
    tell(route, trouble.notify)
    assert [post["kind"] for _, _, post in posts.taken()] == ["news"], "all of it was news a moment ago"
    trouble.watched_since(dt.datetime.now(dt.UTC) - dt.timedelta(days=2))
    posts.fault = "refused"
    tell(route, trouble.notify)
    trouble.transferred(20001)
    posts.fault = ""
    for _ in range(2):
        tell(route, trouble.notify)
    [(_, _, post)] = posts.taken()
    assert (post["kind"], post["text"]) == ("digest", "qondor_xero: still open: 1 held")


def test_no_digest_where_nothing_is_open(trouble: Trouble, posts: Receiver) -> None:
    time = (dt.datetime.now(dt.UTC) - dt.timedelta(minutes=2)).strftime("%H:%M")
    trouble.section = {"channels": CHANNELS[1:], "digest": time, "about": ["held"]}
    route = trouble.route.model_copy(update={"schedule": trouble.route.schedule.model_copy(update={"timezone": "UTC"})})
    trouble.watched_since(dt.datetime.now(dt.UTC) - dt.timedelta(days=2))
    tell(route, trouble.notify)
    trouble.held()
    tell(route, trouble.notify)
    assert [post["kind"] for _, _, post in posts.taken()] == ["news"], "the digest's time has come and gone"
