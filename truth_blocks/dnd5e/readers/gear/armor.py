"""What one armour is said to be: its sort, base AC, Dexterity, Strength, Stealth, the time it takes, and the AC as worn."""

from collections.abc import Iterator

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.facts import Facts, Row
from truth_blocks.dnd5e.readers.figures import figures
from truth_blocks.dnd5e.readers.gear.names import Clause, gear_named
from truth_blocks.dnd5e.readers.matching import findall, search, sub
from truth_blocks.dnd5e.readers.stated import denied, verdict

_SORTS = {"leather": "light", "padded": "light", "studded leather": "light", "hide": "medium", "chain shirt": "medium", "scale mail": "medium", "breastplate": "medium", "half plate": "medium"}  # fmt: skip
_TIMES = {"light": {1}, "medium": {5, 1}, "heavy": {10, 5}}
_NO = r"\bnot\b|n't\b|\bno\b|\bnever\b|\bwithout\b|\bneither\b|\bnor\b|\black"
_STEALTH = r"\bstealth|\bsneak|\bhid(?:e|ing)\b|\bquiet|\bsilent"
_FREE = (
    r"\bno (?:\w+ )?(?:stealth )?(?:penalty|penalties|disadvantage|problem|drawback|issue|effect)|\bwithout (?:\w+ )?(?:\w+ )?(?:penalty|disadvantage|hurting|harming)|n't (?:\w+ ){0,3}(?:disadvantage|hurt|affect|hinder|hamper|impose|give|penal|spoil|ruin|mess)"
    r"|\b(?:not|never) (?:\w+ ){0,3}(?:disadvantage|hurt|affect|hinder|hamper|impose|give|penal|spoil)|\bunaffected|\bunhindered|\bunimpaired|\bfree of|\bfine\b|\bnormal(?:ly)?\b|\bquiet enough|\bkeeps? (?:you|your stealth) (?:quiet|intact)|\bintact|(?<!can't )(?<!cannot )(?<!not )\bsneak (?:\w+ )?(?:just )?(?:fine|freely|normally|well)|\balone\b|\bperfect"
)
_BAD = r"\bdisadvantage|\bpenalt|\bpenali[sz]|\bhinder|\bhamper|\bhurts?\b|\bimpos|\bnoisy|\bloud|\bclank|\bruins?\b|\bspoils?\b|\bmess(?:es)?\b|\bbad for|\bterrible|\bworse"
_DEX = r"\bdex(?:terity)?\b(?:(?: ability)? (?:modifier|mod|bonus))?"
_FULL = rf"\b(?:full|all(?: of)?|whole|entire|unlimited|any amount of|uncapped) (?:your |its |the |their |his |her )?{_DEX}|{_DEX}[^.;]{{0,24}}\b(?:without (?:a |any )?(?:limit|cap)|uncapped|in full)"
_NONE = rf"\b(?:no|ignores?|without|nothing (?:from|for)|never (?:adds?|uses?)) (?:any |your |the )?{_DEX}|(?:n't|\bnot) (?:add|use|apply|benefit from|include|count|get|let you add|allow)[^.;]{{0,16}}{_DEX}|{_DEX}[^.;]{{0,20}}\b(?:does not|doesn't|never) (?:count|apply|matter|help|add|enter)|{_DEX} (?:does|is worth|adds?|contributes?|gets? you|counts? for) nothing"


def armor_row(facts: Facts, edition: str, key: str) -> Row | None:
    """The record of an armour, *plate* or *plate armor*."""
    return facts.row("armor", edition, key) or facts.row("armor", edition, f"{key} armor")


def armor_traits(clause: Clause, facts: Facts, edition: str, *, alone: bool) -> Iterator[Checked]:
    """Verdicts on what a clause says of one armour; its base AC only where it is worn ``alone``."""
    row = armor_row(facts, edition, clause.key)
    if row is None:
        return
    text, sort = clause.text, _SORTS.get(clause.key, "heavy")
    named = set(findall(r"\b(light|medium|heavy)\b(?! (?:load|crossbow|hammer|enough))", text))
    found = search(r"\b(?:light|medium|heavy)\b", text)
    linked = search(
        r"@ (?:\w+ ){0,2}?(?:is|are|isn't|aren't|counts?|qualif\w+|falls|belongs|sits|ranks)\b|\b(?:classed|listed|classified|treated|considered|counts?) (?:as|among|under)\b|@[,:]? (?:an? )?(?:light|medium|heavy) armou?r|\b(?:light|medium|heavy) armou?r\b",
        text,
    )
    if (
        found
        and linked
        and len(named) == 1
        and not search(
            r"\bproficien|\btrain|\bmaster|\bclass\b|\bbarbarian|\bmonk|\bno (?:\w+ )?heavy armou?r|\bany\b|\ball\b|\bmost\b|\bbest\b|\bonly\b|\bother\b|\b(?:heavi|light)est\b",
            text,
        )
    ):
        right = (sort in named) != denied(text, found.start(), found.end())
        yield verdict(right, "armor.category", f"{sort} armor", edition, clause.key)
    yield from _stealth(text, row, edition, clause.key)
    yield from _strength(text, row, edition, clause.key)
    if alone:
        yield from _base(text, row, edition, clause.key)
    yield from _dexterity(text, row, edition, clause.key)
    yield from _donned(text, sort, edition, clause.key)


def _stealth(text: str, row: Row, edition: str, name: str) -> Iterator[Checked]:
    if not search(_STEALTH, text) or search(r"\bboots|\bcloak|\bcheck of|\bproficien|\bexpertise", text):
        return
    free, bad = search(_FREE, text) is not None, search(_BAD, text) is not None
    if free or bad:
        noisy = bool(row["stealth_disadvantage"])
        yield verdict(noisy != free, "armor.stealth", "disadvantage on Stealth" if noisy else "no disadvantage on Stealth", edition, name)  # fmt: skip


def _strength(text: str, row: Row, edition: str, name: str) -> Iterator[Checked]:
    if not search(r"\bstr(?:ength)?\b", text) or search(
        r"\bcheck|\bsav(?:e|ing)|\bdamage|\battack|\bcarr|\bmodifier|\bspeed of|\b10 feet", text
    ):
        return
    expected = f"Strength {row['strength']}" if row["strength"] else "no Strength requirement"
    need = search(
        r"\b(?:need|require|demand|want|ask|call|minimum|at least|or (?:higher|better|more)|prerequisite|requirement|necessary|expect|insist|must have)",
        text,
    )
    scores = findall(r"\bstr(?:ength)?(?: score)?(?: of)?(?: at least)? (\d+)\b|\b(\d+)(?: in)? str(?:ength)?\b", text)
    if need is None:
        return
    no = search(_NO, text) is not None
    if len(scores) == 1:
        if not no:
            yield verdict(
                int(scores[0][0] or scores[0][1]) == row["strength"], "armor.strength", expected, edition, name
            )
    elif not findall(r"\d", text) and search(r"\brequire|\bminimum|\bprerequisite|\bdemand|\bneeds?\b", text):
        yield verdict(bool(row["strength"]) != no, "armor.strength", expected, edition, name)


def _base(text: str, row: Row, edition: str, name: str) -> Iterator[Checked]:
    text = sub(
        r"\bbefore (?:adding |counting |applying |you add )?(?:any |your |the |a )?(?:dex\w*|shields?|modifiers?|bonus\w*|anything)(?: (?:modifier|mod|bonus|is added|or \w+))*|\b(?:without|no) (?:a |any )?shield",
        " ",
        text,
    )
    text = sub(
        r"\(?,? ?\b(?:max(?:imum)?|up to|capped at|cap|limited to|at most)(?: of)?:? \+?2\b(?: (?:of|from) (?:your |the )?dex\w*)?\)?",
        " ",
        text,
    )
    text = sub(rf"(?:\bplus\b|\+|\band\b|\bwith\b) ?(?:your |the |full |a |all (?:of )?)*{_DEX}", " ", text)
    if search(
        rf"\bshields?\b|{_DEX}|\bcover|\btotal|\bspell|\bbonus|\bdefen[cs]e\b|\+|\bplus\b|\bbetter|\bmore\b|\bless\b|\bincreas|\braises?\b.*\bby\b|\bhits?\b|\battack|\bdrops?\b",
        text,
    ):
        return
    if not search(r"\b(?:ac|armou?r class)\b|\bstarts?\b[^.;]{0,16} (?:at|with|from)\b|\bbase\b", text):
        return
    said = [f for f in figures(text) if f.kind in ("ac", "number")]
    if (
        len(said) != 1
        or len(figures(text)) != 1
        or not 8 <= said[0].whole <= 24
        or denied(text, said[0].start, said[0].end)
    ):
        return
    yield verdict(said[0].whole == row["base_ac"], "armor.base_ac", f"AC {row['base_ac']}", edition, name)


def _dexterity(text: str, row: Row, edition: str, name: str) -> Iterator[Checked]:
    every, none = search(_FULL, text) is not None, search(_NONE, text) is not None
    most = findall(
        rf"\b(?:up to|at most|max\w*(?: of)?|caps?(?: at)?|limit\w*(?: to)?|only) (?:an? )?\+?(\d)\b[^.;]{{0,24}}{_DEX}|{_DEX}[^.;]{{0,30}}\b(?:up to|at most|max\w*(?: of| at)?|caps?(?:ped)?(?: at)?|limit\w*(?: to)?|only) (?:an? )?\+?(\d)\b",
        text,
    )
    if every + none + (len(most) == 1) != 1 or search(
        r"\bsav|\bcheck|\bstealth|n't (?:\w+ )?(?:full|all)|\bnot (?:all|your full|the full)|\bno (?:limit|cap|max)",
        text,
    ):
        return
    adds = "none" if not row["dex"] else "all" if row["dex_cap"] is None else f"at most {row['dex_cap']}"
    said = "all" if every else "none" if none else f"at most {most[0][0] or most[0][1]}"
    yield verdict(said == adds, "armor.dexterity", f"{adds} of the Dexterity modifier", edition, name)


def _donned(text: str, sort: str, edition: str, name: str) -> Iterator[Checked]:
    on = search(
        r"\b(?:don(?:s|ning|ned)?|put(?:s|ting)? (?:it |@ |on |that )*on|put(?:ting)? on|get(?:s|ting)? (?:into|in)|strap(?:ping)? on|suit(?:ing)? up|buckl\w+)\b",
        text,
    ) and not search(r"\bdon't\b", text)
    off = search(
        r"\b(?:doff(?:s|ing|ed)?|tak(?:e|es|ing) (?:it |@ |the )*off|remov(?:e|es|ing)|get(?:s|ting)? out(?: of)?|strip\w* off|shed(?:ding)?)\b",
        text,
    )
    times = [str(f.value) for f in figures(text) if f.kind == "time"]
    if bool(on) == bool(off) or len(times) != 1 or search(_NO + r"|\bhelp|\bhalf\b|\bat least|\bmore|\bless", text):
        return
    wanted = {"light": (1, 1), "medium": (5, 1), "heavy": (10, 5)}[sort][0 if on else 1]
    right = search(rf"^{wanted}[- ]minute", times[0]) is not None
    yield verdict(right, "armor.time", f"{wanted} minute{'s' if wanted > 1 else ''}", edition, name)


_AC_OTHERS = r"\bcover|\bspell|\bcast|\battack|\bhits?\b|\bmiss|\bdefen[cs]e\b|\bstyle|\bring\b|\bcloak|\bhaste|\bfaith|\bwarforged|\bbarkskin|\bunarmou?red|\bbut\b|\binstead|\brather|\bif not\b|\bcost|\bgp\b|\bpounds"


def worn(text: str, facts: Facts, edition: str) -> list[Checked]:
    """The AC of the one armour a text names, with a Dexterity and perhaps a shield."""
    keys = {key for _, _, kind, key in gear_named(text, edition) if kind == "armor"}
    if len(keys) != 1 or search(_AC_OTHERS, text) or not search(r"\b(?:ac|armou?r class)\b", text):
        return []
    name = keys.pop()
    row = armor_row(facts, edition, name)
    bare = search(r"\b(?:no|without an?|without|minus the|sans|drop\w* the) shield|\bshieldless", text) is not None
    shield = not bare and search(r"\bshields?\b", text) is not None
    told = sub(r"\b\d+(?: ?(?:\+|plus) ?\d+)+ ?(?:=|is|equals|makes|gives|for|comes to)? ?(?=\d)", " ", text)
    told = sub(r"\b(?:\+ ?)?2 (?:from|for|of) (?:the |a |your )?shield|\bshield(?:'s)? (?:\+2|bonus of 2)", " ", told)
    dex = findall(
        r"\bdex(?:terity)?(?: score| modifier| mod| bonus| is| of| at)* (\+?\d+)\b|(\+?\d+)(?: in)? dex(?:terity)?\b",
        told,
    )
    told = sub(
        r"\bdex(?:terity)?(?: score| modifier| mod| bonus| is| of| at)* \+?\d+\b|\+?\d+(?: in)? dex(?:terity)?\b(?: (?:modifier|mod|bonus))?",
        " ",
        told,
    )
    said = [f.whole for f in figures(told) if f.kind in ("ac", "number")]
    if (
        row is None
        or len(dex) > 1
        or len(said) != 1
        or len(figures(told)) != 1
        or not 10 <= said[0] <= 25
        or search(r"\bnot\b|n't\b|\bnever\b", told)
    ):
        return []
    if not dex and (row["dex"] or not (shield or bare)):
        return []
    value = (dex[0][0] or dex[0][1]) if dex else "+0"
    bonus = int(value) if value.startswith("+") or int(value) < 6 else (int(value) - 10) // 2
    adds = 0 if not row["dex"] else bonus if row["dex_cap"] is None else min(bonus, row["dex_cap"])
    wanted = row["base_ac"] + adds + 2 * shield
    return [verdict(said[0] == wanted, "armor.worn", f"AC {wanted}", edition, name)]
