"""What the figures of the ground, of experience and of provisions must fit together to: jumps, falls, loads, rests, coins."""

from collections.abc import Sequence

from truth_blocks.dnd5e.readers.matching import findall
from truth_blocks.dnd5e.readers.sums.sheets import LEVEL, modifier_of
from truth_blocks.dnd5e.readers.sums.solving import Family, Scene


def _carrying(s: Scene) -> bool | None:
    size = (
        2
        if s.has(r"\blarge\b")
        else 4
        if s.has(r"\bhuge\b")
        else 8
        if s.has(r"\bgargantuan")
        else 0.5
        if s.has(r"\btiny\b")
        else 1
    )
    pushes, carries = (
        s.has(r"\bpush|\bdrag|\blift"),
        s.has(r"\bcarr|\bpack\b|\bload\b|\bbear\b|\bhaul|\bcapacity|\bbackpack"),
    )

    def rule(strength: int, weights: Sequence[int]) -> bool | None:
        known = {strength * 15 * size} if carries or not pushes else set()
        known |= {strength * 30 * size} if pushes else set()
        if len(weights) == 2 and len(known) == 2:
            return set(weights) == known
        return bool(weights) and len(weights) <= 2 and all(each in known for each in weights)

    return s.solve(rule, strength="score number", weights="*pound number", repeats=True)


def _jump(s: Scene) -> bool | None:
    high, long_ = (
        s.has(r"\bhigh\b|\bup\b|\bvertical|\bheight|\binto the air"),
        s.has(r"\blong\b|\bfar\b|\bacross|\bdistance|\bchasm|\bgap\b|\bpit\b|\bditch"),
    )
    standing = s.has(r"\bstanding|\bwithout (?:a )?run|\bno run|\bon the spot|\bstandstill")
    running = s.has(
        r"\brunning|(?<!without )(?<!without a )\brun\b|\brun-?up|\bstart\b|\b10 feet (?:of movement|before|first)"
    )

    def known(score: int | None, mod: int | None) -> tuple[list[float], list[float]]:
        found = modifier_of(score) if score is not None else mod or 0
        far = [] if score is None else [score, score // 2]
        up = [max(0, 3 + found), max(0, 3 + found) // 2]
        kept = [place for place, said in ((0, running or not standing), (1, standing or not running)) if said]
        return [far[place] for place in kept if far], [up[place] for place in kept]

    def rule(score: int | None, mod: int | None, feet: Sequence[int]) -> bool | None:
        if (score is None and (mod is None or not high)) or (score is not None and not 1 <= score <= 30):
            return None
        if score is not None and mod is not None and modifier_of(score) != mod:
            return False
        far, up = known(score, mod)
        allowed = set(far if long_ or not high else []) | set(up if high else [])
        rest = [each for each in feet if not (each == 10 and len(feet) > 1)]
        if standing and running and len(rest) == 2 and not high:
            return set(rest) == set(far)
        return None if not rest else all(each in allowed for each in rest)

    return s.solve(rule, score="?score number", mod="?mod number", feet="*feet number", repeats=standing and running)


def _breath(s: Scene) -> bool | None:
    def rule(mod: int | None, score: int | None, minutes: float | None, seconds: float | None) -> bool | None:
        found = modifier_of(score) if score is not None else mod
        if found is None:
            return None
        if seconds is not None:
            return seconds == (60 * (found + 1) if found >= 0 else 30)
        return None if minutes is None else minutes == (1 + found if 1 + found > 0 else 0.5)

    return s.solve(rule, mod="?mod number", score="?score", minutes="?minute", seconds="?second")


def _fall(s: Scene) -> bool | None:
    def rule(feet: int, dice: str | None, count: int | None) -> bool | None:
        want = min(20, feet // 10)
        if dice is None and count is None:
            return None
        return dice in (None, f"{want}d6") and count in (None, want, want * 3 + want // 2)

    return s.solve(rule, feet="feet", dice="?dice", count="?number hp")


def _stand(s: Scene) -> bool | None:
    def rule(speed: int, half: int, rest: int | None) -> bool | None:
        return half == speed // 2 and rest in (None, speed - half)

    return s.solve(rule, speed="feet number", half="feet number", rest="?feet number", repeats=True)


def _dash(s: Scene) -> bool | None:
    def rule(speed: int, far: int) -> bool | None:
        return far == 2 * speed

    return s.solve(rule, speed="feet number", far="feet number")


def _exhausted(s: Scene) -> bool | None:
    """5.2: two off every D20 Test and five feet off the speed for each level."""
    tests = s.has(r"\bd20|\btests?\b|\broll|\bcheck|\battack|\bsav")

    def rule(level: int, speed: int | None, left: int | None, less: int | None, penalty: int | None) -> bool | None:
        if not 1 <= level <= 6 or (left is None and less is None and penalty is None):
            return None
        if penalty is not None and abs(penalty) != 2 * level:
            return False
        if less is not None and less != 5 * level:
            return False
        if left is not None:
            return None if speed is None else left == max(0, speed - 5 * level)
        return speed is None or less is not None or penalty is not None

    return s.solve(
        rule,
        level=LEVEL,
        speed="?feet",
        left="?feet",
        less="?feet",
        penalty="?mod number" if tests else "?none",
        repeats=True,
    )


def _level_experience(s: Scene) -> bool | None:
    table = s.facts.figures("level_xp")
    needed = {int(level): xp for level, xp in table.items()} if isinstance(table, dict) else dict(enumerate(table, 1))

    def rule(first: int, second: int | None, xp: int) -> bool | None:
        if not 1 <= first <= 20 or (second is not None and not 1 <= second <= 20):
            return None
        if second is None:
            inside: bool = needed[first] <= xp and (first == 20 or xp < needed[first + 1])
            if s.has(r"\bearned|\bwith \d|\bhas \d|\bhaving|\bwho has|\bcollected|\bgathered"):
                return inside
            return bool(xp == needed[first]) or (
                first < 20 and xp == needed[first + 1] and s.has(r"\bnext|\buntil|\bleave|\bstill")
            )
        return bool(xp == abs(needed[second] - needed[first]))

    return s.solve(rule, first=LEVEL, second="?level number ordinal", xp="xp number")


def _share(s: Scene) -> bool | None:
    """Experience divided among several."""

    def rule(total: int, heads: int, each: int) -> bool | None:
        return None if not 2 <= heads <= 12 else each == total // heads

    return s.solve(rule, total="xp number", heads="number", each="xp number")


def _hit_dice(s: Scene) -> bool | None:
    def rule(level: int, back: int) -> bool | None:
        return back == (max(1, level // 2) if s.edition == "5.1" else level)

    return s.solve(rule, level="level number", back="number")


def _lay_on_hands(s: Scene) -> bool | None:
    def rule(level: int, points: int) -> bool | None:
        return None if not 1 <= level <= 20 else points == 5 * level

    return s.solve(rule, level="level ordinal", points="number hp")


def _start_points(s: Scene) -> bool | None:
    """Hit points of a character at a level, by the fixed values."""
    row = s.facts.row("class", s.edition, s.names["class"]) if "class" in s.names else None
    if row is None or row["hit_die"] is None:
        return None
    die = int(str(row["hit_die"]).lstrip("1d")) if not isinstance(row["hit_die"], int) else row["hit_die"]
    new = s.has(r"\bbegin|\bstart|\bfresh|\bnew\b|\bbrand-new|\bfirst\b")

    def rule(level: int | None, con: int | None, score: int | None, points: int, shown: str | None) -> bool | None:
        if (
            (con is None and score is None)
            or (level is None and not new)
            or not 1 <= (level or 1) <= 20
            or not -5 <= (con or 0) <= 10
        ):
            return None
        found = modifier_of(score) if score is not None else con or 0
        if con is not None and con != found:
            return False
        return points == die + found + ((level or 1) - 1) * (die // 2 + 1 + found)

    return s.solve(rule, level="?level", con="?mod number", score="?score", points="hp number", shown="?dice")


def _missiles(s: Scene) -> bool | None:
    spell = s.names.get("spell", "").lower()
    base = {"magic missile": 2, "scorching ray": 1}.get(spell)
    if base is None:
        return None

    def rule(slot: int, count: int, dice: str | None) -> bool | None:
        if slot < (1 if base == 2 else 2) or slot > 9 or (base == 2 and dice not in (None, "1d4+1")):
            return None
        return count == slot + base or (dice is not None and base == 1 and dice == "2d6" and count == slot + 1)

    return s.solve(rule, slot="slot level ordinal", count="number", dice="?dice")


_COINS = {
    "copper": 1,
    "cp": 1,
    "silver": 10,
    "sp": 10,
    "electrum": 50,
    "ep": 50,
    "gold": 100,
    "gp": 100,
    "platinum": 1_000,
    "pp": 1_000,
}


def _coins(s: Scene) -> bool | None:
    named = findall(r"(?:\b([\d,]+|an?|the|each|every) )?(copper|silver|gold|electrum|platinum|\b[csgep]p)\b", s.text)
    if len(named) != 2 or named[0][1] == named[1][1] or len(s.figs) > 2:
        return None
    first, second = [(int(n.replace(",", "")) if n and n[0].isdigit() else 1) * _COINS[metal] for n, metal in named]
    return first == second


def _difficult(s: Scene) -> bool | None:
    """What is left of a speed after difficult terrain."""

    def rule(speed: int, walked: int, left: int) -> bool | None:
        return None if speed < walked else left == speed - 2 * walked

    return s.solve(rule, repeats=True, speed="feet number", walked="feet number", left="feet number")


WAY_SUMS = (
    Family("difficult_terrain", (r"\bdifficult terrain", r"\bremain|\bleft\b|\bleaves?", r"\bspeed|\bmovement"), r"\bdash|\bcrawl|\bclimb|\bstand|\bcosts?|\bignor", _difficult, "each foot costs two"),
    Family("carrying", (r"\bstrength|\bstr\b", r"\bcarr|\bpush|\bdrag|\blift|\bpack\b|\bcapacity|\bhaul", r"\bpound|\blb"), r"\bencumb|\bhalf|\bdouble|\bspeed|\bpowerful|\btimes\b|\bmultipl|#", _carrying, "15 pounds a point carried, 30 pushed or lifted"),
    Family("jump", (r"\bjump|\bleap|\bclear", r"\bstrength|\bstr\b", r"\bfeet|\bft\b|\bfoot|'"), r"\btripl|\bspell|#|\bboots|\bmonk|\bdoubl|\bathletics|\bdc\b|\barms|\breach|\btimes\b", _jump, "the score far with a run, half without; 3 + modifier high"),
    Family("breath", (r"\bbreath", r"\bminute|\bsecond"), r"\bchok|\bdrown|\bsuffocat|\bout of breath|\bhour|#", _breath, "1 + Constitution modifier minutes, at least 30 seconds"),
    Family("fall", (r"\bfall|\bfell\b|\bplung|\bplummet|\bdrop\b|\btumbl",), r"\baverage|\bfly|\bspeed|\bfeather|#|\bevery\b|\beach\b|\bper\b|\bslow fall|\bcap|\bmaximum|\bhal(?:f|v)|\bstrength|\bjump", _fall, "1d6 for every 10 feet, at most 20d6"),
    Family("stand", (r"\bstand|\bgetting up|\bget(?:s)? up|\bprone\b|\brise|\brising", r"\bspeed|\bmovement", r"\bcost|\bspend|\buses?\b|\btakes?\b|\bexpend|\bhal(?:f|v)|\bneed"), r"\band a half|\bjump|\bcrawl|\battack|\bdifficult|\bstandard|\bunderstand|\bexhaust", _stand, "half the speed"),
    Family("dash", (r"\bdash", r"\bspeed|\bfeet|\bmove"), r"\bdifficult|\brogue|\bcunning|\bjump|\bcrawl|\bfly|\bclimb|\bswim|\bprone|\bhalf|\bstand|\bbonus|#|\bextra\b|\bexhaust|\bslow|\bhast|\btwice\b.*\btwice", _dash, "the speed once more"),
    Family("exhaustion", (r"\bexhaust", r"\bspeed|\bd20|\btests?\b|\brolls?|\bcheck|\bpenalt|\bsubtract|\bminus"), r"\bdeath|\bdies?\b|\bhp\b|\bhit point|\b(?:each|every|per) exhaustion|\bper level|\beach level|\bevery level|\brest\b|\bac\b|\bdc\b|\bdisadvantage|\btotal|\bresult|\bdie shows|\broll(?:s|ed) (?:an? )?\d|\b5\.1", lambda s: _exhausted(s) if s.edition == "5.2" else None, "2 off every D20 Test and 5 feet off the speed a level"),
    Family("level_xp", (r"\bxp\b|\bexperience", r"\blevel|\blvl"), r"#|\bencounter|\bbudget|\bcr\b|\bchallenge|\bparty|\bthreshold|\bmonster|\bshare|\beach\b|\bdeadly|\bmedium|\bmoderate|\bper character|\bproficien", _level_experience, "the table of experience"),
    Family("xp_share", (r"\bxp\b|\bexperience", r"\beach\b|\bapiece|\bshare|\bsplit|\bdivid|\bper (?:head|character|person)|\ba head"), r"#|\bencounter|\bbudget|\bthreshold|\bcr\b|\bchallenge|\blevel|\bper (?:monster|creature)|\bdeadly|\bmedium|\bmoderate", _share, "the total divided by the heads"),
    Family("hit_dice", (r"\blong rest", r"\bhit di[ce]e?\b", r"\blevel|\d(?:st|nd|rd|th)\b", r"\bback\b|\bregain|\brecover|\brestor"), r"\bshort rest|\bconstitution|\b\d*d(?:6|8|10|12)\b|\bhp\b", _hit_dice, "half the level in 5.1, all in 5.2"),
    Family("lay_on_hands", (r"\blay on hands", r"\blevel|\d(?:st|nd|rd|th)\b"), r"\bdisease|\bpoison|\bcure|\btimes\b|\bleft\b|\bspen|\bremain|\bgets?\b|\bgain|\bfeature at", _lay_on_hands, "5 points a level"),
    Family("start_points", (r"\bhp\b|\bhit points?", r"\bcon\b|\bconstitution"), r"\bdamage|\btemp|#|\bregain|\bdc\b|\bsave|\btough|\bfeat\b|\bhill|\bper level|\beach level|\bincreas|\bgains?\b|\brolled|\bhit di[ce]e? (?:spent|rolled)|\bspend", _start_points, "the hit die, then its fixed value a level, each with the Constitution modifier"),
    Family("missiles", (r"\bdarts?|\bmissiles?\b|\brays?\b|\bbolts?\b|#",), r"\btotal|\baverage|\bup to \d+ damage|\bmax|\bdamage (?:of|is)|\bextra|\bmore\b|\badditional|\bcreates? one|\bconcentrat|\brange", _missiles, "one more for each slot level"),
    Family("coins", (r"\b(?:copper|silver|gold|electrum|platinum|[csgep]p)\b.*\b(?:copper|silver|gold|electrum|platinum|[csgep]p)\b", r"\bmakes?\b|\bequals?|\bworth|\bis\b|\bare\b|\bfor\b|\bbuys?\b|\bexchange"), r"\bcosts?\b|\bdragon|\bpays?\b|#|\bless\b|\bmore\b", _coins, "10 copper a silver, 10 silver a gold, 10 gold a platinum"),
)  # fmt: skip
