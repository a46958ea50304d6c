"""The check of the router tree at start: a program with a hole in it does not start."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

from aiogram import Router
from aiogram.dispatcher.event.handler import FilterObject, HandlerObject

from bot.domain.cases import STAFF, Role

FLAG = "role"
_ROLES: frozenset[object] = frozenset(Role)


class Untagged(Exception):
    """A handler without a role, or a filter that would run in a thread. The message names it."""


def needs(*roles: Role) -> dict[str, Any]:
    """The flag of a handler: whoever calls it must hold one of these roles."""
    return {FLAG: frozenset(roles)}


ANYONE = needs(Role.CUSTOMER)
"""Everybody holds the role of a customer."""
SELLER = needs(Role.SELLER)
DESK = needs(*STAFF)
"""Moderators and admins."""
ADMIN = needs(Role.ADMIN)


def check_tree(root: Router) -> None:
    """Every handler names the role it needs and every filter is a coroutine. Raises Untagged."""
    for router in root.chain_tail:
        for kind, observer in router.observers.items():
            for check in observer._handler.filters or ():
                _check_filter(f"{router.name}.{kind}", check)
            if kind not in ("update", "error"):
                _check_handlers(f"{router.name}.{kind}", observer.handlers)


def _check_handlers(where: str, handlers: Iterable[HandlerObject]) -> None:
    for handler in handlers:
        name = f"{where}: {getattr(handler.callback, '__qualname__', handler.callback)}"
        roles = handler.flags.get(FLAG)
        if not (isinstance(roles, frozenset) and roles and roles <= _ROLES):
            raise Untagged(f"{name} does not say which role it needs")
        if not handler.awaitable:
            raise Untagged(f"{name} is not a coroutine")
        for check in handler.filters or ():
            _check_filter(name, check)


def _check_filter(where: str, check: FilterObject) -> None:
    # aiogram believes every Filter subclass to be a coroutine, whatever its __call__ is.
    call = check.callback if inspect.isroutine(check.callback) else type(check.callback).__call__
    if not (check.awaitable and inspect.iscoroutinefunction(call)):
        raise Untagged(f"{where} has a filter that is not a coroutine and would run in a thread")
