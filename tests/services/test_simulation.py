"""Scripts on a virtual clock, as `lifecycle.md` 2.11 and 2.12 describe them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.services.simulation import ScriptError, as_json_lines, as_text, run_script

HEAD = """\
start = 2026-03-01T10:00:00Z
until = 2026-05-01T00:00:00Z

[policy]
{policy}

[order]
profile = "ozon"
route = "mail"
delivered_at = 2026-02-27T12:00:00Z
seller = {{ country = "TR", premoderated = false{seller} }}
customer = {{ flagged = false }}

[[order.items]]
sku = "A-1"
category = "other"
price = "{price}"
quantity = {quantity}
weight_kg = "0.8"

[[step]]
at = 2026-03-01T10:00:00Z
by = "customer"
do = "submit"
reason = "{reason}"
photos = 2
"""

Step = tuple[str, str, str] | tuple[str, str, str, str]


def script(
    *steps: Step,
    policy: str = "",
    seller: str = "",
    price: str = "2500.00",
    quantity: int = 1,
    reason: str = "changed_mind",
) -> str:
    """A script: the request of 1 March, then steps (when, by, do, further keys)."""
    head = HEAD.format(policy=policy, seller=seller, price=price, quantity=quantity, reason=reason)
    return script_of_steps(head, *steps)


def script_of_steps(text: str, *steps: Step) -> str:
    """A script with more steps."""
    for when, by, do, *more in steps:
        key = f'after = "{when}"' if when[0].isdigit() and "T" not in when else f"at = {when}"
        text += f'\n[[step]]\n{key}\nby = "{by}"\ndo = "{do}"\n' + "\n".join(more) + "\n"
    return text


def play(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in as_json_lines(run_script(text)).splitlines()]


def march(day: int, hour: int = 10) -> str:
    return f"2026-03-{day:02}T{hour:02}:00:00Z"


SHIP = ("3d", "customer", "sent", 'track = "RB123456785CN"\nreceipt_amount = "6200"')
RECEIVE = (march(10), "seller", "receive")


def test_the_lines_of_the_specification() -> None:
    lines = as_json_lines(
        run_script(script((march(6), "customer", "sent", 'track = "RB123456785CN"')))
    ).splitlines()
    assert lines[1] == (
        '{"at": "2026-03-02T10:00:00Z", "by": "clock", "event": "decision_due", '
        '"status": "APPROVED", "goods": "WITH_CUSTOMER", "rule": "D-07", '
        '"due": {"ship": "2026-03-06T10:00:00Z"}}'
    )
    assert lines[3] == (
        '{"at": "2026-03-06T10:00:00Z", "by": "customer", "event": "sent", '
        '"refused": "deadline_passed", "closed": "2026-03-06T10:00:00Z", '
        '"status": "OVERDUE", "goods": "WITH_CUSTOMER", "rule": "ST-08", '
        '"due": {"late_proof": "2026-03-08T10:00:00Z"}}'
    )


def test_a_silent_return_from_the_request_to_the_end() -> None:
    assert [(line["at"], line["event"], line["status"]) for line in play(script())] == [
        (march(1), "submit", "NEW"),
        (march(2), "decision_due", "APPROVED"),
        (march(6), "ship_due", "OVERDUE"),
        (march(8), "late_proof_due", "OVERDUE"),
    ]


def test_until_is_inclusive() -> None:
    until = script().replace("2026-05-01T00:00:00Z", march(6))
    assert play(until)[-1]["event"] == "ship_due"
    before = script().replace("2026-05-01T00:00:00Z", "2026-03-06T09:59:59Z")
    assert play(before)[-1]["event"] == "decision_due"


def test_the_automatic_offer_has_a_line_of_its_own() -> None:
    first, second, third = play(script(("1h", "customer", "accept"), price="1800.00"))[:3]
    assert [first[key] for key in ("by", "event", "status")] == ["customer", "submit", "OFFERED"]
    assert [second[key] for key in ("by", "event", "status")] == ["system", "offer", "OFFERED"]
    assert first["due"] == second["due"] == {"offer": march(4)}
    assert third["ledger"] == [
        {
            "to": "customer",
            "from": "seller",
            "kind": "partial",
            "amount": "900.00",
            "currency": "RUB",
        }
    ]


def test_a_refused_request_shows_a_draft() -> None:
    refused = play(script(reason="changed_mind").replace('"other"', '"food"'))
    assert refused == [
        {
            "at": march(1),
            "by": "customer",
            "event": "submit",
            "refused": "non_returnable",
            "status": "DRAFT",
            "goods": "WITH_CUSTOMER",
            "rule": "W-01",
            "due": {},
        }
    ]


def test_time_that_refuses_says_when_it_opens() -> None:
    early = (march(12), "customer", "where_is_the_refund")
    line = play(script(("1h", "seller", "approve"), SHIP, early))[3]
    assert (line["refused"], line["opens"]) == ("not_yet", march(18))


def test_a_split_case_goes_on_as_two() -> None:
    lines = play(
        script(
            ("1h", "seller", "approve"),
            SHIP,
            RECEIVE,
            (march(11), "seller", "verdict", 'accepted = { "A-1" = 1 }'),
            (march(12), "payment", "paid", 'ref = "p-1"'),
            (march(13), "customer", "open_dispute", 'topic = "swapped"\ntext = "All are broken."'),
            quantity=3,
            reason="defective",
        )
    )
    parent, child, paid, dispute, silence = lines[4:9]
    assert (parent["status"], "case" in parent) == ("REFUND_DUE", False)
    assert [line["amount"] for line in parent["ledger"]] == ["2500.00", "5000.00"]
    assert (child["status"], child["case"]) == ("REFUSED_AFTER_RECEIPT", 2)
    assert "ledger" not in child
    assert (paid["status"], "case" in paid) == ("REFUNDED", False)
    assert (dispute["status"], dispute["case"]) == ("DISPUTE", 2)
    assert (silence["event"], silence["status"]) == ("dispute_reply_due", "REFUND_DUE")
    assert [line["amount"] for line in silence["ledger"]] == ["5000.00"]


OUTAGE = ("2026-03-02T09:00:00Z", "service", "outage", "until = 2026-03-07T12:00:00Z")


def test_an_outage_moves_the_deadlines() -> None:
    lines = play(script(OUTAGE))
    assert lines[1] == {
        "at": march(2, 9),
        "by": "service",
        "event": "outage",
        "status": "NEW",
        "goods": "WITH_CUSTOMER",
        "rule": "X-58",
        "due": {"decision": march(7, 13)},
    }
    assert [(line["at"], line["status"]) for line in lines[2:4]] == [
        (march(7, 13), "APPROVED"),
        (march(11, 13), "OVERDUE"),
    ]


def test_an_outage_without_credit_fires_everything_at_its_own_time() -> None:
    lines = play(script(OUTAGE, policy='"clock.outage_credit" = false'))
    assert [(line["at"], line["event"]) for line in lines[2:4]] == [
        (march(2), "decision_due"),
        (march(6), "ship_due"),
    ]


@pytest.mark.parametrize("credit", ["true", "false"])
def test_a_step_in_an_outage_counts_at_its_start(credit: str) -> None:
    inside = (march(4), "seller", "approve")
    lines = play(script(OUTAGE, inside, policy=f'"clock.outage_credit" = {credit}'))
    assert (lines[2]["at"], lines[2]["status"]) == (march(2, 9), "APPROVED")
    due = march(11, 12) if credit == "true" else march(6, 9)
    assert lines[2]["due"] == {"ship": due}


def test_an_outage_before_the_request_keeps_the_window_open() -> None:
    dark = ("2026-03-01T10:00:00Z", "service", "outage", "until = 2026-03-21T10:00:00Z")
    later = script().replace(f"at = {march(1)}", f"at = {march(22)}", 1)
    head, request = later.split("\n[[step]]")
    text = f"{script_of_steps(head, dark)}\n[[step]]{request}"
    assert [line["status"] for line in play(text)][:2] == ["DRAFT", "NEW"]


def test_two_identical_overrides_are_two_people() -> None:
    to = 'to = "REFUND_DUE"\ntext = "A promise."'
    lines = play(script(("1h", "admin", "override", to), ("2h", "admin", "override", to)))
    assert [line["status"] for line in lines[1:3]] == ["NEW", "REFUND_DUE"]
    assert lines[2]["ledger"][0]["amount"] == "2500.00"


def test_the_same_payment_again_is_accepted_without_effect() -> None:
    lines = play(
        script(
            ("1h", "seller", "refund_without_return"),
            ("2h", "payment", "paid", 'ref = "p-1"'),
            ("3h", "payment", "paid", 'ref = "p-1"'),
            ("4h", "payment", "paid", 'ref = "p-2"'),
        )
    )
    assert [line.get("refused") for line in lines[2:]] == [None, None, "already_paid"]
    assert all("ledger" not in line for line in lines[2:])
    assert lines[2]["due"] == {}


def test_without_a_return_address_the_time_to_ship_waits() -> None:
    arrives = (march(4), "seller", "set_address", 'address = "A street"')
    lines = play(script(arrives, seller=", address = false"))
    assert lines[1]["due"] == {}
    assert lines[2]["due"] == {"ship": march(8)}


def test_after_a_cancelled_request_another_may_be_sent() -> None:
    again = ("2h", "customer", "submit", 'reason = "changed_mind"\nphotos = 1')
    lines = play(script(("1h", "customer", "cancel"), again))
    assert [line["status"] for line in lines[:3]] == ["NEW", "CANCELED_BY_CUSTOMER", "NEW"]
    twice = play(script(again))
    assert (twice[1]["refused"], twice[1]["status"]) == ("quantity_used_up", "DRAFT")


def test_a_paid_unit_is_not_returned_again() -> None:
    again = ("3h", "customer", "submit", 'reason = "changed_mind"\nphotos = 1')
    refund = ("1h", "seller", "refund_without_return")
    lines = play(script(refund, ("2h", "payment", "paid", 'ref = "p-1"'), again))
    assert lines[3]["refused"] == "quantity_used_up"


def test_units_choose_what_is_returned() -> None:
    text = script(("1h", "seller", "refund_without_return"), quantity=3)
    lines = play(text.replace("photos = 2", 'photos = 2\nunits = { "A-1" = 2 }'))
    assert lines[1]["ledger"][0]["amount"] == "5000.00"


def test_the_text_is_a_timeline() -> None:
    text = as_text(run_script(script((march(6), "customer", "sent", 'track = "RB123456785CN"'))))
    assert text.splitlines()[:2] == [
        "2026-03-01 10:00:00  customer   submit                  NEW / WITH_CUSTOMER  [D-01]",
        "                     decision until 2026-03-02 10:00:00",
    ]
    assert "refused: deadline_passed (OVERDUE / WITH_CUSTOMER)  [ST-08]" in text


def test_a_script_may_be_a_file(tmp_path: Path) -> None:
    path = tmp_path / "silence.toml"
    path.write_text(script(), encoding="utf-8")
    assert run_script(path) == run_script(script())


FAULTS = [
    ("price = ", "prize = ", 17, "order.items.1.prize: there is no such key"),
    ('"2500.00"', '"2500.005"', 17, "no more than two decimal digits"),
    ('"2500.00"', '"-1"', 17, "a price above 0 is expected"),
    ('category = "other"', 'category = "boats"', 16, "order.items.1.category"),
    ("until = 2026-05-01T00:00:00Z", 'until = "2026-05-01"', 2, "a date-time"),
    ("until = 2026-05-01T00:00:00Z", "until = 2026-02-01T00:00:00Z", 2, "before the start"),
    ("[policy]\n", '[policy]\n"ship.dais" = 7\n', 5, "policy ship.dais: there is no such key"),
    ("[policy]\n", '[policy]\n"ship.days" = -1\n', 5, "policy ship.days"),
    ('route = "mail"', 'route = "pickup_point"', 9, "lacks the route pickup_point"),
    ('profile = "ozon"', 'profile = "ali_local"', 8, "lacks the profile ali_local"),
    ('by = "customer"', 'by = "postman"', 23, "one of customer, seller, moderator, admin, point"),
    ('do = "submit"', 'do = "point_accept"', 24, "belongs to the route pickup_point"),
    ('do = "submit"', 'do = "instructions"', 24, "belongs to the profile ali_local"),
    ('do = "submit"', 'do = "dance"', 24, "there is no `dance`"),
    ("photos = 2", "photos = 2\namount = 5", 27, "`submit` takes no `amount`"),
    ("photos = 2", 'photos = 2\nunits = { "B" = 1 }', 27, "the order has no B"),
    ("at = 2026-03-01T10:00:00Z", "at = 2026-02-28T10:00:00Z", 22, "before the one above"),
    ("at = 2026-03-01T10:00:00Z\n", "\n", 21, "either `at` or `after`"),
    ("at = 2026-03-01T10:00:00Z", 'after = "soon"', 22, "a length such as"),
    ("start = ", "start = = ", 1, "not TOML"),
    ("start = 2026-03-01T10:00:00Z\n", "", 1, "start: this key is missing"),
    ('weight_kg = "0.8"', 'weight_kg = "heavy"', 19, "'heavy' is not a number"),
    ('"2500.00"', '"1e30"', 17, "'1e30' is not an amount"),
]


@pytest.mark.parametrize(("old", "new", "line", "message"), FAULTS)
def test_a_script_that_cannot_be_read_says_where_and_why(
    old: str, new: str, line: int, message: str
) -> None:
    assert old in script()
    with pytest.raises(ScriptError) as caught:
        run_script(script().replace(old, new, 1))
    assert caught.value.line == line
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"line {line}: ")


def test_a_step_may_be_a_second_before_a_deadline() -> None:
    last = play(script(("23h 59m 59s", "seller", "approve")))[1]
    assert (last["at"], last["status"]) == ("2026-03-02T09:59:59Z", "APPROVED")


def test_a_script_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "from_windows.toml"
    path.write_text(script(), encoding="utf-8-sig")
    assert run_script(path) == run_script(script())


def test_units_under_a_late_proof_are_not_requested_again() -> None:
    proof = (march(7), "customer", "late_proof", "receipt_date = 2026-03-05")
    again = (march(8), "customer", "submit", 'reason = "changed_mind"\nphotos = 1')
    *_, line = play(script(proof, again).replace("2026-05-01", "2026-03-09"))
    assert (line["refused"], line["status"]) == ("quantity_used_up", "DRAFT")


def test_only_the_service_has_outages() -> None:
    with pytest.raises(ScriptError, match="of the service"):
        run_script(script(("1h", "seller", "outage", f"until = {march(3)}")))
    with pytest.raises(ScriptError, match="`until`"):
        run_script(script(("1h", "service", "outage")))
