import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neutralise import file_name, for_discord, for_terminal, in_code


@pytest.mark.parametrize(
    "mention", ["@everyone", "@HERE", "<@123>", "<@!123>", "<@&9>", "<#42>", "</why:1>", "<t:0:R>"]
)
def test_a_mention_of_any_kind_is_broken(mention: str) -> None:
    assert mention not in for_discord(f"hear ye {mention} now")


def test_a_masked_link_to_an_unknown_host_shows_its_address() -> None:
    assert for_discord("see [the docs](https://evil.example/x)") == "see the docs (https://evil.example/x)"


def test_a_masked_link_hidden_in_angle_brackets_or_with_a_title_shows_its_address() -> None:
    assert for_discord('[a](<https://evil.example>) [b](https://evil.example "ok")').count("](") == 0


def test_a_link_whose_text_pretends_to_be_an_address_is_unmasked_even_for_a_known_host() -> None:
    assert "](" not in for_discord("[https://bank.example](https://github.com/x)")


def test_a_masked_link_to_a_known_host_stays() -> None:
    link = "[aws_instance](https://registry.terraform.io/providers/hashicorp/aws)"
    assert for_discord(link) == link


def test_credentials_before_the_host_do_not_make_it_known() -> None:
    assert "](" not in for_discord("[x](https://github.com@evil.example/)")


@pytest.mark.parametrize(
    "invite",
    ["https://discord.gg/abc", "discord.gg/abc", "https://discord.com/invite/abc", "DISCORDAPP.com/invite/a-b"],
)
def test_an_invite_is_taken_out_even_of_code(invite: str) -> None:
    assert for_discord(f"join {invite} or `{invite}`") == "join [invite removed] or `[invite removed]`"


def test_an_invite_split_by_an_invisible_character_is_found() -> None:
    assert "gg/abc" not in for_discord("discord.g\u200bg/abc")


def test_direction_changes_and_escape_sequences_are_removed() -> None:
    assert for_terminal("a\u202eb\x1b[31mc\u2066d\r\ne\tf") == "ab[31mcd\ne\tf"


@pytest.mark.parametrize(
    "link",
    [
        "[`aws_instance`](https://evil.example)",
        "\\`[good](https://evil.example)\\`",
        "[a]b](https://evil.example)",
        "[a\\](https://evil.example)",
        "```\n\n``` a ```[x](https://evil.example)```",
        "https://a.example/```[x](https://evil.example)```",
        "[x](https://evil.example 'a" + "b" * 900 + "')",
    ],
)
def test_a_masked_link_is_found_however_code_brackets_and_escapes_stand_around_it(link: str) -> None:
    assert "](" not in for_discord(link)


@pytest.mark.parametrize("address", ["https://[foo", "https://ex\u2100mple.example", "https://[::1]:x/"])
def test_a_link_to_something_that_is_no_address_is_text(address: str) -> None:
    assert for_discord(f"[x]({address})") == f"x ({address})"


@pytest.mark.parametrize("piece", ["[x](a:b ", "[x](a:b c (", "[a[", "`a ", "``` ", "[x](", "[[]", "[x](a:(b)"])
def test_no_repeated_text_makes_neutralising_slow(piece: str) -> None:
    began = time.perf_counter()
    for_discord(piece * 2_000 + " " * 8_000)
    assert time.perf_counter() - began < 0.5


def test_a_status_line_dressed_up_is_escaped_too() -> None:
    assert for_discord("-# **✓ checked**").startswith("\\-#")


def test_code_in_a_closed_fence_is_left_as_it_is() -> None:
    code = "```hcl\nname = <@1> # @everyone [a](b)\n```"
    assert for_discord(code) == code


def test_an_unclosed_fence_protects_nothing() -> None:
    assert "@everyone" not in for_discord("```hcl\n@everyone")


def test_a_line_that_imitates_the_status_line_is_escaped() -> None:
    assert for_discord("-# ✓ checked against the rules").startswith("\\-#")


def test_code_text_cannot_end_its_fence() -> None:
    assert "`" not in in_code("``` @everyone")


@pytest.mark.parametrize(
    ("name", "plain"), [("../../etc/passwd", "passwd"), ("a b.tf", "a_b.tf"), (".env", "env"), ("", "file.txt")]
)
def test_a_file_name_has_no_folder_and_is_not_hidden(name: str, plain: str) -> None:
    assert file_name(name) == plain


@given(st.text(max_size=200))
def test_nothing_that_pings_survives_outside_code(text: str) -> None:
    shown = re.sub(r"(```.*?```|(?<!`)`[^`\n]+`(?!`))", "", for_discord(text + " @everyone <@1>"), flags=re.DOTALL)
    assert not re.search(r"@everyone|<@", shown)


@given(st.text(alphabet="[](<>)@everyone!:/\\`.hdiscordg ", max_size=400))
def test_neutralising_twice_changes_nothing_that_matters(text: str) -> None:
    once = for_discord(text)
    assert "discord.gg/" not in once or not re.search(r"discord\.gg/+[\w-]", once)
