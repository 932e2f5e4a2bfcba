"""The exact distribution equals counting every outcome; the picture is a real PNG; absurd dice get a sentence."""

import itertools
import struct
import zlib
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import UserMistake
from truth_blocks.contracts import Question
from truth_blocks.dnd5e import Dnd5eBlock, chart
from truth_blocks.dnd5e.dice import filled, parse, read_values
from truth_blocks.dnd5e.odds import odds, read_target
from truth_blocks.dnd5e.rolling import replay


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 4),
    st.integers(1, 6),
    st.sampled_from(["", "kh", "kl", "dh", "dl"]),
    st.integers(1, 4),
    st.integers(-3, 3),
)
def test_the_distribution_equals_counting_every_outcome(
    count: int, faces: int, keep: str, kept: int, plus: int
) -> None:
    kept = min(kept, count)
    found = odds(parse(f"{count}d{faces}{keep}{kept if keep else ''}{plus:+d}"))
    counted: Counter[int] = Counter()
    for roll in itertools.product(range(1, faces + 1), repeat=count):
        ranked = sorted(roll, reverse=keep in ("kh", "dl"))
        number = count if not keep else kept if keep[0] == "k" else count - kept
        counted[sum(ranked[:number]) + plus] += 1
    assert found.whole == faces**count and {t: w for t, w in found.weights.items() if w} == dict(counted)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["2d6r1", "3d4rr<3", "2d20kh1+5", "1d8mi3", "2d6*2-1d4", "3d6!", "d20 dis", "4d6dl1/2"]),
    st.integers(0, 10**6),
)
def test_a_roll_never_leaves_the_distribution(dice: str, seed: int) -> None:
    expression = parse(dice)
    found = odds(expression)
    assert expression.low <= min(found.weights) and max(found.weights) <= expression.high
    if "!" not in dice:
        assert found.weights[replay(expression, seed).total] > 0


def test_rerolls_and_advantage_have_their_known_means() -> None:
    assert odds(parse("d20 adv")).mean == pytest.approx(13.825)
    assert odds(parse("1d6r<3")).mean == pytest.approx(25 / 6)
    assert odds(parse("1d6!")).mean == pytest.approx(4.2)
    assert odds(parse("2d6")).chance(read_target("8+")) == pytest.approx(15 / 36)


@pytest.mark.parametrize("dice", ["1000d1000", "500d20kh400", "10d6!kh3", "400d100*30d100"])
def test_odds_past_the_bound_are_refused_in_a_sentence(dice: str) -> None:
    with pytest.raises(UserMistake, match="too large to compute"):
        odds(parse(dice))


@pytest.mark.parametrize("target", ["", "abc", ">>3", "1e9", "²"])
def test_a_target_that_is_none_is_refused(target: str) -> None:
    with pytest.raises(UserMistake):
        read_target(target)


def test_the_picture_is_a_png_of_the_right_size() -> None:
    found = odds(parse("8d6"))
    png = chart.picture(found, read_target("30"))
    assert png.startswith(b"\x89PNG\r\n\x1a\n") and len(png) < 4_000
    assert struct.unpack(">II", png[16:24]) == (chart.WIDTH, chart.HEIGHT)
    start = png.index(b"IDAT") + 4
    (size,) = struct.unpack(">I", png[start - 8 : start - 4])
    assert len(zlib.decompress(png[start : start + size])) == (chart.WIDTH + 1) * chart.HEIGHT


def test_variables_come_from_options() -> None:
    assert filled("1d20+@prof+@Dex", {"prof": 3, "@dex": -1}) == "1d20+3+(-1)"
    assert read_values("prof=3, dex=+2") == {"prof": 3, "dex": 2}
    with pytest.raises(UserMistake, match="@str has no value"):
        filled("1d20+@str", {"prof": 3})


def test_odds_answer_with_a_chance_a_picture_and_a_histogram() -> None:
    block = Dnd5eBlock()
    found = block.look_up(
        block.resolve(Question("dnd.odds", {"dice": "1d20+@prof", "target": "15", "values": "prof=3"}))
    )
    assert found is not None and "mean **13.50**" in found.text and "**45.00%**" in found.text
    (file,) = found.files
    assert file.encoding == "base64" and file.data.startswith(b"\x89PNG") and "█" in file.alt


def test_both_editions_stand_side_by_side() -> None:
    block = Dnd5eBlock()

    def said(name: str) -> str:
        found = block.look_up(block.resolve(Question("dnd.compare", {"name": name})))
        assert found is not None
        return found.text

    assert "≠" in said("exhaustion") and "5.1:" in said("exhaustion")
    assert "No differences" in said("fireball") and "(read" not in said("fireball")
    assert "≠ **speed**" in said("owlber")
    assert "Only in SRD 5.1" in said("goblin") or "≠" in said("goblin")
    with pytest.raises(UserMistake, match="in neither edition"):
        said("zzfireball of doom")
    assert "Fireball" in block.suggest("dnd.compare", "name", "fireb", {})
