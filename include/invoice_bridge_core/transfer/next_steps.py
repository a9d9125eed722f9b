"""What a person does about a document that did not end as wanted: the one source of these sentences.

The desk adds what it knows of the document's row (`desk.next_step`), a task's log where it stands on the desk.
"""

from __future__ import annotations

from invoice_bridge_core.documents.outcomes import Outcome

DO_AS_SAID = "Do what the reason says"
MEND = "Mend what the reason says"
NOTICED = "The next run notices it and goes on"
NOTHING_TO_DO = "Nothing is to be done: a later run takes it up by itself"


def made_anew(source: str) -> str:
    """What its author does with what was rejected."""
    return f"Its author deletes it in {source} and makes a new one; nothing else will be done about this one"


def compared(source: str, finance: str) -> str:
    """What somebody does with what is in doubt."""
    return f"Compare {source} and {finance}, and say on the desk what is so; until then nothing is sent"


def after(outcome: Outcome, source: str, finance: str) -> str:
    """What comes after a task that ended so.

    :param source: the source system's name; `finance` likewise.
    """
    match outcome:
        case Outcome.REJECTED:
            return made_anew(source)
        case Outcome.HELD:
            return f"{MEND}. {NOTICED}; clear this task to go on at once"
        case Outcome.IN_DOUBT:
            return compared(source, finance)
        case Outcome.FAILED:
            return "Clear this task to try again. If it fails again, show this log to those who run Airflow"
        case _:
            return NOTHING_TO_DO
