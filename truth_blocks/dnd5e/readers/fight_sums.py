"""What the figures of a fight must fit together to: rolls and totals, damage and hit points, death saves, dice."""

from collections.abc import Sequence

from truth_blocks.dnd5e.readers.fight import hit, passes
from truth_blocks.dnd5e.readers.matching import search, sub
from truth_blocks.dnd5e.readers.solving import Family, Scene

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
        if d20 is not None and not 1 <= d20 <= 20 or (bonus is not None and not -5 <= bonus <= 20):
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
        if d20 is not None and not 1 <= d20 <= 20 or (total is None and d20 is None):
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


def _hit_points(s: Scene) -> bool | None:
    """Hit points, what is taken from them and given back, and what is left."""
    heals = s.has(r"\bheal|\bregain|\brestor|\bdr[iau]nk|\bpotion|\bcure|\brecover|\bgets? back|\bmend")
    halves = s.has(r"\bresist|\bhal(?:f|v)|\bsave[sd]?\b")
    resisted = s.has(r"\bresist") and not s.has(
        r"\bsav|\bhal(?:f|v)|\b(?:no|not|without|isn't|ignor\w*) (?:\w+ )?resist|\bvulnerab|\bbecomes|\bonly\b|\bjust\b|\bafter resist|\breduced"
    )
    if s.has(r"\b(?:then|and) heals?\b(?! (?:for |back )?\d)|\bhealed\b(?! (?:for |back )?\d)(?<!\d healed)"):
        return None
    doubles = s.has(r"\bvulnerab|\bdoubl")
    temp = s.has(r"\btemp")
    most = s.has(r"\bmax|\bfull\b|\bmore than that|\bcap")
    hurts = not heals or s.has(
        r"\bdamage|\btakes? \d|\btook|\bhits?\b(?! points?)|\bblow|\blos[et]|\bsuffer|\bwound|\barrow|\bhurt|\bstruck|\bstab|\bcut|\bbite|\bburn"
    )

    def effects(amounts: Sequence[int]) -> set[int]:
        found = {0}
        for amount in amounts:
            options = ({-amount} if hurts else set()) | ({amount} if heals else set())
            options |= ({-(amount // 2), 0} if halves else set()) | ({-2 * amount} if doubles else set())
            if resisted and len(amounts) == 1:
                options = {-(amount // 2)}
            options |= {amount} if temp else set()
            found = {total + each for total in found for each in options}
        return found

    def rule(start: int, amounts: Sequence[int], left: int, cap: int | None) -> bool | None:
        if not amounts:
            return None
        for change in effects(amounts):
            value = start + change
            if left in (value, max(0, value)) or (cap is not None and left == min(cap, max(0, value))):
                return True
            if temp and left == min(start, value):
                return True
        return False

    return s.solve(
        rule,
        start="number hp max",
        amounts="*number hp mod target",
        left=PLAIN,
        cap="?number hp max" if most and not any(f.kind == "max" for f in s.figs) else "?max",
    )


def _half(s: Scene) -> bool | None:
    """An amount and its half, as often as they are said, and its double beside them when vulnerability is spoken of."""
    doubles = s.has(r"\bdoubl|\bvulnerab")
    full = s.has(r"\bfail|\bfull\b|\bwhole\b|\ball \d|\bnormal")

    deep = s.has(r"\bresist") and s.has(r"\bsav|\bsucce")

    def rule(amount: int, half: int | None, double: int | None, again: int | None, quarter: int | None) -> bool | None:
        if half is None and double is None:
            return None
        if quarter is not None:
            return (half, quarter) == (amount // 2, amount // 4)
        if half is not None and deep and half == amount // 4:
            return True
        if half is not None and half != amount // 2 and not (doubles and s.has(r"then|first|both")):
            return False
        return (double is None or double == amount * 2) and (again is None or again == amount)

    return s.solve(rule, amount=PLAIN, half="?number hp" if s.has(r"\bresist|\bhal(?:f|v)|\bsav|\bsucce") else "?none",
                   double="?number hp" if doubles else "?none", again="?number hp" if full else "?none",
                   quarter="?number" if deep else "?none", repeats=not full)  # fmt: skip


def _temporary(s: Scene) -> bool | None:
    """Temporary hit points take the damage first; the rest goes on."""

    def rule(damage: int, temp: int, rest: int | None, hp: int | None, left: int | None) -> bool | None:
        through = max(0, damage - temp)
        if left is None:
            return None if rest is None else rest in (through, max(0, temp - damage))
        return None if hp is None else rest in (None, through, max(0, temp - damage)) and left == max(0, hp - through)

    return s.solve(rule, damage="number", temp=PLAIN, rest="?number hp", hp="?number hp", left="?number hp")


def _instant_death(s: Scene) -> bool | None:
    alive = s.has(
        r"\bnot (?:\w+ )?(?:kill|dead|die|instant|outright)|n't (?:\w+ )?(?:kill|die|dead|instant|outright)|\bsurviv|\bunconscious|\bdying\b|\b(?:only|merely|just) (?:drop|down|knock)|\bisn't instant"
    )
    dead = s.has(r"\bkill|\binstant|\boutright|\bdies\b|\bdead\b|\bslain")
    if not alive and not dead:
        return None

    def rule(hp: int, damage: int, most: int, zero: int | None, rest: int | None) -> bool | None:
        if hp > most or damage < hp:
            return None
        if zero not in (None, 0) or (rest is not None and rest != damage - hp):
            return False
        return hp <= most and damage >= hp and (damage - hp >= most) == (not alive)

    return s.solve(
        rule,
        hp=PLAIN,
        damage=PLAIN,
        most="max" if any(f.kind == "max" for f in s.figs) else PLAIN,
        zero="?number hp mod",
        rest="?number",
    )


def _terms(dice: str) -> tuple[int, int, int]:
    count, _, rest = dice.partition("d")
    sign = -1 if "-" in rest else 1
    faces, _, bonus = rest.replace("-", "+").partition("+")
    return int(count or 1), int(faces), sign * int(bonus or 0)


def _critical_bounds(s: Scene) -> bool | None:
    both = s.has(r"\blow|\bleast|\bmin|\bless|\bbetween|\bfrom\b") and s.has(
        r"\bhigh|\bmost|\bmax|\bmore|\bbetween|\bto\b"
    )

    def rule(dice: str, crit: str | None, mods: Sequence[int], ends: Sequence[int]) -> bool | None:
        count, faces, bonus = _terms(dice)
        if crit is not None and _terms(crit) != (2 * count, faces, bonus):
            return False
        if len(ends) != (2 if both else 1) or any(mod != bonus for mod in mods):
            return None
        low, high = 2 * count + bonus, 2 * count * faces + bonus
        return sorted(ends) == [low, high] if len(ends) == 2 else ends[0] in (low, high)

    return s.solve(rule, dice="dice", crit="?dice", mods="*number mod", ends="*number hp")


def _critical(s: Scene) -> bool | None:
    def rule(base: str, crit: str, times: int | None) -> bool | None:
        first, second = _terms(base), _terms(crit)
        return second[0] == 2 * first[0] and first[1:] == second[1:] and times in (None, 2)

    return s.solve(rule, base="dice", crit="dice", times="?number")


def _bounds(s: Scene) -> bool | None:
    """The least, greatest and average total of dice."""

    def rule(dice: str, ends: Sequence[float], mods: Sequence[int]) -> bool | None:
        count, faces, bonus = _terms(dice)
        if mods and bonus:
            return None
        bonus += sum(mods)
        low, high = count + bonus, count * faces + bonus
        known = set()
        known |= (
            {low}
            if s.has(r"\bsmallest|\bbelow|\bmin|\bleast|\blow|\bfrom\b|\bbetween|\bworst|\bless than|\bunder")
            else set()
        )
        known |= (
            {high}
            if s.has(r"\blargest|\bmax|\bmost|\bhigh|\bto\b|\bbetween|\bbest|\bmore than|\bover\b|\btop")
            else set()
        )
        known |= {(low + high) / 2, (low + high) // 2} if s.has(r"\baverage|\bmean\b|\bexpect|\bavg") else set()
        return None if not ends or not known else all(end in known for end in ends)

    return s.solve(rule, dice="dice", ends="*number hp", mods="*mod")


def _possible(s: Scene) -> bool | None:
    """Whether a total can be rolled at all."""
    never = s.has(r"\bimpossible|\bcannot\b|\bcan't\b|\bcan never|\bnot possible|\bunable")

    def rule(dice: str, total: int) -> bool | None:
        count, faces, bonus = _terms(dice)
        return (count + bonus <= total <= count * faces + bonus) == (not never)

    return s.solve(rule, dice="dice", total="number hp")


def _critical_pairs(s: Scene) -> bool | None:
    """Two kinds of dice, each doubled."""

    def rule(first: str, second: str, third: str, fourth: str) -> bool | None:
        before, after = (
            sorted([_terms(first), _terms(second)], key=lambda d: d[1:]),
            sorted([_terms(third), _terms(fourth)], key=lambda d: d[1:]),
        )
        return [(2 * n, faces, bonus) for n, faces, bonus in before] == after

    return s.solve(rule, repeats=True, first="dice", second="dice", third="dice", fourth="dice")


def _vulnerable(s: Scene) -> bool | None:
    return s.solve(lambda amount, taken: taken == 2 * amount, amount=PLAIN, taken=PLAIN)


def _immune(s: Scene) -> bool | None:
    return s.solve(lambda amount, taken: taken == 0, amount=PLAIN, taken=PLAIN)


def _drops(s: Scene) -> bool | None:
    """Whether damage brings someone to 0 hit points."""
    stays = s.has(r"\bnot\b|n't\b|\bnever\b|\bsurviv|\bstays? up|\bfails? to")

    def rule(hp: int, damage: int, zero: int | None) -> bool | None:
        return None if zero not in (None, 0) else (damage >= hp) == (not stays)

    return s.solve(rule, hp="hp", damage="number", zero="?number hp")


def _highest_temporary(s: Scene) -> bool | None:
    return s.solve(
        lambda first, second, kept: kept == max(first, second),
        repeats=True,
        first=PLAIN,
        second=PLAIN,
        kept="number hp",
    )


def _order(s: Scene) -> bool | None:
    """Who acts first of two initiative rolls; ties are left alone."""
    later = s.has(r"\bafter\b|\blater|\bsecond\b")
    rolls = [f.value for f in s.figs if f.kind in ("number", "nat")]
    mods = [f.value for f in s.figs if f.kind == "mod"]
    if len(rolls) != 2 or len(mods) not in (0, 2) or s.has(r"\bnot\b|n't\b") or s.has(r"\bbefore\b") == later:
        return None
    totals = [float(roll) + float(mod) for roll, mod in zip(rolls, mods or [0, 0], strict=True)]
    return None if totals[0] == totals[1] else (totals[0] < totals[1]) == later


def _needed(s: Scene) -> bool | None:
    def rule(ac: int, bonus: int, roll: int) -> bool | None:
        return None if not 1 <= roll <= 20 else roll == min(20, max(2, ac - bonus))

    return s.solve(rule, ac="ac dc", bonus="mod number", roll="number")


def _cover(s: Scene) -> bool | None:
    extra = 5 if s.has(r"three[- ]quarters?|3/4") else 2

    def rule(ac: int, value: int, bonus: int | None) -> bool | None:
        return value == ac + extra and bonus in (None, extra)

    return s.solve(rule, ac="ac number", value="ac number", bonus="?mod number")


def _zero_hit(s: Scene) -> bool | None:
    """Damage at 0 hit points is one failure, two from a critical hit."""
    want = 2 if s.has(r"\bcrit|within (?:5|five)|paraly|melee|adjacent|beside|next to|unconscious") else 1

    def rule(fails: int, zero: int | None, damage: int | None) -> bool | None:
        return fails == want and zero in (None, 0)

    return s.solve(rule, fails="number bad", zero="?number hp", damage="?number")


FIGHT_SUMS = (
    Family("concentration_dc", (r"\bconcentrat|\b(?:keep|hold|maintain)\w*(?: on to| onto)? (?:the|a|an|his|her|their|its|your|my) spell", r"\bdamage|\bdmg|\btak\w+|\bhit\b|\bdeals?\b|\bhurt|\bsuffer|\bblow|\bwound|\bpoints|\bfor \d", r"\bdc\b|\bdifficult|\bbeat|\bneed|\bsave|\bcheck|\broll"), r"\broll(?:s|ed) (?:an? )?\d|\bresist|\bbonus|modifier|\bmod\b|\+ ?\d|\btotal|\bcan(?:not|'t)? (?:exceed|go)|\bcap|\bnever\b", _concentration, "DC 10 or half the damage"),
    Family("attack", (r"\bac\b|\barmou?r class", r"\bhit|\bmiss|\bconnect|\bland|\bbeat|\bfails?\b|\bshort\b|\benough\b|\bsuffices|\bmeets|\bwide\b"), r"\bsav(?:e|ing)\b|\bdc\b|(?:dis)?advantage|\bneeds?\b|\bor (?:better|higher|more)|\beach at\b|\blevel\b|\bdice\b|\bcrit|\bdamage|\bhp\b|hit points|\bspeed|\bxp\b|#[^#]+#|\bdexterity|\bdex\b|\battacks come|\bexpert|\bmagic|\bbless|\bguidance|\binspiration", _attack, "d20 + bonus against AC; 20 hits, 1 misses"),
    Family("saving_throw", (r"\bsav(?:e|es|ing)\b|\bcheck\b|\bdc\b", r"\bdc\b|\bversus\b|\bvs\b|\bagainst\b|\bdifficulty"), r"\bdeath|\bconcentrat|\bspell save dc|advantage|\bneeds?\b|\bor (?:better|higher|more)\b|\blevel\b|\bhp\b|hit points|\bdamage|\bspeed|\bhal(?:f|ved|ves)\b(?! cover)|\bac\b|\bpassive|\bbless|\bguidance|\binspiration|\bproficien|\bmodifier of|#|\bthree\b|\d+d\d+", _save, "d20 + bonus against DC; 20 is no automatic success"),
    Family("two_dice", (r"\b(?:dis)?adv(?:antage)?\b|\bpoisoned\b|\bbetter\b|\bworse\b|\bhigher\b|\blower\b",), r"\bpassive|\binspiration|\bhalfling|\blucky|\bdeath|\bdamage|\bhp\b|\bdc\b.*\bdc\b|\blevel\b|\bneeds?\b|\bcover\b|\+ ?\d+ .*\+ ?\d+|#[^#]+#|\bspeed|\bfeet|\bthree dice|\bor (?:more|higher|better)", _two_dice, "the higher of two d20s with advantage, the lower with disadvantage"),
    Family("volley", (r"\b(?:\d|several|all|these|those|his|her|its|the) (?:\w+ )?(?:attacks|shots|arrows|swings|strikes|blows|bolts|claws)\b|\beach\b|\bdice\b", r"\bac\b|armou?r class", r"\bhit|\bconnect|\bmiss|\bland"), r"advantage|\bdamage|\bcover\b", _volley, "each d20 + bonus against AC"),
    Family("death_saves", (r"\bdeath sav", r"\bsucce|\bfail|\bpass|\bmade\b"), r"\bor (?:more|higher|lower|less)|\bdc\b|\bcrit|\bdamage|hit points?|\bhp\b|\bstable|\bdies\b|\bdead\b|\bdeath saves? at\b|\bthree (?:success|fail)", _death_saves, "10 or more succeeds, a 1 fails twice"),
    Family("zero_hit", (r"\b(?:at|on) (?:0|zero)\b", r"\bdamage|\bhits?\b|\btakes?\b", r"\bdeath sav|\bfail"), r"\bmax|\bremaining|\broll|\bdc\b", _zero_hit, "damage at 0 hit points is one failed death save, two from a critical hit"),
    Family("hit_points", (r"\bhp\b|\bhit points?\b|\bdamage|\barrow|\bpoints\b|\bblow|\btook\b|\btakes?\b|\bhealing", r"\bleft\b|\bremain|\bdrops?\b|\bdown to\b|\bfalls? to|\bfinish|\bends?\b|\bnow\b|\bleav|\bstands? at|\bgoes? (?:down )?(?:to|from)|\bgets? to|\bback (?:up )?to|\bto \d|\bstill has|\bat \d+ (?:hp|hit)|\bsits? at|\bkeeps?\b|\bbe (?:at|on)\b|\bhas \d|\bmakes \d|\bis (?:at|on)\b"), r"\bdeath sav|\bkill|\boutright|\binstant|\blevel|\bdc\b|\bac\b|\barmou?r class|\bspeed|\bfeet|\bslots?\b|\baverage|\bexhaust|\bxp\b|\b\d+d\d+|\bcrit|\bdice\b|\bcon\b|\bconstitution|\bmissile|\bray|\bhour|\bminute|\brest\b|\bsorcery|\bpoints of (?!damage|healing|\w+ damage)|\bmonk|\bfocus|\bki\b|\blay on|\bpool\b|\bscore|\bcharges?\b|\bbase\b|\bgold|\bcoins?|\bpounds?|\bbloodied|\broll(?:s|ed)\b|\bimmun|\bnew\b|\bstack|\btotal of monsters|\bcover\b|\bevery\b|\beach (?:turn|round)|\bbonus\b|\bpenalt|\bd20|\bthreshold", _hit_points, "hit points less what was taken"),
    Family("half", (r"\bresist|\bhal(?:f|v)|\bvulnerab|\bsav\w+", r"\bdamage|\bresist|\bvulnerab|\blost\b|\bloses?\b|\bpoints\b|\btakes?\b|\bblast"), r"\bhp\b|\bhit points?\b|\bdc\b|\bspeed|\bfeet|\bcover\b|\blevel|\b\d+d\d+|\bcan only|\btemp|\brest\b|\bheal|\bstand|\bprone|\bac\b|\broll(?:s|ed) (?:an? |only |just )?\d+ (?:on|for)|\bslots?\b|\bexhaust|\bjump|\bproficien|\bevasion|\bmultiple|\bbonus|\bmodifier", _half, "half the damage, rounded down; double for vulnerability"),
    Family("temporary", (r"\btemp", r"\bdamage|\btakes?\b|\bhit\b|\bblow"), r"\bresist|\bheal|\bvulner|\bstack|\bnew\b|\bkeep|\blevel|\brest\b|\breplace|\bdc\b|\b\d+d\d+|\bgain|\bhour|\bhal(?:f|v)", _temporary, "temporary hit points first"),
    Family("instant_death", (r"\bkill|\boutright|\bdies\b|\bdead\b|\binstant|\bunconscious", r"\bmax|\bof \d|\bout of|\d ?/ ?\d"), r"\bsave|\bdc\b|\blevel|\bresist|\btemp", _instant_death, "dead when the damage left over reaches the maximum"),
    Family("critical_bounds", (r"\bcrit", r"\blow|\bleast|\bmin|\bhigh|\bmost|\bmax|\bless than|\bmore than|\bbetween|\bfrom\b"), r"\baverage|\blevel|\bslot|\bsneak", _critical_bounds, "dice twice, modifier once"),
    Family("critical", (r"\bcrit",), r"\bmax|\baverage|\bleast|\bminimum|\blevel|\bslot|\bsneak|\bsmite|\bbrutal|\bnot\b|n't\b|\bextra\b|\bplus (?:the|its)|\bhalf-orc|\bsavage", _critical, "dice twice, modifier once"),
    Family("bounds", (r"\bthe (?:most|least)\b|\blargest|\bsmallest|\baverage|\bmean\b|\bexpect|\bat (?:least|most)|\bmin|\bmax|\blowest|\bhighest|\bbetween|\bless than|\bmore than|\bfrom \d+ to",), r"\bcrit|\blevel|\bslot|\bspell|#|\bhit points?\b|\bhp\b|\bdc\b|\bfall|\bdropping|\beach\b|\bper\b|\bextra|\bhit dice|\bdice maximum|\bdrop|\breroll|\badvantage|\bkeep|\bfeet|\bmaximum of \d+d|\btimes\b|\bdouble|\bhal(?:f|v)|\bresist|\bsneak|\bheal", _bounds, "the bounds of the dice"),
    Family("needed_roll", (r"\blowest|\bsmallest|\bminimum|\bneeds?\b|\bmust\b|\bor (?:better|higher|more|above)\b|\bat least\b|\brequire", r"\bac\b|\barmou?r class|\bdc\b"), r"\bdeath|\bcover|advantage|\bconcentrat|\bdamage|\blevel|\bproficien|\b8 \+|\bspell save", _needed, "AC or DC less the bonus"),
    Family("possible", (r"\bimpossible|\bpossible|\bcan(?:not|'t)?\b|\bunable", r"\broll|\btotal|\bresult|\bget\b|\bshow"), r"\bmax|\bmin|\bleast|\bmost|\baverage|\bcrit|#|\bhp\b|hit points|\blevel|\badvantage|\bmore than|\bless than|\bbelow|\babove|\bdc\b|\bac\b|\bfall|\breroll|\bslot|\bdamage", _possible, "the bounds of the dice"),
    Family("critical_pairs", (r"\bcrit",), r"\bmax|\baverage|\bnot\b|n't\b|\bhalf|\blevel", _critical_pairs, "all dice twice"),
    Family("vulnerable", (r"\bvulnerab",), r"\bresist|\bac\b|\bdc\b|\bleft\b|\bremain|\bdown to|\bhas \d|\bnot\b|n't\b|\bsav|d\d|\bhalf|\bhalv|\bheal|\btemp", _vulnerable, "double the damage"),
    Family("immune", (r"\bimmun", r"\bdamage"), r"\bresist|\bvulnerab|\bac\b|\bdc\b|\bnot immun|n't immun|d\d|#[^#]+#|\bhas \d|\bfrom \d+ (?:hp|hit)|\band \d", _immune, "no damage"),
    Family("drops", (r"\b(?:to|at) 0\b|\bunconscious|\bgoes down|\bdrops?\b", r"\bhp\b|hit points?", r"\bdamage|\bhit\b|\bblow"), r"\bmax|\btemp|\bresist|\bvulnerab|\bimmun|\bheal|\bsav|\bkill|\bdown to [1-9]|\bdeath|#|d\d|\bhalf|\bremain|\bleft\b|\bcan lose", _drops, "at 0 when the damage is at least the hit points"),
    Family("temporary_highest", (r"\btemp", r"\bmost\b|\bmax|\bgrant|\bgain|\balready|\bnew\b", r"\bcan have|\bhas\b|\bends? up|\bleaves?|\btotal|\bhave\b|\bkeeps?"), r"\bdamage|\bhit for|\bheal|\blevel|d\d|\bhours?|\bminute|\breal\b|\bmaximum of", _highest_temporary, "the higher is kept"),
    Family("initiative_order", (r"\binitiative", r"\bbefore\b|\bafter\b"), r"\badvantage|\bdexterity score|\blevel|#", _order, "the higher total acts first"),
    Family("cover", (r"\bcover\b", r"\bac\b|armou?r class"), r"\bhit|\bmiss|\battack|\broll|\bsave\b|\btotal\b|\bdc\b|\bignor|\bshield|\bworn", _cover, "+2 for half cover, +5 for three-quarters"),
)  # fmt: skip
