"""Who can be one of the two who set another status (row 56)."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.cases import Refused, ReturnCase, Role
from bot.services.overriding import check_may_override
from bot.services.records import Account
from tests.domain.life import march

CASE = ReturnCase(id=7, customer=1, seller="acme")


@pytest.mark.parametrize(
    ("account", "code"),
    [
        ({"id": 1}, "own_return"),
        ({"id": 5, "sellers": ("acme",)}, "own_return"),
        ({"id": 5, "blocked": True}, "blocked_admin"),
        ({"id": 5, "blocked": True, "blocked_until": march(3)}, "blocked_admin"),
    ],
)
def test_neither_a_party_nor_somebody_blocked_overrides(account: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused, match=code):
        check_may_override(Account(**account, staff=Role.ADMIN), CASE, march(2))


def test_whose_block_is_over_overrides_again() -> None:
    was = Account(id=5, staff=Role.ADMIN, blocked=True, blocked_until=march(2))
    check_may_override(was, CASE, march(2))
