"""What a sentence says of weapons, armour and other things, read from the values in it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from truth_blocks.dnd5e.readers.figures import Figure
from truth_blocks.dnd5e.readers.matching import findall, match, search
from truth_blocks.dnd5e.readers.spells.figures import types_said
from truth_blocks.dnd5e.readers.stated import Fact, denied

_RARITY = "common|uncommon|rare|very rare|legendary|artifact"


def weapon(text: str, figs: Sequence[Figure], row: Mapping[str, Any]) -> Iterator[Fact]:
    """Damage, its type, and ranges."""
    dice = [f for f in figs if f.kind == "dice"]
    mixed = search(
        r"\bversatile|\btwo[- ]hand|\bboth hands|\bcrit|\bmax|\bmin\b|\baverage|\bextra|\bsneak|\brage|\bmagic|\bsmite|\bstr\b|\bstrength|\bdex\b|\bplus\b",
        text,
    )
    if len(dice) == 1 and not mixed:
        yield Fact({"damage": str(dice[0].value)}, denied(text, dice[0].start, dice[0].end), (dice[0],))
    named = types_said(text)
    listed = match(r"[^a-z]*#+[^a-z]*\d*d?\d* ?(bludgeoning|piercing|slashing)", text)
    named |= {listed[1]} if listed else set()
    if len(named) == 1 and not search(r"\bresist|\bimmun|\bvulner|\bextra|\bplus\b", text):
        found = search(rf"\b{next(iter(named))}\b", text)
        yield Fact({"damage_type": next(iter(named))}, bool(found and denied(text, found.start(), found.end())))
    far = [f for f in figs if f.kind in ("feet", "number")]
    if (
        len(far) == 2
        and search(r"\brange|\bnormal|\blong\b|\bdisadvantage|\bshoot|\bthrow|\breach|/", text)
        and not search(r"\bdifferen|\bpounds?\b|\bgp\b", text)
    ):
        near, long = sorted(far, key=lambda f: f.whole)
        yield Fact({"range_ft": near.whole}, denied(text, near.start, near.end), (near,))
        yield Fact({"long_range_ft": long.whole}, denied(text, long.start, long.end), (long,))
    elif len(far) == 1 and search(
        r"\blong range|\bmaximum range|\bmax range|\bwith disadvantage|\bat disadvantage", text
    ):
        yield Fact({"long_range_ft": far[0].whole}, denied(text, far[0].start, far[0].end), (far[0],))
    elif len(far) == 1 and search(r"\bnormal range|\bwithout disadvantage", text):
        yield Fact({"range_ft": far[0].whole}, denied(text, far[0].start, far[0].end), (far[0],))


def armor(text: str, figs: Sequence[Figure], row: Mapping[str, Any]) -> Iterator[Fact]:
    """Base AC, category, stealth, Strength."""
    acs = [f for f in figs if f.kind == "ac"] or [
        f for f in figs if f.kind in ("number", "mod") and search(r"\b(?:ac|armou?r class)\b", text) and len(figs) == 1
    ]
    changed = search(
        r"\bshield|\bcover|\bdex\b|\bdexterity|\bmagic|\btotal|\bplus\b|\bwith\b|\+ ?\d|\bbonus|\bspell|\bdefen[cs]e|\bstyle\b|\bturn|\badds?\b|\bon top\b",
        text,
    )
    if len(acs) == 1 and row["base_ac"] is not None and row["base_ac"] >= 10 and not changed:
        yield Fact({"base_ac": acs[0].whole}, denied(text, acs[0].start, acs[0].end), (acs[0],))
    found = search(r"\b(light|medium|heavy)\b(?! (?:load|crossbow|hammer))", text)
    if (
        found
        and row["base_ac"] is not None
        and row["base_ac"] >= 10
        and len(set(findall(r"\b(light|medium|heavy)\b", text))) == 1
    ):
        yield Fact({"category": found[1]}, denied(text, found.start(), found.end()))
    found = search(r"\bstealth|\bsneak", text)
    if found:
        free = search(
            r"\bno (?:\w+ )?(?:penalty|disadvantage|problem|drawback|issue)|\bwithout (?:\w+ )?(?:penalty|disadvantage)|\b(?:doesn't|does not|don't|won't|isn't|never) (?:\w+ ){0,3}(?:disadvantage|hurt|affect|hinder|hamper|impose|give|penal)|\bfine\b|\bquiet|\bnormal(?:ly)?\b|\bunaffected|\b(?:not|n't|never|hardly) (?:\w+ ){0,2}(?:noisy|loud|clank)",
            text,
        )
        bad = search(
            r"\bdisadvantage|\bpenalt|\bpenaliz|\bhinder|\bhamper|\bhurts?\b|\bimposes?|\bnoisy|\bloud|\bclank", text
        )
        if free or bad:
            yield Fact({"stealth_disadvantage": not free})
    scores = [f for f in figs if f.kind == "score"]
    if (
        len(scores) == 1
        and search(
            r"\bneeds?|\basks?\b|\bwants?\b|\bcalls? for|\brequire|\bminimum|\bat least|\bor higher|\bprerequisite|\bwithout",
            text,
        )
        and search(r"\bstr", text)
    ):
        yield Fact({"strength": scores[0].whole}, denied(text, scores[0].start, scores[0].end), (scores[0],))


def item(text: str, figs: Sequence[Figure], row: Mapping[str, Any]) -> Iterator[Fact]:
    """Rarity, attunement, price, weight."""
    found = search(rf"\b({'|'.join(sorted(_RARITY.split('|'), key=len, reverse=True))})\b(?!ly)", text)
    if found and len(set(findall(r"\b(?:very rare|uncommon|common|rare|legendary|artifact)\b", text))) == 1:
        yield Fact({"rarity": found[1]}, denied(text, found.start(), found.end()))
    found = search(r"\battun\w+", text)
    if found and not search(r"\bshort rest|\b\d+ items|\bthree\b|\bwhile attuned|\bonce attuned", text):
        no = (
            denied(text, found.start(), found.end())
            or match(r"\W*(?:\w+ )?(?:not|isn't|no) ?(?:needed|required|necessary)?", text[found.end() :]) is not None
        )
        yield Fact({"attunement": not no})
    for kind, field in (("gp", "cost_gp"), ("pound", "weight_lb")):
        these = [f for f in figs if f.kind == kind]
        if len(these) == 1 and not search(r"\bsell|\bhalf|\bof (?:it|them)|\beach|\bper\b|\bcarr", text):
            yield Fact({field: these[0].whole}, denied(text, these[0].start, these[0].end), (these[0],))
