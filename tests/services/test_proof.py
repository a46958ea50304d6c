"""The record of a case proves itself, to each party with what it may see."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.cases import Line, ReturnCase, Role, Status, Timer, TimerKind
from bot.domain.money import LedgerKind, LedgerLine, Money, Purse
from bot.services.chain import ChainLine, content_digest, json_line, line_digest, sha256
from bot.services.heads import compare
from bot.services.proof import Record, as_json_lines, entries
from bot.services.records import Archive, Content, File, Letter
from bot.services.verifying import Changed, line_hash, verify

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
ANNA, EMRE, OLGA = 6_000_000_001, 6_000_000_002, 6_000_000_003
POLICY = '{"ship":{"days":4}}'
PAID = LedgerLine(Purse.CUSTOMER, Purse.SELLER, LedgerKind.GOODS, Money(250000, "RUB"))
TO_PLATFORM = replace(PAID, to=Purse.PLATFORM)


def masked(text: str) -> str:
    return text.replace("+79161234567", "[hidden]")


def archive() -> Archive:
    """Anna asks, Emre offers, Olga overrides, and the clock pays nothing."""
    told: list[tuple[Role, int, str, str, Status, dict[str, Any], dict[str, Any]]] = [
        (Role.CUSTOMER, ANNA, "submit", "02", Status.NEW, {"reason": "defective"},
         {"text": "It leaks, call +79161234567", "photos": ["f1", "f2"]}),
        (Role.SELLER, EMRE, "ask", "11", Status.CLARIFY, {}, {"text": "Где течёт?"}),
        (Role.ADMIN, OLGA, "override", "56", Status.REFUND_DUE,
         {"amount": [250000, "RUB"]}, {"text": "Emre is rude"}),
        (Role.CLOCK, 0, "refund_eta_due", "55a", Status.REFUND_DUE, {}, {}),
    ]  # fmt: skip
    lines: list[ChainLine] = []
    contents: dict[int, Content] = {}
    before, digest = Status.DRAFT, ""
    for seq, (by, person, event, row, after, facts, said) in enumerate(told, 1):
        content = Content(f"s{seq}", json_line(said)) if said else None
        line = ChainLine(
            case_id=7, seq=seq, version=seq, n=0, at=NOW + timedelta(hours=seq, microseconds=seq),
            event=event, by=by, person=person, row=row, rule="D-07", before=before, after=after,
            policy=sha256(POLICY), facts=json_line(facts), salt=f"salt{seq}",
            content=content_digest(content.salt, content.body) if content else "",
        )  # fmt: skip
        digest = line_digest(digest, line)
        lines.append(replace(line, digest=digest))
        before = after
        if content:
            contents[seq] = content
    money = ((3, PAID), (3, TO_PLATFORM))
    return Archive(lines=tuple(lines), contents=contents, ledger=money)


def record(role: Role, person: int, **changes: Any) -> Record:
    sku = Line(sku="A-1", title="Кружка", category="other", unit_price=Money(250000, "RUB"))
    case = ReturnCase(
        id=7, version=4, policy=sha256(POLICY), order="1001", posting="1001-1", customer=ANNA,
        seller="acme", lines=(sku,), status=Status.REFUND_DUE,
        timers=(Timer(TimerKind.REFUND_ETA, NOW, NOW + timedelta(days=10)),),
    )  # fmt: skip
    file = File(key="f1", file_id="AgAC", kind="photo", size=9, sha256="ab" * 32)
    staff = role is Role.MODERATOR
    made = Record(
        case=case, role=role, person=person, now=NOW, archive=archive(), files={"f1": file},
        policy=POLICY if staff else None,
    )  # fmt: skip
    return replace(made, **changes)


RECORDS = {
    role: as_json_lines(record(role, person), masked)
    for role, person in (
        (Role.CUSTOMER, ANNA), (Role.SELLER, EMRE), (Role.MODERATOR, OLGA),
    )
}  # fmt: skip


def letter(by: Role, person: int, to: Role, text: str, *earlier: str) -> Letter:
    at = NOW + timedelta(hours=9)
    return Letter(case=7, chat=person, message=3, at=at, by=by, person=person, to=(to,), text=text,
                  photos=("f1",), earlier=earlier)  # fmt: skip


def said_in(role: Role) -> list[dict[str, Any]]:
    return [json.loads(line) for line in RECORDS[role].splitlines()]


@pytest.mark.parametrize("role", RECORDS)
def test_the_record_proves_the_chain_as_it_is_stored(role: Role) -> None:
    found = verify(RECORDS[role])
    last = archive().lines[-1].digest
    assert (found.case, found.made_for, found.head) == ("R-000007", role, last)
    digests = [each["digest"] for each in said_in(role) if each["kind"] == "event"]
    assert digests == [line.digest for line in archive().lines]


@given(st.sampled_from([*RECORDS]), st.data())
def test_any_changed_byte_is_found_in_its_line(role: Role, data: st.DataObject) -> None:
    content = RECORDS[role]
    at = data.draw(st.integers(0, len(content) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != content[at]))
    with pytest.raises(Changed) as found:
        verify(content[:at] + bytes([byte]) + content[at + 1 :])
    assert found.value.line == content[:at].count(b"\n") + 1


@given(st.sampled_from([*RECORDS]), st.data())
def test_what_is_cut_off_moved_or_added_is_found(role: Role, data: st.DataObject) -> None:
    lines = RECORDS[role].splitlines(keepends=True)
    kept = data.draw(st.integers(0, len(lines) - 1))
    with pytest.raises(Changed) as found:
        verify(b"".join(lines[:kept]))
    assert found.value.line == kept + 1
    with pytest.raises(Changed):
        verify(b"".join(lines) + lines[kept])
    with pytest.raises(Changed):
        verify(b"".join([*lines[:kept], *reversed(lines[kept:])]) if kept < len(lines) - 1 else b"")


def forged(role: Role, number: int, **changes: Any) -> bytes:
    """The record with another line `number`, and with hashes that are right for it."""
    previous, lines = "", []
    for at, said in enumerate(said_in(role), 1):
        del said["hash"]
        body = json_line(said | changes if at == number else said)
        previous = line_hash(previous, body)
        lines.append(f'{body[:-1]},"hash":"{previous}"}}\n')
    return "".join(lines).encode()


def test_who_makes_the_hashes_anew_still_has_the_chain_against_him() -> None:
    event = said_in(Role.SELLER)[1]
    assert forged(Role.SELLER, 99) == RECORDS[Role.SELLER]
    for change, why in (
        ({"stored": event["stored"] | {"after": "REFUNDED"}}, "does not have the digest"),
        ({"open": {"facts": event["open"]["facts"] | {"value": "{}"}}}, "facts is not what"),
        ({"stored": event["stored"] | {"seq": 2}}, "event 2 where 1 should be"),
    ):
        with pytest.raises(Changed, match=why) as found:
            verify(forged(Role.SELLER, 2, **change))
        assert found.value.line == 2
    words = said_in(Role.CUSTOMER)[1]["words"] | {"body": '{"text":"It is fine"}'}
    with pytest.raises(Changed, match="not those that were written"):
        verify(forged(Role.CUSTOMER, 2, words=words))
    with pytest.raises(Changed, match="not the policy"):
        verify(forged(Role.MODERATOR, 2, canonical="{}"))


def test_nobody_finds_another_persons_id_or_what_the_staff_say_among_themselves() -> None:
    for role, own, others in (
        (Role.CUSTOMER, ANNA, (EMRE, OLGA)),
        (Role.SELLER, EMRE, (ANNA, OLGA)),
    ):
        text = RECORDS[role].decode()
        assert str(own) in text
        assert not [other for other in others if str(other) in text]
        # The seals have salts that the file does not tell: nobody finds the id by trying all.
        assert "salt3" not in text
        assert "rude" not in text
        assert "250000" not in json.dumps(said_in(role)[3].get("open"))
        assert [each["kind"] for each in said_in(role)].count("policy") == 0
    assert all(str(each) in RECORDS[Role.MODERATOR].decode() for each in (ANNA, EMRE, OLGA))
    assert "rude" in RECORDS[Role.MODERATOR].decode()


def test_the_parties_read_why_an_override_waits_while_a_question_was_open() -> None:
    kept = archive()
    lines = tuple(
        replace(line, after=Status.CLARIFY) if line.event == "override" else line
        for line in kept.lines
    )
    waits = replace(kept, lines=lines)
    for role, person in ((Role.CUSTOMER, ANNA), (Role.SELLER, EMRE)):
        entry = entries(record(role, person, archive=waits), masked)[2]
        assert (entry.text, entry.words, entry.facts) == (None, None, None)


def test_each_party_has_its_own_words_whole_and_the_others_masked() -> None:
    anna, emre = said_in(Role.CUSTOMER)[1]["words"], said_in(Role.SELLER)[1]["words"]
    assert "+79161234567" in anna["body"]
    assert emre == {"masked": {"text": "It leaks, call [hidden]", "photos": ["f1", "f2"]}}
    assert "Где течёт?" in said_in(Role.CUSTOMER)[2]["words"]["body"]
    assert said_in(Role.CUSTOMER)[1]["photos"][0]["sha256"] == "ab" * 32
    assert [len(said_in(role)[-3 - 1]["ledger"]) for role in RECORDS] == [1, 2, 2]


def test_letters_are_for_those_who_wrote_and_got_them() -> None:
    written = (
        letter(Role.CUSTOMER, ANNA, Role.SELLER, "Call +79161234567", "Call me"),
        letter(Role.MODERATOR, OLGA, Role.SELLER, "Only for Emre"),
    )
    for role, person, texts in (
        (Role.CUSTOMER, ANNA, ["Call +79161234567"]),
        (Role.SELLER, EMRE, ["Call [hidden]", "Only for Emre"]),
        (Role.MODERATOR, OLGA, ["Call +79161234567", "Only for Emre"]),
    ):
        content = as_json_lines(record(role, person, letters=written), masked)
        assert verify(content)
        found = [json.loads(line) for line in content.splitlines()]
        shown = [each for each in found if each["kind"] == "letter"]
        assert [each["text"] for each in shown] == texts
        assert ("earlier" in shown[0]) is (role is not Role.SELLER)
        assert (str(OLGA) in content.decode()) is (role is Role.MODERATOR)


def test_forgotten_words_leave_the_record_whole() -> None:
    forgotten = record(Role.CUSTOMER, ANNA, archive=replace(archive(), contents={}))
    assert verify(as_json_lines(forgotten, masked))
    assert [entry.deleted for entry in entries(forgotten, masked)] == [True, True, True, False]


def test_a_line_of_before_there_were_seals_gives_a_party_its_digest_alone() -> None:
    old, digest = [], ""
    for line in archive().lines:
        bare = replace(line, salt="")
        digest = line_digest(digest, bare)
        old.append(replace(bare, digest=digest))
    for role, person in ((Role.CUSTOMER, ANNA), (Role.MODERATOR, OLGA)):
        made = record(role, person, archive=replace(archive(), lines=tuple(old)))
        content = as_json_lines(made, masked)
        assert verify(content).head == digest
        assert (str(EMRE) in content.decode()) is (role is Role.MODERATOR)


@pytest.mark.parametrize("event", ["3", 0, None, [1]])
def test_heads_whose_event_is_no_number_of_one_are_named_and_not_stumbled_over(event: Any) -> None:
    verified = verify(RECORDS[Role.CUSTOMER])
    named = {"case": verified.case, "event": event, "digest": verified.digests[0]}
    with pytest.raises(Changed) as changed:
        compare(f'{{"day": "2026-03-01"}}\n{json.dumps(named)}\n'.encode(), verified)
    assert changed.value.line == 2
