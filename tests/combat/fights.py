"""Fights for tests: orders by hand, dice that fall as told, and a thousand random ones."""

import random
from collections.abc import Iterator

import msgspec

from errors import VesperaError
from truth_blocks.dnd5e.combat import engine
from truth_blocks.dnd5e.combat.log import Log, Order, fold
from truth_blocks.dnd5e.combat.state import Attack, Combatant, Fight, Slots
from truth_blocks.dnd5e.facts import Facts

DM = "dm"


def hero(name: str = "Mira", **changes: object) -> Combatant:
    base = Combatant(
        name, "player", name.lower(), 15, 24, 24, 16, 0, 0, saves={"con": 2, "dex": 3, "wis": 1}, level=5, spell_dc=13,
        spell_attack=5, attacks=(Attack("Rapier", 5, "1d8+3", "piercing"),),
        slots={"1": Slots(4, 4), "2": Slots(2, 2), "3": Slots(2, 2)}, source="character sheet",
    )  # fmt: skip
    return msgspec.structs.replace(base, **changes)


class Board:
    """A fight under way, driven by hand."""

    def __init__(self, facts: Facts, edition: str = "5.2", seed: int = 1) -> None:
        self.facts, self.log = facts, Log(edition, DM, seed)

    def do(self, command: str, user: str = DM, sheet: Combatant | None = None, /, **options: str) -> "Board":
        order = Order(command, user, options, commands_all=user == DM, sheet=sheet)
        self.log = engine.act(self.log, order, self.facts)
        return self

    @property
    def fight(self) -> Fight:
        return fold(self.log)

    def of(self, name: str) -> Combatant:
        return self.fight.of(name)

    def events(self, kind: type) -> list[msgspec.Struct]:
        """Events of this kind in the last entry."""
        return [event for event in self.log.entries[-1].events if isinstance(event, kind)]


def rolling(facts: Facts, face: int, edition: str, make: "object") -> Board:
    """The first seed for which ``make`` (a function of a Board) gives a board whose last d20 shows this face."""
    for seed in range(1, 2_000):
        board = Board(facts, edition, seed)
        made = make(board)  # type: ignore[operator]
        if made == face:
            return board
    raise AssertionError(f"no seed rolls {face}")


CREATURES = ("goblin", "orc", "owlbear", "skeleton", "ogre", "adult red dragon", "giant spider", "zombie")
SPELLS = ("fireball", "fire bolt", "magic missile", "hold person", "bless", "cure wounds", "burning hands", "web")
CONDITIONS = ("prone", "poisoned", "restrained", "stunned", "paralyzed", "exhaustion", "frightened", "invisible")


def random_order(chance: random.Random, fight: Fight) -> Order:
    """Any command, sensible or not."""
    names = [each.name for each in fight.order] or ["nobody"]
    who = chance.choice(names)
    kinds = {
        "attack": {"target": who, "bonus": str(chance.randint(-2, 12)), "damage": "2d6+3", "type": "fire"},
        "cast": {"spell": chance.choice(SPELLS), "target": who, "dc": "14", "bonus": "6", "on_save": "half"},
        "damage": {"target": who, "amount": chance.choice(("1", "3d8", "12d10", "0")), "type": chance.choice(("fire", "cold"))},
        "heal": {"target": who, "amount": "2d8", "temporary": chance.choice(("true", "false"))},
        "save": {"target": who, "ability": chance.choice(("dex", "con")), "dc": "13"},
        "condition": {"target": who, "condition": chance.choice(CONDITIONS), "rounds": "2"},
        "use": {"what": chance.choice(("reaction", "legendary", "Fire Breath")), "by": who},
        "next": {},
        "add": {"creature": chance.choice(CREATURES), "count": "2", "recharge": "Fire Breath 5-6", "legendary": "3"},
        "join": {},
    }  # fmt: skip
    weights = (6, 3, 3, 2, 1, 2, 1, 8, 1, 1)
    do = chance.choices(list(kinds), weights)[0]
    sheet = hero(f"Hero {chance.randint(1, 4)}") if do == "join" else None
    return Order(do, DM, {k: v for k, v in kinds[do].items() if v != "false"}, commands_all=True, sheet=sheet)


def random_fight(facts: Facts, seed: int, commands: int = 14) -> Iterator[Log]:
    """The log after each accepted command of one random fight; what is refused leaves no trace."""
    chance = random.Random(seed)
    log = Log(chance.choice(("5.1", "5.2")), DM, seed)
    for start in (
        Order("join", DM, {}, True, hero("Mira")),
        Order("add", DM, {"creature": chance.choice(CREATURES), "count": "2"}, True),
        Order("next", DM, {}, True),
    ):
        try:
            log = engine.act(log, start, facts)
            yield log
        except VesperaError:
            continue
    for _ in range(commands):
        try:
            log = engine.act(log, random_order(chance, fold(log)), facts)
        except VesperaError:
            continue
        yield log
