"""What people say of classes in passing: the die beside the name, slots of a new character, the attack that comes at a level."""

from collections.abc import Mapping, Sequence

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.facts import Facts, Row
from truth_blocks.dnd5e.ledgers import slots
from truth_blocks.dnd5e.readers.figures import Figure, figures, plain
from truth_blocks.dnd5e.readers.matching import findall, match, search, sub
from truth_blocks.dnd5e.readers.stated import verdict
from truth_blocks.dnd5e.vocabulary import ANY_CLASS

MOST_TEXT = 200
_TURNS = r"\b(?:unless|except|homebrew|house rules?|variant|multiclass\w*|used to|would|wish|should|myth|if|eldritch knight|arcane trickster|instead of|rather than|unlike|people (?:say|think)|in the (?:old|new) rules|scroll|than)\b"
_DENIED = r"\bnot\b|n't\b|\bno\b|\bnever\b|\bwithout\b|\bnone\b|\bcannot\b|\black\w*|\bzero\b|\bnor\b|\bneither\b"
_NEW = r"\bbrand[- ]new\b|\b(?:begins?|starts?) (?:\w+ )?(?:career|life|adventuring|the game|play)|\b(?:starts?|begins?) (?:out|off) (?:with|casting)|\bfrom the (?:very )?(?:start|beginning)|\bright out of the gate|\bfreshly made"
_ATTACKS = {"2nd": 2, "second": 2, "3rd": 3, "third": 3, "4th": 4, "fourth": 4, "3": 3, "4": 4, "2": 2}
_EVERYWHERE = frozenset(["expertise", "spellcasting", "weapon mastery", "fighting style", "rage", "ki", "elusive", "scholar", "frenzy", "survivor", "tranquility", "multiattack", "vanish", "channel divinity", "unarmored defense", "extra attack", "lands stride", "ability score improvement"])  # fmt: skip
"""Features that are other words as well, or that several classes have in their own ways."""


def asides_of_classes(text: str, facts: Facts, edition: str) -> list[Checked]:
    """Verdicts on such statements."""
    lowered = plain(text)
    if len(lowered) > MOST_TEXT or search(_TURNS, lowered):
        return []
    named = list(dict.fromkeys(findall(rf"\b({ANY_CLASS})s?\b", lowered)))
    rows = [row for name in named if (row := facts.row("class", edition, name)) is not None]
    figs = figures(lowered)
    return (
        _hit_die(lowered, figs, rows, edition)
        or _saves(lowered, rows, edition)
        or _attacks(lowered, figs, rows, edition)
        or _slots(lowered, figs, rows, edition)
        or _not_before(lowered, figs, rows, edition)
        or _too_early(lowered, rows, edition)
        or _by_level(lowered, figs, rows, facts, edition)
        or _unowned(lowered, figs, rows, facts, edition)
    )


def _hit_die(text: str, figs: Sequence[Figure], rows: Sequence[Row], edition: str) -> list[Checked]:
    """*X is a d10 class for hit points, same as Y*."""
    dice = [str(f.value) for f in figs if f.kind == "dice"]
    if len(dice) != 1 or not rows or not match(r"1d\d+$", dice[0]) or search(_DENIED, text):
        return []
    if not search(
        r"\bhit (?:point )?di[ce]e?\b|\bhit dice\b|\bhd\b|\bd\d+ class\b|\bfor (?:its |their )?(?:hit points|hp)\b",
        text,
    ):
        return []
    if search(
        r"\blevel|\brest\b|\bspend|\bheal|\bregain|\broll(?:s|ed|ing)? (?:his|her|a|their|my)|\bsecond wind|\d \+|\bsong|\bsneak|\bsmall|\bdamage",
        text,
    ):
        return []
    said = int(dice[0].partition("d")[2])
    if len(rows) > 1 and not search(
        r"\bsame\b|\blike\b|\bboth\b|\bjust as\b|\bas (?:is|are|with|for) (?:an?|the)\b|\band\b", text
    ):
        return []
    wrong = [row for row in rows if row["hit_die"] != said]
    told = ", ".join(f"{row['name']} d{row['hit_die']}" for row in rows)
    return [verdict(not wrong, "class.hit_die", told, edition, (wrong or rows)[0]["name"])]


def _saves(text: str, rows: Sequence[Row], edition: str) -> list[Checked]:
    """*Wizards are proficient in Constitution saves, which is why …*."""
    if len(rows) != 1:
        return []
    said = search(
        rf"\b{rows[0]['key']}s? (?:is|are|has|have|gets?|starts? with) (?:\w+ )?proficien\w+ (?:in|with) ((?:(?:strength|dexterity|constitution|intelligence|wisdom|charisma|str|dex|con|int|wis|cha)(?:,? and |, | )?)+)(?:saving throws|saves)",
        text,
    )
    if said is None or search(_DENIED, said[0]):
        return []
    named = {each[:3] for each in findall(r"\b(str|dex|con|int|wis|cha)", said[1])}
    known = {each[:3] for each in rows[0]["saves"]}
    return [verdict(named <= known, "class.saves", " and ".join(rows[0]["saves"]), edition, rows[0]["name"])]


def _attacks(text: str, figs: Sequence[Figure], rows: Sequence[Row], edition: str) -> list[Checked]:
    """The third and the fourth attack of a fighter, the second of others."""
    said = search(
        r"(?:\b(?:a|the|their|that|his|her|its)|'s) (2nd|second|3rd|third|4th|fourth) attack\b(?! (?:roll|of the|misses|hits))",
        text,
    )
    levels = [f.whole for f in figs if f.kind in ("level", "ordinal") and f.text not in ("2nd", "3rd", "4th")]
    levels = levels or [int(each) for each in findall(r"\blevel (\d+)", text)]
    if (
        said is None
        or len(rows) != 1
        or len(set(levels)) != 1
        or search(_DENIED, text)
        or search(r"\bbefore\b|\bunarmed|\bbonus action|\bmartial arts", text)
    ):
        return []
    if not search(r"\bget|\bgain|\barriv|\bcomes?|\bonce|\bmoment|\bat\b|\bfrom\b|\bunlock|\blearn|\breceiv", text):
        return []
    column = rows[0]["columns"].get("attacks")
    number = _ATTACKS[said[1]]
    if column:
        wanted = next((level for level in range(1, 21) if int(column[level - 1]) >= number), None)
    else:
        wanted = next(iter(rows[0]["features"].get("extra attack", ())), None) if number == 2 else None
    told = f"attack {number} comes at level {wanted}" if wanted else f"no attack {number}"
    return [verdict(levels[0] == wanted, "class.attacks", told, edition, rows[0]["name"])]


def _slots(text: str, figs: Sequence[Figure], rows: Sequence[Row], edition: str) -> list[Checked]:
    """How many slots a new character has, or one of a level that has none yet."""
    if (
        len(rows) != 1
        or not search(r"\bslots?\b", text)
        or search(_DENIED, text)
        or search(
            r"\bregain|\brecover|\bspen[dt]|\bburn|\bexpend|\bcreat|\bpoints?\b|\brest\b|\bonly (?:1|one) left|\bsmite|\bwait|\buntil|\bfeat\b",
            text,
        )
    ):
        return []
    own = [
        f
        for f in figs
        if f.kind == "level" and not match(r"(?:st|nd|rd|th)?[- ]level (?:\w+ )?(?:slots?|spells?)", text[f.end :])
    ]
    if search(_NEW, text) and all(f.whole == 1 for f in own):
        level = 1
    elif len({f.whole for f in own}) == 1 and 1 <= own[0].whole <= 20 and _of_character(text, own[0], rows[0]["key"]):
        level = own[0].whole
    else:
        return []
    row = rows[0]
    if row["key"] == "warlock":
        known = {int(row["slots"][level - 1])}
        ranks: dict[int, int] = {}
    else:
        ranks = {rank: count for rank in range(1, 10) if (count := slots(row, level, rank))}
        known = {sum(ranks.values()), *ranks.values()}
    counts = findall(
        r"\b(\d+) (?:of (?:its|his|her|their) )?(?:\d\w\w[- ]level |level[- ]\d |pact magic |pact |magic |spell |warlock |casting )*slots?\b",
        text,
    )
    if not ranks and row["key"] != "warlock":
        return [verdict(False, "class.slots", f"no slots at level {level}", edition, row["name"])]
    if len(counts) != 1 or search(r"\bleft\b|\bremain|\babove\b", text):
        return []
    right = int(counts[0]) in known
    told = ", ".join(f"{count} of level {rank}" for rank, count in ranks.items()) or f"{next(iter(known))} slots"
    # A count that fits may be of another level of slots; only the one that fits none is settled here.
    return [] if right else [verdict(False, "class.slots", f"at level {level} {told}", edition, row["name"])]


def _of_character(text: str, figure: Figure, name: str) -> bool:
    """Whether a level is the character's: *level 1 paladin*, *at 1st level*, *paladins have at level 1*."""
    before, after = text[max(figure.start - 16, 0) : figure.start], text[figure.end :]
    return bool(
        match(rf"(?:st|nd|rd|th)?(?:[- ]level)?,? (?:\w+ )?{name}", after)
        or search(rf"\b(?:at|from|by)(?: character)?(?: level)? $|\b{name}s?(?: of)?(?: level)? $", before)
    )


def _not_before(text: str, figs: Sequence[Figure], rows: Sequence[Row], edition: str) -> list[Checked]:
    """*doesn't see X before level 5* is wrong of what comes at level 3."""
    said = search(
        r"(?:n't|\bnot|\bno|\bnever)\b (?:\w+ )?(?:get|see|have|has|gain|learn|come|arrive|receive|unlock|pick|know|reach|show|appear|obtain|access)\w*\b[^.;]{0,40}\b(?:before|until|till) (?:they (?:hit|reach) |reaching )?(?:\w+ )?(?:level )?(\d+)(?:st|nd|rd|th)?\b",
        text,
    )
    if said is None or len(rows) != 1:
        return []
    feature = _feature(text, rows[0]["features"])
    if feature is None or len(rows[0]["features"][feature]) == 0:
        return []
    first = min(rows[0]["features"][feature])
    if int(said[1]) <= first:
        return []
    return [verdict(False, "class.feature_level", f"{feature} comes at level {first}", edition, rows[0]["name"])]


def _too_early(text: str, rows: Sequence[Row], edition: str) -> list[Checked]:
    """*a level 1 druid, I Wild Shape into a bear*: somebody of that level does not have the feature yet."""
    if (
        len(rows) != 1
        or search(_DENIED, text)
        or search(r"\b(?:until|before|later|soon|next|will|when|once|wait|from level|at level|by level)\b", text)
    ):
        return []
    name = rows[0]["key"]
    found = search(
        rf"\b(?:level|lvl)[- ](\d+) {name}s?\b(?! spells?)|\b(\d+)(?:st|nd|rd|th)[- ]level {name}s?\b(?! spells?)|\b{name}s? of level (\d+)\b",
        text,
    )
    feature = _feature(text, rows[0]["features"])
    if found is None or feature is None or not rows[0]["features"][feature]:
        return []
    level, first = int(found[1] or found[2] or found[3]), min(rows[0]["features"][feature])
    if level >= first:
        return []
    return [verdict(False, "class.feature_level", f"{feature} comes at level {first}", edition, rows[0]["name"])]


def _unowned(text: str, figs: Sequence[Figure], rows: Sequence[Row], facts: Facts, edition: str) -> list[Checked]:
    """A feature and a level without a class: *the epic boon arrives at level 20*."""
    if rows or len(text) > 110 or search(_DENIED, text):
        return []
    said = search(
        r"\b(?:comes?(?: online| in)?|arrives?|gained|unlocks?|unlocked|is gained|kicks? in|starts?|begins?|appears?|is a feature|you (?:get|gain) it) (?:already |only )?(?:at|of) (?:character )?(?:level (\d+)|(\d+)(?:st|nd|rd|th)[- ]level)",
        text,
    )
    if said is None or len([f for f in figs if f.kind in ("level", "ordinal", "number")]) != 1:
        return []
    every = [row for name in ANY_CLASS.split("|") if (row := facts.row("class", edition, name))]
    levels: dict[str, set[int]] = {}
    for row in every:
        for name, at in row["features"].items():
            levels.setdefault(name, set()).update(at)
    feature = _feature(text, levels)
    if feature is None or feature in _EVERYWHERE:
        return []
    level = int(said[1] or said[2])
    told = " or ".join(str(each) for each in sorted(levels[feature]))
    return [verdict(level in levels[feature], "class.feature_level", f"level {told}", edition, feature)]


def _by_level(text: str, figs: Sequence[Figure], rows: Sequence[Row], facts: Facts, edition: str) -> list[Checked]:
    """What grows at a level apart from the tables: beasts of Wild Shape, the paladin's aura, the first spells of a rank."""
    levels = [f for f in figs if f.kind == "level"]
    if search(_DENIED, text):
        return []
    own = [f for f in levels if not match(r"(?:st|nd|rd|th)?[- ]level (?:\w+ )?(?:slots?|spells?)", text[f.end :])]
    if len(own) != 1 or not 1 <= own[0].whole <= 20:
        return []
    level = own[0].whole
    feet = [f.whole for f in figs if f.kind == "feet"]
    if (
        search(r"\baura of (?:protection|courage|devotion)", text)
        and len(feet) == 1
        and not search(r"\bgrow|\bincrease|\buntil|\bbefore", text)
    ):
        wanted = 30 if level >= 18 else 10
        return [verdict(feet[0] == wanted, "class.aura", f"{wanted} feet at level {level}", edition, "Paladin")]
    rating = [float(f.value) for f in figs if f.kind == "cr"]
    if (
        search(r"\bdruid", text)
        and search(r"\bbeast|\bwild shap|\bform\b|\bturn", text)
        and not search(r"\bmoon|\belemental", text)
    ):
        most = 0.25 if level < 4 else 0.5 if level < 8 else 1.0
        if len(rating) == 1 and level >= 2 and rating[0] > most:
            return [verdict(False, "class.wild_shape", f"at most CR {most:g} at level {level}", edition, "Druid")]
        if level < 8 and search(r"\b(?:with|has|have|into)\b[^.;]{0,16}\b(?:fly(?:ing)?|flies) (?:speed|beast)", text):
            return [verdict(False, "class.wild_shape", "no flying speed before level 8", edition, "Druid")]
    ranks = [f.whole for f in figs if f.kind == "slot"] or [f.whole for f in levels if f not in own]
    if (
        not rows
        and search(r"\bfull casters?\b", text)
        and len(ranks) == 1
        and 1 <= ranks[0] <= 9
        and search(r"\bfirst\b|\bgets?\b|\bgain|\bunlock|\baccess", text)
    ):
        wizard = facts.row("class", edition, "wizard")
        wanted = next((each for each in range(1, 21) if wizard and slots(wizard, each, ranks[0])), 0)
        return [verdict(level == wanted, "class.spell_rank", f"they come at level {wanted}", edition, "Wizard")]
    return []


def _feature(text: str, known: Mapping[str, object]) -> str | None:
    """The one feature that a text names."""
    words = sub(r"(?<!eldritch )\binvocations\b", "eldritch invocations", sub(r"['’]", "", text))
    found = [name for name in known if search(rf"\b{name}\b", words) and name not in _EVERYWHERE]
    found = [name for name in found if not any(name != other and name in other for other in found)]
    return found[0] if len(found) == 1 else None
