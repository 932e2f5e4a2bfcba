"""The slash commands of this block."""

from truth_blocks.contracts import Command, Option
from truth_blocks.dnd5e.dice import MOST_CHARACTERS
from truth_blocks.dnd5e.facts import EDITIONS

EDITION = Option("edition", "SRD edition, 5.2 unless you say 5.1", choices=EDITIONS, max_length=3)

VALUES = Option(
    "values", "Numbers for @names in dice: prof=3 dex=2; your /dnd character fills the rest", max_length=200
)

COMMANDS = (
    Command(
        "/dnd rule",
        "dnd.rule",
        "A rules answer, checked against the SRD",
        "/dnd rule topic: grappled",
        (Option("topic", "A condition, an action, a rule or a question", True, suggests=True, max_length=300), EDITION),
    ),
    Command(
        "/dnd spell",
        "dnd.spell",
        "What the SRD says about a spell",
        "/dnd spell name: fireball",
        (Option("name", "Name of the spell", True, suggests=True, max_length=100), EDITION),
    ),
    Command(
        "/dnd monster",
        "dnd.monster",
        "A creature's figures",
        "/dnd monster name: owlbear",
        (Option("name", "Name of the creature", True, suggests=True, max_length=100), EDITION),
    ),
    Command(
        "/dnd item",
        "dnd.item",
        "A weapon, an armour, an item or a magic item: figures, price, weight",
        "/dnd item name: longsword",
        (Option("name", "Name of the item", True, suggests=True, max_length=100), EDITION),
    ),
    Command(
        "/dnd class",
        "dnd.class",
        "A class: hit die, saves, slots and features, at a level or at all of them",
        "/dnd class name: paladin level: 5",
        (
            Option("name", "Name of the class", True, suggests=True, max_length=100),
            Option("level", "Its level, 1 to 20; all of them when left out", max_length=2),
            EDITION,
        ),
    ),
    Command(
        "/dnd roll",
        "dnd.roll",
        "Roll dice; every die is shown",
        "/dnd roll dice: 2d20kh1+5 label: stealth",
        (
            Option("dice", "Dice, for example 4d6dl1, 8d6! or d20 adv", True, max_length=MOST_CHARACTERS),
            Option("label", "What the roll is for", max_length=100),
            Option("hidden", "Only you see the result", kind="flag"),
            VALUES,
        ),
    ),
    Command(
        "/dnd odds",
        "dnd.odds",
        "The exact odds of a roll, with a picture",
        "/dnd odds dice: 2d20kh1+5 target: 18",
        (
            Option("dice", "Dice, for example 8d6 or 4d6dl1", True, max_length=MOST_CHARACTERS),
            Option("target", "What to reach: 15, >=15, <=10 or =7", max_length=20),
            VALUES,
        ),
    ),
    Command(
        "/dnd compare",
        "dnd.compare",
        "Both editions of a spell, monster, condition or rule side by side",
        "/dnd compare name: exhaustion",
        (Option("name", "Name of a spell, monster, condition or rule", True, suggests=True, max_length=100),),
    ),
)
OPTIONS = {command.task_type: {option.name: option for option in command.options} for command in COMMANDS}
