import pytest

from logs import hide, redact
from tests.promises import Promise


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer abcdefghijkl.mnop",
        "authorization: BOT abcdefghijklmnopqrst",
        "key gsk_" + "a1" * 12,
        "key AIza" + "b2" * 16,
        "key sk-" + "c3" * 10,
        "token M" + "d" * 24 + "." + "e" * 6 + "." + "f" * 30,
    ],
)
def test_what_is_shaped_like_a_key_or_stands_in_a_header_is_redacted(text: str, promise: Promise) -> None:
    clean = redact(f'{{"note":"{text}","rule":"movement.grapple"}}')
    assert "[redacted]" in clean
    assert text.split()[-1] not in clean
    assert "movement.grapple" in clean
    promise("What looks like a key is redacted.", count=1, of="shapes of keys")


def test_a_registered_secret_is_redacted_and_other_text_is_left_alone() -> None:
    hide(["correct-horse-battery"])
    assert redact("it is correct-horse-battery.") == "it is [redacted]."
    assert redact("the bearer of the ring: both hands") == "the bearer of the ring: both hands"
