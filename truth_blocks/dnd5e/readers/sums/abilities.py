"""The modifier that a statement gives an ability score: *a Constitution of 15 gives +2*."""

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.readers.figures import figures, plain
from truth_blocks.dnd5e.readers.matching import search
from truth_blocks.dnd5e.readers.stated import verdict
from truth_blocks.dnd5e.vocabulary import SHORT_ABILITY

_MORE = (
    r"\bsav|\battack|\bchecks?\b|\bskill|\bproficien|\bac\b|armou?r|\bdamage|\bdc\b|\binitiative|\bhp\b|\bhit point|\blevel|\bto hit|\bwith\b"
    r"|\bshield|\bleather|\bplate\b|\bmail\b|\bme on\b|\bnot\b|n't\b|\bno\b|\bnever|\bspell|\bperception|\bstealth|\bathletic|\bacrobatic|\bincrease|\braise|\bmore\b|\bthan\b|\bfrom\b"
)


def score_modifiers(text: str, edition: str) -> list[Checked]:
    """A verdict where one score and one modifier are all the figures of a statement."""
    lowered = plain(text)
    figs = figures(lowered)
    if len(figs) != 2 or len(lowered) > 90 or search(_MORE, lowered):
        return []
    if not search(rf"\b(?:{SHORT_ABILITY})\b|\bability score|\bscore of", lowered):
        return []
    kinds = ("score", "number") if search(r"\bscore\b", lowered) else ("score",)
    scores = [figure for figure in figs if figure.kind in kinds]
    mods = [figure for figure in figs if figure.kind == "mod"]
    gives = r"\b(?:gives?|means?|is|grants?|provides?|yields?|nets?|=|comes? (?:to|with)|makes?|for)\b|="
    if len(scores) != 1 or len(mods) != 1 or not 1 <= scores[0].whole <= 30 or not search(gives, lowered):
        return []
    wanted = (scores[0].whole - 10) // 2
    said = f"the modifier of {scores[0].whole}"
    return [verdict(mods[0].whole == wanted, "ability.modifier", f"{wanted:+d}", edition, said)]
