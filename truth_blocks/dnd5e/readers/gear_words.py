"""What a statement gives a weapon in a critical hit or in two hands, and how much Dexterity it lets armour add."""

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.facts import Facts
from truth_blocks.dnd5e.mentions import Mentions
from truth_blocks.dnd5e.readers.figures import figures, plain
from truth_blocks.dnd5e.readers.known import versatile_damage
from truth_blocks.dnd5e.readers.matching import match, search
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
    named = {(mention.kind, mention.key): mention for mention in names_in(text, known)}
    dice = [figure for figure in figures(lowered) if figure.kind == "dice"]
    if len(named) != 1 or len(dice) != 1:
        return []
    ((kind, key), mention) = next(iter(named.items()))
    row = facts.row("weapon", edition, key) if kind == "weapon" else None
    said = match(r"\d+d\d+", str(dice[0].value))
    if row is None or not row["damage"] or said is None:
        return []
    two_handed = versatile_damage(key)
    own = {two_handed or str(row["damage"])} if held else {str(row["damage"]), two_handed or ""}
    wanted = {_doubled(each) if crit else each for each in own if each}
    if not wanted:
        return []
    right, expected = said[0] in wanted, " or ".join(sorted(wanted))
    how = "A critical hit with" if crit else "In two hands"
    message = "" if right else f"{how} the {mention.name.lower()} rolls {expected} (SRD {edition})."
    rule = "weapon.critical" if crit else "weapon.two_hands"
    return [Checked("ok" if right else "contradicted", rule, expected, f"SRD {edition}", message, mention.name)]


def _doubled(damage: str) -> str:
    found = match(r"(\d+)d(\d+)", damage)
    return f"{2 * int(found[1])}d{found[2]}" if found else ""


_ALL_DEX = r"\b(?:full|all(?: of)?|whole|entire|unlimited|any amount of) (?:your |its |the |their |his |her )?dex|\bdex\w*[^.;]{0,24}\b(?:without (?:a |any )?(?:limit|cap)|uncapped|in full)"
_NO_DEX = r"\b(?:no|not|without|never|ignores?|n't) (?:\w+ ){0,3}dex|\bdex\w*[^.;]{0,20}\b(?:does not|doesn't) (?:count|apply|matter|help|add)"


def armor_dexterity(text: str, facts: Facts, edition: str, known: Mentions) -> list[Checked]:
    """A verdict where a statement lets one armour add all of the Dexterity modifier, or none of it."""
    lowered = plain(text)
    every, none = search(_ALL_DEX, lowered) is not None, search(_NO_DEX, lowered) is not None
    if every == none or len(lowered) > 160 or search(r"\d|\bsav|\bcheck|\bnot (?:all|the full)", lowered):
        return []
    named = {mention.key: mention for mention in names_in(text, known) if mention.kind == "armor"}
    if len(named) != 1:
        return []
    ((key, mention),) = named.items()
    row = facts.row("armor", edition, key)
    if row is None or row["dex"] is None:
        return []
    adds = "none" if not row["dex"] else "all" if row["dex_cap"] is None else f"at most {row['dex_cap']}"
    right = adds == ("all" if every else "none")
    message = "" if right else f"{mention.name} adds {adds} of the Dexterity modifier (SRD {edition})."
    return [
        Checked("ok" if right else "contradicted", "armor.dexterity", adds, f"SRD {edition}", message, mention.name)
    ]
