"""In which roles a person stands to a case."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.cases import STAFF, ReturnCase, Role
from bot.services.records import Account


def roles_on(account: Account, case: ReturnCase) -> Iterable[Role]:
    """The roles that a person has on a case; in all others it is as if there were no such case."""
    if account.id == case.customer:
        yield Role.CUSTOMER
    if case.seller in account.sellers:
        yield Role.SELLER
    if account.staff in STAFF:
        yield account.staff
