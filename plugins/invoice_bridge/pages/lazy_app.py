"""An application that is built when it is first asked for.

Airflow loads plugins in every process, those of tasks too, and only its API server ever serves a page.
"""

from __future__ import annotations

import importlib
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping


class LazyApp:
    """An ASGI application.

    :param factory: `package.module:function`, which returns the real one.
    """

    def __init__(self, factory: str) -> None:
        self._factory = factory

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        """Serve one request."""
        await self._app(scope, receive, send)

    @cached_property
    def _app(self) -> Any:
        module, _, function = self._factory.partition(":")
        return getattr(importlib.import_module(module), function)()
