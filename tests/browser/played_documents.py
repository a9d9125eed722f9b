"""Answers of the desk about a few documents, in the form in which it gives them."""

from __future__ import annotations

from typing import Any

from tests.browser.played_airflow import PlayedAirflow

NASTY = "<img src=x onerror=\"document.title='taken'\">"
BOOKED_AS = {
    "name": "booked_as",
    "label": "It is booked",
    "question": "Under which number or id is P-1 booked? The finance system is asked.",
    "inputs": [
        {"name": "booking", "label": "Number or id in finance", "kind": "text", "required": True, "choices": []},
        {
            "name": "despite_missing_mark",
            "label": "It has no mark",
            "kind": "flag",
            "required": False,
            "choices": [],
            "is_button": True,
        },
    ],
    "of_many": False,
}
STEP_DONE = {
    "name": "step_done",
    "label": "A step was done",
    "question": "Which one?",
    "inputs": [
        {
            "name": "step",
            "label": "Step",
            "kind": "choice",
            "required": True,
            "choices": [{"value": "activate", "label": "activate"}, {"value": "mail", "label": "mail"}],
        },
        {"name": "reason", "label": "Why", "kind": "reason", "required": False, "choices": []},
    ],
    "of_many": False,
}
RETRY = {"name": "retry", "label": "Try again now", "question": "Try again now?", "inputs": [], "of_many": True}
REASON = {"name": "reason", "label": "Why", "kind": "reason", "required": True, "choices": []}
CONTACT = {"name": "contact", "label": "Contact", "kind": "choice", "required": True, "choices": []}
ACTS = {
    name: {"name": name, "label": label, "question": f"{label}?", "inputs": inputs, "of_many": True}
    for name, label, inputs in (
        ("put_aside", "Put it aside", [REASON]),
        ("take_back", "Take it back to the list", []),
        ("agreed", "It is right so", [REASON]),
        ("mended", "It is put right", []),
        ("requeue", "Put it back into its queue", [REASON]),
        ("choose_contact", "Choose the contact", [CONTACT]),
    )
}
FINDING = {
    "cause": "article",
    "severity": "holds",
    "text": "2 articles are not mapped (SPA, GIFT): 7 documents, 84 300.00 SEK wait",
    "what_to_do": "Map them here.",
    "documents": 7,
    "sums": [{"currency": "SEK", "total": "84300.00", "count": 7}],
    "filter": {"route": "qondor_xero", "state": ["held"], "view": "open"},
    "parts": [{"name": name, "documents": 3, "sums": []} for name in ("SPA", "GIFT")],
    "proposals": [],
}


def entry(key: int, state: str = "held", **changes: Any) -> dict[str, Any]:
    """One line of the list."""
    values = {
        "id": key,
        "ref": f"qondor:qondor_default:{key}",
        "number": f"P-{key}",
        "kind": "customer offer invoice",
        "customer": f"Nordlys {key} AS",
        "date": "2026-11-02",
        "total": "10000",
        "currency": "NOK",
        "route": "qondor_xero",
        "office": "7",
        "state": state,
        "since": "2026-11-29T10:00:00+00:00",
        "reason": "Article code 'SPA' not found in finance system",
        "next_step": "Map the article.",
        "seen": f"{state}|{key}",
        "is_aside": False,
        "may_act": True,
        "links": {
            "source": "javascript:alert(1)",
            "finance": "https://go.xero.example/1",
            "task": "dags/invoice_transfer__qondor_xero/runs/r/tasks/invoices/mapped/1",
            "reconciliation": None,
        },
    }
    return values | changes


def document(line: dict[str, Any], *acts: dict[str, Any]) -> dict[str, Any]:
    """One document with all that is known of it."""
    return line | {
        "words": "It waits.",
        "facts": [{"label": "Project", "value": "P-5501"}],
        "sides": [
            {"field": "Contact", "sent": line["customer"], "held": "Nordlys", "differs": False},
            {"field": "Total", "sent": "10 000.00", "held": "10 001.00", "differs": True},
        ],
        "lines": [{"description": "Room", "article": "SPA", "quantity": "2", "total": "10 000.00"}],
        "booking": [],
        "changed_in_finance": [{"field": "Total", "sent": "1.00", "held": "2.00", "seen_at": line["since"]}],
        "history": [
            {
                "at": line["since"],
                "actor": "invoice_transfer__qondor_xero/r/invoices/1",
                "from": "seen",
                "to": line["state"],
                "note": line["reason"],
                "changes": [{"field": "reason", "from": "a", "to": "b"}],
                "task": line["links"]["task"],
            }
        ],
        "payments": [{"label": "Paid", "value": "0.00"}],
        "steps": [{"step": "book", "state": "intended", "at": line["since"], "text": "sent", "finance_id": None}],
        "papers": [{"label": "The booking in finance", "href": "https://go.xero.example/1", "is_outside": True}],
        "acts": list(acts),
        "aside": None,
    }


def desk_of(*lines: dict[str, Any]) -> PlayedAirflow:
    """A desk with these documents: the first is in doubt, the others can be tried again."""

    def listed(query: dict[str, list[str]]) -> dict[str, Any]:
        wanted = [line for line in lines if line["state"] in query.get("state", [line["state"]])]
        page = int(query.get("page", ["1"])[0])
        states = {line["state"]: sum(one["state"] == line["state"] for one in lines) for line in lines}
        return {
            "documents": wanted[(page - 1) * 50 : page * 50],
            "count": len(wanted),
            "page": page,
            "size": 50,
            "states": states,
            "sums": [{"currency": "NOK", "total": str(10000 * len(wanted)), "count": len(wanted)}],
            "routes": [{"name": "qondor_xero", "may_act": True}],
            "offices": ["7", "8"],
            "since_yesterday": {"opened": 2, "closed": 5},
        }

    acts = {line["id"]: [BOOKED_AS, STEP_DONE, RETRY] if line["state"] == "in doubt" else [RETRY] for line in lines}
    answers: dict[str, Any] = {"documents": listed}
    answers |= {f"documents/{line['id']}": document(line, *acts[line["id"]]) for line in lines}
    answers["strip"] = {
        "open": len(lines),
        "states": {"in doubt": 1, "held": len(lines) - 1},
        "sums": [{"currency": "NOK", "total": "10000", "count": 1}],
        "guarded": 2,
    }
    answers["changed"] = [lines[0] | {"differences": [{"field": "Total", "sent": "1.00", "held": "2.00"}]}]
    answers["preflight/qondor_xero"] = {
        "route": "qondor_xero",
        "keeps_any": True,
        "documents": 7,
        "sums": FINDING["sums"],
        "findings": [FINDING],
        "last_good_run": "2026-11-29T10:00:00+00:00",
        "next_run": None,
        "limits": [{"connection": "xero_default", "text": "xero_default: 4 321 of 5 000 calls left today"}],
        "free": {"documents": 0, "sums": []},
    }
    return PlayedAirflow(answers)
