"""`README.md` of this folder, written from the table: `python -m bot.domain.state_table`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

from bot.domain.cases import TERMINAL, Action, Role, Status, TimerKind
from bot.domain.policy import Policy
from bot.domain.timers import OWNERS
from bot.domain.transitions import CLOSED, LIVE, TABLE, Transition
from bot.domain.turns import ENTRIES

_OPENING = """\
# The life of a return

The rows of `transitions.py`, as `python -m bot.domain.state_table` writes them; a test compares.
`decide(case, event, now, policy)` in `lifecycle.py` takes the first row of a status and an event
whose condition holds. Row numbers are stable: histories name them. Rule ids are those of
`rulebook.py`.

| module | what it says |
|---|---|
| `cases` | the words, a case with its timers, and what happens to it |
| `transitions.py` | the table |
| `guards.py` | when a row may be taken |
| `forms.py`, `checks.py` | what an action asks of the party, and refuses of the answers |
| `turns.py`, `effects.py`, `disputes.py`, `proposals.py`, `staff.py` | what a row changes |
| `capsules.py` | codes that are photographed beside the product |
| `refusals.py` | the codes with which it refuses |
| `timers.py` | whose time runs, outages, reminders |
| `lifecycle.py` | `decide`, `available_actions`, `what_happens_on_silence` |
| `orders.py`, `windows.py`, `eligibility.py`, `intake.py` | what may be returned, and how |
| `money.py`, `refunds.py`, `costs.py` | what a return is worth, and costs the seller |
| `outlook.py`, `foresight.py`, `replay.py` | what would follow: now, later, under other rules |
| `policy*.py` | every choice that is left open, its default, its file |
| `reasons.py`, `tracks.py`, `rulebook.py` | why things come back, parcels, sources |
| `reminding.py`, `closing.py`, `rating.py` | when people are reminded, and of what; who may rate |
| `blocking.py`, `moderation.py`, `withholding.py` | what the staff decide beside returns |
"""


def render() -> str:
    """The whole file."""
    parts = (_OPENING, _diagram(), states(), _timers(), _transitions())
    return "\n".join(parts)


def _grid(title: str, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = tuple(heads)
    lines = [f"## {title}", "", _line(heads), "|" + "---|" * len(heads), *map(_line, rows)]
    return "\n".join(lines) + "\n"


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _diagram() -> str:
    """Who brings a case from which status into which; overrides and standing still left out."""
    edges: dict[tuple[Status, Status], list[str]] = {}
    for row in TABLE:
        for source in row.sources:
            for target in row.to:
                if target is not source and not row.otherwise and row.trigger != Action.OVERRIDE:
                    events = edges.setdefault((source, target), [])
                    event = row.event.replace("_", " ")
                    if event not in events:
                        events.append(event)
    lines = ["## Diagram", "", "```mermaid", "stateDiagram-v2", "    [*] --> DRAFT"]
    lines += [f"    {a} --> {b}: {', '.join(events)}" for (a, b), events in edges.items()]
    lines += [f"    {status} --> [*]" for status in Status if status in TERMINAL]
    return "\n".join([*lines, "```", ""])


def states() -> str:
    """The table of statuses, which the README of the project shows as well."""

    def rows() -> Iterator[tuple[str, ...]]:
        for status, entry in ENTRIES.items():
            goods = f"`{entry.goods}`" if entry.goods else "as before"
            yield (
                f"`{status}`",
                "ended" if status in TERMINAL else entry.owes or "payment or transit",
                ", ".join(f"`{kind}`" for kind in entry.timers),
                goods,
            )

    return _grid("Statuses", ("status", "who owes", "timers that start", "goods"), rows())


def _timers() -> str:
    policy = Policy()
    fires: dict[TimerKind, list[str]] = {}
    for row in TABLE:
        if isinstance(row.trigger, TimerKind) and row.row not in fires.get(row.trigger, ()):
            fires.setdefault(row.trigger, []).append(row.row)

    def rows() -> Iterator[tuple[str, ...]]:
        for kind in TimerKind:
            yield (
                f"`{kind}`",
                OWNERS[kind] or "nobody",
                _length(policy.length(kind)),
                ", ".join(_length(each) for each in policy.reminders(kind)),
                ", ".join(fires[kind]),
            )

    heads = ("timer", "who owes", "length by default", "reminders before", "rows")
    return _grid("Timers", heads, rows())


def _transitions() -> str:
    heads = ("row", "from", "event", "who", "condition", "to", "rule", "hears as well")
    return _grid("Transitions", heads, (_cells(row) for row in TABLE))


def _cells(row: Transition) -> tuple[str, ...]:
    conditions = [_words(each) for each in (row.when, row.guard) if each is not None]
    if row.ruling is not None:
        conditions.append(f"for {row.ruling.replace('_', ' ')}")
    if row.otherwise:
        conditions.append("by policy")
    return (
        row.row,
        _names(row.sources),
        row.event,
        _roles(row.roles),
        ", ".join(conditions),
        _names(row.to) if row.to else "the same",
        row.rule,
        _roles(row.hears),
    )


def _words(function: Callable[..., object]) -> str:
    return function.__name__.replace("_", " ")


def _names(statuses: tuple[Status, ...]) -> str:
    if len(statuses) > len(LIVE):
        return "any"
    if statuses == LIVE:
        return "any live one"
    if statuses == CLOSED:
        return "any ended one but `REFUNDED`"
    return ", ".join(f"`{status}`" for status in statuses)


def _roles(roles: frozenset[Role]) -> str:
    return ", ".join(role for role in Role if role in roles)


def _length(length: timedelta) -> str:
    hours, rest = divmod(length, timedelta(hours=1))
    if rest:
        return f"{length / timedelta(minutes=1):g} min"
    return f"{hours // 24} d" if hours and hours % 24 == 0 and hours > 48 else f"{hours} h"


if __name__ == "__main__":
    print(render(), end="")
