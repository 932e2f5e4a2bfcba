"""What things cost and weigh, in every coin and clause by clause."""

from collections.abc import Iterator

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.facts import Facts
from truth_blocks.dnd5e.readers.figures import plain
from truth_blocks.dnd5e.readers.matching import findall, match, search, split
from truth_blocks.dnd5e.readers.stated import verdict

MOST_TEXT = 220
_TURNS = r"\b(?:unless|except|if|would|homebrew|house[- ]rul\w*|variant|instead|rather|or|might|maybe|perhaps|myth|used to)\b|\?|\+\d"
_DEALT = r"\bsell|\bsold|\bhal(?:f|v)|\beach|\bapiece|\bcarr|\bholds?\b|\bload|\babout|\baround|\bnearly|\balmost|\bat least|\bat most|\bmore|\bless|\bunder\b|\bover\b|\btwice|\bdouble|\bten times|\btotal|\btogether|\bboth\b|\bdiffer|\bsav(?:e|es|ing)\b|\bcheaper|\bexpensive|\bleft\b|\bafford|\bbudget|\bdozen|\bsupports?|\blifts?|\bcapacity|\bcost component|\bspell(?!book)|\bday\b|\bworth of"
_COINS = {"gp": 1.0, "gold": 1.0, "sp": 0.1, "silver": 0.1, "cp": 0.01, "copper": 0.01, "pp": 10.0, "platinum": 10.0}
_SOLD = {
    "torch": r"torch(?:es)?", "candle": r"candles?", "rations": r"(?:a day'?s? (?:worth )?of )?(?:trail )?rations?", "spyglass": r"spyglass(?:es)?", "tinderbox": r"tinderbox(?:es)?", "backpack": r"backpacks?",
    "bedroll": r"bedrolls?", "crowbar": r"crowbars?", "grappling hook": r"grappling hooks?", "waterskin": r"waterskins?", "spellbook": r"(?:blank )?spellbooks?", "component pouch": r"component pouch(?:es)?",
    "healers kit": r"healer'?s'? kits?", "thieves tools": r"thie(?:ves'?|f'?s) tools?", "disguise kit": r"disguise kits?", "forgery kit": r"forgery kits?", "herbalism kit": r"herbalism kits?", "poisoners kit": r"poisoner'?s kits?",
    "climbers kit": r"climber'?s kits?", "antitoxin": r"antitoxins?(?: vials?)?|vials? of antitoxin", "alchemists fire": r"alchemist'?s'? fire", "acid": r"(?:vials?|flasks?) of acid|acid (?:vials?|flasks?)", "holy water": r"holy water",
    "caltrops": r"caltrops", "ball bearings": r"ball bearings", "hunting trap": r"hunting traps?", "manacles": r"manacles", "lantern hooded": r"hooded lanterns?", "lantern bullseye": r"bullseye lanterns?", "lamp": r"(?<!of )\blamps?(?! oil)",
    "tent": r"tents?", "magnifying glass": r"magnifying glass(?:es)?", "hourglass": r"hourglass(?:es)?", "lock": r"\block\b", "ladder": r"ladders?", "shovel": r"shovels?", "quiver": r"quivers?", "rope silk": r"silk ropes?|silken ropes?", "rope hempen": r"hemp(?:en)? ropes?",
    "shield": r"shields?(?! spell| of)", "explorers pack": r"explorer'?s'? packs?", "dungeoneers pack": r"dungeoneer'?s'? packs?", "burglars pack": r"burglar'?s'? packs?", "priests pack": r"priest'?s'? packs?", "scholars pack": r"scholar'?s'? packs?",
    "diplomats pack": r"diplomat'?s'? packs?", "entertainers pack": r"entertainer'?s'? packs?", "poison basic": r"basic poison", "riding horse": r"riding horses?", "warhorse": r"warhorses?", "tinkers tools": r"tinker'?s'? tools", "smiths tools": r"smith'?s'? tools",
    "lute": r"lutes?", "potion of healing": r"(?<!greater )(?<!superior )(?<!supreme )(?:potions? of healing|healing potions?)", "sailing ship": r"sailing ships?", "galley": r"galleys?", "longship": r"longships?", "rowboat": r"rowboats?", "keelboat": r"keelboats?", "warship": r"warships?",
    "purple worm poison": r"purple worm poison", "wyvern poison": r"wyvern poison", "assassins blood": r"assassin'?s blood", "serpent venom": r"serpent venom", "drow poison": r"drow poison",
}  # fmt: skip
_BY_HAND = {
    "5.1": {"torch": (0.01, 1), "rations": (0.5, 2), "healers kit": (5, 3), "antitoxin": (50, 0), "alchemists fire": (50, 1), "acid": (25, 1), "holy water": (25, 1), "caltrops": (1, 2), "ball bearings": (1, 2), "potion of healing": (50, 0.5), "rope silk": (10, 5), "rope hempen": (1, 10),
            "explorers pack": (10, 0), "dungeoneers pack": (12, 0), "burglars pack": (16, 0), "priests pack": (19, 0), "scholars pack": (40, 0), "diplomats pack": (39, 0), "entertainers pack": (40, 0), "poison basic": (100, 0), "riding horse": (75, 0), "warhorse": (400, 0), "ladder": (0.1, 25)},
    "5.2": {"torch": (0.01, 1), "rations": (0.5, 2), "healers kit": (5, 3), "antitoxin": (50, 0), "alchemists fire": (50, 1), "acid": (25, 1), "holy water": (25, 1), "caltrops": (1, 2), "ball bearings": (1, 2), "potion of healing": (50, 0.5), "spellbook": (50, 3), "thieves tools": (25, 1),
            "disguise kit": (25, 3), "forgery kit": (15, 5), "herbalism kit": (5, 3), "poisoners kit": (50, 2), "climbers kit": (25, 12), "hourglass": (0, 0), "riding horse": (75, 0), "warhorse": (400, 0), "poison basic": (100, 0)},
}  # fmt: skip


def sold_things(text: str, facts: Facts, edition: str) -> list[Checked]:
    """Verdicts on prices and weights, clause by clause."""
    lowered = plain(text)
    if len(text) > MOST_TEXT or search(_TURNS, lowered):
        return []
    found: list[Checked] = []
    last: set[str] = set()
    for clause in split(
        r"[.;!()]|,\s|\s(?:while|whereas|but|because|since|so|which|though|against)\s|\sand (?=it|they|costs?|weighs?|is\b|needs?|requires?)",
        lowered,
    ):
        named = {key for key, pattern in _SOLD.items() if search(rf"(?<![\w-]){_wrapped(pattern)}(?![\w-])", clause)}
        if (
            named
            or match(r"\W*(?:(?:and|also|just|still) )*(?:it|it's|they|each|costs?|weighs?|is|are)\b", clause) is None
        ):
            last = named
        if len(last) == 1:
            found += _price(clause, next(iter(last)), facts, edition)
    return found


def _wrapped(pattern: str) -> str:
    return f"(?:{pattern})"


def _listed(key: str, facts: Facts, edition: str) -> tuple[float, float]:
    """Price in gold and weight in pounds; 0 where the list has none."""
    if key in _BY_HAND[edition]:
        return _BY_HAND[edition][key]
    row = facts.row("item", edition, key)
    return (row["cost_gp"] or 0, row["weight_lb"] or 0) if row else (0, 0)


def _price(clause: str, key: str, facts: Facts, edition: str) -> Iterator[Checked]:
    dealt = search(_DEALT, clause)
    if (dealt and not (key == "rations" and dealt[0] in ("day", "half", "each"))) or (dealt and dealt[0] == "apiece"):
        return
    cost, weight = _listed(key, facts, edition)
    coins = findall(
        r"(?<![\d,d])(?:(\d[\d,]*)|\ban?) (?:single |lone |mere )?(gp|gold|sp|silver|cp|copper|pp|platinum)\b(?! dragon| ring)",
        clause,
    )
    coins += findall(r"(\d[\d,]*)(gp|sp|cp|pp)\b", clause)
    pounds = (
        []
        if key == "rations" and "weigh" not in clause
        else findall(r"(?<![\d,])(\d[\d,]*(?:\.\d+)?)[- ]?(?:lbs?|pounds?)\b", clause)
    )
    if search(
        r"\bnot\b|n't\b|\bno\b|\bnever\b|\bfor (?:\d+|ten|twenty) (?:of|days|torches|candles)|\b(?:2|3|4|5|10|20|50) (?:flasks|vials|torches|candles|rations|days|doses|potions)",
        clause,
    ):
        return
    if len(coins) == 1 and cost:
        said = float((coins[0][0] or "1").replace(",", "")) * _COINS[coins[0][1]]
        yield verdict(abs(said - cost) < 0.001, "item.cost_gp", f"{cost:g} gp", edition, key)
    if len(pounds) == 1 and weight:
        yield verdict(
            abs(float(pounds[0].replace(",", "")) - weight) < 0.001,
            "item.weight_lb",
            f"{weight:g} pounds",
            edition,
            key,
        )
