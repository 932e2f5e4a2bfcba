"""Rules that people state in many ways, each as a bag of words: what it is about, what makes it wrong, what makes it right.

Order does not matter, so that another author's syntax is read as well; a statement with both kinds of words is left alone.
"""

from collections.abc import Callable, Sequence

import msgspec

from truth_blocks.dnd5e.claims import Checked
from truth_blocks.dnd5e.readers.figures import Figure, figures, plain
from truth_blocks.dnd5e.readers.matching import search, sub
from truth_blocks.dnd5e.readers.solving import prepared

Judge = Callable[[str, Sequence[Figure]], bool | None]
_ELSE = r"\b(?:unless|except|homebrew|house rule|variant|feat\b|instead|other than|sharpshooter|crossbow expert|used to|war caster|#)"


class Bag(msgspec.Struct, frozen=True):
    """A rule: all of ``about``, none of ``block``; wrong with ``wrong`` and without ``right``."""

    name: str
    about: tuple[str, ...]
    wrong: str
    right: str
    expected: str
    edition: str = ""
    block: str = ""
    judge: Judge | None = None


def plain_rules(text: str, edition: str) -> list[Checked]:
    """Verdicts on the rules that a statement is plainly about."""
    lowered = sub(r"\b(?:srd ?)?5\.[12](?:\.1)?\b|\b5e\b|\b20(?:14|24)\b", " ", plain(prepared(text)))
    if len(lowered) > 220 or search(_ELSE, lowered):
        return []
    figs = figures(lowered)
    found = []
    for bag in BAGS:
        if (bag.edition and bag.edition != edition) or not all(search(cue, lowered) for cue in bag.about):
            continue
        if bag.block and search(bag.block, lowered):
            continue
        verdict = bag.judge(lowered, figs) if bag.judge else _verdict(bag, lowered)
        if verdict is not None:
            message = "" if verdict else f"{bag.expected} (SRD {edition})."
            found.append(Checked("ok" if verdict else "contradicted", f"rule.{bag.name}", bag.expected, f"SRD {edition}", message, bag.name))
    return found


def _verdict(bag: Bag, text: str) -> bool | None:
    wrong = bag.wrong and search(bag.wrong, text) is not None
    right = bag.right and search(bag.right, text) is not None
    if bool(wrong) == bool(right):
        return None
    return bool(right)


def _only(kinds: str, known: Sequence[float]) -> Judge:
    """The figures of these kinds are among the known ones."""

    def judge(text: str, figs: Sequence[Figure]) -> bool | None:
        said = [f.whole for f in figs if f.kind in kinds.split() and f.whole != 1]
        return None if not said or search(r"\bnot\b|n't\b|\bno\b(?! more than)|\bnever\b", text) else all(value in known for value in said)

    return judge


_PACES = {"fast": {4, 30, 400}, "normal": {3, 24, 300}, "slow": {2, 18, 200}}
_TASKS = (("very easy", 5), ("very hard", 25), ("nearly impossible", 30), ("easy", 10), ("medium", 15), ("moderate", 15), ("hard", 20))


def _pace(text: str, figs: Sequence[Figure]) -> bool | None:
    named = [name for name in _PACES if search(rf"\b{name}\b", text)]
    said = [f.whole for f in figs if f.kind in ("mile", "feet")]
    return None if len(named) != 1 or len(said) != 1 or search(r"\d hours|\bdays\b", text) else said[0] in _PACES[named[0]]


def _task(text: str, figs: Sequence[Figure]) -> bool | None:
    wanted = next((dc for name, dc in _TASKS if search(rf"\b{name}\b", text)), None)
    said = [f.whole for f in figs]
    return None if wanted is None or len(said) != 1 else said[0] == wanted


def _space(text: str, figs: Sequence[Figure]) -> bool | None:
    sizes = {"tiny": 2, "small": 5, "medium": 5, "large": 10, "huge": 15, "gargantuan": 20}
    named = [size for size in sizes if search(rf"\b{size}\b", text)]
    said = {f.whole for f in figs}
    return None if len(named) != 1 or not said or search(r"\bnot\b|n't\b|\blarger", text) else said == {sizes[named[0]]}


def _hidden(text: str, figs: Sequence[Figure]) -> bool | None:
    said = [f.whole for f in figs if f.kind in ("number", "ordinal", "mod", "dc") and f.whole != 15]
    if len(said) != 1:
        return None
    fails = search(r"\bfail|\bnot\b|n't\b|\bshort|\bremains? visible|\bseen\b|\btoo low|\binsufficient", text)
    works = search(r"\bsuffice|\benough|\bhidden|\bsucce|\bbeats?|\bhides\b|\bmeets|\bworks", text)
    return None if bool(fails) == bool(works) and not fails else (said[0] >= 15) == (not fails)


_OPP = r"\bopportunity attack|\battacks? of opportunity"
_NONE = r"\b(?:no|not|never|without|avoids?|avoiding|prevents?|safe(?:ly)?|free of|doesn't|don't|can't|cannot|escapes?|cancels?|isn't|nobody)\b|n't\b"
_BESIDE = r"\b(?:beside|next to|adjacent|within (?:5|five)|in melee|at arm's length|in (?:his|her|your|its) face|close by|right there|standing over|neighbou?ring)\b"
BAGS: tuple[Bag, ...] = (
    Bag("attack_roll.tie", (r"\bequal|\bties?\b|\btied\b|\bexactly (?:the|as)|\bsame as|\bmatch(?:es|ing)?\b|\bidentical", r"\bac\b|armou?r class", r"\battack|\btotal|\broll|\bhit"), r"\bmiss|\bfails?\b|\bnot (?:enough|hit)|n't (?:hit|enough)|\bto the defender|\bdefender wins", r"\bhits?\b|\bsucceeds?|\benough|\bto the attacker|\battacker", "a total equal to the AC hits", block=r"\d"),
    Bag("saving_throw.tie", (r"\bequal|\bties?\b|\bexactly the|\bsame as|\bmatch(?:es|ing)?\b", r"\bdc\b|difficulty class", r"\bsav|\bcheck"), r"\bfails?\b|\bfailure|\bnot (?:enough|succeed)", r"\bsucce|\benough|\bpass", "a total equal to the DC succeeds", block=r"\d|\bcontest"),
    Bag("resistance.order", (r"\bresistance|\bvulnerab", r"\bbefore\b|\bafter\b|\bfirst\b|\blast\b", r"\bmodif|\breduc|\bbonus|\bflat|\bpenalt"), r"\bbefore\b|\bresistance (?:\w+ ){0,3}first", r"\bafter\b|\blast\b", "resistance comes after all other modifiers", block=r"\d|vulnerab\w* .*resist|resist\w* .*vulnerab"),
    Bag("difficult_terrain", (r"\bdifficult terrain|\brubble|\bundergrowth", r"\bfoot|\bfeet|\bspeed|\bmov|\bcosts?"), r"\btriple|\bthree|\b3\b|\bquarter|\bno (?:extra|effect|penalty)|\bnothing (?:extra|more)|\bquadruple|\bnormally|\bfull speed|\b2 extra|\btwo extra|\bthird", r"\bdouble|\btwice|\bhal(?:f|v)|\b1 extra|\bextra foot|\b2 feet|\badditional", "each foot costs 1 extra foot", block=r"\d{2}|\bignore"),
    Bag("crawling", (r"\bcrawl", r"\bcost|\bextra|\bspeed|\bfoot|\bfeet|\bmov"), r"\bno (?:extra|additional|penalty)|\bnothing|\bfree\b|\bfull speed|\bnormal|\b[23] extra|\btriple|\bwithout", r"\b1 extra|\ban extra|\bextra foot|\badditional|\bdouble|\btwice|\bhal(?:f|v)", "each foot costs 1 extra foot", block=r"\d{2}|\bprone.*\bstand"),
    Bag("climbing", (r"\bclimb|\bswim", r"\bfoot|\bfeet|\bspeed|\bcosts?", r"\bextra|\bdouble|\btriple|\bhal(?:f|v)|\bnormal|\btwice|\bcosts?"), r"\btriple|\b[3-9] extra|\b2 extra|\bno (?:extra|additional)|\bnothing (?:extra|more)|\bquarter|\bfull speed|\bnormal speed", r"\bdouble|\btwice|\bhal(?:f|v)|\b1 extra|\bextra foot|\ban extra", "each foot costs 1 extra foot", block=r"\bhas a (?:climb|swim)|\bdifficult|\bgains?|\bwith a (?:climb|swim)|\d{2}"),
    Bag("space", (r"\b(?:tiny|small|medium|large|huge|gargantuan)\b", r"\bspace|\boccup|\bcontrols?|\bsquare", r"\bfeet|\bfoot|\bft\b"), "", "", "2 1/2, 5, 5, 10, 15, 20 feet", block=r"\breach|\bspeed|\bmove", judge=lambda t, f: _space(t, f)),
    Bag("unconscious.drops", (r"\bunconscious|\basleep|\bknocked out", r"\bhold|\bheld|\bcarry|\bweapon|\bgrip"), r"\bkeeps?|\bstill hold|\bretains?|\bclutch|\bholds? on|\bdoes(?:n't| not) drop", r"\bdrops?\b(?<!not drop)|\bloses?|\blets? go|\bfalls? from", "it drops what it holds"),
    Bag("bright_light", (r"\bbright light",), r"\bgr[ae]y|\bdisadvantage|\bobscur|\bblind", r"\bnormal", "most creatures see normally in bright light", block=r"\bdim|\bsunlight|\bdarkness|\bsensitiv|\bfeet"),
    Bag("unarmored.monk", (r"\bmonk", r"\bac\b|armou?r class|\bunarmou?red defen", r"\bmodifier|\+|\bplus\b|\badds?"), r"\b(?:strength|constitution|intelligence|charisma|str|con|int|cha)\b", r"\bwis", "10 + Dexterity + Wisdom", block=r"\bbarbarian|\bnot\b|n't\b"),
    Bag("unarmored.barbarian", (r"\bbarbarian", r"\bac\b|armou?r class|\bunarmou?red defen", r"\bmodifier|\+|\bplus\b|\badds?"), r"\b(?:strength|wisdom|intelligence|charisma|str|wis|int|cha)\b", r"\bcon", "10 + Dexterity + Constitution", block=r"\bmonk|\bnot\b|n't\b|\brage"),
    Bag("aura_of_protection", (r"\baura of protection|\bpaladin\b.*\baura", r"\bsav|\bbonus|\badds?"), r"\b(?:strength|wisdom|intelligence|constitution|dexterity) mod", r"\bcharisma", "the Charisma modifier", block=r"\bnot\b|n't\b"),
    Bag("attunement.most", (r"\battun", r"\bmax|\bmost\b|\bmore than|\blimit|\bup to\b|\bat once|\bsame time|\ba time\b|\bsimultaneous|\bonly\b|\bceiling"), "", "", "at most 3 attuned items", block=r"\bhour|\brest|\bartificer|\bminutes?|\bfeet", judge=_only("number", (3,))),
    Bag("d20.automatic_check", (r"\b(?:1|20)\b|\bnatural\b", r"\bchecks?\b|\bsaving throws?\b|\bsaves?\b", r"\balways|\bauto|\bguarant|\bwhatever the|\bregardless|\bno matter"), r"\bfails?|\bsucce|\bfailure|\bsuccess", r"\bnot\b|n't\b|\bno\b|\bnever\b|\bnothing|\bonly\b|\bneither|\bnor\b", "a natural 20 or 1 decides attack rolls alone", block=r"\bdeath|\battack|\bconcentrat|\bdc\b|\bstrength|\bdexterity|\bstun|\bparaly|\bblind|\bdeaf|\bsight|\bunconscious|\bpetrif|\+ ?\d"),
    Bag("death_save.natural_20", (r"\bdeath sav", r"\b20\b"), r"\bstay\w* (?:down|unconscious)|\bstable\b|\bstabili|\bjust (?:a|1|one)|\b(?:2|two) success|\bcounts? as (?:a|1|one|two|2)|\bfull (?:hp|hit points)|\bhalf\b", r"\b1 (?:hp|hit point)|\bwakes?|\bconscious|\bregain|\bback (?:up|in|on)|\bon (?:your|his|her|their) feet", "a natural 20 brings you back with 1 hit point", block=r",? ?\b\d+, \d+|\bor (?:more|higher)"),
    Bag("dash.opportunity", (r"\bdash", _OPP), _NONE, r"\bstill\b|\bprovok|\bnonetheless|\banyway|\bgets? an?\b|\btakes? an?\b|\bmay\b|\bdoes(?:n't| not) (?:prevent|protect|stop|save|help|avoid)", "Dash does not prevent opportunity attacks", block=r"\bdisengag"),
    Bag("disengage.opportunity", (r"\bdisengag", _OPP), r"\bstill (?:gets|provok|takes|makes|draws|triggers|allow)|\bprovokes?\b|\b(?:gets|makes|takes) (?:an|its|his|her)\b", _NONE, "no opportunity attacks after Disengage", block=r"\bdash|\breaction\b.*\buses|\bnext turn"),
    Bag("heavily_obscured", (r"\bheavily obscured|\bopaque fog|\bheavy obscurement|\bin (?:total |complete |full )?darkness\b",), r"(?:merely|only|just|simply|gives?|imposes?|means?|has|have)\b.*\bdisadvantage on|\bno effect|\blightly", r"\bblind|\bcan't see|\bcannot see|\bfails?", "it blinds those who look in", block=r"\bdarkvision|\battack|\bblindsight|\bdevil|\btruesight"),
    Bag("lightly_obscured", (r"\blightly obscured|\bdim light|\bpatchy fog",), r"\bblind(?:s|ed|ness)?\b|(?<!dis)\badvantage\b|\bno (?:effect|penalty)|\bfails?\b", r"\bdisadvantage", "disadvantage on sight-based Perception", block=r"\bdarkvision|\bbright|\bfeet|\bshed|\bblindsight|\bhid(?:e|ing)"),
    Bag("melee_beside", (_BESIDE, r"\b(?:sword|axe|mace|dagger|club|hammer|spear|melee|stabs?|swings?|rapier|scimitar|punches)\b", r"\bdisadvantage"), r"\bdisadvantage", r"\bno (?:\w+ )?disadvantage|\bwithout|\bnot\b|n't\b|\bbow|\bcrossbow|\branged|\bshoot|\bsling|\bthrow", "only ranged attacks suffer from an enemy beside you", block=r"\bprone|\bpoison|\bblind|\bfright|\brestrain|\binvisible|\bdodg|\bexhaust|\bcurs|\blong\b|\bheavy|\bgrappl|\bcondition|\breach|\bstun|\bparaly|\bincapac"),
    Bag("ranged_beside", (_BESIDE, r"\b(?:bow|longbow|shortbow|crossbow|sling|ranged|shoots?|shooting|fires?|arrow|eldritch blast|fire bolt)\b", r"\bdisadvantage|\bnormal|\bpenalt|\badvantage"), r"\bno (?:\w+ )?(?:disadvantage|penalty)|\bnormal|\bwithout (?:\w+ )?(?:disadvantage|penalty)|\bnot (?:\w+ )?(?:disadvantage|penal)|n't (?:\w+ )?(?:disadvantage|suffer|impose)|(?<!dis)\badvantage\b", r"(?<!no )(?<!without )\bdisadvantage", "a ranged attack beside an enemy has disadvantage", block=r"\bprone|\bincapac|\bcan't see|\bblind|\bunconscious|\bstun|\bparaly|\brestrain|\basleep|\bally|\bfriend|\bhidden|\bunseen|\bsave\b"),
    Bag("two_slots", (r"\bslots?\b", r"\bboth\b|\btwo\b|\b2\b", r"\bturn\b", r"\blegal|\ballowed|\bfine\b|\bmay\b|\bcan\b|\bpermitted|\bok(?:ay)?\b|\bpossible"), r"\blegal|\ballowed|\bfine\b|\bmay\b|\bcan\b|\bpermitted|\bok(?:ay)?\b|\bpossible", r"\bnot\b|n't\b|\billegal|\bcannot|\bonly\b|\bno\b|\bnever", "one spell with a slot a turn", "5.2"),
    Bag("long_rest.gap", (r"\blong rests?", r"\bbetween|\bagain|\bnext|\banother|\bpass\b|\bapart|\bsince|\blast\b|\bwait", r"\bhours?|\bminutes?|\bdays?"), "", "", "16 hours between long rests", "5.2", r"\bsleep|\bconstitution|\b8 hours|\bexhaust|\bshort rest|\bhit di|\bitem|\bcharges|\bexert|\bwalk", lambda t, f: None if len(f) != 1 or f[0].kind != "time" else str(f[0].value).startswith("16 hour") or str(f[0].value).startswith("16-hour")),
    Bag("travel_pace", (r"\bpace\b", r"\bmiles?|\bfeet"), "", "", "fast 4, normal 3, slow 2 miles an hour", block=r"\bperception|\bstealth|\bmount|\bgallop|\bship|\bdifficult", judge=_pace),
    Bag("task_dc", (r"\btasks?\b|\bdifficulty\b|\bcheck\b", r"\b(?:very |nearly )?(?:easy|medium|moderate|hard|impossible)\b", r"\bdc\b|difficulty class|\b\d+\b"), "", "", "5, 10, 15, 20, 25, 30", block=r"\bencounter|\bxp\b|\bterrain|\bset\b|#", judge=_task),
    Bag("bloodied", (r"\bbloodied",), r"\bquarter|\bthird|\bten\b|\b\d+ (?:hp|hit points)|\bbelow zero|\bfull\b|\b1 hit point", r"\bhalf\b", "half the hit points or fewer", "5.2"),
    Bag("hide.roll", (r"\bstealth|\bhid(?:e|es|ing|den)\b", r"\broll|\btotal|\bgets?\b|\bresult|\bwith an?\b"), "", "", "DC 15", "5.2", r"\bperception|\bdisadv|\badvantage|\bbonus|\+|\blevel|\bfeet|\binvisib|\bspell", _hidden),
    Bag("heroic_inspiration", (r"\binspiration", r"\breroll|\broll(?:s|ed)? again"), r"\bwhichever|\beither (?:roll|result|one)|\bthe (?:better|higher|best)|\bkeeps? (?:the )?(?:old|first|original)|\bchoose|\bprefers?", r"\bmust (?:use|take|keep)|\bthe new|\bsecond (?:roll|result)|\bstuck", "the new roll must be used", "5.2", r"\bbard|\bluck"),
    Bag("ritual.slot", (r"\britual", r"\bslots?\b"), r"\b(?:needs?|uses?|costs?|expends?|spends?|requires?|burns?|consumes?|takes?)\b", r"\b(?:no|not|without|never|nor|instead of|saves?|free|any)\b|n't\b", "a ritual needs no slot", block=r"\d+(?:st|nd|rd|th)|\bminutes"),
    Bag("ritual.time", (r"\britual", r"\bminutes?|\bhours?", r"\blonger|\badds?\b|\bextra|\bmore\b|\badditional"), "", "", "10 minutes longer", block=r"#|\bcasting time of|\bbook", judge=lambda t, f: None if len(f) != 1 or f[0].kind != "time" else str(f[0].value).startswith(("10 min", "10-min"))),
    Bag("exhaustion.old", (r"\bexhaust", r"\b(?:each|every|per)\b"), r"\bsubtract|\bminus|\b-\d|\bpenalty|\b5 feet|\breduc\w* (?:\w+ ){0,3}by \d", r"\bcumulat|\btable|\blevels? (?:one|1)\b", "5.1 has a table of six levels", "5.1", r"\brest\b"),
    Bag("exhaustion.new", (r"\bexhaust", r"\blevel"), r"\bdisadvantage|\bhal(?:f|v)\w*|\bhit point maximum", r"\bno longer|\bnot\b|n't\b|\bsubtract|\bminus|\b-\d|\b5 feet", "2 off D20 Tests and 5 feet off the speed a level", "5.2", r"\brest\b|\bold|\bsave\b"),
    Bag("petrified.damage", (r"\bpetrif|\b(?:turned|turns) (?:\w+ )?(?:in)?to stone", r"\bdamage"), r"\bdouble|\bvulnerab|\btwice|\bimmun\w* to (?:all|every|any)|\bfull damage|\bno damage|\bnormal damage", r"\bresist|\bhal(?:f|v)", "resistance to all damage"),
    Bag("poisoned.else", (r"\bpoisoned (?:condition|creature|character)|\b(?:is|being|be|are|you're|he's|she's) poisoned|\bthe poisoned\b|\bpoisoned condition",), r"\bhit points? max|\bmaximum hit points|\b(?:takes?|suffers?|deals?|loses?) (?:\w+ )?(?:\d+d?\d* )?(?:poison )?(?:damage|hit points?)|\bspeed|\bsaves? (?:too|also)|\bon (?:\w+ ){0,4}sav(?:es|ing)", r"\bno\b|\bnot\b|n't\b|\bnever|\bwithout|\bonly\b|\bnothing|\bunaffected|\bunchanged|\bnormal", "disadvantage on attack rolls and ability checks", block=r"\bagainst being|\bto avoid|\bend(?:s|ing)?\b|\bresist|\bdwar|\bstout|\badvantage on saving throws against|\bsav\w+ (?:throws? )?against"),
    Bag("charmed.attack", (r"\bcharm", r"\battack|\bharm|\btarget"), r"\b(?:anybody|anyone|any creature|at all|everyone|nobody|no one|any target)\b", r"\bcharmer|\bonly\b|\bother|\belse\b|\bnot (?:stop|prevent|keep)|n't (?:stop|prevent|keep)|\bfree to|\bcan still|\bcan attack", "only the charmer cannot be attacked", block=r"\bspell\b|\bsave"),
    Bag("deafened.spells", (r"\bdeafened|\bdeaf\b", r"\bspell|\bcast|\bverbal"), r"\b(?:can't|cannot|can not|unable|not (?:able|allowed)|no longer|prevents?|stops?|impossible)\b", r"\bdoes(?:n't| not) (?:prevent|stop|keep)|\bcan still|\bfine\b|\bnothing|\bno (?:effect|hindrance|trouble)|\bnot (?:prevent|stop)", "deafness does not stop spells"),
    Bag("frightened.sight", (r"\bfright|\bafraid|\bfear", r"\bsight|\bsee\b|\bseen\b|\bvisible|\bview", r"\bdisadvantage"), r"\beven (?:when|if|though|while|without)|\bwhether or not|\bregardless|\bno matter", r"\bonly (?:while|when|if|as)|\bas long as|\bwhile\b(?!.*even)|\bunless|\bno disadvantage|\bno longer", "only while the source is in sight"),
    Bag("blinded.attacks", (r"\bblind(?:ed)?\b", r"\battack"), r"\b(?:attacks?|hits?|strikes?) (?:\w+ )?(?:as )?(?:normal(?:ly)?|as usual|without)|\bown attacks (?:are |stay |remain )?(?:un|normal)|\bown attack rolls (?:have|with|at|get) advantage", r"\bdisadvantage", "its own attacks have disadvantage", block=r"\bblindsight|\bfighting style|\bblind fighting"),
    Bag("invisible.attack", (r"\binvisib", r"\battack|\btarget|\bhit\b"), r"\b(?:can't|cannot|can not|impossible|never|not) (?:\w+ )?(?:be )?(?:attack\w*|hit|targeted)\b|\bimmune to attacks|\bautomatically miss", r"\bdisadvantage|\bcan (?:still )?be|\bspells? that|\bsight|\bsee\b|\bsees\b|\badvantage", "attacks against it have disadvantage"),
    Bag("grappled.move", (r"\bgrappl", r"\bmov|\bspeed|\bwalk"), r"\bhal(?:f|v)|\b\d\d feet|\bnormal speed|\bfull speed|\bfreely|\breduced by", r"\b0\b|\bzero|\bno movement|\bcan't move|\bcannot move|\bdrag|\bgrappler|\bcarr|\bgrappling|\bpull|\bhaul", "speed 0", block=r"\bescape|\brelease|\bgrapples\b|\bwith (?:you|it|him|her)"),
    Bag("incapacitated.reaction", (r"\bincapacitated|\bstunned|\bparaly[sz]ed|\bunconscious|\bpetrified", r"\breactions?\b|\bopportunity attack"), r"\b(?:keeps?|retains?|can (?:still )?(?:take|use|make)|may (?:still )?(?:take|use|make)|still (?:has|gets|takes|makes|able)|is able|are able)\b", r"\bno\b|\bnot\b|\bcan't|\bcannot|n't\b|\bloses?|\bnor\b|\bneither\b|\bwithout|\bnever", "no reactions"),
    Bag("crit.conditions", (r"\b(?:stunned|restrained|grappled|blinded|poisoned|prone|frightened|charmed|incapacitated|petrified|deafened|invisible)\b", r"\bcrit"), r"\bcrit", r"\bnot\b|n't\b|\bno\b|\bnever|\bonly\b|\bwithout|\bneither|\bnor\b|\bunlike|\bnatural|\bnat\b|\b20\b|\brather than", "automatic critical hits come with paralyzed and unconscious alone", block=r"\bdamage|\bdice|\basleep|\bsleep(?:s|ing)?\b|\bunconscious|\bparaly[sz]ed (?:but|and not)|\bdeath sav"),
    Bag("crit.far", (r"\b(?:paraly[sz]ed|unconscious|asleep|sleeping)\b", r"\bcrit", r"\b\d+ (?:feet|ft|foot)"), "", "", "automatic critical hits only within 5 feet", block=r"\bdamage|\bnatural|\bdeath sav|\bif (?:you|he|she) (?:were|was)", judge=lambda t, f: None if len([x for x in f if x.kind == "feet"]) != 1 else _far_crit(t, [x for x in f if x.kind == "feet"][0].whole)),
    Bag("prone.near", (r"\bprone|\bknocked down|\blying on the ground", _BESIDE, r"advantage"), r"\bdisadvantage", r"(?<!dis)\badvantage", "attacks from within 5 feet have advantage", block=r"\bbow|\branged|\bshoot|\bcrossbow|\bits own|\bown attack|\bfeet away|\bbeyond|\bfarther|\barrow|\bprone (?:creature|fighter|attacker|\w+)'s attack|\bprone (?:and )?(?:he|she|it) attacks|\bfrom the ground|\bprone attacker"),
    Bag("sneak_attack.once", (r"\bsneak attack", r"\bturn\b|\bround\b"), r"\bas often|\bany number|\bevery (?:hit|attack)|\beach (?:hit|attack)|\btwice (?:a|per|in|on)|\bseveral times|\bunlimited|\bmultiple times|\bas many", r"\bonce\b|\bonly\b|\bone\b|\bnot\b|n't\b|\bno more", "once per turn"),
    Bag("subclass.all", (r"\bsubclass", r"\ball (?:the )?(?:\w+ )?classes|\bevery class|\beach class|\bclasses all|\beverybody|\beveryone|\ball characters"), r"\blevel|\b3rd|\bthird", r"\bnot\b|n't\b|\bdiffer|\bvar(?:y|ies)|\bdepends", "5.1 has subclasses at level 1, 2 or 3", "5.1"),
)  # fmt: skip


def _far_crit(text: str, feet: int) -> bool | None:
    denied = search(r"\bnot\b|n't\b|\bno\b|\bnever|\bonly\b|\bnormal", text) is not None
    if feet == 5:
        return None
    return denied if feet > 5 else None
