"""Who is it? Asked before any handler is looked for.

`Arrival` wraps every update: it turns away what is no person, keeps groups away from decisions,
loads the account and the open form, and binds the words.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from typing import Any

from aiogram import BaseMiddleware
from aiogram.dispatcher.middlewares.user_context import UserContextMiddleware
from aiogram.types import TelegramObject, Update, User

from bot.domain.cases import Role
from bot.screens import menu as screens
from bot.screens.screen import Reply
from bot.services.ports import Unit
from bot.services.records import Account
from bot.texts import Catalogues
from handlers.commands import set_commands
from handlers.filters import command_of, said_in
from handlers.support.topics import Topics

SERVICE_ACCOUNTS = frozenset({777000, 136817688, 1087968824})
"""Telegram itself, Channel Bot and Group Anonymous Bot: many people behind one id."""

Next = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class Arrival(BaseMiddleware):
    """Puts `account`, `draft` and `t` beside the update, or answers in place of a handler."""

    def __init__(
        self, catalogues: Catalogues, owners: Collection[int], zone: str, topics: Topics
    ) -> None:
        """`zone` is that of people whose own is not known: staff, before all."""
        self.catalogues = catalogues
        self.owners = frozenset(owners)
        self.zone = zone
        self.topics = topics

    async def __call__(self, handler: Next, event: TelegramObject, data: dict[str, Any]) -> Any:
        assert isinstance(event, Update)
        whose = UserContextMiddleware.resolve_event_context(event)
        user, chat = whose.user, whose.chat
        if user is None or not is_person(user, event):
            return None
        unit: Unit = data["unit"]
        # One after the other: all units of a group ask together, whichever they ask first.
        stored = await unit.accounts.get(user.id)
        draft = await unit.drafts.get(user.id)
        if chat is None or chat.type != "private":
            return await self._in_group(event, stored, user, unit, data["username"])
        account = self._arrived(stored, user, unit, event)
        t = self.catalogues.texts(account.language, account.zone)
        open_form = draft if draft and draft.due_at > unit.now else None
        data.update(account=account, draft=open_form, t=t)
        return await handler(event, data)

    def _arrived(self, stored: Account | None, user: User, unit: Unit, event: Update) -> Account:
        """The account as it is now, saved if something about it is new."""
        language = self.catalogues.nearest(user.language_code)
        account = stored or Account(id=user.id, language=language, zone=self.zone)
        if user.id in self.owners and account.staff is not Role.ADMIN:
            unit.accounts.join(user.id, Role.ADMIN)
            account = replace(account, staff=Role.ADMIN)
        if event.my_chat_member is not None:
            return account
        first = account.started_at is None
        if first:
            role = account.staff or account.role
            account = replace(account, started_at=unit.now, language=language, role=role)
            set_commands(unit, account, event)
        if first or not account.reachable:
            unit.outbox.release(account.id)
        if not account.reachable or account.name != user.full_name:
            account = replace(account, name=user.full_name, reachable=True)
        if account != stored:
            unit.accounts.save(account)
        return account

    async def _in_group(
        self, event: Update, stored: Account | None, user: User, unit: Unit, username: str
    ) -> Reply:
        """Money is decided in the private chat only: any member can press a group's button."""
        language = stored.language if stored else user.language_code
        t = self.catalogues.texts(self.catalogues.nearest(language))
        if event.callback_query is not None:
            return screens.only_in_private(t)
        if event.edited_message is not None and event.edited_message.chat.id == self.topics.group:
            await self.topics.corrected(event.edited_message, stored, unit)
        if event.message is not None and event.message.chat.id == self.topics.group:
            heard = await self.topics.heard(event.message, stored, unit, t)
            if heard is not None:
                return heard
        if event.message is not None and command_of(said_in(event.message)):
            return screens.private_chat(t, f"https://t.me/{username}")
        return None


def is_person(user: User, event: Update) -> bool:
    """Whether one person is behind this update: no bot, no channel, no anonymous admin."""
    message = event.message or event.edited_message
    on_behalf = message is not None and message.sender_chat is not None
    return not (user.is_bot or user.id in SERVICE_ACCOUNTS or on_behalf)
