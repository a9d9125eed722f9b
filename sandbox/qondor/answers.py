"""Qondor's answers: exact JSON, and ASP.NET's ProblemDetails (qondor.md, "Base URL and access")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from sandbox.exact_json import write_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_RFC = "https://tools.ietf.org/html/rfc9110#section-15.5."


def json_answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer with exact numbers."""
    return Response(write_json(body), status, headers, media_type="application/json")


def problems(errors: Mapping[str, Sequence[str]]) -> Response:
    """What is wrong with which fields."""
    return _problem_details(
        {
            "type": f"{_RFC}1",
            "title": "One or more validation errors occurred.",
            "status": 400,
            "errors": {field: list(messages) for field, messages in errors.items()},
        }
    )


def problem(field: str, message: str) -> Response:
    """One broken rule."""
    return problems({field: [message]})


def not_found() -> Response:
    """An id that nobody knows."""
    return _problem_details({"type": f"{_RFC}5", "title": "Not Found", "status": 404})


def no_such_path() -> Response:
    """A path that the gateway before Qondor leads nowhere."""
    return json_answer({"statusCode": 404, "message": "Resource not found"}, 404)


def _problem_details(body: dict[str, Any]) -> Response:
    return Response(write_json(body), body["status"], media_type="application/problem+json")
