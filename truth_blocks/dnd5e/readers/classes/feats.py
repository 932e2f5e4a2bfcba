"""Sentences about skills and feats: the ability of a skill, the figures of a feat."""

from collections.abc import Iterator, Sequence
from typing import Any

from truth_blocks.dnd5e.facts import Facts
from truth_blocks.dnd5e.readers.figures import Figure, figures
from truth_blocks.dnd5e.readers.matching import findall, search, sub
from truth_blocks.dnd5e.readers.stated import DENIAL
from truth_blocks.dnd5e.vocabulary import ABILITY, SKILL

_FEATS = (
    "alert", "magic initiate", "savage attacker", "skilled", "grappler", "archery", "defense", "great weapon fighting",
    "boon of combat prowess", "boon of dimensional travel", "boon of fate", "boon of irresistible offense",
    "boon of spell recall", "boon of the night spirit", "boon of truesight",
)  # fmt: skip


def skill(text: str) -> Iterator[dict[str, Any]]:
    """The ability that a skill goes with."""
    skills = set(findall(rf"\b({SKILL})\b", text))
    abilities = set(findall(rf"\b({ABILITY})\b", text))
    if len(skills) != 1 or len(abilities) != 1 or figures(text) or DENIAL.search(sub(r"absent .*?,", "", text)):
        return
    if search(
        r"\bskill\b|\bkeys? off|\bgoes with|\bbased on|\buses?\b|\brel(?:y|ies) on|\bruns? (?:off|on)|\bunder\b|\btied to|\blinked|\bis an?\b|\bby default|\bfalls|\bability\b|\bbelongs|\bworks off|\bdepends",
        text,
    ) and not search(r"\bcontest|\bhide|\bgrappl|\bsave\b|\bsaving|\bcheck against|\bdc\b|\binitiative|#", text):
        yield {"type": "fact", "skill": skills.pop(), "ability": abilities.pop()}


def feat(text: str, figs: Sequence[Figure], facts: Facts, edition: str) -> Iterator[dict[str, Any]]:
    """A feat's figure: it must be one of the figures the feat has."""
    for name in sorted((title for title in _FEATS if search(rf"\b{title}\b", text)), key=len, reverse=True)[:1]:
        rule = facts.rule(edition, name, ("feat",))
        if name == "grappler" and search(r"\bthe grappler\b", text) and not search(r"\bfeat\b", text):
            return
        if rule is None or not (
            name not in ("skilled", "defense", "alert", "archery", "grappler")
            or search(
                r"\bfeat\b|\bfighting style|\bsrd\b|^\W*(?:the )?(?:skilled|defense|alert|archery|grappler)\b", text
            )
        ):
            return
        if name == "alert" and not search(r"\brolled\b", text) and [f for f in figs if f.kind in ("mod", "number")]:
            yield {
                "type": "fact",
                "feat": name,
                "initiative_adds": f"+{next(f for f in figs if f.kind in ('mod', 'number')).whole}",
            }
        elif name == "alert" and search(r"\bprof", text):
            yield {"type": "fact", "feat": name, "initiative_adds": "proficiency bonus"}
        elif name == "archery" and figs:
            damage = search(r"\bdamage\b", text) and (
                search(
                    r"\b(?:to|on) (?:the )?(?:\w+ )?damage\b[^.;]{0,40}\bnot\b|\d (?:bonus )?(?:to|on) (?:the )?damage",
                    text,
                )
                is not None
            )
            yield {"type": "fact", "feat": name, "ranged_attack_bonus": 0 if damage else figs[0].whole}
        else:
            said = [f for f in figs if f.kind in ("number", "mod", "score", "level", "feet")]
            fields = [
                effect.field
                for effect in rule.effects
                if isinstance(effect.value, int) and not isinstance(effect.value, bool)
            ]
            wanted = {
                "level": "min_level",
                "score": "min_ability_score" if edition == "5.2" else "min_strength",
                "feet": None,
            }
            if len(said) == 1 and fields:
                field = wanted.get(said[0].kind) or next((each for each in fields if each != "min_level"), fields[0])
                if field in fields:
                    yield {"type": "fact", "feat": name, field: said[0].whole}
