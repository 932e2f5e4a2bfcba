"""What the figures of a roll must fit together to: attacks, saves, two dice, volleys, death saves, cover, initiative."""

from collections.abc import Sequence

from truth_blocks.dnd5e.readers.frames.fight import hit, passes
from truth_blocks.dnd5e.readers.matching import search, sub
from truth_blocks.dnd5e.readers.sums.solving import Family, Scene

N = "number hp mod ordinal"


PLAIN = "number hp"


_TOTALS = r"\btotal|\bresult|\bmakes?\b|\bin all\b|\bcomes to|\bequals|=|\bsum\b"


def concentration_dc(damage: float, edition: str) -> int:
    """Half the damage, at least 10; at most 30 in 5.2."""
    value = max(10, int(damage) // 2)
    return min(30, value) if edition == "5.2" else value


def _concentration(s: Scene) -> bool | None:
    def rule(damage: int, dc: int) -> bool | None:
        return dc == concentration_dc(damage, s.edition)

    return s.solve(rule, damage=PLAIN, dc="dc number")


def outcome(text: str) -> bool | None:
    """Whether the sentence says that a roll succeeds: hits, saves, beats; None when it says neither or both."""
    said = sub(r"\bfailed the save\b.*", " ", text) if "failed the save" in text and search(r"\bhit", text) else text
    if search(r"\b(?:hit|miss|connect|land|whiff)", said) and not search(r"\bsav(?:e|ing)\b", said):
        struck = hit(said)
        if search(r"\bfails?\b|\bfailed\b|\bglances?\b|\bgoes wide\b|\bfalls? short", said):
            return False
        return struck
    good = search(
        r"\b(?:succe\w+|pass(?:es|ed)?|makes it|made it|saved|holds|enough|suffices?|beats?|meets|clears|in time)\b",
        said,
    )
    bad = search(
        r"\b(?:fail\w*|not (?:enough|pass\w*|ma[dk]e|succeed)|short of|falls? short|insufficient|flunk\w*|too low|doesn't|does not|didn't|isn't|misses)\b",
        said,
    )
    if bad and good:
        return (
            False
            if search(
                r"(?:n't|not|never|still not|fails? to) (?:\w+ )?(?:succeed|pass|make|beat|meet|enough|suffice|reach)",
                said,
            )
            else passes(said)
        )
    return None if not bad and not good else not bad


def _attack(s: Scene) -> bool | None:
    """d20 + bonus = total against AC, and what comes of it."""
    said = outcome(s.text)
    cover = 5 if s.has(r"three[- ]quarters?") else 2 if s.has(r"\bhalf cover") else 0
    natural = s.has(r"\bnat(?:ural)?\b")

    def rule(ac: int, d20: int | None, bonus: int | None, total: int | None) -> bool | None:
        if (d20 is not None and not 1 <= d20 <= 20) or (bonus is not None and not -5 <= bonus <= 20):
            return None
        if d20 is not None and total is not None and bonus is None and not -5 <= total - d20 <= 20:
            return None
        if d20 is not None and bonus is not None and total is not None and d20 + bonus != total:
            return False
        if total is None and s.has(r"\btotal"):
            return None
        if d20 in (1, 20) and (natural or bonus is not None or total is not None):
            return said is None or said == (d20 == 20)
        if d20 is None and bonus is not None and (not s.has(_TOTALS) or total is None or not 1 <= total - bonus <= 20):
            return None
        if total is None:
            if d20 is None:
                return said is None
            total = d20 + (bonus or 0)
        if said is None:
            return True
        return any(
            said == (total >= ac + extra)
            for extra in ({cover} if s.has(r"(?:without|before|ignoring) (?:the )?cover") else {0, cover})
        )

    if said is None and len(s.figs) < 4:
        return None
    if len(s.figs) < 2:
        return None
    return s.solve(
        rule,
        ac="ac" if any(f.kind == "ac" for f in s.figs) else "number target",
        d20="?number nat",
        bonus="?mod number",
        total="?number",
    )


def _save(s: Scene) -> bool | None:
    said = outcome(s.text)
    if said is None:
        return None

    def rule(dc: int, d20: int | None, bonus: int | None, total: int | None, cover: int | None) -> bool | None:
        if (d20 is not None and not 1 <= d20 <= 20) or (total is None and d20 is None):
            return None
        if bonus is not None and not -5 <= bonus <= 20:
            return None
        if d20 is None and bonus is not None and (not s.has(_TOTALS) or total is None or not 1 <= total - bonus <= 20):
            return None
        if d20 is not None and total is not None and bonus is None and not -5 <= total - d20 <= 20:
            return None
        made = (d20 or 0) + (bonus or 0) + (cover or 0)
        if d20 is not None and total is not None and bonus is not None and made != total:
            return False
        if d20 is not None and total is None and bonus is None:
            total = d20
        return said == ((made if total is None else total) >= dc)

    return s.solve(
        rule,
        dc=next((kind for kind in ("dc", "target") if any(f.kind == kind for f in s.figs)), "number"),
        d20="?number nat", bonus="?mod number", total="?number", cover="?mod" if s.has("cover") else "?none",
    )  # fmt: skip


def _two_dice(s: Scene) -> bool | None:
    """Two d20s, the higher or the lower, a bonus, a total, perhaps against an AC or a DC."""
    better = s.has(r"\badvantage|\bbetter|\bhigher|\bgreater")
    worse = s.has(r"\bdisadv|\bpoisoned\b|\bworse|\blower|\blesser|\bprone\b|\brestrained\b|\bblind")
    if worse and s.has(r"\bdisadv|\bpoisoned") and not s.has(r"(?<!dis)\badvantage"):
        better = False
    if better == worse:
        return None
    said = outcome(s.text) if s.has(r"\bac\b|armou?r class|\bdc\b") else None

    def rule(first: int, second: int, mod: int | None, total: int, against: int | None) -> bool | None:
        if not (1 <= first <= 20 and 1 <= second <= 20):
            return None
        used = max(first, second) if better else min(first, second)
        if used + (mod or 0) != total:
            return False
        return against is None or said is None or (used in (1, 20)) or said == (total >= against)

    return s.solve(
        rule, first="number nat", second="number nat", mod="?mod number", total="number", against="?ac dc target"
    )


def _volley(s: Scene) -> bool | None:
    """Several d20s with one bonus against one AC, and how many of them hit."""
    misses = s.has(r"\b(?:miss|fail|go wide)\w*\b") and not s.has(r"\b(?:connect|hit|land)s?\b")

    def rule(ac: int, mod: int, rolls: Sequence[int], count: int) -> bool | None:
        if not 2 <= len(rolls) <= 5 or any(not 1 <= roll <= 20 for roll in rolls) or count > len(rolls):
            return None
        hits = sum(roll == 20 or (roll != 1 and roll + mod >= ac) for roll in rolls)
        return count == (len(rolls) - hits if misses else hits)

    return s.solve(rule, ac="ac", mod="mod", rolls="*number nat", count="number hp")


def _death_saves(s: Scene) -> bool | None:
    failed = s.has(r"\bfail|\bmiss") and not s.has(r"\bsucce|\bpass|\bmade\b")

    def rule(rolls: Sequence[int], count: int | None, good: int | None, bad: int | None) -> bool | None:
        if not 2 <= len(rolls) <= 5 or any(not 1 <= roll <= 20 for roll in rolls) or (count or 0) > len(rolls):
            return None
        if 20 in rolls:
            return True
        won, lost = sum(roll >= 10 for roll in rolls), sum(2 if roll == 1 else 1 for roll in rolls if roll < 10)
        if good is not None or bad is not None:
            return None if count is not None else good in (None, won) and bad in (None, lost)
        return None if count is None else count == (lost if failed else won)

    return s.solve(rule, rolls="*number nat", count="?number hp", good="?good", bad="?bad")


def _order(s: Scene) -> bool | None:
    """Who acts first of two initiative rolls; ties are left alone."""
    later = s.has(r"\bafter\b|\blater|\bsecond\b")
    rolls = [f.value for f in s.figs if f.kind in ("number", "nat")]
    mods = [f.value for f in s.figs if f.kind == "mod"]
    if len(rolls) != 2 or len(mods) not in (0, 2) or s.has(r"\bnot\b|n't\b") or s.has(r"\bbefore\b") == later:
        return None
    totals = [float(roll) + float(mod) for roll, mod in zip(rolls, mods or [0, 0], strict=True)]
    return None if totals[0] == totals[1] else (totals[0] < totals[1]) == later


_TENS = r"\b(?:twos|threes|fours|fives|sixes|sevens|eights|nines|tens|elevens|twelves|thirteens|fourteens|fifteens)\b"
"""Rolls told as words that no figure stands for."""


def _needed(s: Scene) -> bool | None:
    def rule(ac: int, bonus: int, roll: int) -> bool | None:
        return None if not 1 <= roll <= 20 or s.has(_TENS) else roll == min(20, max(2, ac - bonus))

    return s.solve(rule, ac="ac dc", bonus="mod number", roll="number")


def _cover(s: Scene) -> bool | None:
    extra = 5 if s.has(r"three[- ]quarters?|3/4") else 2

    def rule(ac: int, value: int, bonus: int | None) -> bool | None:
        return value == ac + extra and bonus in (None, extra)

    return s.solve(rule, ac="ac number", value="ac number", bonus="?mod number")


def _zero_hit(s: Scene) -> bool | None:
    """Damage at 0 hit points is one failure, two from a critical hit."""
    want = 2 if s.has(r"\bcrit|within (?:5|five)|paraly|melee|adjacent|beside|next to|unconscious") else 1

    if s.has(r"\b(?:1|one|a single)\b") and s.has(r"\b(?:2|two)\b"):
        return None  # both cases in one sentence

    def rule(fails: int, zero: int | None, damage: int | None) -> bool | None:
        return fails == want and zero in (None, 0)

    return s.solve(rule, fails="number bad", zero="?number hp", damage="?number")


ROLL_SUMS = (
    Family("concentration_dc", (r"\bconcentrat|\b(?:keep|hold|maintain)\w*(?: on to| onto)? (?:the|a|an|his|her|their|its|your|my) spell", r"\bdamage|\bdmg|\btak\w+|\bhit\b|\bdeals?\b|\bhurt|\bsuffer|\bblow|\bwound|\bpoints|\bfor \d", r"\bdc\b|\bdifficult|\bbeat|\bneed|\bsave|\bcheck|\broll"), r"\broll(?:s|ed) (?:an? )?\d|\bresist|\bbonus|modifier|\bmod\b|\+ ?\d|\btotal|\bcan(?:not|'t)? (?:exceed|go)|\bcap|\bnever\b", _concentration, "DC 10 or half the damage"),
    Family("attack", (r"\bac\b|\barmou?r class", r"\bhit|\bmiss|\bconnect|\bland|\bbeat|\bfails?\b|\bshort\b|\benough\b|\bsuffices|\bmeets|\bwide\b"), r"\bsecond\b|\bonce\b|\bsav(?:e|ing)\b|\bdc\b|(?:dis)?advantage|\bneeds?\b|\bor (?:better|higher|more)|\beach at\b|\blevel\b|\bdice\b|\bcrit|\bdamage|\bhp\b|hit points|\bspeed|\bxp\b|#[^#]+#|\bdexterity|\bdex\b|\battacks come|\bexpert|\bmagic|\bbless|\bguidance|\binspiration", _attack, "d20 + bonus against AC; 20 hits, 1 misses"),
    Family("saving_throw", (r"\bsav(?:e|es|ing)\b|\bcheck\b|\bdc\b", r"\bdc\b|\bversus\b|\bvs\b|\bagainst\b|\bdifficulty"), r"\bdeath|\bconcentrat|\bspell save dc|advantage|\bneeds?\b|\bor (?:better|higher|more)\b|\blevel\b|\bhp\b|hit points|\bdamage|\bspeed|\bhal(?:f|ved|ves)\b(?! cover)|\bac\b|\bpassive|\bbless|\bguidance|\binspiration|\bproficien|\bmodifier of|#|\bthree\b|\d+d\d+", _save, "d20 + bonus against DC; 20 is no automatic success"),
    Family("two_dice", (r"\b(?:dis)?adv(?:antage)?\b|\bpoisoned\b|\bbetter\b|\bworse\b|\bhigher\b|\blower\b",), r"\bpassive|\binspiration|\bhalfling|\blucky|\bdeath|\bdamage|\bhp\b|\bdc\b.*\bdc\b|\blevel\b|\bneeds?\b|\bcover\b|\+ ?\d+ .*\+ ?\d+|#[^#]+#|\bspeed|\bfeet|\bthree dice|\bor (?:more|higher|better)", _two_dice, "the higher of two d20s with advantage, the lower with disadvantage"),
    Family("volley", (r"\b(?:\d|several|all|these|those|his|her|its|the) (?:\w+ )?(?:attacks|shots|arrows|swings|strikes|blows|bolts|claws)\b|\beach\b|\bdice\b", r"\bac\b|armou?r class", r"\bhit|\bconnect|\bmiss|\bland"), r"advantage|\bdamage|\bcover\b", _volley, "each d20 + bonus against AC"),
    Family("death_saves", (r"\bdeath sav", r"\bsucce|\bfail|\bpass|\bmade\b"), r"\bor (?:more|higher|lower|less)|\bdc\b|\bcrit|\bdamage|hit points?|\bhp\b|\bstable|\bdies\b|\bdead\b|\bdeath saves? at\b|\bthree (?:success|fail)", _death_saves, "10 or more succeeds, a 1 fails twice"),
    Family("zero_hit", (r"\b(?:at|on) (?:0|zero)\b", r"\bdamage|\bhits?\b|\btakes?\b", r"\bdeath sav|\bfail"), r"\bmax|\bremaining|\broll|\bdc\b", _zero_hit, "damage at 0 hit points is one failed death save, two from a critical hit"),
    Family("needed_roll", (r"\blowest|\bsmallest|\bminimum|\bneeds?\b|\bmust\b|\bor (?:better|higher|more|above)\b|\bat least\b|\brequire", r"\bac\b|\barmou?r class|\bdc\b"), r"\bdeath|\bcover|advantage|\bconcentrat|\bdamage|\blevel|\bproficien|\b8 \+|\bspell save", _needed, "AC or DC less the bonus"),
    Family("initiative_order", (r"\binitiative", r"\bbefore\b|\bafter\b"), r"\badvantage|\bdexterity score|\blevel|#", _order, "the higher total acts first"),
    Family("cover", (r"\bcover\b", r"\bac\b|armou?r class"), r"\bhit|\bmiss|\battack|\broll|\bsave\b|\btotal\b|\bdc\b|\bignor|\bshield|\bworn|half cover.*three|three.*half cover", _cover, "+2 for half cover, +5 for three-quarters"),
)  # fmt: skip
