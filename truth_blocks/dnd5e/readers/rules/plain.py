"""Rules that people state in many ways, read as bags of words."""

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.readers.figures import figures, plain
from truth_blocks.dnd5e.readers.matching import search, sub
from truth_blocks.dnd5e.readers.rules.bags import by_words
from truth_blocks.dnd5e.readers.rules.combat_bags import RULE_BAGS
from truth_blocks.dnd5e.readers.rules.other_bags import MORE_BAGS
from truth_blocks.dnd5e.readers.sums.solving import prepared

_ELSE = r"\b(?:unless|except|homebrew|house rule|variant|feat\b|instead|other than|sharpshooter|crossbow expert|used to|war caster|#)"


def plain_rules(text: str, edition: str) -> list[Checked]:
    """Verdicts on the rules that a statement is plainly about."""
    lowered = sub(r"\b(?:srd ?)?5\.[12](?:\.1)?\b|\b5e\b|\b20(?:14|24)\b", " ", plain(prepared(text)))
    if len(lowered) > 220 or search(_ELSE, lowered):
        return []
    figs = figures(lowered)
    found = []
    for bag in (*RULE_BAGS, *MORE_BAGS):
        if (bag.edition and bag.edition != edition) or not all(search(cue, lowered) for cue in bag.about):
            continue
        if bag.block and search(bag.block, lowered):
            continue
        verdict = bag.judge(lowered, figs) if bag.judge else by_words(bag, lowered)
        if verdict is not None:
            message = "" if verdict else f"{bag.expected} (SRD {edition})."
            found.append(
                Checked(
                    "ok" if verdict else "contradicted",
                    f"rule.{bag.name}",
                    bag.expected,
                    f"SRD {edition}",
                    message,
                    bag.name,
                )
            )
    return found
