"""Reads the two sections of a route that are about systems as the settings of the system that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError, WrapValidator
from pydantic_core import InitErrorDetails, PydanticCustomError

from invoice_bridge_core.errors import ConfigurationError
from invoice_bridge_core.routes.systems import settings_class, system_names, systems_playing

if TYPE_CHECKING:
    from pydantic import ValidatorFunctionWrapHandler

    from invoice_bridge_core.routes.settings import SystemSettings
    from invoice_bridge_core.routes.systems import Role


def of_named_system(role: Role) -> WrapValidator:
    """Reads a section as the settings of the system that it names."""

    def read(value: Any, as_base: ValidatorFunctionWrapHandler) -> Any:
        if not isinstance(value, dict):
            # Settings as they are; whatever else it is, the base refuses.
            return as_base(value)
        return _settings_class(role, value).model_validate(value)

    return WrapValidator(read)


def refused_key(key: str, must: str, value: object) -> ValidationError:
    """The finding that a key of a section holds what it must not.

    :param must: what is allowed there instead, as `must …`.
    """
    refusal = PydanticCustomError("value_error", "{error}", {"error": must})
    return _wrong_key(key, InitErrorDetails(type=refusal, input=value))


def _settings_class(role: Role, section: dict[str, Any]) -> type[SystemSettings]:
    if "system" not in section:
        raise _wrong_key("system", InitErrorDetails(type="missing", input=section))
    system = section["system"]
    try:
        found = settings_class(system, role) if isinstance(system, str) and system in system_names() else None
    except ConfigurationError as error:
        raise refused_key("system", str(error), system) from error
    if found is None:
        expected = " or ".join(repr(name) for name in systems_playing(role)) or "a system, and none is installed"
        raise _wrong_key("system", InitErrorDetails(type="literal_error", input=system, ctx={"expected": expected}))
    return found


def _wrong_key(key: str, details: InitErrorDetails) -> ValidationError:
    """The finding about one key of a section; pydantic puts the section's own name before it."""
    return ValidationError.from_exception_data("Route", [{**details, "loc": (key,)}])
