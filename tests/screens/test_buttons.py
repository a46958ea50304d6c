"""Callback data: typed by anybody, read in one form only."""

from __future__ import annotations

import pytest
from aiogram.filters.callback_data import CallbackData
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.domain.cases import Action
from bot.screens import buttons
from bot.screens.buttons import (
    Act,
    Answer,
    Confirm,
    Menu,
    OpenCase,
    OpenOrder,
    Paged,
    Redeem,
    StartReturn,
    To,
)
from bot.screens.layout import LABEL_LIMIT, button

LARGEST = 2**63 - 1


@pytest.mark.parametrize(
    "number",
    ["+1", "01", "1_0", "-1", " 1", "1 ", "1.0", "1e3", "٣", "", str(LARGEST + 1), "9" * 23, "1\n"],
)
def test_a_number_has_one_form(number: str) -> None:
    with pytest.raises((TypeError, ValueError)):
        OpenCase.unpack(f"c:{number}")
    with pytest.raises((TypeError, ValueError)):
        Act.unpack(f"a:{number}:1:approve")
    with pytest.raises((TypeError, ValueError)):
        Confirm.unpack(f"k:1:{number}:approve")


def test_a_label_that_is_too_long_keeps_what_tells_two_products_apart() -> None:
    labels = [
        button(f"☐ Leather sneakers of the Anatolian workshop, size {size}", Menu(to="help")).label
        for size in (42, 43)
    ]
    assert labels == [f"☐ Leather sneakers of th…rkshop, size {size}" for size in (42, 43)]
    assert len(labels[0]) == LABEL_LIMIT


@given(st.integers(0, LARGEST), st.integers(0, 10**6), st.sampled_from(Action))
def test_what_is_packed_is_unpacked(case: int, version: int, action: Action) -> None:
    press = Act(case=case, version=version, action=action.value)
    assert Act.unpack(press.pack()) == press
    assert len(press.pack().encode()) <= 64


@given(st.integers(0, LARGEST), st.sampled_from(["1001", "ЛГ-77№1", "x" * 40]))
def test_a_button_carries_what_is_read_from_it(posting: int, order: str) -> None:
    press = StartReturn(order=order, posting=posting)
    assert button("Return products", press).data == press.pack()


def test_what_buttons_carry_is_words_and_numbers() -> None:
    kinds = [
        kind
        for kind in vars(buttons).values()
        if isinstance(kind, type) and issubclass(kind, CallbackData) and kind is not CallbackData
    ]
    assert len(kinds) > 20
    for kind in kinds:
        assert {field.annotation for field in kind.model_fields.values()} <= {int, str}, kind
        # No word has the sign in it that keeps them apart.
        for name, field in kind.model_fields.items():
            if field.annotation is str:
                with pytest.raises(ValidationError):
                    kind.__pydantic_validator__.validate_assignment(
                        kind.model_construct(), name, "a:b"
                    )


def test_no_button_carries_more_than_telegram_takes() -> None:
    with pytest.raises(ValueError, match="too long"):
        button("Approve", Confirm(case=LARGEST, version=LARGEST, action="x" * 48))


@given(st.text(max_size=70))
def test_whatever_arrives_is_read_or_refused_and_packs_to_itself(data: str) -> None:
    for kind in (Act, Confirm, OpenCase, OpenOrder, Answer, Menu, Paged, Redeem, StartReturn):
        try:
            pressed = kind.unpack(f"{kind.__prefix__}:{data}")
        except (TypeError, ValueError):
            continue
        assert pressed.pack() == f"{kind.__prefix__}:{data}"


def test_a_value_that_is_missing_is_not_made_up() -> None:
    for data in ("s:1001:", "s:1001", "a:1:1:", "c:"):
        kind = {"s": StartReturn, "a": Act, "c": OpenCase}[data[0]]
        with pytest.raises((TypeError, ValueError)):
            kind.unpack(data)  # type: ignore[attr-defined]


def test_a_code_has_no_room_for_anything_else() -> None:
    for word in ("a b", "a\n", "<b>", "é", "", "x" * 49):
        with pytest.raises((TypeError, ValueError)):
            Menu.unpack(f"m:{word}")


def test_an_order_number_is_measured_as_a_button_carries_it() -> None:
    assert OpenOrder.unpack("o:" + "я" * 20).number == "я" * 20
    with pytest.raises((TypeError, ValueError)):
        OpenOrder.unpack("o:" + "я" * 21)


def test_every_place_fits_a_button() -> None:
    for to in To:
        assert Menu.unpack(Menu(to=to.value).pack()).to == to
