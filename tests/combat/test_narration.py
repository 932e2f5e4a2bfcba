"""A narration that differs from the log is rejected; one that tells it passes."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from agents.contracts import Request
from agents.table_contracts import Play
from app import App
from errors import DraftMalformed, UserMistake
from tests.apps import PASS, opened
from tests.combat.fights import Board, hero, random_fight
from tests.scripted_model import Reply, ScriptedModel
from truth_blocks.contracts import Question, Report, Topic
from truth_blocks.dnd5e.combat.beats import beats
from truth_blocks.dnd5e.combat.log import Log, fold
from truth_blocks.dnd5e.combat.narration import CombatBlock, Excerpt
from truth_blocks.dnd5e.facts import Facts


@pytest.fixture(scope="module")
def block() -> CombatBlock:
    return CombatBlock()


def topic_of(block: CombatBlock, log: Log) -> Topic:
    fight = fold(log)
    told, covered = beats(log.entries)
    names = tuple(each.name for each in fight.order)
    players = tuple(each.name for each in fight.order if each.kind == "player")
    excerpt = Excerpt(1, log.edition, 0, covered, fight.round, names, tuple(told), players)
    return block.resolve(Question("combat.narrate", {"excerpt": msgspec.json.encode(excerpt).decode()}))


def scene(facts: Facts) -> Board:
    """Mira misses (event 1), then kills Goblin A with 9 piercing (event 2)."""
    for seed in range(1, 500):
        board = Board(facts, "5.2", seed).do("join", "mira", hero(), initiative="20")
        board.do("add", creature="goblin warrior", name="Goblin", count="2", initiative="5").do("next")
        board.do("attack", "mira", target="goblin a", bonus="0", damage="1").do(
            "attack", "mira", target="goblin a", bonus="30", damage="20", type="piercing"
        )
        told, _ = beats(board.log.entries)
        if not told[0].success and told[1].success and not told[1].crit:
            return board
    raise AssertionError("no such dice")


def draft(*texts: str) -> str:
    return msgspec.json.encode({"narration": [{"event": n, "text": text} for n, text in enumerate(texts, 1)]}).decode()


MISS = "Mira thrusts at Goblin A, and the point goes wide."
KILL = "Then Mira drives her blade home, and Goblin A falls dead, struck for 20."


def held(block: CombatBlock, board: Board, text: str) -> Report:
    return block.check(topic_of(block, board.log), text)


def test_a_true_and_vivid_narration_passes(facts: Facts, block: CombatBlock) -> None:
    board = scene(facts)
    report = held(block, board, draft(MISS, KILL))
    assert report.violations == ()
    assert (report.verified, report.checkable) == (2, 2)
    assert "Goblin A falls dead" in block.present(topic_of(block, board.log), draft(MISS, KILL)).text


@pytest.mark.parametrize(
    ("texts", "rule"),
    [
        ((MISS, KILL.replace("20", "21")), "number"),
        ((MISS, KILL.replace("20", "fifteen")), "number"),
        ((MISS, KILL.replace("20", "15 against the armour")), "number"),
        ((MISS, KILL.replace("Goblin A", "Goblin B")), "name"),
        ((MISS, "Then Mira drives her blade home before Elminster, and Goblin A falls dead."), "name"),
        ((MISS, "Elminster watches as Mira strikes and Goblin A falls dead."), "name"),
        ((MISS, "Mira casts Fireball, and Goblin A falls dead."), "name"),
        ((MISS, "Mira swings a longbow, and Goblin A falls dead."), "name"),
        ((MISS, "Goblin A cuts Mira down and falls dead."), "roles"),
        ((MISS, "Then Mira hits Goblin A for 20."), "death"),
        (("Mira thrusts at Goblin A, and it falls dead though the blow misses.", KILL), "death"),
        (("Mira pierces Goblin A.", KILL), "outcome"),
        ((MISS, "Then Mira misses, and Goblin A falls dead."), "outcome"),
        ((MISS, "A critical blow: Mira strikes, and Goblin A falls dead."), "outcome"),
        ((MISS, "Mira burns Goblin A with fire, and it falls dead."), "damage-type"),
        ((MISS, "Mira leaves Goblin A stunned, and it falls dead."), "condition"),
        ((MISS,), "order"),
        ((MISS, KILL, "Then all is quiet."), "order"),
    ],
)  # fmt: skip
def test_a_narration_that_differs_from_the_log_is_rejected(
    facts: Facts, block: CombatBlock, texts: tuple[str, ...], rule: str
) -> None:
    report = held(block, scene(facts), draft(*texts))
    assert not report.passed
    assert rule in {violation.rule for violation in report.violations}


def test_the_order_of_events_cannot_be_changed(facts: Facts, block: CombatBlock) -> None:
    swapped = msgspec.json.encode({"narration": [{"event": 2, "text": KILL}, {"event": 1, "text": MISS}]}).decode()
    assert "order" in {violation.rule for violation in held(block, scene(facts), swapped).violations}


@pytest.mark.parametrize("text", ["", "[]", '{"narration": "Mira wins"}', '{"narration": [], "x": 1}', "{" * 5_000])
def test_a_malformed_draft_is_refused(facts: Facts, block: CombatBlock, text: str) -> None:
    with pytest.raises(DraftMalformed):
        held(block, scene(facts), text)


def test_nothing_to_tell_is_said(facts: Facts, block: CombatBlock) -> None:
    with pytest.raises(UserMistake, match="Nothing happened"):
        topic_of(block, Board(facts).do("join", "mira", hero()).log)
    with pytest.raises(UserMistake, match="no fight"):
        block.resolve(Question("combat.narrate", {}))


def test_the_embedded_drafter_always_passes_its_own_check(facts: Facts, block: CombatBlock) -> None:
    for seed in range(150):
        *_, log = random_fight(facts, seed)
        if beats(log.entries)[0]:
            topic = topic_of(block, log)
            report = block.check(topic, block.draft_offline(topic, ()))
            assert report.passed, (seed, report.violations, block.draft_offline(topic, ()))
            assert block.fallback(topic).text


async def play(app: App, do: str, **options: str) -> None:
    request = Request("local", "terminal", f"combat.{do}", f"/combat {do}", options, role="owner")
    await app.play(Play(request, "local"))


async def test_three_false_narrations_end_in_the_engines_own_lines_and_nothing_is_cached(tmp_path: Path) -> None:
    lie = Reply(text=draft("Mira kills Goblin with 99."))
    opinion = Reply(text=PASS, when="You are the Deep Critic")
    async with ScriptedModel([opinion, lie]) as model, opened(tmp_path, model) as app:
        await play(app, "start")
        await play(app, "join", name="Mira", hp="20", ac="14", initiative="20")
        await play(app, "add", creature="goblin warrior", name="Goblin", initiative="1")
        await play(app, "next")
        await play(app, "attack", target="goblin", bonus="30", damage="3", type="cold")
        request = Request("local", "terminal", "combat.narrate", "/combat narrate", {"channel": "local"}, role="owner")
        answer = await (await app.submit(request)).wait()
        assert answer.status == "fallback"
        assert "Mira → Goblin" in answer.text
        assert answer.attempts == 3
        await asyncio.sleep(0)
        with pytest.raises(UserMistake, match="Nothing happened"):
            await app.submit(request)
        assert (await app.blackboard.health()).cache_entries == 0


async def test_what_was_rolled_in_secret_is_not_told_but_a_death_is(tmp_path: Path) -> None:
    async with opened(tmp_path) as app:
        await play(app, "start")
        await play(app, "join", name="Mira", hp="20", ac="14", initiative="20")
        await play(app, "add", creature="goblin warrior", name="Goblin", initiative="1")
        await play(app, "next")
        await play(app, "save", target="goblin", ability="dex", dc="12", hidden="true")
        request = Request("local", "terminal", "combat.narrate", "/combat narrate", {"channel": "local"}, role="owner")
        with pytest.raises(UserMistake, match="Nothing happened"):
            await app.submit(request)
        await play(app, "damage", target="goblin", amount="77", hidden="true")
        answer = await (await app.submit(request)).wait()
        assert "Goblin dies" in answer.text
        assert "77" not in answer.text
