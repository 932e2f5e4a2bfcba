"""What a clause says a creature in a condition can do, must do or suffers, in the many words people have for it.

Each thing is found by its words; whether the creature is said to have it still or to have lost it, by the verbs around
them. Where both or neither are plain, nothing is said.
"""

from collections.abc import Iterator

from truth_blocks.dnd5e.readers.matching import search

_LOST = (
    r"\b(?:can't|cannot|can not|can no longer|no longer|unable to|not able to|isn't able|aren't able|couldn't|may not|mustn't|won't|loses?|losing|lost|forfeits?|without|no"
    r"|robs?|robbed|denie[sd]|deny|strips?|stripped|takes? away|taking away|deprives?|deprived|prevents?|preventing|prevented|stops?|stopping|stopped|bars?|barred|forbids?|forbidden|skips?"
    r"|gone|off the table|out of the question|impossible|neither|nor|not|never|don't|doesn't|blocks?|shuts? (?:down|off)|ends?|breaks?|drops?|ruins?|incapable|costs?|keeps? (?:you|it|them|him|her|the \w+) from)\b"
)
UNHINDERED = (
    r"\b(?:nothing|doesn't|does not|don't|do not|isn't|not|never|hardly|no)\b[^.;]{0,36}\b(?:stop\w*|prevent\w*|keep\w* (?:you|it|them|him|her|a \w+|the \w+|one) from|bar|bars|forbid\w*|los(?:e|es|ing)|costs?|take away"
    r"|touch\w*|affect\w*|rob|strip|deny|denies|impair\w*|limit\w*|restrict\w*|break\w*|ends?|interfer\w*|hinder\w*|hamper\w*|bother\w*|block\w*|shut)\b|\bwithout losing\b|\bno effect on\b|\bunaffected\b|\buntouched\b"
)
_KEPT = (
    r"\b(?:can(?!'t|not| not| no longer)|may(?! not)|could(?!n't| not)|(?<!not )(?<!isn't )(?<!aren't )able to|free to|keeps?(?! \w+ from)|keeping|retains?|still (?:has|have|gets?|takes?|acts?|moves?|hears?|sees?|speaks?|casts?|attacks?|own|owns)|remains? (?:available|free|intact|yours)|available"
    r"|(?<!not )allowed to|welcome to|lets? (?:you|it|them|him|her)|as (?:normal|usual)|normally|intact|perfectly|just fine|no problem|go ahead)\b"
)
_THINGS = (
    ("action", r"(?<!bonus )(?<!attack )(?<!magic )(?<!dodge )(?<!dash )(?<!disengage )\bactions?\b(?! surge| to (?:stand|escape|shake|wake|end))|\b(?:to|can|cannot|can't|may|still) act\b"),
    ("bonus action", r"\bbonus actions?\b"),
    ("reaction", r"\breactions?\b|\bopportunity attacks?\b|\b(?:to|can|cannot|can't|may|still) react\b"),
    ("attack", r"\b(?:to|can|cannot|can't|may|still|from|keep|no|could) (?:make |making )?(?:an? )?(?:melee |weapon )?attack(?:ing|s)?\b(?! rolls?)|\b(?:take|use|taking|using) the attack action\b"),
    ("move", r"\b(?:to|can|cannot|can't|may|still|from|and|or|nor) (?:freely |willingly )?(?:mov(?:e|es|ing)|walk(?:s|ing)?|run(?:s|ning)?)\b|\b(?:full|whole|normal|its|your|their) (?:walking )?(?:movement|speed)\b"),
    ("speech", r"\b(?:speak|speaking|talk|talking|shout|call out|converse|say (?:a|any)\w*)\b"),
    ("cast", r"\bcast(?:ing)?\b[^.;]{0,16}\bspells?\b|\bspellcasting\b|\bcast(?:ing)?\b(?= with)"),
    ("concentration", r"\bconcentrat(?:ion|e|es|ing)\b"),
    ("sight", r"\bsee(?:ing)?\b(?! (?:how|what))"),
    ("hearing", r"\bhear(?:ing|s)?\b"),
)  # fmt: skip
_DAMAGE = (
    r"\b(?:takes?|taking|suffers?|loses?|losing|costs?|deals?|inflicts?|drains?|saps?|eats?|hurts?)\b[^.;]{0,34}\b(?:\d*d\d+|hit points?|hp|damage)\b"
    r"(?=[^.;]*\b(?:each|every|per|start|end of|turns?|rounds?|by itself|alone|on its own|over time|ongoing)\b)"
)
_MUST = r"\b(?:must|has to|have to|had to|forced to|required to|compelled to|obliged to|needs? to|makes? (?:you|it|them) (?=flee|run|dash|drop))\b"
_AT_CHARMER = r"\b(?:attack|harm|hurt|target|hit|stab|swing at|strike|turn on)(?:ing)?\b[^.;]{0,16}\b(?:charmers?|who(?:ever)? charmed|that charmed|her|him|it|them)\b(?! (?:friend|all|compan|minion|gu?ard|serv)\w+)"
_AS_EVER = (
    r"\b(?:attacks?|fights?|swings?|sword arm|aims?|shoots?|strikes?|attack rolls?)\b (?:\w+ ){0,4}?(?:normally|normal|as usual|as (?:well|good) as|just as well|unhindered|unaffected|at full (?:strength|force)|freely|fine"
    r"|without (?:any |a )?(?:penalty|disadvantage|trouble|hindrance))\b"
)
_OTHER_SAVES = r"\b(?:con|constitution|wis|wisdom|int|intelligence|cha|charisma|other|mental)\b"


def said_abilities(clause: str, subject: str) -> Iterator[tuple[str, bool]]:
    """Each ``no …`` with whether the clause says it of a creature in the condition."""
    for thing, words in _THINGS:
        found = search(words, clause)
        if found is None or _apart(thing, clause, subject):
            continue
        kept = _kept(clause, found.start(), found.end())
        if kept is not None:
            yield f"no {thing}", not kept


def said_burdens(clause: str, subject: str) -> Iterator[tuple[str, bool]]:
    """What it is said to suffer or to have to do."""
    denies = search(r"\bnot\b|n't\b|\bno\b|\bnever\b|\bnothing\b|\bwithout\b|\bneither\b|\bnor\b", clause) is not None
    if (
        subject != "prone"
        and search(_DAMAGE, clause)
        and not search(r"\bif\b|\bwhen (?:it|you) (?:takes?|hits?)|\bhalf\b|\bresist", clause)
    ):
        yield "damage", not denies
    if search(r"\b(?:ac|armou?r class)\b", clause) and search(
        r"\bbonus|\bpenalt|\bdrops?|\blower|\breduc|\braises?|\bincreas|\+ ?\d|- ?\d|\b10\b|\bbetter|\bworse|\bhalv",
        clause,
    ):
        yield "changed AC", not denies
    if search(rf"{_MUST}[^.;]{{0,34}}\b(?:flee|run|runs|dash\w*|retreat|move away|spend|use)\b", clause) or (
        subject == "frightened" and search(r"\b(?:flees?|runs? away|bolts?) (?:in terror|from|at|on|as)\b", clause)
    ):
        yield "forced to flee", not denies
    if search(
        r"\bdrop(?:s|ping)?\b[^.;]{0,12}\b(?:what|whatever|everything|anything|all|weapons?|items?|held)\b", clause
    ):
        yield "drops", not denies
    if subject != "prone" and search(r"\b(?:falls?|knocked|collapses?|drops?)\b[^.;]{0,10}\bprone\b", clause):
        yield "prone", not denies
    if subject == "charmed" and search(_AT_CHARMER, clause):
        kept = _kept(clause, 0, 0)
        if kept is not None:
            yield "no attack on charmer", not kept
    if subject == "invisible" and search(
        r"\b(?:can't|cannot|impossible to|unable to|can never|may not) (?:be |even )?(?:hit|attack|attacked|target|targeted)\b",
        clause,
    ):
        yield "untouchable", True
    if (
        not search(_OTHER_SAVES, clause)
        and search(r"\bsav(?:e|es|ing throws?)\b", clause)
        and search(rf"{UNHINDERED}|\bas (?:normal|usual)\b|\bnormally\b", clause)
    ):
        yield "saves changed", False


def said_of_rolls(clause: str, subject: str) -> Iterator[tuple[str, bool]]:
    """Rolls that are said to be as they always are, and what it is said to notice."""
    if (
        subject != "charmed"
        and search(_AS_EVER, clause)
        and not search(
            r"\bagainst (?:it|you|him|her)\b|\bout of sight|\bcan't see|\bcannot see|\bunless\b|\bif\b", clause
        )
    ):
        yield "own disadvantage", False
    if (
        search(r"\binitiative", clause)
        and not search(r"advantage", clause)
        and search(
            rf"\bno (?:edge|bearing|effect|change|difference|influence|impact|say)\b|\bnormal(?:ly)?\b|\bas usual|{UNHINDERED}",
            clause,
        )
    ):
        yield {"invisible": "initiative advantage"}.get(subject, "initiative disadvantage"), False
    if subject in ("petrified", "unconscious") and not search(r"\bif\b|\bunless\b|\bchecks?\b", clause):
        if search(
            r"\b(?:unaware|oblivious|no idea)\b|(?:\bnot|n't|\bcannot|\bnever) (?:\w+ )?(?:know|notice|hear|sense|aware|perceive)\b",
            clause,
        ):
            yield "unaware", True
        elif search(r"\b(?:hears?|notices?|aware|sense|senses|knows?|perceives?)\b", clause):
            yield "unaware", False


def _apart(thing: str, clause: str, subject: str) -> bool:
    """Whether the words are of something else than what the creature can do."""
    if thing == "move":
        return (
            subject in ("frightened", "prone")
            or search(r"\b(?:0|zero)\b|\bclos(?:er|e)\b|\bnearer|\btoward|\bstand|\bdrag|\bcrawl", clause) is not None
        )
    if thing == "attack":
        return subject == "charmed" or search(r"\badvantage|\bagainst\b|\bdisadvantage", clause) is not None
    if thing in ("action", "bonus action", "reaction") and subject == "prone":
        return True
    if thing == "action":
        return (
            search(
                r"\bescape|\bshake|\bwake|\bstand|\bbreak (?:free|out)|\bas an action|\ban action to|\bbonus action|\bother",
                clause,
            )
            is not None
        )
    if thing == "sight":
        return (
            subject != "blinded"
            or search(r"\bsource|\bthe (?:thing|creature)|\bcan see\b|\bsight\b", clause) is not None
        )
    if thing == "hearing":
        return (
            search(
                r"\bchecks?\b|\bfail|\bgood|\bnotice|\bothers?\b|\brel(?:y|ies)|\bdepend|\bbe heard|\bperception",
                clause,
            )
            is not None
        )
    if thing == "concentration":
        return search(r"\bdc\b|\bsav|\bchecks?\b", clause) is not None
    return False


def _kept(clause: str, start: int, end: int) -> bool | None:
    """Whether the clause says that the thing at this place is still there."""
    if search(r"\bif\b|\bunless\b|\bexcept\b|\bonly (?:if|when)\b", clause):
        return None
    if search(UNHINDERED, clause):
        return True
    lost = search(_LOST, clause) is not None
    kept = search(_KEPT, clause) is not None
    return kept if kept != lost else None
