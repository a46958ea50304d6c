"""What typed words look for."""

from bot.services.finding import search_for


def test_a_letter_that_is_typed_thrice_does_not_list_everybody() -> None:
    for typed in ("a a a", "и, И и", "a an", "an an an", "12 34 a"):
        assert search_for(typed, "UTC").name == (), typed


def test_a_word_with_which_another_one_begins_looks_for_nothing_more() -> None:
    assert search_for("an Anna ann", "UTC").name == ("anna",)
    assert search_for("Li Na", "UTC").name == ("li", "na")
