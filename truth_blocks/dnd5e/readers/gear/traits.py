"""What weapons and armour are said to be, clause by clause: properties, sorts, masteries, dice, hands, stealth, Strength.

A lexicon of ways to say each trait is held against the closed tables; a clause that turns or compares says nothing.
"""

from collections.abc import Iterator

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.facts import Facts, Row
from truth_blocks.dnd5e.readers.figures import figures, plain
from truth_blocks.dnd5e.readers.gear.armor import armor_traits, worn
from truth_blocks.dnd5e.readers.gear.names import Clause, clauses_of_gear, gear_named
from truth_blocks.dnd5e.readers.gear.words import sold
from truth_blocks.dnd5e.readers.matching import findall, finditer, search, sub
from truth_blocks.dnd5e.readers.rules.known import versatile_damage, weapon_words
from truth_blocks.dnd5e.readers.stated import denied, verdict

MOST_TEXT = 240
_TURNS = (
    r"\b(?:unless|except|if|would|wish|suppose|imagine|homebrew|house[- ]rul\w*|variant|instead|rather|should be|could be|might|maybe|perhaps|used to be|people (?:say|think)|myth|misconception"
    r"|feat|monk|kensei|pact|shillelagh|dueling|style|(?:light|heavy|hand|great|long|short|bigger|smaller) ones?|sharpshooter|crossbow expert|improvised|mithral|mithril|adamantine|dwarven|elven|magic(?:al)?|enchanted|demon|dragon|glamoured|vorpal|holy avenger"
    r"|creature|monster|giant|goblin|orc|skeleton|guard|bandit|knight|tactical|swap|replace|trade|or)\b|\+\d|\?|\bbracers|\bof (?:speed|resistance|etherealness|invulnerability|vulnerability)"
)
_SAYS = r"(?:is|are|isn't|aren't|being|counts? as|has|have|had|having|hasn't|haven't|gets?|got|with|without|lacks?|lacking|bears?|carr(?:y|ies)|boasts?|features?|possess\w*|includes?|comes? with|shares?|property|properties|classed as|considered|listed (?:as|with)|tagged|treated as|qualif\w+ as|no|not|neither|nor|its|their|the|both|@:)"
_LIST = r"(?:(?:an?|the|also|both|neither|nor|and|not|as|simple|martial|melee|ranged|one|property|properties|weapons?|light|heavy|finesse|thrown|versatile|reach|loading|ammunition|two-handed|even|really|actually|technically|truly|only|just|considered|listed|tagged|classed|counted|any)[, ]+)*"
_TRAITS = {
    "finesse": r"\bfinesse\b",
    "versatile": r"\bversatil(?:e|ity)\b",
    "loading": r"\bloading\b(?! (?:time|a|the))",
    "light": rf"\b{_SAYS} {_LIST}light\b(?! (?:crossbow|hammer|source|armou?r|enough|load|in |as |on ))|\blight (?:property|weapons?\b)|\b(?:light tag)\b",
    "heavy": rf"\b{_SAYS} {_LIST}heavy\b(?! (?:crossbow|armou?r|enough|hitter|load|in |as |on |for ))|\bheavy (?:property|weapons?\b)",
    "two-handed": rf"\b{_SAYS} {_LIST}(?:two|2)[- ]hand(?:ed|er)s?\b|\b(?:two|2)-handed (?:weapons?|property)|\b(?:needs?|takes?|requires?|demands?|wants?|uses?|calls? for|occup(?:y|ies)|ties up|(?:must|have to|has to|only) be \w+ (?:in|with)) (?:a grip of )?(?:both|2|two)(?: of your| of his| of the wielder's)? hands\b",
    "reach": r"\breach (?:weapons?|property)\b|\b(?:has|have|with|without|lacks?|no|gives?|grants?|offers?|possess\w*|gets?|boasts?|the|is|are|neither|nor|doesn't have|extra) reach\b(?! of (?!10))|\b10[- ](?:foot|feet|ft) reach|\breach of 10|\b(?:hits?|strikes?|attacks?|pokes?|stabs?|lash\w*|swing)\b[^.;]{0,24}\b10 f(?:ee|oo)t away",
    "thrown": r"\bthrown (?:property|weapons?)\b|\b(?:has|have|with|lacks?|and|is|are|without|no|neither|nor) (?:the )?thrown\b|\b(?:can|cannot|can't|could|may|able to|free to|lets? you|allowed to|meant to|designed to)(?: also| even| simply| just)?(?: be)? (?:thrown|throw|hurl(?:ed)?|chuck(?:ed)?|toss(?:ed)?|fl(?:ing|ung)|lob(?:bed)?)\b|\bthrowable",
    "ammunition": r"\bammunition property\b|\b(?:needs?|uses?|requires?|has|have|lacks?) (?:the )?ammunition\b",
    "simple": r"\bsimple (?:weapons?|melee|ranged)\b|\b(?:is|are|counts? as|classed as|isn't|aren't|not) (?:an? )?simple\b",
    "martial": r"\bmartial (?:weapons?|melee|ranged)\b|\b(?:is|are|counts? as|classed as|isn't|aren't|not) (?:an? )?martial\b(?! arts)",
    "melee": r"\bmelee weapons?\b(?! attack)",
    "ranged": r"\branged weapons?\b(?! attack)",
}  # fmt: skip
_ONE_HANDED = r"\b(?:one|1|single)[- ]hand(?:ed|er)s?\b|\b(?:wield\w*|us(?:e|ed|ing)|sw[iu]ng\w*|held|hold\w*|handled?|fired?|shoot|shot) (?:it |@ |them |a |the )*(?:in|with) (?:just |only )?(?:1|one|a single) hand\b|\b(?:needs?|takes?|requires?|uses?|occup(?:y|ies)|wants?) (?:just |only |but )?(?:1|one|a single) hand\b|\bonly (?:1|one) hand\b|\b(?:keeps?|leaves?) (?:your |the |a |1 |one )?(?:off-?|other )?hand free\b"
_MASTERY = ("cleave", "graze", "nick", "push", "sap", "slow", "topple", "vex")
_MORE_DICE = r"\bcrit|\bsneak|\bsmite|\brage|\bextra|\badditional|\bmax|\bminimum|\baverage|\bversus|\bsavage|\bhex|\bmark\b|\bresist|\bvulnerab|\bmounted|\bpoison"


def gear_traits(text: str, facts: Facts, edition: str) -> list[Checked]:
    """Verdicts on the traits a statement gives to weapons and armour."""
    lowered = sub(r"\b(\d+) (?=d\d)", r"\1", plain(text))
    lowered = sub(
        r"\b(?:without|with no|no) (?:any |a |the |need (?:for|of) (?:a |any ))?(?:\w+ )?feats?\b(?: needed| required)?",
        " ",
        lowered,
    )
    if len(text) > MOST_TEXT or not gear_named(lowered, edition) or search(_TURNS, lowered):
        return []
    found: list[Checked] = []
    for clause in clauses_of_gear(lowered, edition):
        if search(r"\b(?:than|like|unlike|compared|versus|same)\b", clause.text):
            continue
        if clause.kind == "weapon":
            found += _weapon(clause, text, facts, edition)
        else:
            found += armor_traits(clause, facts, edition, alone=search(_WORN_WITH, lowered) is None)
        found += _sold(clause, facts, edition)
    return found or worn(lowered, facts, edition)


_WORN_WITH = r"\bdex(?:terity)?\b[^.;]{0,12}\d|\d[^.;]{0,5}\bdex(?:terity)?\b|(?<!no )(?<!without a )(?<!without )(?<!any )(?<!before )(?<!a )\bshields?\b"
_DEALT = r"\bsilver(?:ed|ing)\b|\bsell|\bsold|\bhal(?:f|v)|\beach|\bper\b|\bcarr|\bload|\babout|\baround|\bnearly|\balmost|\bat least|\bat most|\bmore|\bless|\bunder\b|\bover\b|\btwice|\bdouble|\btotal|\btogether|\bboth\b|\bdiffer|\bsav(?:e|es|ing)\b|\bextra\b|\bcheaper|\bexpensive|\bleft\b|\bafford|\bbudget|\b(?:two|2|3|4|5|10|20) @"
_COINS = {"gp": 1.0, "gold": 1.0, "sp": 0.1, "silver": 0.1, "cp": 0.01, "copper": 0.01, "pp": 10.0}


def _sold(clause: Clause, facts: Facts, edition: str) -> Iterator[Checked]:
    """A price or a weight in a clause with no other figure of its sort."""
    if search(_DEALT, clause.text):
        return
    key = clause.key
    if "crossbow" in key:
        key = "crossbow " + key.partition(" ")[0]
    row = sold(facts, edition, key) or sold(facts, edition, clause.key)
    coins = findall(r"(\d[\d,]*) ?(gp|gold|sp|silver|cp|copper|pp)\b(?! dragon)", clause.text)
    pounds = findall(r"(\d[\d,]*(?:\.\d+)?)[- ]?(?:lbs?|pounds?)\b", clause.text)
    for field, said in (
        ("cost_gp", [float(n.replace(",", "")) * _COINS[unit] for n, unit in coins]),
        ("weight_lb", [float(n.replace(",", "")) for n in pounds]),
    ):
        if row is None or len(said) != 1 or not row[field] or search(r"\bnot\b|n't\b|\bno\b|\bnever\b", clause.text):
            continue
        expected = f"{row[field]:g} {'gp' if field == 'cost_gp' else 'pounds'}"
        yield verdict(abs(said[0] - row[field]) < 0.001, f"item.{field}", expected, edition, clause.key)


def _weapon(clause: Clause, whole: str, facts: Facts, edition: str) -> Iterator[Checked]:
    words = weapon_words(clause.key, edition)
    row = facts.row("weapon", edition, clause.key)
    if not words or row is None:
        return
    wrong, said = _properties(clause, words)
    if edition == "5.2":
        for name in _masteries(clause.text, whole):
            said = True
            at = clause.text.find(name)
            if (name in words) == denied(clause.text, at, at + len(name)):
                wrong = [*wrong, name]
    if said:
        yield verdict(not wrong, "weapon.traits", " ".join(words), edition, clause.key)
    if not search(_MORE_DICE, plain(whole)):
        yield from _dice(clause, row, edition)


def _properties(clause: Clause, words: list[str]) -> tuple[list[str], bool]:
    """What is wrongly said or denied of a weapon, and whether anything is said."""
    text, wrong, said = clause.text, list[str](), False
    for trait, cue in _TRAITS.items():
        found = search(cue, text)
        if found is None or _of_others(text, trait):
            continue
        if (clause.key, trait) in {("lance", "two-handed"), ("lance", "reach"), ("net", "thrown")}:
            continue
        if trait == "reach" and search(r"\bout of reach|\bwithin reach", text):
            continue
        said = True
        no = (
            denied(text, found.start(), found.end())
            or search(r"\b(?:no|not|lacks?|without|neither|nor|cannot|missing)\b|n't\b", found[0]) is not None
        )
        if (trait in words) == no:
            wrong.append(trait)
    one = search(_ONE_HANDED, text)
    if (
        one is not None
        and clause.key != "lance"
        and ("ranged" not in words or "two-handed" in words)
        and "two-handed" not in wrong
        and not search(r"\bd\d", text)
    ):
        said = True
        if ("two-handed" in words) != denied(text, one.start(), one.end()):
            wrong.append("one-handed")
    return wrong, said


def _of_others(text: str, trait: str) -> bool:
    """Whether a sort of weapon is that of somebody's training or of a rule, not of the weapon."""
    if trait not in ("simple", "martial", "melee", "ranged"):
        return search(r"\bother (?:hand|weapon)|\banother\b|\bsecond weapon|\bdual|\btwo[- ]weapon", text) is not None
    return (
        search(
            r"\bproficien|\btrain|\ball (?:simple|martial)|\bonly (?:simple|martial)|\bsneak|\bevery|\bany\b|\bbest|\bmost|\bheaviest|\bsmite",
            text,
        )
        is not None
    )


def _masteries(text: str, whole: str) -> list[str]:
    """The masteries that a clause names; a plain verb such as *push* only with the word mastery or a capital."""
    found = []
    for name in dict.fromkeys(findall(rf"\b({'|'.join(_MASTERY)})\b", text)):
        capital = any(each.start() > 0 for each in finditer(rf"\b{name.capitalize()}\b", whole))
        if capital or search(rf"\bmaster|^\W*{name} (?:is|belongs|comes|goes|sits)\b", text):
            found.append(name)
    return found


def _dice(clause: Clause, row: Row, edition: str) -> Iterator[Checked]:
    """The dice of a clause where nothing adds to them."""
    dice = [f for f in figures(clause.text) if f.kind == "dice"]
    if len(dice) != 1 or search(r"\d ?\+ ?(?!str|dex|mod|your)\d", clause.text):
        return
    if denied(clause.text, dice[0].start, dice[0].end) or not row["damage"]:
        return
    own, two = str(row["damage"]), versatile_damage(clause.key, edition)
    if search(r"\b(?:two|2|both)[- ]hand|\bversatil", clause.text):
        wanted = {two} if two else {own}
    elif search(r"\b(?:one|1)[- ]hand|\bin 1 hand", clause.text) or two is None or not clause.named:
        wanted = {own, two or own} if not clause.named else {own}
    else:
        wanted = {own, two}
    said = str(dice[0].value).split("+")[0].strip()
    yield verdict(said in wanted, "weapon.dice", " or ".join(sorted(w for w in wanted if w)), edition, clause.key)
