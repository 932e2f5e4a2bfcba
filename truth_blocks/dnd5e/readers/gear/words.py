"""What statements say of gear beyond one field: dice in two hands and in critical hits, AC as worn, prices, weights."""

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.facts import Facts, Row
from truth_blocks.dnd5e.mentions import Mention, Mentions
from truth_blocks.dnd5e.readers.figures import Figure, figures, plain
from truth_blocks.dnd5e.readers.matching import match, search
from truth_blocks.dnd5e.readers.rules.known import versatile_damage
from truth_blocks.dnd5e.readers.stated import verdict
from truth_blocks.dnd5e.readers.things import names_in

_MORE = (
    r"\bsneak|\bsmite|\bsavage|\bbrutal|\bextra|\badditional|\bhalf-orc|\bhex\b|\bmark\b|\bmagic|\bsuperior|\bmaneuver"
    r"|\bnot\b|n't\b|\bno\b|\bnever|\binstead|\brather|\bnormal|\bunless|\baverage|\bmax|\bresist|\bvulnerab|\bfrom\b|\bflame"
)


_TWO_HANDS = r"\b(?:2|two)[- ]hand|\bin (?:both|2|two) hands|\bwith both hands|\bboth hands"


def weapon_dice(text: str, facts: Facts, edition: str, known: Mentions) -> list[Checked]:
    """A verdict where one weapon and one set of dice stand in a statement; modifiers do not matter."""
    lowered = plain(text)
    crit, held = search(r"\bcrit", lowered) is not None, search(_TWO_HANDS, lowered) is not None
    if not (crit or held) or search(_MORE, lowered) or len(lowered) > 160:
        return []
    mention = _only(text, known)
    dice = [figure for figure in figures(lowered) if figure.kind == "dice"]
    if mention is None or len(dice) != 1:
        return []
    row = facts.row("weapon", edition, mention.key) if mention.kind == "weapon" else None
    said = match(r"\d+d\d+", str(dice[0].value))
    if row is None or not row["damage"] or said is None:
        return []
    two_handed = versatile_damage(mention.key, edition)
    own = {two_handed or str(row["damage"])} if held else {str(row["damage"]), two_handed or ""}
    if crit and said[0] in own and search(r"\bdoubl|\btwice", lowered):
        return []  # the dice that are doubled
    wanted = {_doubled(each) if crit else each for each in own if each}
    if not wanted:
        return []
    expected = " or ".join(sorted(wanted))
    rule, how = ("weapon.critical", "a critical hit") if crit else ("weapon.two_hands", "two hands")
    return [verdict(said[0] in wanted, rule, expected, edition, f"{mention.name} in {how}")]


def _doubled(damage: str) -> str:
    found = match(r"(\d+)d(\d+)", damage)
    return f"{2 * int(found[1])}d{found[2]}" if found else ""


_ALL_DEX = r"\b(?:full|all(?: of)?|whole|entire|unlimited|any amount of) (?:your |its |the |their |his |her )?dex|\bdex\w*[^.;]{0,24}\b(?:without (?:a |any )?(?:limit|cap)|uncapped|in full)"
_NO_DEX = r"\b(?:no|not|without|never|ignores?|n't) (?:\w+ ){0,3}dex|\bdex\w*[^.;]{0,20}\b(?:does not|doesn't) (?:count|apply|matter|help|add)"

_MOST_DEX = r"\b(?:up to|at most|max\w*(?: of)?|caps?(?: at)?|limit\w*(?: to)?) (?:an? )?\+?\d\b[^.;]{0,24}\bdex|\bdex\w*[^.;]{0,30}\b(?:up to|at most|max\w*(?: of)?|caps?(?:ped)?(?: at)?|limit\w*(?: to)?) (?:an? )?\+?\d\b"


def armor_dexterity(text: str, facts: Facts, edition: str, known: Mentions) -> list[Checked]:
    """A verdict where a statement lets one armour add all of the Dexterity modifier, or none of it."""
    lowered = plain(text)
    every, none = search(_ALL_DEX, lowered) is not None, search(_NO_DEX, lowered) is not None
    most = search(_MOST_DEX, lowered)
    figs = figures(lowered)
    if every + none + bool(most) != 1 or len(lowered) > 160 or len(figs) != bool(most):
        return []
    if search(r"\bsav|\bcheck|\bnot (?:all|the full)", lowered):
        return []
    mention = _only(text, known, "armor")
    row = facts.row("armor", edition, mention.key) if mention else None
    if mention is None or row is None or row["dex"] is None:
        return []
    adds = "none" if not row["dex"] else "all" if row["dex_cap"] is None else f"at most {row['dex_cap']}"
    right = adds == ("all" if every else "none" if none else f"at most {figs[0].whole}")
    return [verdict(right, "armor.dexterity", f"{adds} of the Dexterity modifier", edition, mention.name)]


_DEALT = (
    r"\bsilver(?:ed|ing)\b|\bmore\b|\bsell (?:it|them)|\bsold|\bhal(?:f|v)|\beach|\bper\b|\bcarr|\bload|\bnot\b|n't\b|\bno\b|\bnever|\bmagic|\+\d|\babout|\baround|\bnearly|\balmost"
    r"|\bat least|\bat most|\bmore than|\bless than|\bunder\b|\bover\b|\bsecondhand|\btwice|\bdouble|\bboth\b|\btotal|\btogether|\band\b"
)


def price_and_weight(text: str, facts: Facts, edition: str, known: Mentions) -> list[Checked]:
    """A verdict where one weapon or armour and one price in gold or one weight stand in a statement."""
    lowered = plain(text)
    figs = [figure for figure in figures(lowered) if figure.kind in ("gp", "pound")]
    if len(figs) != 1 or len(figures(lowered)) != 1 or len(lowered) > 140 or search(_DEALT, lowered):
        return []
    mention = _only(text, known, "weapon", "armor")
    if mention is None:
        return []
    field, unit = ("cost_gp", "gp") if figs[0].kind == "gp" else ("weight_lb", "pounds")
    row = sold(facts, edition, mention.key)
    if row is None or row[field] is None:
        return []
    right = figs[0].value == row[field]
    return [verdict(right, f"item.{field}", f"{row[field]:g} {unit}", edition, mention.name)]


def sold(facts: Facts, edition: str, key: str) -> Row | None:
    """The row with price and weight: *plate* is sold as *plate armor*."""
    return facts.row("item", edition, key) or facts.row("item", edition, f"{key} armor")


_OTHER_AC = (
    r"\+ ?\d (?:\w+ )?(?:armou?r|shield|plate|mail|leather|chain)|\bmagic(?!al)|\bcover|\bspell|\battack|\bhits?\b|\bmiss|\benem|\bnot\b|n't\b|\bno\b|\bmonk"
    r"|\bbarbarian|\bdefen[cs]e\b|\bhaste|\bring\b|\bcloak|\bstyle|\bclimb|\bcost|\bcompared?|\bthan\b|\bor\b|\brather|\bdon(?:ning)?\b"
)
_DEX = r"\bdex(?:terity)?\b"


def worn_armor(text: str, facts: Facts, edition: str, known: Mentions) -> list[Checked]:
    """A verdict where one armour, perhaps a shield, perhaps a Dexterity, and the AC of it all stand in a statement."""
    lowered = plain(text)
    figs = figures(lowered)
    acs = [figure for figure in figs if figure.kind == "ac"]
    dex = [figure for figure in figs if figure.kind in ("score", "mod", "number") and _beside(lowered, figure)]
    if search(r"\bmax(?:imum)?\b", lowered):
        return []  # a cap, no modifier
    if len(acs) != 1 or len(dex) > 1 or len(figs) != 1 + len(dex) or len(lowered) > 140 or search(_OTHER_AC, lowered):
        return []
    mention = _only(text, known, "armor", without="shield")
    shield = search(r"(?<!without a )(?<!without )(?<!no )(?<!minus the )\bshield\b", lowered) is not None
    if mention is None or not (shield or dex):
        return []
    row = facts.row("armor", edition, mention.key)
    if row is None or row["base_ac"] is None or row["dex"] is None or (row["dex"] and not dex):
        return []
    bonus = _modifier(dex[0]) if dex and row["dex"] else 0
    capped = bonus if row["dex_cap"] is None else min(bonus, row["dex_cap"])
    wanted = row["base_ac"] + capped + 2 * shield
    return [verdict(acs[0].whole == wanted, "armor.worn", f"AC {wanted}", edition, f"{mention.name} as worn")]


def _beside(text: str, figure: Figure) -> bool:
    """Whether a figure is a Dexterity."""
    return (
        search(rf"{_DEX}[^\d.;,]{{0,24}}$", text[: figure.start]) is not None
        or match(rf"[^\d.;,]{{0,6}}{_DEX}", text[figure.end :]) is not None
    )


def _modifier(figure: Figure) -> int:
    return figure.whole if figure.kind == "mod" or figure.whole < 6 else (figure.whole - 10) // 2


def _only(text: str, known: Mentions, *kinds: str, without: str = "") -> Mention | None:
    """The one thing of these kinds that a statement names, or the one thing at all; None where there are several."""
    found = names_in(text, known)
    named = {(m.kind, m.key): m for m in found if (not kinds or m.kind in kinds) and m.key != without}
    return next(iter(named.values())) if len(named) == 1 else None
