"""What the figures of damage must fit together to: hit points, halves and doubles, temporary points, dice and their bounds."""

from collections.abc import Sequence

from truth_blocks.dnd5e.readers.sums.rolls import PLAIN
from truth_blocks.dnd5e.readers.sums.solving import Family, Scene


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
    ends = s.has(r"\bleft with\b|\bremain|\bdown to\b|\bends? (?:up )?(?:with|at|on)\b|\band has \d")

    def rule(damage: int, temp: int, rest: int | None, hp: int | None, left: int | None) -> bool | None:
        through = max(0, damage - temp)
        if left is None:
            return None if rest is None or (ends and hp is not None) else rest in (through, max(0, temp - damage))
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
        if crit is None and set(ends) <= {count + bonus, count * faces + bonus}:
            return None  # the dice said are those of the critical hit already
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
        known: set[float] = set()
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


HARM_SUMS = (
    Family("hit_points", (r"\bhp\b|\bhit points?\b|\bdamage|\barrow|\bpoints\b|\bblow|\btook\b|\btakes?\b|\bhealing", r"\bleft\b|\bremain|\bdrops?\b|\bdown to\b|\bfalls? to|\bfinish|\bends?\b|\bnow\b|\bleav|\bstands? at|\bgoes? (?:down )?(?:to|from)|\bgets? to|\bback (?:up )?to|\bto \d|\bstill has|\bat \d+ (?:hp|hit)|\bsits? at|\bkeeps?\b|\bbe (?:at|on)\b|\bhas \d|\bmakes \d|\bis (?:at|on)\b"), r"\bberr(?:y|ies)\b|\bdeath sav|\bkill|\boutright|\binstant|\blevel|\bdc\b|\bac\b|\barmou?r class|\bspeed|\bfeet|\bslots?\b|\baverage|\bexhaust|\bxp\b|\b\d+d\d+|\bcrit|\bdice\b|\bcon\b|\bconstitution|\bmissile|\bray|\bhour|\bminute|\brest\b|\bsorcery|\bpoints of (?!damage|healing|\w+ damage)|\bmonk|\bfocus|\bki\b|\blay on|\bpool\b|\bscore|\bcharges?\b|\bbase\b|\bgold|\bcoins?|\bpounds?|\bbloodied|\bdoubles? to\b|\broll(?:s|ed)\b|\bimmun|\bnew\b|\bstack|\btotal of monsters|\bcover\b|\bevery\b|\beach (?:turn|round)|\bbonus\b|\bpenalt|\bd20|\bthreshold|\bthirds?\b|\bquarters?\b|\beach\b|\btwice\b|\bhad s?he\b|\bwould\b", _hit_points, "hit points less what was taken"),
    Family("half", (r"\bresist|\bhal(?:f|v)|\bvulnerab|\bsav\w+", r"\bdamage|\bresist|\bvulnerab|\blost\b|\bloses?\b|\bpoints\b|\btakes?\b|\bblast"), r"\bwild shape|\bfails? (?:\w+ )?\d saves|\bhp\b|\bhit points?\b|\bdc\b|\bspeed|\bfeet|\bcover\b|\blevel|\b\d+d\d+|\bcan only|\btemp|\brest\b|\bheal|\bstand|\bprone|\bac\b|\broll(?:s|ed) (?:an? |only |just )?\d+ (?:on|for)|\bslots?\b|\bexhaust|\bjump|\bproficien|\bevasion|\bmultiple|\bbonus|\bmodifier", _half, "half the damage, rounded down; double for vulnerability"),
    Family("temporary", (r"\btemp", r"\bdamage|\btakes?\b|\bhit\b|\bblow"), r"\bresist|\bheal|\bvulner|\bstack|\bnew\b|\bkeep|\blevel|\brest\b|\breplace|\bdc\b|\b\d+d\d+|\bgain|\bhour|\bhal(?:f|v)", _temporary, "temporary hit points first"),
    Family("instant_death", (r"\bkill|\boutright|\bdies\b|\bdead\b|\binstant|\bunconscious", r"\bmax|\bof \d|\bout of|\d ?/ ?\d"), r"\bsave|\bdc\b|\blevel|\bresist|\btemp", _instant_death, "dead when the damage left over reaches the maximum"),
    Family("critical_bounds", (r"\bcrit", r"\blow|\bleast|\bmin|\bhigh|\bmost|\bmax|\bbest\b|\bless than|\bmore than|\bbetween|\bfrom\b"), r"\baverage|\blevel|\bslot|\bsneak", _critical_bounds, "dice twice, modifier once"),
    Family("critical", (r"\bcrit",), r"\bmax|\baverage|\bleast|\bminimum|\blevel|\bslot|\bsneak|\bsmite|\bbrutal|\bnot\b|n't\b|\bextra\b|\bplus (?:the|its)|\bhalf-orc|\bsavage", _critical, "dice twice, modifier once"),
    Family("bounds", (r"\bthe (?:most|least)\b|\blargest|\bsmallest|\baverage|\bmean\b|\bexpect|\bat (?:least|most)|\bmin|\bmax|\blowest|\bhighest|\bbetween|\bless than|\bmore than|\bfrom \d+ to",), r"\bcrit|\blevel|\bslot|\bspell|#|\bhit points?\b|\bhp\b|\bdc\b|\bfall|\bminutes?\b|\bhours?\b|\bdropping|\beach\b|\bper\b|\bextra|\bhit dice|\bdice maximum|\bdrop|\breroll|\badvantage|\bkeep|\bfeet|\bmaximum of \d+d|\btimes\b|\bdouble|\bhal(?:f|v)|\bresist|\bsneak|\bheal", _bounds, "the bounds of the dice"),
    Family("possible", (r"\bimpossible|\bpossible|\bcan(?:not|'t)?\b|\bunable", r"\broll|\btotal|\bresult|\bget\b|\bshow"), r"\bmax|\bmin|\bleast|\bmost|\baverage|\bcrit|#|\bhp\b|hit points|\blevel|\badvantage|\bmore than|\bless than|\bbelow|\babove|\bdc\b|\bac\b|\bfall|\breroll|\bslot|\bdamage", _possible, "the bounds of the dice"),
    Family("critical_pairs", (r"\bcrit",), r"\bmax|\baverage|\bnot\b|n't\b|\bhalf|\blevel", _critical_pairs, "all dice twice"),
    Family("vulnerable", (r"\bvulnerab", r"\bdamage|\btak|\btook|\bdoubl|\bhits?\b|\bblow|\bpoints?\b|\bfor \d|\bdeal|\bdoes\b|\bsuffer|\beats?\b|\bbecome|\binto\b"), r"\bresist|\bac\b|\bdc\b|\bleft\b|\bremain|\bdown to|\bhas \d|\bnot\b|n't\b|\bsav|d\d|\bhalf|\bhalv|\bheal|\btemp", _vulnerable, "double the damage"),
    Family("immune", (r"\bimmun", r"\bdamage"), r"\bresist|\bvulnerab|\bac\b|\bdc\b|\bnot immun|n't immun|d\d|#[^#]+#|\bhas \d|\bfrom \d+ (?:hp|hit)|\band \d", _immune, "no damage"),
    Family("drops", (r"\b(?:to|at) 0\b|\bunconscious|\bgoes down|\bdrops?\b", r"\bhp\b|hit points?", r"\bdamage|\bhit\b|\bblow"), r"\bmax|\btemp|\bresist|\bvulnerab|\bimmun|\bheal|\bsav|\bkill|\bdown to [1-9]|\bdeath|#|d\d|\bhalf|\bremain|\bleft\b|\bcan lose", _drops, "at 0 when the damage is at least the hit points"),
    Family("temporary_highest", (r"\btemp", r"\bmost\b|\bmax|\bgrant|\bgain|\balready|\bnew\b", r"\bcan have|\bhas\b|\bends? up|\bleaves?|\btotal|\bhave\b|\bkeeps?"), r"\bdamage|\bhit for|\bheal|\blevel|d\d|\bhours?|\bminute|\breal\b|\bmaximum of", _highest_temporary, "the higher is kept"),
)  # fmt: skip
