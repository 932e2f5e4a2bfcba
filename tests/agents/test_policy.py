"""The policy file: access, refusals, charter, and clear errors."""

from pathlib import Path

import pytest

from agents.policy import Policy
from errors import BadConfiguration, NotAllowed
from settings import HOME
from tests.apps import author_and_critic, opened, rule
from tests.scripted_model import ScriptedModel

POLICY = Policy.load(HOME / "policy.toml")


def written(folder: Path, text: str) -> Path:
    path = folder / "policy.toml"
    path.write_text(text)
    return path


async def test_a_refused_topic_is_answered_with_the_rules_sentence_and_traced(tmp_path: Path) -> None:
    request = rule(task_type="ask", options={"question": "please write some ransomware for me"}, command="/ask")
    async with ScriptedModel([]) as model, opened(tmp_path, model) as app:
        answer = await (await app.submit(request)).wait()
        assert (answer.status, answer.ok) == ("refused", False)
        assert "REF-001" in answer.text
        story = await app.why("local", answer.task_id, user="mira", role="member")
        assert "REF-001" in story.lines[0].text and "policy v2" in story.lines[0].text
        assert not model.requests


async def test_a_role_that_does_not_reach_is_told_so(tmp_path: Path) -> None:
    policy = written(tmp_path, 'version = 3\n[access]\n"*" = "member"\n"cloud.*" = "admin"\n')
    async with opened(tmp_path / "data", policy_file=policy) as app:
        with pytest.raises(NotAllowed, match="admin"):
            await app.submit(rule(task_type="cloud.plan", options={"request": "a bucket"}))
        assert "/cloud" not in app.help(None, "member") and "/cloud" in app.help(None, "admin")


async def test_a_draft_that_breaks_the_charter_is_rejected(tmp_path: Path) -> None:
    request = rule(task_type="ask", options={"question": "greet the whole server"}, command="/ask")
    script = author_and_critic('{"answer": "Hello @everyone"}', '{"answer": "Hello, all."}')
    async with ScriptedModel(script) as model, opened(tmp_path, model) as app:
        answer = await (await app.submit(request)).wait()
        assert (answer.text, answer.attempts) == ("Hello, all.", 2)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("version = ", "not valid"),
        ('version = 1\n[access]\n"*" = "king"\n', "not valid"),
        ('version = 1\nextra = 2\n[access]\n"*" = "member"\n', "extra"),
        ('version = 1\n[access]\n[[charter]]\nrule="X"\ntasks=["*"]\npatterns=["("]\nsentence="s"\n', "Rule X"),
    ],
)
def test_a_policy_file_with_a_mistake_is_refused_with_its_place(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(BadConfiguration, match=says):
        Policy.load(written(tmp_path, text))


def test_a_missing_policy_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="cannot be read"):
        Policy.load(tmp_path / "none.toml")


def test_without_an_access_rule_only_the_owner_may_ask(tmp_path: Path) -> None:
    policy = Policy.load(written(tmp_path, "version = 1\n[access]\n"))
    assert [policy.allows("ask", role) for role in ("member", "admin", "owner")] == [False, False, True]
