"""Shows what is wrong with route files as this file's import error.

In Airflow an import error stops every DAG of the file it belongs to, so the other DAG files build the good routes only
and a wrong route file stops that route alone. (Airflow reads only files that mention both airflow and dag.)
"""

from __future__ import annotations

from invoice_bridge_core.routes.loader import load_routes

errors = load_routes().errors
if errors:
    raise ExceptionGroup(f"{len(errors)} route file(s) cannot be used", list(errors.values()))
