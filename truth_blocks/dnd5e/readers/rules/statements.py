"""Plain statements of the rules: what each is about (its cue), and how its figures and words are held against the rule.

A statement is judged only where its cue and its answer are both plain; everything else stays open.
"""

import re
from collections.abc import Sequence

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.readers.figures import Figure, figures, plain
from truth_blocks.dnd5e.readers.matching import search, sub
from truth_blocks.dnd5e.readers.rules.table import STATEMENTS

_ELSE = re.compile(
    r"\b(?:unless|except|if you have|with the \w+ feat|other than|homebrew|house rule|variant|optional|feature lets|spell lets)\b"
)


def rule_statements(text: str, edition: str) -> list[Checked]:
    """Verdicts on the rules a statement is plainly about."""
    lowered = sub(r"\b(?:srd ?)?5\.[12](?:\.1)?\b|\b5e\b|\b20(?:14|24)\b", " ", plain(text))
    figs = figures(lowered)
    found = []
    for each in STATEMENTS:
        if (each.edition and each.edition != edition) or not all(search(cue, lowered) for cue in each.cue):
            continue
        if each.block and search(each.block, lowered):
            continue
        right = each.judge(lowered, figs, edition)
        if right is False and not _plain(lowered, figs):
            continue
        if right is not None:
            message = "" if right else f"{each.expected} (SRD {edition})."
            found.append(
                Checked(
                    "ok" if right else "contradicted",
                    f"rule.{each.name}",
                    each.expected,
                    f"SRD {edition}",
                    message,
                    each.name.split(".")[0],
                )
            )
    return found


def _plain(text: str, figs: Sequence[Figure]) -> bool:
    """Whether a statement is short enough, with figures few enough, to be wrong by the one thing that was read in it."""
    return len(text) <= 190 and len([f for f in figs if f.whole not in (0, 1, 20)]) <= 1 and not _ELSE.search(text)
