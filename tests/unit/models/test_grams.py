"""Features against a slow reading of the same rules, one n-gram at a time."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.models import grams

MODULUS = 1 << 32


def _row(value, finish):
    return (value * finish % MODULUS) >> (32 - grams.BITS)


def _class(char):
    if char in "\0\x01":
        return "\0\x01".index(char) + 3
    if char >= "\u3100":
        return 1
    return 0 if char.isspace() else 1 if char.isalnum() else 2


def slow(text):
    """The rows of a text by the definition in the module's docstrings."""
    framed = "\x01 " + " ".join(text.lower().split()) + " \0\0\0\0"
    rows = set()
    finishes = {3: 0x9E3779B1, 4: 0x85EBCA77, 5: 0xC2B2AE3D}
    for start in range(len(framed) - 5):
        for length, finish in finishes.items():
            value = 0
            for char in framed[start : start + length]:
                value = (value * 0x01000193 + ord(char)) % MODULUS
            rows.add(_row(value, finish))
    words, before = [], None
    for char in framed:
        kind = _class(char)
        if kind != before:
            words.append([kind, 0, 0x85EBCA6B])
        word = words[-1]
        # a code point counts the more the later it stands
        word[1] = (word[1] + ord(char) * _power(word)) % MODULUS
        before = kind
    values = [value for kind, value, _ in words if kind != 0]
    rows.update(_row(value, 0x27D4EB2F) for value in values)
    for first, second in itertools.pairwise(values):
        pair = (first * 0xC2B2AE35 + second) % MODULUS
        rows.add(_row(pair ^ (pair >> 15), 0x165667B1))
    return rows


def _power(word):
    power = word[2] * pow(0x85EBCA6B, -1, MODULUS) % MODULUS
    word[2] = word[2] * 0x85EBCA6B % MODULUS
    return power


@settings(deadline=None, max_examples=200)
@given(st.lists(st.text(st.characters(exclude_categories=()), max_size=40), max_size=6))
def test_the_fast_features_are_the_slow_ones(texts):
    found = list(grams.features(texts))
    assert [set(rows.tolist()) for rows in found] == [slow(text) for text in texts]
    assert all(len(set(rows.tolist())) == len(rows) for rows in found)


def test_many_texts_across_batch_borders():
    texts = [f"number {index} " * (index % 50) for index in range(400)]
    found = [set(rows.tolist()) for rows in grams.features(texts)]
    assert len(found) == len(texts)
    assert found[::37] == [slow(text) for text in texts[::37]]


@given(st.integers(0, 5 * grams.WINDOW))
def test_windows_cover_the_text_and_overlap(size):
    text = "".join(map(chr, range(0x4E00, 0x4E00 + size)))
    pieces = list(grams.windows(text))
    assert all(len(piece) <= grams.WINDOW for piece in pieces)
    assert pieces[-1].endswith(text[-1:])
    end = 0
    for piece in pieces:
        start = text.index(piece) if piece else 0
        assert start == 0 or start <= end - grams.WINDOW // 8
        end = start + len(piece)
    assert end == len(text)
