"""What all report pages look like: by day and by night, on a desk, on a phone and on paper."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import jinja2

LIGHT = {
    "ink": "#2f3a45",
    "soft": "#5a6672",
    "line": "#e3e8ec",
    "paper": "#ffffff",
    "ground": "#f5f7f8",
    "head": "#fafbfc",
    "link": "#23639b",
    "note": "#fdf3dc",
    "note-line": "#ecd9a8",
    "tag": "#ffffff",
    "look": "#a8452e",
    "open": "#80590a",
    "passing": "#536a7c",
    "agrees": "#33704f",
}
"""The colours by day, by what they are for. Texts have a contrast of at least 4.5 with what they stand on."""
DARK = {
    "ink": "#e3e8ec",
    "soft": "#a9b4be",
    "line": "#36414b",
    "paper": "#1d242b",
    "ground": "#14191e",
    "head": "#232b33",
    "link": "#8ec1f0",
    "note": "#3a3117",
    "note-line": "#5d4f26",
    "tag": "#14191e",
    "look": "#f0937c",
    "open": "#e5bb5c",
    "passing": "#9db4c6",
    "agrees": "#7cc79c",
}
"""The colours by night."""

_COMMON = """
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); line-height: 1.45;
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 28px 20px 60px; }
h1 { font-size: 1.55rem; margin: 0; font-weight: 650; }
h2 { font-size: 1.05rem; margin: 36px 0 10px; font-weight: 650; }
p { margin: 4px 0; } .soft { color: var(--soft); }
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: 2px; }
a:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
nav { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 0 0 14px; }
.banner { margin: 16px 0 0; padding: 10px 14px; border-radius: 8px; background: var(--note);
  border: 1px solid var(--note-line); }
.sheet { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; overflow: auto; }
table { width: 100%; border-collapse: collapse; font-size: .92rem; }
th, td { text-align: left; vertical-align: top; padding: 9px 12px; border-bottom: 1px solid var(--line); }
tr:last-child > td, tbody tr:last-child > th { border-bottom: 0; }
thead th { font-weight: 600; color: var(--soft); font-size: .82rem; white-space: nowrap; background: var(--head); }
tbody th { font-weight: inherit; }
td.amount, th.amount { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.look { --c: var(--look); } .open { --c: var(--open); }
.passing { --c: var(--passing); } .agrees { --c: var(--agrees); }
.none { padding: 16px; background: var(--paper); border: 1px solid var(--line); border-radius: 10px; }
"""
_PRINT = """
@media print {
  body { background: #fff; font-size: 11px; } main { max-width: none; padding: 0; }
  tr, figure { break-inside: avoid; } a { color: inherit; text-decoration: none; } .no-print { display: none; }
}
"""


@cache
def page_style() -> str:
    """The style sheet. What `data-theme` of the page says counts, else what the reader's system is set to."""
    light, dark = _variables(LIGHT), _variables(DARK)
    return (
        f":root {{ color-scheme: light; {light} }}\n"
        f':root[data-theme="dark"] {{ color-scheme: dark; {dark} }}\n'
        f'@media screen and (prefers-color-scheme: dark) {{ :root:not([data-theme="light"]) '
        f"{{ color-scheme: dark; {dark} }} }}\n"
        f"@media print {{ :root[data-theme] {{ color-scheme: light; {light} }} }}\n"
        f"{_COMMON}{_PRINT}"
    )


def page_environment() -> jinja2.Environment:
    """The templates' environment: everything is escaped, and `style` is the style sheet."""
    import jinja2
    from markupsafe import Markup

    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.globals["style"] = Markup(page_style())  # noqa: S704 - written above, nothing of it from elsewhere
    return environment


def _variables(colours: dict[str, str]) -> str:
    return " ".join(f"--{name}: {colour};" for name, colour in colours.items())
