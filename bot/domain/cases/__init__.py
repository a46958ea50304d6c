"""The values of a return: a case, its lines, its timers, the parties and the events.

Everything here is frozen. `lifecycle.decide` returns a new case and never changes one.
Instants are timezone-aware UTC datetimes; money is `Money`; personal content (texts, photos,
addresses) is not part of a case, only of the event that brought it.
"""

from bot.domain.cases.case import (
    CLOCK,
    SYSTEM,
    Capsule,
    Dispute,
    Line,
    Offer,
    Outages,
    Override,
    Party,
    Proposal,
    Refund,
    ReturnCase,
    Shown,
    Timer,
    dump_case,
    load_case,
    return_number,
)
from bot.domain.cases.events import (
    NOTHING,
    Asked,
    Decision,
    Event,
    Given,
    Happened,
    Option,
    Refused,
)
from bot.domain.cases.words import (
    PEOPLE,
    STAFF,
    TERMINAL,
    Action,
    Alarm,
    DisputeKind,
    DisputeTopic,
    Goods,
    Input,
    ReasonClass,
    Role,
    Route,
    Ruling,
    Status,
    Terms,
    TimerKind,
    side,
)

__all__ = [
    "CLOCK", "NOTHING", "PEOPLE", "STAFF", "SYSTEM", "TERMINAL", "Action", "Alarm", "Asked",
    "Capsule", "Decision", "Dispute", "DisputeKind", "DisputeTopic", "Event", "Given", "Goods",
    "Happened", "Input", "Line", "Offer", "Option", "Outages", "Override", "Party", "Proposal",
    "ReasonClass", "Refund", "Refused", "ReturnCase", "Role", "Route", "Ruling", "Shown", "Status",
    "Terms", "Timer", "TimerKind", "dump_case", "load_case", "return_number", "side",
]  # fmt: skip
