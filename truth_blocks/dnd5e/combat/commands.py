"""The slash commands of the table: fights, characters, encounters, rests, the campaign."""

from truth_blocks.contracts import Command, Option
from truth_blocks.dnd5e.combat.conditions import CONDITIONS, UNTIL
from truth_blocks.dnd5e.combat.harm import DAMAGE_TYPES
from truth_blocks.dnd5e.combat.saving import COVER
from truth_blocks.dnd5e.facts import EDITIONS

_TARGET = Option("target", "Who; several with commas", True, suggests=True, max_length=200)
_BY = Option("by", "Who acts, when it is not whose turn it is", suggests=True, max_length=60)
_MODE = Option("mode", "Advantage or disadvantage", choices=("advantage", "disadvantage"))
_HIDDEN = Option("hidden", "Rolled in secret: only the DM sees the dice", kind="flag")
_REACTION = Option("reaction", "As a reaction, in someone else's turn", kind="flag")
_TYPE = Option("type", "Damage type", choices=DAMAGE_TYPES)
_AMOUNT = Option("amount", "Dice or a number, for example 2d6+3", True, max_length=60)
_COVER = Option("cover", "Cover of the target", choices=tuple(COVER))
_COVERED = Option("covered", "Who has the cover, when not all", suggests=True, max_length=200)
_SURPRISED = Option("surprised", "5.1: no action in the first turn; 5.2: disadvantage on initiative", kind="flag")
_INITIATIVE = Option("initiative", "Count to take instead of rolling", max_length=3)

NARRATE = Command(
    "/combat narrate",
    "combat.narrate",
    "Tell what happened since the last time, held against the log",
    "/combat narrate",
)
COMMANDS = (
    Command("/combat start", "combat.start", "Start a fight in this channel; you are its DM", "/combat start"),
    Command(
        "/combat join", "combat.join", "Join the fight with your character", "/combat join name: Mira hp: 31 ac: 16",
        (
            Option("name", "Name, when not your sheet's", max_length=40),
            Option("hp", "Hit points, when not your sheet's", max_length=3),
            Option("ac", "Armour class, when not your sheet's", max_length=2),
            Option("bonus", "Initiative bonus, when not your sheet's", max_length=3), _INITIATIVE, _MODE, _SURPRISED,
        ),
    ),
    Command(
        "/combat add", "combat.add", "Add creatures of the SRD, or your own with hp and ac",
        "/combat add creature: goblin warrior count: 3",
        (
            Option("creature", "Name; lair for lair actions at 20", True, suggests=True, max_length=60),
            Option("count", "How many, up to 20", max_length=2), Option("name", "What they are called", max_length=40),
            Option("apart", "An initiative of its own for each", kind="flag"), _INITIATIVE,
            Option("hp", "Hit points, when not the SRD's", max_length=4),
            Option("ac", "Armour class, when not the SRD's", max_length=2),
            Option("bonus", "Initiative bonus, when not the SRD's", max_length=3),
            Option("legendary", "Legendary actions per round", max_length=1),
            Option("recharge", "What recharges, for example Fire Breath 5-6", max_length=100), _MODE, _SURPRISED,
        ),
    ),
    Command(
        "/combat attack", "combat.attack", "Attack; the engine rolls",
        "/combat attack target: goblin a attack: longsword",
        (
            Option("target", "Who", True, suggests=True, max_length=60),
            Option("attack", "Which attack", suggests=True, max_length=60), _BY, _MODE,
            _COVER,
            Option("bonus", "Attack bonus, when not known", max_length=3),
            Option("damage", "Damage dice, when not known", max_length=60), _TYPE, _REACTION,
            Option("legendary", "As a legendary action", kind="flag"), _HIDDEN,
        ),
    ),
    Command(
        "/combat cast", "combat.cast", "Cast a spell; its facts decide",
        "/combat cast spell: fireball target: goblin a, goblin b",
        (
            Option("spell", "Which spell", True, suggests=True, max_length=60),
            Option("target", "Who; several with commas", suggests=True, max_length=200),
            Option("slot", "Slot level, when above the spell's", max_length=1),
            Option("choice", "What the spell lets you choose, for example radiant", suggests=True, max_length=20),
            _BY, Option("dc", "Spell save DC, when not known", max_length=2),
            Option("bonus", "Spell attack bonus, when not known", max_length=3),
            Option("mod", "Spellcasting modifier, when not known", max_length=3),
            Option("on_save", "What a successful save leaves, when not the spell's", choices=("half", "none")),
            _COVER, _COVERED, _MODE, _REACTION, _HIDDEN,
        ),
    ),
    Command(
        "/combat again", "combat.again", "A spell that goes on: strike, use or end it",
        "/combat again spell: moonbeam target: goblin a",
        (
            Option("spell", "Which of the spells that go on", True, suggests=True, max_length=60),
            Option("target", "Who; several with commas", suggests=True, max_length=200),
            Option("by", "Whose spell, when several cast it", suggests=True, max_length=60),
            Option("end", "End the spell", kind="flag"), _COVER, _COVERED, _MODE, _HIDDEN,
        ),
    ),
    Command(
        "/combat damage", "combat.damage", "Deal damage that no attack or spell rolled",
        "/combat damage target: mira amount: 2d6 type: fire",
        (_TARGET, _AMOUNT, _TYPE, Option("half", "Half of it", kind="flag"),
         Option("crit", "Double dice", kind="flag"), _HIDDEN),
    ),
    Command(
        "/combat heal", "combat.heal", "Give hit points, or temporary ones", "/combat heal target: mira amount: 1d8+3",
        (_TARGET, _AMOUNT, Option("temporary", "Temporary hit points", kind="flag"), _HIDDEN),
    ),
    Command(
        "/combat save", "combat.save", "Roll saving throws", "/combat save target: mira ability: dex dc: 13",
        (
            _TARGET, Option("ability", "Which ability", True, choices=("str", "dex", "con", "int", "wis", "cha")),
            Option("dc", "Difficulty class", True, max_length=2), _COVER, _COVERED, _MODE, _HIDDEN,
        ),
    ),
    Command(
        "/combat condition", "combat.condition", "Begin or end a condition",
        "/combat condition target: goblin a condition: prone until: end of next turn",
        (
            _TARGET, Option("condition", "Which", True, choices=CONDITIONS),
            Option("rounds", "How many rounds", max_length=4), Option("until", "When it ends", choices=UNTIL),
            Option("level", "Level of exhaustion", max_length=1), Option("off", "End it", kind="flag"),
        ),
    ),
    Command(
        "/combat use", "combat.use", "Use a reaction, a legendary action, or what recharges",
        "/combat use what: legendary by: adult red dragon",
        (Option("what", "reaction, legendary, or its name", True, suggests=True, max_length=40), _BY),
    ),
    Command(
        "/combat ready", "combat.ready", "Wait for something, and act on it with your reaction",
        "/combat ready what: attack whoever opens the door",
        (Option("what", "What for", True, max_length=80), _BY),
    ),
    Command(
        "/combat leave", "combat.leave", "Leave the fight before its end, or come back", "/combat leave target: mira",
        (
            Option("target", "Who, when not you; several with commas", suggests=True, max_length=200),
            Option("back", "Back in the fight", kind="flag"),
        ),
    ),
    Command("/combat next", "combat.next", "End this turn, begin the next", "/combat next"),
    Command(
        "/combat undo", "combat.undo", "Take back the last commands", "/combat undo steps: 2",
        (Option("steps", "How many; 1 when left out", max_length=4),),
    ),
    Command("/combat status", "combat.status", "The order, hit points and conditions", "/combat status"),
    Command(
        "/combat end", "combat.end", "End the fight and share the XP", "/combat end",
        (Option("xp", "Count the defeated, or all monsters", choices=("defeated", "all")),),
    ),
    Command(
        "/dnd character", "dnd.character", "Your character: show, import from JSON, or set",
        "/dnd character set: name Mira, level 3, hp 24, ac 15, dex 16, attack Rapier +5 1d8+3 piercing",
        (
            Option("set", "What to set, with commas", max_length=500),
            Option("file", "A JSON file to import", kind="file"),
        ),
    ),
    Command(
        "/dnd rest", "dnd.rest", "Rest: hit points, slots, hit dice", "/dnd rest kind: short dice: 2",
        (Option("kind", "Short or long", True, choices=("short", "long")),
         Option("dice", "Hit dice to spend", max_length=2)),
    ),
    Command(
        "/dnd encounter", "dnd.encounter", "An encounter's budget and creatures that fit",
        "/dnd encounter party: 4x3 difficulty: moderate",
        (
            Option("party", "Levels: 4x3, or 3,3,4", True, max_length=60),
            Option("difficulty", "How hard", choices=("low", "moderate", "high", "easy", "medium", "hard", "deadly")),
            Option("edition", "SRD edition, the campaign's unless you say", choices=EDITIONS, max_length=3),
        ),
    ),
    Command(
        "/dnd campaign", "dnd.campaign", "Show or choose the edition of this campaign", "/dnd campaign edition: 5.1",
        (Option("edition", "5.2 or 5.1", choices=EDITIONS, max_length=3),),
    ),
)  # fmt: skip
