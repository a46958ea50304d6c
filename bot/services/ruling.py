"""Which rules are in force: those of the settings, until two admins switch on others (N-10).

A return keeps the policy under which it was opened; what is in force counts for new ones alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from bot.domain.cases import Refused, Role
from bot.domain.policy import Policy, PolicyError
from bot.services.announcing import tell
from bot.services.auditing import Deed, audited
from bot.services.desk import ReturnDesk
from bot.services.ports import Unit
from bot.services.records import Account, InForce, Trial
from bot.services.staffing import at_hand


class NotUnderstood(Exception):
    """The rules in force are those of another program. `str()` is one line for a person."""

    def __init__(self, rules: InForce, why: Exception) -> None:
        super().__init__(
            f"the rules in force, {rules.name} (version {rules.version}), are not understood: "
            f"{why}. If a newer program has switched them on, upgrade this one"
        )


async def begin(unit: Unit, policy: Policy, name: str) -> Policy:
    """The policy in force at a start; `policy` and `name` are those of the settings.

    They count as long as nobody has switched on others, and each change of them is a version.
    Raises NotUnderstood: two administrators have switched on rules that this program cannot keep,
    and neither new returns nor those under such rules may be decided by others.
    """
    unit.policies.keep(policy.digest, policy.canonical)
    last = await unit.policies.in_force()
    if last is not None and last.confirmed_by:
        try:
            return await policy_in(unit, last.digest)
        except (PolicyError, LookupError) as error:
            raise NotUnderstood(last, error) from error
    if last is None or last.digest != policy.digest:
        version = last.version + 1 if last else 1
        unit.policies.bring(
            InForce(version=version, digest=policy.digest, name=name, since=unit.now)
        )
    return policy


async def policy_in(unit: Unit, digest: str) -> Policy:
    """A stored policy. Raises LookupError."""
    canonical = await unit.policies.get(digest)
    if canonical is None:
        raise LookupError("the policy in force is not stored")
    return Policy.from_canonical(canonical)


async def trial(unit: Unit, by: Account, id: int) -> Trial:
    """What was tried. Raises Refused: `not_your_role`, `not_found`."""
    if by.staff is not Role.ADMIN:
        raise Refused("not_your_role")
    found = await unit.policies.trial(id)
    if found is None:
        raise Refused("not_found")
    return _as_asked(found, await _admins(unit))


async def open_trials(unit: Unit) -> tuple[Trial, ...]:
    """All that was tried and not ended."""
    admins = await _admins(unit)
    return tuple(_as_asked(each, admins) for each in await unit.policies.open_trials())


def _as_asked(tried: Trial, admins: Sequence[Account]) -> Trial:
    """The word of who is no administrator any more does not count: another may ask."""
    asks = tried.asked_by in {each.id for each in admins}
    return tried if asks else replace(tried, asked_by=None)


async def ask(unit: Unit, by: Account, id: int) -> Trial:
    """One administrator wants what was tried in force; another one must confirm it.

    Raises Refused: `trial_ended`, `rules_in_force`, `only_admin`.
    """
    tried = await _open(unit, by, id)
    if tried.asked_by is not None:
        raise Refused("second_admin" if tried.asked_by == by.id else "already_asked")
    others = [each for each in await _admins(unit) if each.id != by.id]
    if not others:
        raise Refused("only_admin")
    asked = replace(tried, asked_by=by.id)
    unit.policies.save_trial(asked)
    audited(unit, by.id, Deed.ASKED_RULES, thing=tried.name, digest=tried.digest)
    tell(unit, others, "rules_to_confirm", {"trial": id, "name": by.name, "rules": tried.name})
    return asked


async def confirm(unit: Unit, desk: ReturnDesk, by: Account, id: int) -> InForce:
    """The second administrator agrees: new returns are opened under these rules from now on.

    Raises Refused: `trial_ended`, `rules_in_force`, `not_asked`, `second_admin`.
    """
    tried = await _open(unit, by, id)
    if by.id == tried.asked_by:
        raise Refused("second_admin")
    if tried.asked_by is None:
        raise Refused("not_asked")
    last = await unit.policies.in_force()
    rules = InForce(
        version=last.version + 1 if last else 1,
        digest=tried.digest,
        name=tried.name,
        since=unit.now,
        asked_by=tried.asked_by,
        confirmed_by=by.id,
    )
    policy = await policy_in(unit, tried.digest)
    unit.policies.bring(rules)
    unit.policies.save_trial(replace(tried, ended=True))
    audited(unit, by.id, Deed.SWITCHED_RULES, thing=tried.name, digest=tried.digest)
    facts = {"rules": rules.name, "version": rules.version}
    others = [each for each in await _admins(unit) if each.id != by.id]  # /policy is theirs alone
    tell(unit, others, "rules_switched", facts)
    unit.after_commit(partial(desk.adopt, policy, tell=True))
    return rules


async def drop(unit: Unit, by: Account, id: int) -> Trial:
    """What was tried is not wanted. Raises Refused: `trial_ended`."""
    tried = await trial(unit, by, id)
    if tried.ended:
        raise Refused("trial_ended")
    dropped = replace(tried, ended=True)
    unit.policies.save_trial(dropped)
    audited(unit, by.id, Deed.DROPPED_RULES, thing=tried.name, digest=tried.digest)
    return dropped


async def _open(unit: Unit, by: Account, id: int) -> Trial:
    tried = await trial(unit, by, id)
    if tried.ended:
        raise Refused("trial_ended")
    last = await unit.policies.in_force()
    if last is not None and last.digest == tried.digest:
        raise Refused("rules_in_force")
    return tried


async def _admins(unit: Unit) -> list[Account]:
    return [each for each in await at_hand(unit) if each.staff is Role.ADMIN]
