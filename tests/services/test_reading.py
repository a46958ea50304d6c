"""What a party reads of orders, on a stored past."""

from bot.domain.cases import NOTHING, Action, Event, Party, Role, Status
from bot.domain.policy import Policy
from bot.services.desk import ReturnDesk
from bot.services.reading import Reading
from bot.services.records import Account
from storage.database import open_database
from tests.storage.samples import NOW, decided, new_case, order

ANNA = Account(id=10)


async def test_an_order_shows_its_returns_however_many_the_customer_has_had_since(url: str) -> None:
    reading = Reading(ReturnDesk(Policy.load(None)))
    async with await open_database(url) as memory:
        async with memory.group() as group:
            unit = group.unit(NOW)
            unit.orders.save_all([order("O-1"), order("O-2")])
            group.keep(unit)
            await group.commit()
        async with memory.group() as group:
            unit = group.unit(NOW)
            unit.orders.claim("O-1", ANNA.id)
            submit = Event(Action.SUBMIT, Party(Role.CUSTOMER, ANNA.id), NOTHING)
            for id in range(1, 60):
                case = new_case(id, order="O-1" if id in (1, 2) else "O-2")
                unit.cases.save(case, decided(case, Status.NEW), submit, NOW)
            group.keep(unit)
            await group.commit()
        async with memory.reading(NOW) as unit:
            view = await reading.order(unit, ANNA, "O-1")
    assert [case.id for case in view.returns] == [2, 1]
