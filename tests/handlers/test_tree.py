from typing import Any

import pytest
from aiogram import F, Router
from aiogram.filters import Filter
from aiogram.types import Message

from handlers.tree import ANYONE, Untagged, check_tree


async def handled(message: Message) -> None:
    return None


def tree(*filters: Any, flags: dict[str, Any] | None = ANYONE, handler: Any = handled) -> Router:
    root, leaf = Router(name="root"), Router(name="leaf")
    root.include_router(leaf)
    leaf.message.register(handler, *filters, flags=dict(flags) if flags else None)
    return root


class Always(Filter):
    async def __call__(self, message: Message) -> bool:
        return True


class InAThread(Filter):
    def __call__(self, message: Message) -> bool:  # type: ignore[override]
        return True


def test_a_tagged_handler_with_coroutine_filters_may_start() -> None:
    check_tree(tree(Always()))


def test_a_handler_without_a_role_stops_the_start() -> None:
    with pytest.raises(Untagged, match=r"leaf\.message: handled does not say which role"):
        check_tree(tree(Always(), flags=None))


@pytest.mark.parametrize("roles", [frozenset(), "admin", {"admin"}, frozenset({"nobody"})])
def test_a_role_that_is_none_stops_the_start(roles: object) -> None:
    with pytest.raises(Untagged, match="does not say which role"):
        check_tree(tree(Always(), flags={"role": roles}))


@pytest.mark.parametrize("check", [F.text, lambda message: True, InAThread()])
def test_a_filter_that_would_run_in_a_thread_stops_the_start(check: Any) -> None:
    with pytest.raises(Untagged, match="not a coroutine"):
        check_tree(tree(check))


def test_a_filter_for_a_whole_router_is_checked_too() -> None:
    root = tree(Always())
    root.sub_routers[0].message.filter(F.text)
    with pytest.raises(Untagged, match="not a coroutine"):
        check_tree(root)


def test_a_handler_that_would_run_in_a_thread_stops_the_start() -> None:
    def plain(message: Message) -> None:
        return None

    with pytest.raises(Untagged, match="plain is not a coroutine"):
        check_tree(tree(Always(), handler=plain))
