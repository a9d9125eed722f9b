"""The core: what moves, when and how. It knows neither Airflow nor any one system.

Two kinds of records. A pydantic model where values come from outside and have to be checked, or where the record is
kept or passed on as JSON: routes, documents, bookings, answers of systems, reference data, tokens. A frozen dataclass
for what our own code makes of values that it trusts: rows of the ledger, results, findings, differences.
"""
