"""How a person says what is so: by command, or by the buttons of a page. A refusal names what they can say next."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WaysToSay:
    """Parts of sentences, after "say" or by themselves. These are of the commands."""

    i_looked: str = "add --i-looked"
    despite_missing_mark: str = "add --despite-missing-mark"
    not_booked: str = "--not-booked"
    told: str = "--told"
    _done: str = "--done {step}"
    _not_done: str = "--not-done {step}"
    _booked_as: str = "--booked-as {name}"
    _booked_as_without_mark: str = "--booked-as {name} --despite-missing-mark"

    def booked_as(self, name: str, *, has_mark: bool = True) -> str:
        """That it is booked under this number or id."""
        return (self._booked_as if has_mark else self._booked_as_without_mark).format(name=name)

    def step(self, step: str, *, is_done: bool) -> str:
        """That a step was carried out, or was not."""
        return (self._done if is_done else self._not_done).format(step=step)


BY_COMMAND = WaysToSay()

I_LOOKED = "I looked there myself"
NO_MARK = "It carries no mark of ours, and it is this document"
BOOKED_AS, NOT_BOOKED, TOLD = "It is booked", "It is not booked", "Its source was told"
TRY_AGAIN = "Try again now"
REJECT = "Reject it"
STEP_DONE, STEP_NOT_DONE = "A step was carried out", "A step was not carried out"
"""The words on the buttons and boxes of the pages where people say the same."""

BY_BUTTON = WaysToSay(
    i_looked=f"tick “{I_LOOKED}”",
    despite_missing_mark=f"say “{NO_MARK}”",
    not_booked=f"“{NOT_BOOKED}”",
    told=f"“{TOLD}”",
    _done=f"“{STEP_DONE}” of {{step}}",
    _not_done=f"“{STEP_NOT_DONE}” of {{step}}",
    _booked_as=f"“{BOOKED_AS}” with {{name}}",
    _booked_as_without_mark=f"“{BOOKED_AS}” with {{name}}, and “{NO_MARK}”",
)


class ToSay:
    """What a person says about one document, for the ends of reasons: the button of the page first, then the command.

    :param ref: the document's whole reference.
    """

    def __init__(self, ref: object) -> None:
        self._ref = ref

    @property
    def told(self) -> str:
        """That its source was told."""
        return self._both(BY_BUTTON.told, BY_COMMAND.told)

    @property
    def not_booked(self) -> str:
        """That it is not booked, or no more."""
        return self._both(BY_BUTTON.not_booked, BY_COMMAND.not_booked)

    def booked_as(self, name: str, *, has_mark: bool = True) -> str:
        """That it is booked under this number or id."""
        return self._both(BY_BUTTON.booked_as(name, has_mark=has_mark), BY_COMMAND.booked_as(name, has_mark=has_mark))

    def step(self, step: str, *, is_done: bool) -> str:
        """That a step was carried out, or was not."""
        return self._both(BY_BUTTON.step(step, is_done=is_done), BY_COMMAND.step(f'"{step}"', is_done=is_done))

    def _both(self, by_button: str, by_command: str) -> str:
        return on_the_page(by_button, f"resolve {self._ref} {by_command}")


def on_the_page(by_button: str, command: str) -> str:
    """A button of the page Invoices, and the command that does the same."""
    return f"{by_button} on the page Invoices in Airflow (without that page: airflow invoice-bridge {command})"


def what_you_can_do(name: object) -> str:
    """Where people decide on a document, for the end of its reason."""
    return (
        f"What you can do stands on the page Invoices in Airflow; without that page: airflow invoice-bridge show {name}"
    )
