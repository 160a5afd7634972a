"""One group swapped for another: the same sentence, the same group all through it."""

from random import Random


def test_a_group_is_swapped_consistently_and_nothing_else_is():
    from training.groups import GROUPS, swap

    text = "Two Sikhs, a Sikh teacher and many old black men spoke to Buddhists"
    made = {swap(text, Random(seed)) for seed in range(40)}
    assert len(made) > 20
    many = {group.many for group in GROUPS}
    for other in made:
        assert other.endswith(("Buddhists", *many))
        assert "many old black men spoke to" in other
        first = other.removeprefix("Two ").split(",")[0]
        assert first in many
        group = next(group for group in GROUPS if group.many == first)
        adjectives = {group.adjective for group in GROUPS if group.many == first}
        assert any(f"a {adjective} teacher" in other for adjective in adjectives), group


def test_a_text_without_groups_stays_and_small_letters_stay_small():
    from training.groups import swap

    assert swap("the old man was so straight with us", Random(1)) == (
        "the old man was so straight with us"
    )
    assert all(swap("the lesbians", Random(seed)).islower() for seed in range(40))
