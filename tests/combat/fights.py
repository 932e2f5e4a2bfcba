"""Fights for tests: orders by hand, dice that fall as told, and a thousand random ones."""

import random
from collections.abc import Iterator

import msgspec

from errors import VesperaError
from truth_blocks.dnd5e.combat import engine, spells
from truth_blocks.dnd5e.combat.log import Log, Order, fold
from truth_blocks.dnd5e.combat.state import Attack, Combatant, Condition, Fight, Slots
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


CREATURES = ("goblin warrior", "bandit", "owlbear", "skeleton", "ogre", "adult red dragon", "giant spider", "zombie")
SPELLS = {edition: sorted(spells.keys(edition)) for edition in ("5.1", "5.2")}
ALL_SLOTS = {str(level): Slots(4, 4) for level in range(1, 10)}
CONDITIONS = ("prone", "poisoned", "restrained", "stunned", "paralyzed", "exhaustion", "frightened", "invisible")


def random_order(chance: random.Random, fight: Fight) -> Order:
    """Any command, sensible or not."""
    names = [each.name for each in fight.order if not each.dead] or ["nobody"]
    who = chance.choice(names)
    several = ", ".join(chance.choices(names, k=chance.randint(1, 3)))
    spell = chance.choice(SPELLS[fight.edition])
    rules = spells.spell(fight.edition, spell)
    going = [each.spell for each in fight.lasting] or ["moonbeam"]
    kinds = {
        "attack": {"target": who, "bonus": str(chance.randint(-2, 12)), "damage": "2d6+3", "type": "fire"},
        "cast": {
            "spell": spell, "target": chance.choice((who, several)), "dc": "14", "bonus": "6", "mod": "3",
            "slot": chance.choice(("", "", "5", "9")), "choice": chance.choice((*rules.choices, "")) if rules else "",
            "cover": chance.choice(("", "half")), "reaction": chance.choice(("true", "false", "false")),
        },
        "again": {
            "spell": chance.choice(going), "target": chance.choice((who, several)),
            "end": chance.choice(("true", "false", "false", "false")),
        },
        "ready": {"what": "strike whoever comes near"},
        "leave": {"target": who, "back": chance.choice(("true", "false"))},
        "damage": {"target": who, "amount": chance.choice(("1", "2", "3d8", "12d10", "0")), "type": chance.choice(("fire", "cold"))},
        "heal": {"target": who, "amount": "2d8", "temporary": chance.choice(("true", "false"))},
        "save": {"target": who, "ability": chance.choice(("dex", "con")), "dc": "13"},
        "condition": {
            "target": who, "condition": chance.choice(CONDITIONS), "rounds": "2",
            "off": chance.choice(("true", "false", "false")),
        },
        "use": {"what": chance.choice(("reaction", "legendary", "Fire Breath")), "by": who},
        "next": {},
        "add": {"creature": chance.choice(CREATURES), "count": "2", "recharge": "Fire Breath 5-6", "legendary": "3"},
        "join": {"surprised": chance.choice(("true", "false"))},
    }  # fmt: skip
    weights = {
        "attack": 6, "cast": 8, "again": 5 if fight.lasting else 0, "damage": 3, "heal": 2, "condition": 3, "next": 10,
    }  # fmt: skip
    do = chance.choices(list(kinds), [weights.get(kind, 1) for kind in kinds])[0]
    sheet = mage(f"Hero {chance.randint(1, 4)}", chance) if do == "join" else None
    options = {name: value for name, value in kinds[do].items() if value and value != "false"}
    return Order(do, DM, options, commands_all=True, sheet=sheet)


def mage(name: str, chance: random.Random) -> Combatant:
    """A hero with slots of every level, now and then exhausted."""
    tired = [Condition("exhaustion", chance.randint(1, 5))] if chance.random() < 0.2 else []
    hp = chance.choice((24, 60, 140))
    return hero(name, slots=ALL_SLOTS, conditions=tired, hp=hp, most=hp)


def random_fight(facts: Facts, seed: int, commands: int = 22) -> Iterator[Log]:
    """The log after each accepted command of one random fight; what is refused leaves no trace."""
    chance = random.Random(seed)
    log = Log(chance.choice(("5.1", "5.2")), DM, seed)
    for start in (
        Order("join", DM, {}, True, mage("Mira", chance)),
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
