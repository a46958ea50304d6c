"""How each seller decides, as it was counted last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from pydantic import TypeAdapter
from pydantic_core import to_json
from sqlalchemy import delete, select

from bot.services.tallying import Meter
from storage import tables
from storage.effects import Batch, Phase, every, upsert
from storage.gathered import KEYS
from storage.line import Line

_THESE = select(tables.meters).where(tables.meters.c.seller.in_(KEYS))
_CLEAR = every(Phase.CLEAR, delete(tables.meters))
_METER, _BEAT = upsert(tables.meters), upsert(tables.heartbeats)
_METER_OF = TypeAdapter(Meter)
_LAST = select(tables.heartbeats.c.at).where(tables.heartbeats.c.name == "counted")


async def keep_meters(connection: Line, found: Mapping[str, Meter], now: datetime) -> None:
    """Put these meters in the place of all that there were."""
    batch = Batch()
    batch.add([(_CLEAR, {})])
    batch.add(
        (_METER, {"seller": seller, "body": to_json(asdict(meter)).decode()})
        for seller, meter in found.items()
    )
    batch.add([(_BEAT, {"name": "counted", "at": now})])
    await batch.write(connection)


async def meters(connection: Line, sellers: Sequence[str]) -> Mapping[str, Meter]:
    """The meters of sellers, as they were counted last."""
    rows = await connection.execute(_THESE, {"keys": list(sellers)})
    return {row.seller: _METER_OF.validate_json(row.body) for row in rows}


async def counted_at(connection: Line) -> datetime | None:
    """When the meters were counted last."""
    at: datetime | None = (await connection.execute(_LAST)).scalar()
    return at
