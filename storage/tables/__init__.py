"""The tables. Instants are integers of microseconds, money is minor units, bodies are JSON text.

`SCHEMA` is the revision that this program reads and writes; the newest migration has its name.
"""

from storage.tables.columns import EPOCH, Instant, instant, metadata, microseconds
from storage.tables.figures import heads, marks, meters, seals, tallied
from storage.tables.marketplace import (
    ORDERS_KEPT,
    WITHHELD_WORK,
    opened_orders,
    order_names,
    orders,
    withheld_money,
    withholdings,
)
from storage.tables.messages import (
    ASIDE,
    DEAD,
    IN_GROUPS,
    UNDONE,
    UNSENT,
    counters,
    heartbeats,
    inbox,
    outages,
    outbox,
    slots,
)
from storage.tables.people import (
    HELD,
    UNREACHABLE,
    account_names,
    accounts,
    blocks,
    drafts,
    invitations,
    memberships,
    misses,
    sellers,
    templates,
)
from storage.tables.returns import (
    CLOSED_AND_KEPT,
    LIVE,
    LOST,
    OPENED,
    REFUNDS,
    STAFFS,
    WORDED,
    case_units,
    cases,
    contents,
    held_reminders,
    history,
    ledger,
    letters,
    ratings,
    reminded,
    reminders,
    rooms,
    timers,
)
from storage.tables.shown import (
    UNCOMPARED,
    UNSEEN,
    displays,
    evidence,
    files,
    looks,
    pictures,
    sightings,
)
from storage.tables.staff import NOT_DONE, audit, desk_timers, imports, policies, rules, trials

__all__ = [
    "ASIDE", "CLOSED_AND_KEPT", "DEAD", "EPOCH", "HELD", "IN_GROUPS", "LIVE", "LOST", "NOT_DONE",
    "OPENED", "ORDERS_KEPT", "REFUNDS", "SCHEMA", "STAFFS", "UNCOMPARED", "UNDONE", "UNREACHABLE",
    "UNSEEN", "UNSENT", "WITHHELD_WORK", "WORDED", "Instant", "account_names", "accounts", "audit",
    "blocks", "case_units", "cases", "contents", "counters", "desk_timers", "displays", "drafts",
    "evidence", "files", "heads", "heartbeats", "held_reminders", "history", "imports", "inbox",
    "instant", "invitations", "ledger", "letters", "looks", "marks", "memberships", "metadata",
    "meters", "microseconds", "misses", "opened_orders", "order_names", "orders", "outages",
    "outbox", "pictures", "policies", "ratings", "reminded", "reminders", "rooms", "rules", "seals",
    "sellers", "sightings", "slots", "tallied", "templates", "timers", "trials", "withheld_money",
    "withholdings",
]  # fmt: skip

SCHEMA = "0023"
