"""The dispatcher at work: an update is put through to the one handler that takes it.

aiogram asks one router and one handler after the other, each behind wrappers of its own. A press
says with the prefix of its data what it is for, and a message is first for the form that is open,
so only the handlers that may take it are asked; and all handlers are in one place, so that no
update passes a router by (`performance.md` 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from functools import partial
from typing import Any

from aiogram import Bot, Dispatcher, Router
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.dispatcher.event.handler import CallableObject, FilterObject, HandlerObject
from aiogram.filters import Filter
from aiogram.types import CallbackQuery, Message, TelegramObject, Update
from aiogram.types.update import UpdateTypeLookupError

from bot.domain.cases import Refused
from bot.services.records import Account, DraftKind, DraftRow
from handlers.filters import SEPARATOR, DraftOpen
from handlers.tree import FLAG


class Switchboard(Dispatcher):
    """aiogram's dispatcher with one table for the handlers of all its chapters."""

    def __init__(self, **workflow_data: Any) -> None:
        super().__init__(disable_fsm=True, **workflow_data)
        self._presses: dict[str | None, list[HandlerObject]] = {None: []}
        self._messages: dict[DraftKind | None, list[HandlerObject]] = {None: []}
        # aiogram's own ask handlers of errors, of which there are none, and hand over who it is
        # from, which `Arrival` looks up by itself.
        for each in tuple(self.update.outer_middleware):
            self.update.outer_middleware.unregister(each)

    def take(self, *chapters: Router, messages: Sequence[Filter] = ()) -> None:
        """Add the handlers of routers behind those that are there.

        Those of messages get more filters. The routers stay free for another dispatcher: in
        aiogram a router has one parent in its life.
        """
        for chapter in chapters:
            for kind, observer in chapter.observers.items():
                more = [FilterObject(each) for each in messages] if kind == "message" else []
                for each in observer.handlers:
                    # What aiogram has found out about a callback holds for its copy.
                    handler = copy(each)
                    handler.filters = [*(each.filters or ()), *more]
                    self.observers[kind].handlers.append(handler)
        presses = [(_prefix(each), each) for each in self.callback_query.handlers]
        self._presses = {
            prefix: [each for own, each in presses if own in (prefix, None)]
            for prefix in {None, *(own for own, _ in presses)}
        }
        said = [(_form(each), each) for each in self.message.handlers]
        self._messages = {
            form: [each for own, each in said if own in (form, None)] for form in (None, *DraftKind)
        }

    async def feed_update(self, bot: Bot, update: Update, **kwargs: Any) -> Any:
        """Put an update through the middlewares of updates to its handler.

        aiogram wraps each of them anew for every update, and takes another round of wrappers to
        find out what kind of update it is: that costs as much as a handler.
        """
        data = {**self.workflow_data, **kwargs, "bot": bot, "event_update": update}
        put: Any = self._put_through
        for middleware in reversed(self.update.outer_middleware):
            put = partial(middleware, put)
        return await put(update, data)

    async def _put_through(self, update: Update, data: dict[str, Any]) -> Any:
        try:
            kind = update.event_type
        except UpdateTypeLookupError:
            return UNHANDLED
        return await self.propagate_event(kind, getattr(update, kind), **data)

    async def propagate_event(self, update_type: str, event: TelegramObject, **kwargs: Any) -> Any:
        """Call the first handler whose filters let the event pass. Raises Refused(not_your_role).

        The person must hold a role that the handler's flag names.
        """
        for handler in self._asked(update_type, event, kwargs.get("draft")):
            found = await _let_in(handler, event, kwargs)
            if found is not None:
                account: Account = found["account"]
                if handler.flags[FLAG].isdisjoint(account.roles):
                    raise Refused("not_your_role")
                return await handler.callback(event, **_wanted(handler, found))
        return UNHANDLED

    def _asked(
        self, update_type: str, event: TelegramObject, draft: DraftRow | None
    ) -> Sequence[HandlerObject]:
        """The handlers that may take this event, in their order."""
        if isinstance(event, CallbackQuery):
            prefix = (event.data or "").partition(SEPARATOR)[0]
            return self._presses.get(prefix, self._presses[None])
        if isinstance(event, Message) and update_type == "message":
            return self._messages.get(draft.kind if draft else None, self._messages[None])
        return self.observers[update_type].handlers


async def _let_in(
    handler: HandlerObject, event: TelegramObject, data: dict[str, Any]
) -> dict[str, Any] | None:
    """What the handler is called with; None if a filter does not let the event pass."""
    for each in handler.filters or ():
        # A filter is a coroutine (`tree.check_tree`), so it needs none of aiogram's wrapping.
        passed = await each.callback(event, **_wanted(each, data))
        if not passed:
            return None
        if isinstance(passed, dict):
            data = data | passed
    return data


def _wanted(called: CallableObject, data: dict[str, Any]) -> dict[str, Any]:
    """What of the data a handler or a filter has parameters for."""
    if called.varkw:
        return data
    return {name: data[name] for name in called.params if name in data}


def _form(handler: HandlerObject) -> DraftKind | None:
    """The form that must be open for this handler; None if it takes any message."""
    forms = (each.callback for each in handler.filters or ())
    return next((each.kind for each in forms if isinstance(each, DraftOpen)), None)


def _prefix(handler: HandlerObject) -> str | None:
    """What the data of a press must begin with for this handler; None if it takes any."""
    prefixes = (getattr(each.callback, "prefix", None) for each in handler.filters or ())
    return next(filter(None, prefixes), None)
