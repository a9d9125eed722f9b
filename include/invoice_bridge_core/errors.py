"""Errors, sorted by what one can do about them.

```
BridgeError
├── TransientError             try again later; nothing has to be mended
│   ├── LimitReachedError      the API said how long to wait, or which limit was hit
│   ├── GarbledAnswerError     an answer to a read that cannot be read: HTML, half a JSON
│   └── OutcomeUnknownError    a write whose answer was lost: look before sending it again
├── ConfigurationError         our side has to mend a route, a connection or a mapping
│   └── CredentialsRefusedError
├── LedgerError                the ledger cannot be used
│   └── LeaseLostError         somebody else took the document over
├── NotFoundError              the system answered, and the thing is not there
├── UnreadableError            the system answered, but what it says is not a document we know
├── RefusedError               a definite no: the system understood and did not do it
│   ├── NumberTakenError       the finance system has a document of that number
│   └── ContactUnusableError   the contact was archived, merged or deleted in finance
├── HeldError                  the document waits: we can mend it, or a rule lets a person decide
│   └── NeedsHumanError        nothing here can decide it
├── InDoubtError               it may exist in finance, and looking did not decide it
├── NotResolvedError           what a person says of a document in doubt is not so, or cannot be checked
└── UnknownNameError           what a person named is not in the ledger, or is several things
```

Every text names the thing and its key, and never holds a secret or a whole answer.

An error about an answer also carries the answer's HTTP status and the vendor's request id. The vendor's support asks
for that id. Only passing trouble shows it in its text: it differs from call to call, and the ledger announces a
document again when the reason for which it is held has another text.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import timedelta


class WakesOn(StrEnum):
    """What has to happen before it is worth trying a document again that was left.

    Of the first five every run knows without asking anybody. `CONTACT`, `NUMBER` and `PERSON` show only when the
    document is tried again, which is done often at first and more seldom later.
    """

    ROUTE = "route"
    """The route's file, its mapping or its account codes."""
    FINANCE_DATA = "finance data"
    """Accounts, tax rates, currencies or lock dates of the finance system."""
    CONNECTION = "connection"
    """The fields of one of the two connections."""
    ENTRY = "entry"
    """The document in its source."""
    INVOICE = "invoice"
    """The invoice that a credit note refers to, as the ledger knows it."""
    CONTACT = "contact"
    """A contact in the finance system: restored, merged, freed of its double."""
    NUMBER = "number"
    """What the finance system has under the document's number, or under that of its invoice."""
    PERSON = "person"
    """Something that a person does in one of the two systems, and nothing else tells of."""
    OFFERED = "offered"
    """Its source, which no longer shows it, offers it again."""
    TIME = "time"
    """Nothing but time, or the look that every document gets once a day."""


class BridgeError(Exception):
    """What went wrong, in one sentence for people."""

    wakes_on: frozenset[WakesOn] = frozenset({WakesOn.PERSON})
    """What makes the document worth another try, where the error left one."""
    conn_id: str | None = None
    """The connection whose system said so, or could not be asked; `None` where no system was called."""
    is_of_a_repeated_call: bool = False
    """Whether the same request was sent before, within the same call, and was said not to be processed."""
    _answer: tuple[int, str | None] | None = None

    def about_answer(self, status: int, request_id: str | None) -> None:
        """Note which answer the error is about.

        :param status: the answer's HTTP status.
        :param request_id: short and printable; `None` where the vendor gave none.
        """
        self._answer = (status, request_id)

    @property
    def text(self) -> str:
        """The sentence alone, without a request id."""
        return super().__str__()

    @property
    def status(self) -> int | None:
        """The HTTP status of the answer behind this error, or behind the one that it was raised from."""
        answer = self._known_answer()
        return None if answer is None else answer[0]

    @property
    def request_id(self) -> str | None:
        """The vendor's id of the same request; `None` where it gave none, or nobody was asked."""
        answer = self._known_answer()
        return None if answer is None else answer[1]

    def _known_answer(self) -> tuple[int, str | None] | None:
        seen: set[int] = set()
        error: BaseException | None = self
        while isinstance(error, BridgeError) and id(error) not in seen:
            if error._answer is not None:
                return error._answer
            seen.add(id(error))
            error = error.__cause__
        return None


class WriteInDryRunError(Exception):
    """A dry run came to where something would be sent that writes. Nothing was sent.

    No `BridgeError`: nothing went wrong in any system, and nobody may take it for an answer.
    """


class TransientError(BridgeError):
    """Passing trouble: an outage, a limit, a time-out. The next attempt may succeed.

    :param retry_after: how long the other side asked us to wait, if it said so.
    """

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after

    def __str__(self) -> str:
        return f"{self.text} (request {self.request_id})" if self.request_id else self.text


class LimitReachedError(TransientError):
    """The API's limit is used up.

    :param limit: which one, in the API's own word: `minute`, `day`, `concurrent`, or empty.
    """

    def __init__(self, message: str, *, retry_after: timedelta | None = None, limit: str = "") -> None:
        super().__init__(message, retry_after=retry_after)
        self.limit = limit


class GarbledAnswerError(TransientError):
    """A read was answered with something that the API would not say: an HTML page, half a JSON, nothing at all.

    Proxies and gateways do that while something is being mended, so it is worth another try.
    """


class OutcomeUnknownError(TransientError):
    """A write was sent and its answer was lost: it may or may not have been done."""


class ConfigurationError(BridgeError):
    """A route, a connection or a mapping is wrong; repeating changes nothing until somebody mends it."""

    wakes_on = frozenset({WakesOn.ROUTE, WakesOn.CONNECTION, WakesOn.PERSON})


class CredentialsRefusedError(ConfigurationError):
    """The system does not accept the connection's credentials."""


class LedgerError(BridgeError):
    """The ledger cannot be reached or is not usable.

    :param sql_state: PostgreSQL's five-letter error code, where it said one.
    """

    def __init__(self, message: str, *, sql_state: str = "") -> None:
        super().__init__(message)
        self.sql_state = sql_state


class LeaseLostError(LedgerError):
    """The lease on the document has gone to somebody else; this attempt must stop."""


class NotFoundError(BridgeError):
    """The system answered, and what was asked for does not exist there.

    :param of_write: whether it answers a write, which then was not carried out.
    """

    def __init__(self, message: str, *, of_write: bool = False) -> None:
        super().__init__(message)
        self.of_write = of_write


class UnreadableError(BridgeError):
    """A document that is not what the contract describes: missing or mistyped fields, an unknown kind.

    :param office_id: whose document it is, where at least that can be read, so that one route holds it and not every
        one that shares the queue.
    :param project_id: likewise.
    """

    wakes_on = frozenset({WakesOn.ENTRY})

    def __init__(self, message: str, *, office_id: str | None = None, project_id: str | None = None) -> None:
        super().__init__(message)
        self.office_id = office_id
        self.project_id = project_id


class RefusedError(BridgeError):
    """A definite no of the other system: the request was understood and not carried out.

    :param reasons: the system's own texts, one per problem.
    """

    def __init__(self, message: str, *, reasons: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.reasons = tuple(reasons)


class NumberTakenError(RefusedError):
    """The finance system already has a document with this number: ours from a lost answer, or somebody else's."""

    wakes_on = frozenset({WakesOn.NUMBER})

    @classmethod
    def out_of(cls, refusal: RefusedError) -> Self:
        """The refusal of a new document, whose reason is its number."""
        error = cls(str(refusal), reasons=refusal.reasons)
        error.is_of_a_repeated_call = refusal.is_of_a_repeated_call
        return error


class ContactUnusableError(RefusedError):
    """The remembered contact was archived, merged or deleted in the finance system."""

    wakes_on = frozenset({WakesOn.CONTACT})


class HeldError(BridgeError):
    """The document waits: somebody on our side can mend it, or a rule says that a person decides.

    :param wakes_on: what makes it worth another try; left out, it is tried in every run, more seldom with time.
    """

    def __init__(self, message: str, *, wakes_on: Iterable[WakesOn] = ()) -> None:
        super().__init__(message)
        self.wakes_on = frozenset(wakes_on) or type(self).wakes_on


class NeedsHumanError(HeldError):
    """A person has to look: no rule says what to make of what the two systems show."""


class InDoubtError(BridgeError):
    """The document may exist in finance, and looking there did not decide it.

    :param seen: of what is there under its number; empty where nobody could look.
    """

    wakes_on = frozenset({WakesOn.NUMBER})

    def __init__(self, message: str, *, seen: str = "") -> None:
        super().__init__(message)
        self.seen = seen


class NotResolvedError(BridgeError):
    """What a person says became of a document in doubt is not so, or cannot be checked; the ledger is as before.

    :param may_pass: it may be otherwise in a while: a system could not be asked, or a task works on the document.
    """

    def __init__(self, message: str, *, may_pass: bool = False) -> None:
        super().__init__(message)
        self.may_pass = may_pass


class UnknownNameError(BridgeError):
    """What a person named is not in the ledger, or is several things; nothing was changed."""


def certainly_not_done(error: BridgeError) -> bool:
    """Whether a write that raised this error was definitely not carried out, so that it may be sent again later."""
    if isinstance(error, OutcomeUnknownError | GarbledAnswerError | UnreadableError | LedgerError):
        return False
    if isinstance(error, NotFoundError):
        return error.of_write
    return isinstance(error, TransientError | ConfigurationError | RefusedError | HeldError)
