"""Judges of single rules, where one pattern is not enough."""

from collections.abc import Sequence

from truth_blocks.dnd5e.readers.figures import Figure
from truth_blocks.dnd5e.readers.matching import findall, match, search
from truth_blocks.dnd5e.readers.rules.judges import NO


def capped(text: str, figs: Sequence[Figure]) -> bool | None:
    """The cap of 30 on the concentration DC in 5.2."""
    if search(r"\bno (?:upper |hard )?(?:limit|cap)|\buncapped|\bunlimited|\bwithout limit", text):
        return False
    return (
        any(figure.whole == 30 for figure in figs) if any(figure.kind in ("number", "dc") for figure in figs) else None
    )


def disengaged(text: str, figs: Sequence[Figure], edition: str) -> bool | None:
    """No opportunity attacks, for the rest of the turn."""
    if search(
        r"\b(?:until|till|through) (?:the )?(?:start|beginning|end) of your next turn|\buntil your next turn|\bwhole round|\bentire round|\bnext round|\bfor 1 minute",
        text,
    ):
        return False
    if search(r"\bstill provok|\bprovokes? (?:anyway|as normal)", text):
        return False
    said = search(
        r"\b(?:doesn't|don't|not|never|no|without|won't|avoid\w*|prevent\w*|free of)\b[^.;]{0,30}\b(?:provok|opportunity)",
        text,
    )
    return True if said else None


def hours(figs: Sequence[Figure], wanted: int) -> bool | None:
    """The hours are these."""
    some = [match(r"\d+", str(f.value)) for f in figs if f.kind == "time" and "hour" in str(f.value)]
    found = {int(each[0]) for each in some if each}
    return None if len(found) != 1 or 8 in found else found == {wanted}


def hurt_at_zero(text: str, figs: Sequence[Figure]) -> bool | None:
    """Failures that damage at 0 hit points costs."""
    crit = search(r"\bcrit", text)
    fails = [
        (f.start, f.whole)
        for f in figs
        if f.kind == "number" and f.whole and match(r"\W*(?:\w+ ){0,3}(?:fail|death sav|if)", text[f.end :])
    ]
    single = search(r"\b(?:a|one) (?:failed|failure|death sav\w* failure|failed death|death save)", text)
    if single:
        fails.append((single.start(), 1))
    if crit is None:
        return fails[0][1] == 1 if len(fails) == 1 else None
    if len(fails) == 2:
        return [count for _, count in sorted(fails)] == ([1, 2] if min(fails)[0] < crit.start() else [2, 1])
    return (
        None
        if len(fails) != 1 or (search(r"\bmore if|\bunless|\bnon-?crit", text) and fails[0][1] != 1)
        else (True if search(r"\bmore if", text) else fails[0][1] == 2)
    )


def minutes(figs: Sequence[Figure], wanted: int, text: str) -> bool | None:
    """The minutes are these."""
    some = {int(float(f.text)) for f in figs if f.kind == "time" and "minute" in str(f.value) and f.text.isdigit()}
    return some == {wanted} if len(some) == 1 and not NO.search(text) else None


def ability_of(text: str, right: set[str]) -> bool | None:
    """The abilities and skills named are among the right ones."""
    named = set(
        findall(r"\b(strength|dexterity|constitution|intelligence|wisdom|charisma|perception|investigation)\b", text)
    )
    return (
        None if not named or NO.search(text) or not search(r"\bcheck\b|\bis an?\b|\buses?\b", text) else named <= right
    )


def darkvision(text: str) -> bool | None:
    """Darkness as dim light, dim light as bright light."""
    if NO.search(text):
        return None
    dark = search(r"\bdarkness\b[^.;]{0,34}\b(bright|dim|normal|daylight)", text)
    if dark:
        return dark[1] == "dim"
    dim = search(r"\bdim light\b[^.;]{0,34}\b(bright|normal|daylight|darkness)", text)
    return dim[1] == "bright" if dim else None


def broken(text: str) -> bool | None:
    """Whether what a sentence says ends concentration does."""
    no = NO.search(text) is not None
    if search(
        r"\bincapacitat|\bdies?\b|\bkilled|\banother (?:spell that requires )?concentration|\bunconscious|\bstunned|\bparalyzed",
        text,
    ):
        return None if no else True
    found = search(
        r"\b(?:making an attack|attacking|moving|taking the \w+ action|casting a cantrip|talking|taking a reaction|dashing|drinking)\b",
        text,
    )
    return no if found else None


def suffocates(text: str, edition: str) -> bool | None:
    """5.1 counts rounds, 5.2 exhaustion."""
    old = search(r"\b0 (?:hp|hit points)|\brounds?\b", text) is not None
    new = search(r"\bexhaustion", text) is not None
    return None if old == new or NO.search(text) else old == (edition == "5.1")


def crit_rule(text: str) -> bool | None:
    """The dice are doubled, the modifiers are not."""
    if search(
        r"\b(?:total|everything|all (?:the )?damage|whole damage|modifiers? (?:too|as well|included)|including (?:the |your |any )?(?:modifier|mod|bonus)|and (?:the |your )?(?:modifiers?|bonus))\b",
        text,
    ):
        return None if NO.search(text) else False
    if search(r"\bonly\b", text):
        return None
    if search(r"\bdice\b", text) and search(r"\bdouble|\btwice|\bdoubl", text):
        return None if search(r"\b(?:not|n't) (?:the )?(?:dice|double)", text) else True
    return False if search(r"\bmax(?:imum|imi[sz]e)? (?:the )?(?:damage|dice)", text) and not NO.search(text) else None


def grapple(text: str, edition: str) -> bool | None:
    """A contest in 5.1, a saving throw in 5.2."""
    contest = (
        search(
            r"\bcontest|\bathletics (?:check )?(?:vs|against|versus)|\bopposed|\bagainst (?:their|its|his|her|the target's) (?:athletics|strength \(athletics)",
            text,
        )
        is not None
    )
    save = search(r"\bsav(?:e|es|ing)\b|\bagainst your dc|\bdc\b", text) is not None
    if contest == save or NO.search(text):
        return None
    return contest == (edition == "5.1")


def opportunity(text: str) -> bool | None:
    """It takes the reaction."""
    if search(
        r"\b(?:no|without (?:a|using (?:a|your))|doesn't (?:use|take|cost|need)|not (?:use|cost|need)|free)\b[^.;]{0,20}\breaction|\bfree\b|\bper enemy",
        text,
    ):
        return False
    if search(r"\bbonus action", text) and not NO.search(text):
        return False
    return (
        True
        if search(r"\b(?:uses?|takes?|costs?|requires?|spend|needs?|burns?|is|as)\b[^.;]{0,16}\breaction", text)
        else None
    )


def dodge(text: str) -> bool | None:
    """Disadvantage for attackers, advantage on Dexterity saves."""
    other = search(
        r"\b(?:strength|str|constitution|con|wisdom|wis|intelligence|charisma|cha|all|every)\b[^.;]{0,14}\bsav", text
    )
    dex = search(r"\bdex\w*\b[^.;]{0,14}\bsav", text)
    if other and not dex:
        return None if NO.search(text) else False
    if (search(r"(?<!dis)\badvantage\b", text) and dex) or search(
        r"\bdisadvantage\b[^.;]{0,20}\b(?:against|to hit)|\battack\w*\b[^.;]{0,34}\bdisadvantage", text
    ):
        return None if search(r"\bno (?:dis)?advantage|\bdoesn't|\bdoes not", text) else True
    return False if search(r"\+ ?\d+ (?:to )?ac|\bac\b[^.;]{0,10}\+ ?\d", text) else None


def denies_loss(text: str) -> bool:
    """Whether a lost turn is denied."""
    found = search(r"\b(?:los\w+|skip\w*|forfeit\w*|miss(?:es)?|can't|cannot)\b", text)
    return bool(found and NO.search(text[max(found.start() - 26, 0) : found.start()]))


def all_or_half(text: str, right: str) -> bool | None:
    """All or half of the hit dice."""
    half = search(r"\bhalf\b", text) is not None
    every = search(r"\ball\b|\bevery\b|\beach\b", text) is not None
    none = search(r"\bno hit|\bnone\b|\bone hit|\b1 hit", text) is not None
    if none and not half and not every:
        return False
    if half == every or search(r"\bnot\b|n't\b", text):
        return None
    return half == (right == "half")


def action(text: str, right: str) -> bool | None:
    """An action or a bonus action."""
    bonus = search(r"\bbonus action", text) is not None
    full = search(r"(?<!bonus )\b(?:full |an |your |standard |the )?action\b(?! surge)", text) is not None
    if bonus == full or search(r"\bgreater|\bfree\b", text):
        return None
    no = search(r"\bnot\b|n't\b|\bnever\b|\bno longer\b", text) is not None
    return (("bonus action" if bonus else "action") == right) != no


def inspired(text: str, right: str) -> bool | None:
    """Advantage in 5.1, a reroll in 5.2."""
    advantage = search(r"(?<!dis)\badvantage\b", text) is not None
    reroll = search(r"\breroll|\broll (?:it |a die )?again|\bre-roll", text) is not None
    if advantage == reroll or search(r"\bnot\b|n't\b|\bno longer\b|\binstead\b|\brather\b", text):
        return None
    return advantage == (right == "advantage")


def bonus_spell(text: str) -> bool | None:
    """Only a cantrip beside a bonus action spell."""
    if search(
        r"\bonly\b[^.;]{0,44}\bcantrip|\bcantrip\b[^.;]{0,20}\bonly|\bhas to be a cantrip|\bmust be a cantrip|\bnothing but (?:a )?cantrip|\blimited to (?:a )?cantrip",
        text,
    ):
        return True
    if (
        search(
            r"\b(?:may|can|could|free to|allowed to)\b(?: still| also)? cast\b|\bany (?:other )?(?:leveled )?spell",
            text,
        )
        and not NO.search(text)
        and "cantrip" not in text
    ):
        return False
    return None
