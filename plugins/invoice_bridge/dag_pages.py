"""How the DAGs of a route look in Airflow: a name that people say, and a page that tells a bookkeeper what to do."""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING, Any

from invoice_bridge.page_addresses import REPORTS_PREFIX, desk_link

if TYPE_CHECKING:
    from invoice_bridge_core.routes.model import Route

_TASKS = """
## What the colours say

| A task is | It means | What to do |
|---|---|---|
| green | $done | Nothing. |
| pink (skipped) | $skipped Its name says why. | Do what the reason says. The next run notices it by itself. |
| orange (up for retry) | Something that passes: an outage, a limit, a time-out. | Nothing. It is tried again. |
| red (failed) | $failed | Open the task: its log ends with what happened, why, and what to do next. |

A task bears the name of what it carries: $name. Its buttons lead to it$buttons.

Nothing is done twice. To repeat one thing, open its task, choose *Clear*, take *Downstream* out of the choice, and
confirm.
"""
_DOCUMENT_TASKS = {
    "name": "number, customer and amount",
    "buttons": " in $source, in $finance, and on the desk",
    "failed": "Rejected, in doubt, or failed.",
}
_DESK = "**[All documents of this route that wait for somebody]($desk)** – decide there what only people may decide.\n"
_REPORTS = "**[All reports of this route]($reports)**\n"

_PAGES: dict[str, tuple[str, str, str, dict[str, str]]] = {
    "invoice_transfer__": (
        "Invoices · $source → $finance",
        """
Moves the invoices, credit notes and card payments that wait in $source to $finance, each once. $source is told the
number that each got.
""",
        _DESK,
        {
            **_DOCUMENT_TASKS,
            "done": "It stands in $finance, and $source knows it.",
            "skipped": "It is held, or it waits.",
        },
    ),
    "payment_status__": (
        "Payments · $finance → $source",
        """
Asks $finance what was paid, and tells $source which documents are paid in full, each once. Part payments are waited
for.
""",
        _DESK,
        {
            **_DOCUMENT_TASKS,
            "done": "$source knows that it is paid.",
            "skipped": "It is not paid in full, or it waits.",
            "failed": "$source could not be told.",
        },
    ),
    "daily_close__": (
        "Daily close · $source, $finance",
        """
Closes a day: moves what is left of it, reports its payments, and then compares $source, our ledger and $finance. Each
run closes the days that ended before it; one that is started by hand closes yesterday.

To close past days again, choose *Backfill*, give the first day and the day after the last one, and leave *Since* and
*Until* empty. They are for a single run that is started by hand.
""",
        _DESK + "\n" + _REPORTS,
        {
            **_DOCUMENT_TASKS,
            "done": "It was moved, or told; `reconcile`: the report is written.",
            "skipped": "It is held, or it waits.",
        },
    ),
    "sales_sync__": (
        "Sales · $finance → $source",
        """
Shows in $source what $finance has really sent: each invoice and credit note that belongs to a project becomes one sale
of that project. What somebody changes in a sale by hand stays until $finance has news of it.
""",
        _DESK,
        {
            "name": "number, project and amount",
            "buttons": "",
            "done": "$source shows it as $finance has it.",
            "skipped": "It is held, or it waits.",
            "failed": "$source could not show it.",
        },
    ),
    "customer_sync__": (
        "Customers · $master → $other",
        """
Keeps customers and their contact persons of $other as $master has them. Nobody is deleted, and what is empty in $master
empties nothing, unless the route says `wipe: true`. A *Dry run* lists what would be changed and writes nothing.
""",
        _REPORTS,
        {
            "name": "the customer's",
            "buttons": "",
            "done": "Both sides say the same.",
            "skipped": "It is held, or it waits. Held are: changed on both sides, two that fit, one that is archived.",
            "failed": "It could not be written.",
        },
    ),
    "decisions__": (
        "Decisions · $source, $finance",
        """
Asks people what only people may decide, one question for each document. Answer under *Required actions*, or on the
desk: both are the same. Choose one of the answers, and say why. Your name and your reason are kept in the document's
history.

What nobody answers within 20 hours is asked again by the next run. What was refused or left is not, unless something
changes.
""",
        _DESK,
        {
            "name": "the document's, and what was decided",
            "buttons": "",
            "done": "It was answered; `carry_out`: it is done.",
            "skipped": "Nobody answered, or it was decided elsewhere.",
            "failed": "A rule of one of the two systems forbids what was approved.",
        },
    ),
}


def shown_as(route: Route, prefix: str) -> dict[str, Any]:
    """A DAG's name and page, as arguments of `DAG`.

    :param prefix: of the DAG's id, before the route's name: it says which kind of DAG it is.
    """
    title, what, links, tasks = _PAGES[prefix]
    source, finance = route.source.system_name, route.finance.system_name
    is_source_master = route.customers is None or route.customers.is_source_master
    words = {
        "source": source,
        "finance": finance,
        "master": source if is_source_master else finance,
        "other": finance if is_source_master else source,
        "desk": desk_link(route=route.route),
        "reports": f"{REPORTS_PREFIX.lstrip('/')}/{prefix}{route.route}/",
    }
    told = {name: Template(text).substitute(words) for name, text in tasks.items()}
    page = f"{Template(what).substitute(words)}\n{Template(links).substitute(words)}{Template(_TASKS).substitute(told)}"
    return {"dag_display_name": f"{Template(title).substitute(words)} ({route.route})", "doc_md": page.strip()}
