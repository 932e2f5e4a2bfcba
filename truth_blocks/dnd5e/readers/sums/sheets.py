"""What the figures of a character sheet must fit together to: levels, scores, bonuses, spell DCs, slots."""

from collections.abc import Sequence

from truth_blocks.dnd5e.ledgers import slots
from truth_blocks.dnd5e.readers.sums.solving import Family, Scene

LEVEL = "level number ordinal"


def bonus_of(level: float) -> int:
    """The proficiency bonus of a level."""
    return 2 + (int(level) - 1) // 4


def modifier_of(score: float) -> int:
    """The modifier of an ability score."""
    return (int(score) - 10) // 2


def _modifier(s: Scene) -> bool | None:
    def rule(score: int, mod: int, ten: int | None) -> bool | None:
        return (
            None if not 1 <= score <= 30 or ten not in (None, 10) or not -5 <= mod <= 10 else modifier_of(score) == mod
        )

    return s.solve(
        rule, score="score number", mod="mod" if any(f.kind == "mod" for f in s.figs) else "number", ten="?number"
    )


def _mods(score: int | None, mod: int | None) -> set[int]:
    """The modifiers that a score, a modifier or both can mean; empty where they disagree."""
    if score is None:
        return {0 if mod is None else mod}
    found = modifier_of(score)
    return {found} if mod in (None, found) else set()


def _passive(s: Scene) -> bool | None:
    expert = s.has(r"\bexpert|\bdoubl")
    swing = 5 if s.has(r"(?<!dis)\badvantage") else -5 if s.has(r"\bdisadv") else 0
    trained = s.has(r"(?<!not )(?<!n't )\bproficien|\bexpert|\btrained") and not s.has(
        r"(?:without|not|no|lacks?|isn't) (?:\w+ )?proficien"
    )

    def rule(
        value: int, level: int | None, score: int | None, mod: int | None, prof: int | None, five: int | None
    ) -> bool | None:
        if (level is not None and not 1 <= level <= 20) or five not in (None, 5) or (score is None and mod is None):
            return None
        if mod is not None and not -5 <= mod <= 10:
            return None
        if prof is not None and level is not None and bonus_of(level) != prof:
            return False
        extra = prof if prof is not None else bonus_of(level) if level is not None and trained else 0
        return any(value == 10 + each + extra * (2 if expert else 1) + swing for each in _mods(score, mod))

    return s.solve(rule, value="number score mod", level="?level", score="?score", mod="?mod number",
                   prof="?mod number" if s.has(r"\bprof") else "?none", five="?number mod" if swing else "?none", repeats=True)  # fmt: skip


def _initiative(s: Scene) -> bool | None:
    swing = 5 if s.has(r"(?<!dis)\badvantage") else -5 if s.has(r"\bdisadv") else 0

    def rule(value: int, score: int | None, mod: int | None) -> bool | None:
        if score is None and mod is None:
            return None
        return any(value == 10 + each + swing for each in _mods(score, mod))

    return s.solve(rule, value="number score", score="?score", mod="?mod")


def _skill(s: Scene) -> bool | None:
    times = 2 if s.has(r"\bexpert|\bdoubl") else 1

    def rule(
        value: int, level: int | None, score: int | None, mod: int | None, prof: int | None, doubled: int | None
    ) -> bool | None:
        if (
            (level is not None and not 1 <= level <= 20)
            or (prof is None and level is None)
            or (score is None and mod is None)
        ):
            return None
        if (mod is not None and not -5 <= mod <= 10) or (prof is not None and not 2 <= prof <= 6):
            return None
        if prof is not None and level is not None and bonus_of(level) != prof:
            return False
        extra = prof if prof is not None else bonus_of(level or 1)
        if doubled is not None and doubled != extra * 2:
            return False
        return any(value == each + extra * times for each in _mods(score, mod))

    return s.solve(rule, value="mod number", level="?level", score="?score", mod="?mod number", prof="?mod number" if s.has(r"\bprof") else "?none",
                   doubled="?mod number" if times == 2 else "?none", repeats=True)  # fmt: skip


def _casting(s: Scene) -> bool | None:
    """Spell save DC (8 + bonus + modifier) and spell attack (bonus + modifier)."""

    def rule(
        dc: int | None,
        attack: int | None,
        level: int | None,
        score: int | None,
        mod: int | None,
        prof: int | None,
        eight: int | None,
    ) -> bool | None:
        if eight not in (None, 8) or (dc is None and attack is None) or (prof is None and level is None):
            return None
        if (score is None and mod is None) or (score is not None and not 1 <= score <= 30):
            return None
        if (mod is not None and not -5 <= mod <= 10) or (prof is not None and not 2 <= prof <= 6):
            return None
        if level is not None and (not 1 <= level <= 20 or prof not in (None, bonus_of(level))):
            return None if prof is not None and prof == mod else False
        extra = prof if prof is not None else bonus_of(level or 1)
        return any(dc in (None, 8 + extra + each) and attack in (None, extra + each) for each in _mods(score, mod))

    speaks_of_attack = s.has(r"\battack|\bto hit")
    speaks_of_dc = s.has(r"\bdc\b|\bdifficulty|\bsave")
    return s.solve(
        rule, dc="?dc number" if speaks_of_dc else "?none", attack="?mod number" if speaks_of_attack else "?none",
        level="?level", score="?score number" if s.has(r"\bscore|\bability") else "?score", mod="?mod number", prof="?mod number",
        eight="?number" if speaks_of_dc else "?none", repeats=True,
    )  # fmt: skip


def _proficiency(s: Scene) -> bool | None:
    def rule(level: int, bonus: int) -> bool | None:
        return None if not 1 <= level <= 20 or not 0 <= bonus <= 20 else bonus == bonus_of(level)

    return s.solve(rule, level="level ordinal", bonus="mod number")


def _slots(s: Scene) -> bool | None:
    row = s.facts.row("class", s.edition, s.names["class"]) if "class" in s.names else None
    if row is None:
        return None

    def rule(level: int, rank: int, count: int) -> bool | None:
        return None if not (1 <= level <= 20 and 1 <= rank <= 9) else slots(row, level, rank) == count

    return s.solve(rule, level="level ordinal", rank="slot level ordinal", count="number")


def _passive_swing(s: Scene) -> bool | None:
    """A passive score with advantage or disadvantage."""
    swing = 5 if s.has(r"(?<!dis)\badvantage") else -5
    return s.solve(lambda base, value: value == base + swing, base="number score", value="number score")


def _highest_slot(s: Scene) -> bool | None:
    row = s.facts.row("class", s.edition, s.names["class"]) if "class" in s.names else None
    if row is None:
        return None

    def rule(level: int, rank: int) -> bool | None:
        return (
            None if not 1 <= level <= 20 else rank == max((r for r in range(1, 10) if slots(row, level, r)), default=0)
        )

    return s.solve(rule, repeats=True, level="level ordinal", rank="slot level ordinal number")


def _all_slots(s: Scene) -> bool | None:
    row = s.facts.row("class", s.edition, s.names["class"]) if "class" in s.names else None
    if row is None:
        return None

    def rule(level: int, count: int) -> bool | None:
        return None if not 1 <= level <= 20 else count == sum(slots(row, level, r) for r in range(1, 10))

    return s.solve(rule, level="level ordinal", count="number")


def _weapon_attack(s: Scene) -> bool | None:
    """To hit with a weapon: proficiency bonus and modifier."""

    def rule(level: int, score: int | None, mod: int | None, bonus: int) -> bool | None:
        if not 1 <= level <= 20 or (score is None and mod is None):
            return None
        return any(bonus == bonus_of(level) + each for each in _mods(score, mod))

    return s.solve(rule, level="level ordinal", score="?score", mod="?mod number", bonus="mod number")


def _attack_bonus(s: Scene) -> bool | None:
    """To hit, with the proficiency bonus said itself."""

    def rule(score: int | None, mod: int | None, prof: int, bonus: int) -> bool | None:
        if (score is None and mod is None) or not 2 <= prof <= 6 or (mod is not None and not -5 <= mod <= 7):
            return None
        return any(bonus == prof + each for each in _mods(score, mod))

    return s.solve(rule, score="?score", mod="?mod", prof="mod", bonus="mod", repeats=True)


def _plain_roll(s: Scene) -> bool | None:
    """A d20, a modifier and their total."""

    def rule(d20: int, mods: Sequence[int], total: int) -> bool | None:
        return (
            None if not 1 <= d20 <= 20 or not mods or any(abs(mod) > 17 for mod in mods) else d20 + sum(mods) == total
        )

    return s.solve(rule, repeats=True, d20="number nat", mods="*mod", total="number mod")


SHEET_SUMS = (
    Family("passive_swing", (r"\bpassive", r"advantage", r"\bturns?|\bbecomes?|\bto\b|\binstead|\brather|\bnormally|\bgoes|\bdrops|\brises|\bis\b"), r"#|\blevel|\bproficien|\bmodifier|\bwisdom (?:of|score)|\+\d|\b5\b|\bby \d", _passive_swing, "5 more or 5 less"),
    Family("highest_slot", (r"\bhighest|\btop\b|\bbest\b|\bstrongest", r"\bslots?\b|\bspells?\b"), r"\bpact|#|\bcantrip|\bknow|\btotal|\bdamage|\bdice", _highest_slot, "the class table"),
    Family("all_slots", (r"\btogether|\bin total|\baltogether|\bin all\b|\ball (?:spell )?levels|\ball told|\btotal of", r"\bslots?\b"), r"\bpact|#|\bspent|\bleft\b|\bremain|\bcast\b|\bhighest", _all_slots, "the class table"),
    Family("weapon_attack", (r"\battacks?\b|\bto hit\b|\bswings?", r"\bproficien", r"\blevel|\d(?:st|nd|rd|th)\b"), r"\bspell|\bac\b|armou?r class|\bdc\b|\bskill|\bmagic (?:weapon|sword|item)|\+ ?1 (?!damage)\w+sword|\broll(?:s|ed) (?:an? )?\d|\bexpert|\battacks to\b|\bextra\b|\bdoubl|\braises?\b|\barchery|\bmonk's|\bexhaust|\bdamage", _weapon_attack, "proficiency bonus + modifier"),
    Family("attack_bonus", (r"\battacks?\b|\bto hit\b", r"\bproficiency bonus|\bproficiency \+"), r"\blevel|\bspell|\bcast|\bac\b|armou?r class|\bdc\b|\bskill|\bmagic|\broll|\bexpert|\bextra\b|\bdoubl|\barchery|\bexhaust|\bdamage|\bhits?\b(?<!to hit)|\bwisdom|\bintelligence|\bcharisma|\bconstitution|\bnot\b|n't\b", _attack_bonus, "proficiency bonus + modifier"),
    Family("plain_roll", (r"\broll|\bd20|\bdie\b", r"\btotal|\binitiative|\bresult|\bgives?\b|\bmakes?\b|\bequals|\bcomes to|\bends? up|\bfor an?\b"), r"\bac\b|\barmou?r|\bdc\b|\badvantage|\bdisadv|\bdamage|\bhp\b|hit points|\d+d\d+|\blevel|\bexpert|\bexhaust|\bhit\b|\bmiss|\bsucce|\bfail|\bversus|\bagainst|\bbless|\binspir|\bguidance|\bproficien|\bpassive|\bneeds?\b|\bor (?:more|higher)|#|\bcover|\bscore|\bbefore\b|\bafter\b|\broll of .*\broll of", _plain_roll, "die + modifier"),
    Family("ability_modifier", (r"\bmodifier|\bmod\b", r"\bscore|\bstrength|\bdexterity|\bconstitution|\bintelligence|\bwisdom|\bcharisma|\b(?:str|dex|con|int|wis|cha)\b"), r"\bdc\b|\binitiative|\blevel|\bproficien|#|\bpassive|\bexpert|\bsav|\bjump|\bfeet|\bcarr|\bac\b|\bhp\b|hit points|\bbreath|\bd20|\btotal|\broll(?:s|ed)\b|\bdamage|\barmou?r", _modifier, "(score - 10) / 2, rounded down"),
    Family("passive", (r"\bpassive",), r"#|\btravel|\bpace|\bjack|\bobservant", _passive, "10 + modifier (+ proficiency, ±5)"),
    Family("initiative_score", (r"\binitiative score|\bfixed initiative|\binitiative count",), r"#|\broll(?:s|ed)\b", _initiative, "10 + Dexterity modifier (±5)"),
    Family("skill_bonus", (r"\bproficien|\bexpert", r"\bbonus|\btotal|\brolls?\b|\badds?\b|\bwith\b|\bcheck|\bskill"), r"\bpassive|proficiency bonus (?:is|of)\b.*\bdoubl|\bdc\b|\battack|\bhp\b|hit points|#|\bjack|\bac\b|\bspell|\bhal(?:f|v)|\bd20\b|\bdie shows|\bnatural|\bjump|\badvantage|\barmou?r", _skill, "modifier + proficiency bonus, doubled for expertise"),
    Family("spell_dc_attack", (r"\bspell|\bcast", r"\bdc\b|\battack|\bdifficulty|\bto hit"), r"#|\bac\b|\barmou?r|\bdamage|\bhit points|\bslots?\b|\brolls? (?:an? )?\d|\bcantrip|\bmagic (?:item|weapon)|\bd20|\bconcentrat", _casting, "DC 8 + proficiency bonus + modifier; attack without the 8"),
    Family("prof_bonus", (r"\bproficiency bonus|\bprof\b|\bproficiency", r"\blevel|\blvl|\d(?:st|nd|rd|th)\b"), r"\bdc\b|\bmodifier|\bmod\b|\bexpert|\bpassive|\bdoubl|\btwice|\bhal(?:f|v)|#|\bscore|\bcr\b|\bchallenge|\bfrom\b|\bgo(?:es)? up|\bincreas|\bmartial|\bslots?|\bextra\b|\bcheck\b|\battack", _proficiency, "2 + (level - 1) / 4"),
    Family("slots", (r"\bslots?\b",), r"\bspent|\bspend|\bus(?:e|es|ing|ed)\b|\bleft\b|\bremain|\bpact|\bwarlock|\bupcast|\bdamage|#|\bcantrip|\brest\b|\barcane recovery|\btotal|\bcast(?:s|ing)?\b|\bfirst gets|\breceiv|\bsorcery|\bburn|\bexpend", _slots, "the class table"),
)  # fmt: skip
