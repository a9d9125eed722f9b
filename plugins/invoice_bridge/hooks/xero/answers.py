"""Reading what Xero answered: the elements of a list, or the one element of a write, which tells its own outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from invoice_bridge.hooks.http.answers import MAY_BE_DONE, presentable
from invoice_bridge.hooks.xero.wire import NO_ID, XeroElement, XeroModel
from invoice_bridge_core.errors import (
    BridgeError,
    GarbledAnswerError,
    OutcomeUnknownError,
    RefusedError,
    UnreadableError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from invoice_bridge.hooks.http.answers import Answer

CREATE = "PUT"
"""The method that creates, and never changes anything."""

M = TypeVar("M", bound=XeroModel)
E = TypeVar("E", bound=XeroElement)


def listed(answer: Answer, name: str, model: type[M]) -> tuple[M, ...]:
    """The elements under `name` in answer to a read.

    :raises GarbledAnswerError: there is no such list, or an element cannot be read.
    """
    elements = _elements(answer, name)
    if elements is None:
        raise answer.error(GarbledAnswerError, f"Xero answered {answer.what} without {name}")
    try:
        return tuple(model.model_validate(element) for element in elements)
    except ValidationError as error:
        raise answer.error(
            GarbledAnswerError, f"Xero answered {answer.what} with {name} that cannot be read: {_places(error)}"
        ) from None


def written(answer: Answer, name: str, model: type[E], *, has_id: bool = True) -> E:
    """The one element under `name` in answer to a write.

    :param has_id: whether Xero always tells the element's id; it has not always told an allocation's.
    :raises RefusedError: the element itself says that it was not carried out, whatever the HTTP status.
    :raises OutcomeUnknownError: it may have been carried out: the answer lacks the element or its id, or says of a new
        element both that it was refused and which id it got.
    """
    elements = _elements(answer, name)
    if elements is None or len(elements) != 1:
        raise answer.unusable(f"Xero answered {answer.what} without the one {name} that was sent")
    outcome = _outcome(answer, name, model, elements[0], has_id=has_id)
    if isinstance(outcome, BridgeError):
        raise outcome
    return outcome


def written_each(answer: Answer, name: str, model: type[E], count: int) -> list[E | RefusedError | OutcomeUnknownError]:
    """What became of each of several elements under `name`, in the order in which they were sent.

    :param count: how many were sent.
    :raises OutcomeUnknownError: the answer has not as many, so that none is known.
    """
    elements = _elements(answer, name)
    if elements is None or len(elements) != count:
        raise answer.unusable(f"Xero answered {answer.what} without the {count} {name} that were sent")
    return [_outcome(answer, name, model, element) for element in elements]


def named_outcomes(
    answer: Answer, name: str, model: type[E], field: str
) -> dict[str, Callable[[Answer], E | RefusedError | OutcomeUnknownError]]:
    """What became of the elements under `name`, by the number in `field`, its capitals aside, in whatever order.

    What has no number is left out, and so is a number that stands in several elements. Each is read for the answer that
    it is given to, so that its errors can name one document.

    :raises OutcomeUnknownError: there is no such list.
    """
    elements = _elements(answer, name)
    if elements is None:
        raise answer.unusable(f"Xero answered {answer.what} without {name}")
    named: dict[str, list[Any]] = {}
    for element in elements:
        number = element.get(field) if isinstance(element, dict) else None
        if isinstance(number, str) and number.strip():
            named.setdefault(number.strip().casefold(), []).append(element)

    def reader(element: Any) -> Callable[[Answer], E | RefusedError | OutcomeUnknownError]:
        return lambda about: _outcome(about, name, model, element)

    return {number: reader(found[0]) for number, found in named.items() if len(found) == 1}


def _outcome(
    answer: Answer, name: str, model: type[E], element: Any, *, has_id: bool = True
) -> E | RefusedError | OutcomeUnknownError:
    try:
        read = model.model_validate(element)
    except ValidationError as error:
        return _unknown(answer, f"Xero answered {answer.what} with {name} that cannot be read: {_places(error)}")
    own_id = str(element.get(f"{name[:-1]}ID") or "").strip() or None
    if read.is_refused:
        if answer.method == CREATE and own_id not in (None, NO_ID):
            return _unknown(answer, f"Xero answered {answer.what} with an error and an id at once")
        return _refused(answer, presentable(iter(read.reasons)))
    if own_id == NO_ID and has_id:
        return _refused(answer, ())
    if own_id is None and has_id:
        return _unknown(answer, f"Xero answered {answer.what} without an id")
    return read


def _unknown(answer: Answer, text: str) -> OutcomeUnknownError:
    return answer.error(OutcomeUnknownError, f"{text}; {MAY_BE_DONE}")


def refusal_texts(answer: Answer) -> tuple[str, ...]:
    """The validation errors of all elements in an error's body (`ErrorNumber 10`), or nothing."""
    try:
        body = answer.json()
    except (OutcomeUnknownError, GarbledAnswerError, UnreadableError):
        return ()
    return presentable(_element_texts(body))


def _refused(answer: Answer, reasons: tuple[str, ...]) -> RefusedError:
    text = f"Xero refused {answer.what}: {'; '.join(reasons) or 'no reason given'}"
    return answer.error(RefusedError, text, reasons=reasons)


def _elements(answer: Answer, name: str) -> list[Any] | None:
    body = answer.json()
    elements = body.get(name) if isinstance(body, dict) else None
    return elements if isinstance(elements, list) else None


def _element_texts(body: Any) -> Iterator[str]:
    elements = body.get("Elements") if isinstance(body, dict) else None
    for element in elements if isinstance(elements, list) else []:
        errors = element.get("ValidationErrors") if isinstance(element, dict) else None
        for error in errors if isinstance(errors, list) else []:
            if isinstance(error, dict) and isinstance(error.get("Message"), str):
                yield error["Message"]


def _places(error: ValidationError) -> str:
    """Where the answer is wrong, without the values, which may be anybody's data."""
    return ", ".join(".".join(map(str, detail["loc"])) for detail in error.errors()[:5])
