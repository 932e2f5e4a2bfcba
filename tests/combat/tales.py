"""Scenes for narrations: real fights played until the event that is to be told has happened."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from tests.combat.fights import Board, hero
from truth_blocks.contracts import Question, Report
from truth_blocks.dnd5e.combat.beats import Beat, beats
from truth_blocks.dnd5e.combat.log import fold
from truth_blocks.dnd5e.combat.narration import CombatBlock, Excerpt
from truth_blocks.dnd5e.combat.state import Attack
from truth_blocks.dnd5e.facts import Facts

RAPIER, LONGSWORD = Attack("Rapier", 5, "9", "piercing"), Attack("Longsword", 6, "20", "slashing")
HIT, MISS = {"bonus": "14"}, {"bonus": "-14"}
Wanted = Callable[[Beat], bool]


def table(facts: Facts, seed: int) -> Board:
    """Mira and Torv against two goblins, an ogre, a dragon called Ember and a witch called Vexa; Mira's turn."""
    board = Board(facts, "5.2", seed)
    mira = hero("Mira", attacks=(RAPIER,), spell_dc=15, spell_attack=7, slots={})
    board.do("join", "mira", mira, initiative="20").do(
        "join", "torv", hero("Torv", attacks=(LONGSWORD,)), initiative="19"
    )
    board.do("add", creature="Goblin", hp="18", ac="13", count="2", initiative="10")
    board.do("add", creature="ogre", hp="90", ac="11", initiative="9")
    board.do("add", creature="adult red dragon", name="Ember", initiative="8", legendary="3")
    board.do("add", creature="Vexa", hp="60", ac="12", initiative="7")
    return board.do("next")


def _blow(
    by: str, target: str, name: str, damage: str, kind: str, bonus: str = "14", **more: str
) -> Callable[[Board], None]:
    def play(board: Board) -> None:
        while board.fight.current.lower() != by:
            board.do("next")
        board.do("attack", target=target, attack=name, bonus=bonus, damage=damage, type=kind, **more)

    return play


def _cast(by: str, spell: str, target: str, **more: str) -> Callable[[Board], None]:
    def play(board: Board) -> None:
        while board.fight.current.lower() != by:
            board.do("next")
        board.do("cast", spell=spell, target=target, dc="15", **more)

    return play


def _orders(*orders: tuple[str, dict[str, str]]) -> Callable[[Board], None]:
    def play(board: Board) -> None:
        for do, options in orders:
            board.do(do, **options)

    return play


def _dying(board: Board) -> None:
    """Torv falls, and his turn begins."""
    board.do("damage", target="torv", amount="24").do("next")


def _dying_long(board: Board) -> None:
    _dying(board)
    for _ in range(21):
        board.do("next")


def _freed(board: Board) -> None:
    """Torv is held, and shakes it off at the end of his turn."""
    _cast("vexa", "hold person", "torv")(board)
    for _ in range(12):
        board.do("next")


SCENES: dict[str, tuple[Callable[[Board], None], Wanted]] = {
    "hit": (_blow("mira", "goblin a", "Rapier", "9", "piercing"), lambda b: b.success is True and not b.crit),
    "miss": (_blow("mira", "goblin a", "Rapier", "9", "piercing", "-3"), lambda b: b.success is False),
    "crit": (_blow("mira", "ogre", "Rapier", "17", "piercing"), lambda b: b.crit),
    "kill": (_blow("torv", "goblin a", "Longsword", "20", "slashing"), lambda b: bool(b.died) and not b.crit),
    "foe-miss": (_blow("goblin b", "mira", "Scimitar", "5", "slashing", "-3"), lambda b: b.success is False),
    "foe-hit": (_blow("ogre", "torv", "Greatclub", "13", "bludgeoning"), lambda b: b.success is True and not b.crit),
    "fall": (_blow("ogre", "torv", "Greatclub", "24", "bludgeoning"), lambda b: bool(b.fell) and not b.crit),
    "death": (_blow("ogre", "mira", "Greatclub", "60", "bludgeoning"), lambda b: bool(b.died) and not b.crit),
    "cast": (_cast("mira", "fireball", "goblin a, goblin b, ogre"), lambda b: b.kind == "cast"),
    "burned": (_cast("mira", "fireball", "ogre"), lambda b: b.kind == "save" and b.success is False),
    "singed": (_cast("mira", "fireball", "ogre"), lambda b: b.kind == "save" and b.success is True),
    "burned-dead": (_cast("mira", "fireball", "goblin b"), lambda b: b.kind == "save" and b.success is False and bool(b.died)),
    "save": (_orders(("save", {"target": "torv", "ability": "dex", "dc": "12"})), lambda b: b.success is True),
    "save-failed": (_orders(("save", {"target": "mira", "ability": "str", "dc": "12"})), lambda b: b.success is False),
    "heal": (_orders(("damage", {"target": "torv", "amount": "15"}), ("heal", {"target": "torv", "amount": "7"})), lambda b: b.kind == "heal"),
    "temp": (_orders(("heal", {"target": "mira", "amount": "8", "temporary": "true"})), lambda b: True),
    "cure": (_orders(("damage", {"target": "torv", "amount": "23"}), ("cast", {"spell": "cure wounds", "target": "torv"})), lambda b: b.kind == "heal"),
    "prone": (_orders(("condition", {"target": "goblin a", "condition": "prone"})), lambda b: True),
    "poisoned": (_orders(("condition", {"target": "torv", "condition": "poisoned"})), lambda b: True),
    "relief": (_orders(("condition", {"target": "torv", "condition": "poisoned"}), ("condition", {"target": "torv", "condition": "poisoned", "off": "true"})), lambda b: b.kind == "relief"),
    "lost": (_orders(("cast", {"spell": "bless", "target": "torv"}), ("damage", {"target": "mira", "amount": "12", "type": "fire"})), lambda b: bool(b.lost)),
    "kept": (_orders(("cast", {"spell": "bless", "target": "torv"}), ("damage", {"target": "mira", "amount": "6", "type": "cold"})), lambda b: b.kind == "damage" and not b.lost),
    "death-save": (_dying, lambda b: b.kind == "death-save" and b.counts == (1, 0)),
    "death-save-failed": (_dying, lambda b: b.kind == "death-save" and b.counts == (0, 1)),
    "death-save-20": (_dying, lambda b: b.kind == "death-save" and bool(b.numbers)),
    "death-save-dead": (_dying_long, lambda b: b.kind == "death-save" and bool(b.died)),
    "immune": (_orders(("damage", {"target": "ember", "amount": "15", "type": "fire"})), lambda b: True),
    "legendary": (_orders(("use", {"what": "legendary", "by": "ember"})), lambda b: True),
    "reaction": (_orders(("use", {"what": "reaction", "by": "torv"})), lambda b: True),
    "missile": (_cast("mira", "magic missile", "goblin a"), lambda b: b.kind == "damage" and not b.died),
    "held": (_cast("vexa", "hold person", "torv"), lambda b: b.kind == "save" and b.success is False),
    "not-held": (_cast("vexa", "hold person", "mira"), lambda b: b.kind == "save" and b.success is True),
    "bless": (_cast("mira", "bless", "torv, mira"), lambda b: b.kind == "cast"),
    "healing-word": (_orders(("damage", {"target": "torv", "amount": "23"}), ("cast", {"spell": "healing word", "target": "torv"})), lambda b: b.kind == "heal"),
    "guardians": (_orders(("cast", {"spell": "spirit guardians", "choice": "radiant"}), ("again", {"spell": "spirit guardians", "target": "ogre"})), lambda b: b.kind == "save" and b.success is False),
    "freed": (_freed, lambda b: b.kind == "save" and b.success is True and "paralyzed" in b.freed),
    "haste": (_cast("mira", "haste", "torv"), lambda b: b.kind == "cast"),
    "faerie": (_cast("mira", "faerie fire", "ogre"), lambda b: b.kind == "save" and b.success is False),
    "ready": (_orders(("ready", {"what": "strike whoever comes near"})), lambda b: True),
    "left": (_orders(("leave", {"target": "torv"})), lambda b: True),
    "dust": (_cast("mira", "disintegrate", "vexa", slot="6"), lambda b: bool(b.died)),
}  # fmt: skip


def played(facts: Facts, name: str) -> tuple[Beat, tuple[str, ...]]:
    """The scene's event, and the names of everybody in the fight."""
    play, wanted = SCENES[name]
    for seed in range(1, 400):
        board = table(facts, seed)
        entries = len(board.log.entries)
        play(board)
        told, _ = beats(board.log.entries[entries:])
        found = [beat for beat in told if wanted(beat)]
        if found:
            names = tuple(each.name for each in fold(board.log).order)
            return msgspec.structs.replace(found[-1], number=1), names
    raise AssertionError(f"no seed plays {name}")


def held(block: CombatBlock, scene: tuple[Beat, tuple[str, ...]], text: str) -> Report:
    """The check of one text against one event."""
    beat, names = scene
    excerpt = Excerpt(1, "5.2", 0, 1, 1, names, (beat,), ("Mira", "Torv"))
    topic = block.resolve(Question("combat.narrate", {"excerpt": msgspec.json.encode(excerpt).decode()}))
    numbers = [number for number in beat.numbers if number]
    filled = text.replace("{n}", str(numbers[-1]) if numbers else "0")
    return block.check(topic, msgspec.json.encode({"narration": [{"event": 1, "text": filled}]}).decode())


def texts(name: str, verdict: str) -> list[tuple[str, str]]:
    """Scene and text of one of the sets, the ``true`` or the ``false`` ones."""
    lines = Path(__file__).with_name("narrations").joinpath(f"{name}.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return [(scene, text) for scene, said, text in rows if said == verdict]
