"""Scripts for people: typed in a chat, played on the rules in force, with what may follow (N-9)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.cases import Party, ReturnCase, Role
from bot.domain.foresight import Possible, Unmoved, if_nobody_acts, if_one_acts
from bot.domain.policy import Policy
from bot.services.script import Script, ScriptError, read_script
from bot.services.simulation import Played, played
from bot.services.spoken import LONGEST, TOO_LONG, spoken_script

_TOML = re.compile(r"^\s*(?:\[\[?\w|start\s*=)", re.MULTILINE)
_PARTIES = (Role.CUSTOMER, Role.SELLER, Role.MODERATOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A script that was played, and what lies ahead of the case at its end, if there is one."""

    played: Played
    case: ReturnCase | None = None
    silent: Unmoved | None = None
    acts: Mapping[Role, tuple[Possible, ...]]


def tried(text: str, now: datetime, policy: Policy) -> Tried:
    """Play a script in TOML, or one in a few words that begins `now`. Raises ScriptError.

    `policy` is the one whose keys the script may change.
    """
    try:
        return _played(_script(text, now, policy))
    except OverflowError:
        raise ScriptError(TOO_LONG) from None


def _played(script: Script) -> Tried:
    ends = script.until or max(
        (step.instant(script.start) for step in script.steps), default=script.start
    )
    if ends - script.start > LONGEST:
        raise ScriptError(TOO_LONG)
    run = played(script)
    case = next((each for each in run.cases if each.live), None)
    if case is None:
        return Tried(played=run, acts={})
    return Tried(
        played=run,
        case=case,
        silent=if_nobody_acts(case, script.policy),
        acts={role: if_one_acts(case, Party(role, 1), run.now, script.policy) for role in _PARTIES},
    )


def _script(text: str, now: datetime, policy: Policy) -> Script:
    if _TOML.search(text):
        return read_script(text, policy)
    return spoken_script(text, now.replace(microsecond=0), policy)
