"""More rules as bags of words: class features, things, light, provisions, what an ability is used for."""

from collections.abc import Sequence

from truth_blocks.dnd5e.readers.figures import Figure
from truth_blocks.dnd5e.readers.matching import findall, search
from truth_blocks.dnd5e.readers.rules.bags import Bag, Judge, only

_ABILITY = r"\b(?:strength|dexterity|constitution|intelligence|wisdom|charisma)\b"
_NOT = r"\bnot\b|n't\b|\bno\b|\bnever\b|\bwithout\b|\bneither\b|\bnor\b"


def _ability(*right: str) -> Judge:
    """The only abilities named are these."""
    return lambda t, f: (
        None
        if search(_NOT, t)
        or not (said := set(findall(r"\b(strength|dexterity|constitution|intelligence|wisdom|charisma)\b", t)))
        else said <= set(right)
    )


def _dice(*right: str) -> Judge:
    """The only dice named are these."""
    return lambda t, f: (
        None
        if search(_NOT, t) or not (said := {str(x.value).partition("+")[0] for x in f if x.kind == "dice"})
        else said <= set(right)
    )


def _hours(*right: str) -> Judge:
    """The only span of time is one of these."""
    return lambda t, f: (
        None
        if search(_NOT, t)
        or len(said := [str(x.value).replace("-", " ").rstrip("s") for x in f if x.kind == "time"]) != 1
        else said[0] in right
    )


_OBJECT_AC = {
    "cloth": 11, "paper": 11, "rope": 11, "crystal": 13, "glass": 13, "ice": 13, "wood": 15, "wooden": 15, "bone": 15, "stone": 17,
    "iron": 19, "steel": 19, "mithral": 21, "adamantine": 23,
}  # fmt: skip


def _object_ac(text: str, figures: Sequence[Figure]) -> bool | None:
    """Each AC is that of a material the sentence names."""
    said = {f.whole for f in figures if f.kind == "ac" or (f.kind == "number" and f.whole > 9)}
    own = {_OBJECT_AC[word] for word in findall(rf"\b({'|'.join(_OBJECT_AC)})\b", text)}
    return said <= own if said and len(said) == len(own) and not search(_NOT, text) else None


_OBJECT = (
    r"\bobject|\bmade of\b|\bdoors?\b|\bwalls?\b|\bstatues?\b|\bchests?\b|\bwindows?\b|\bbars?\b|\bgates?\b|\bhack|\bsmash|\bbreak|\bsubstance|\bmaterial",
    r"\bac\b|armou?r class",
)
_MODIFY = r"\bwall of\b|\d \+|\bhit points|\bhp\b|#|\bgolem|\barmor of|\bshield"
MORE_BAGS: tuple[Bag, ...] = (
    Bag("divine_smite", (r"\bdivine smite",), "", "", "2d8 at the lowest slot", block=r"\bundead|\bfiend|\bslot|\blevel|\bcrit|\bextra 1d8|\bmax|\beach|\bper\b", judge=_dice("2d8")),
    Bag("second_wind", (r"\bsecond wind", r"d\d"), "", "", "1d10 + fighter level", judge=_dice("1d10")),
    Bag("cunning_action", (r"\bcunning action", r"\baction\b|\breaction"), r"\bas (?:an action|a reaction|a free)|\busing (?:an action|a reaction)|\battack action", r"\bbonus action", "Dash, Disengage or Hide as a bonus action"),
    Bag("uncanny_dodge", (r"\buncanny dodge",), r"\bbonus action|\bno damage|\bquarter|\bavoids? all|\badvantage", r"\bhal(?:f|v)\w*|(?<!bonus )\breaction", "a reaction that halves the damage"),
    Bag("evasion", (r"\bevasion", r"\bsucce|\bfail|\bsav"), r"\bsucce\w*[^.;]{0,30}\bhalf\b(?! (?:\w+ ){0,3}(?:on|if|when|with|after) (?:\w+ ){0,3}fail)|\bfail\w*[^.;]{0,30}\b(?:no|full) damage", r"\bnothing\b|\bsucce\w*[^.;]{0,30}\bno\b|\bfail\w*[^.;]{0,30}\bhalf|\bno damage", "no damage on a success, half on a failure"),
    Bag("initiative", (r"\binitiative", r"\bcheck|\broll|\bmodifier|\bbased|\buses?\b|\bability", _ABILITY), "", "", "a Dexterity check", block=r"\bscore|\btie|\d", judge=_ability("dexterity")),
    Bag("concentration.ability", (r"\bconcentrat", r"\bdamage|\bkeep|\bmaintain|\bhold|\blos(?:e|ing)\b|\bbreak|\bconcentration (?:saves?|saving|checks?)", r"\bsav\w+|\bcheck", _ABILITY), "", "", "a Constitution saving throw", block=r"#", judge=_ability("constitution")),
    Bag("help", (r"\bhelp action|\bhelping\b|\bthe help\b", r"\bcheck|\battack|\broll|\ball(?:y|ies)"), r"\bbonus of|\+ ?\d|\bdisadvantage|\brerolls?|\bdoubles?", r"(?<!dis)\badvantage", "it gives advantage"),
    Bag("ready", (r"\bready (?:action|an action)|\breadied|\breadying", r"\btrigger|\breaction|\bbonus action|\bfree"), r"\bbonus action|\bfree action|\bwithout (?:using )?(?:a |your |the )?reaction|\bno reaction", r"(?<!no )\breaction", "it takes the reaction", block=r"\bslot"),
    Bag("ready.slot", (r"\bready|\breadied|\breadying", r"\bspell", r"\bslot"), r"\bnot (?:\w+ )?(?:consume|use|spend|expend|cost)|n't (?:\w+ )?(?:consume|use|spend|expend|cost|lose)|\bkeeps? the slot|\bonly (?:if|when)", r"\bis (?:lost|spent|used|expended)|\bwasted|\bexpends|\blost\b|\beven if", "the slot is spent when the spell is readied"),
    Bag("opportunity.leaving", (r"\bopportunity attack|\battacks? of opportunity", r"\benter(?:s|ing)|\bleav(?:e|es|ing)|\bapproach|\breach"), r"\benter(?:s|ing)|\bapproach(?:es|ing)", r"\bleav|\bmoves? out|\bout of", "when a creature leaves the reach"),
    Bag("drop_prone", (r"\b(?:drop(?:ping|s)?|fall(?:ing|s)?|going|lying|throw\w* yourself) (?:down )?prone", r"\bcost|\bmovement|\bspeed|\bfree|\buses?\b|\brequires|\baction"), r"\bhalf|\ban? (?:bonus )?action|\b5 feet|\ball (?:your|its)|\bcosts? (?:movement|[1-9])", r"\b0 feet|\bno\b|\bwithout|\bfree|\bnot\b|n't\b|\bnothing", "it costs nothing", block=r"\bstand|\bget(?:ting)? up"),
    Bag("concentration.prone", (r"\bconcentrat", r"\bprone\b"), r"\bends?\b|\bbreaks?|\bloses?|\blost|\bdisadvantage", _NOT, "falling prone does not end it"),
    Bag("unarmed_strike", (r"\bunarmed strike", r"\bdamage|\bdeals?"), r"d4|d6|d8|\bdexterity", r"\b1 \+|\b1 plus|\b1 bludgeoning", "1 + Strength modifier", block=r"\bmonk|\bmartial arts|\bgrappl|\bfeat|\bstyle"),
    Bag("improvised", (r"\bimprovised weapon", r"d\d|\bfeet"), "", "", "1d4, 20/60 feet", judge=lambda t, f: None if search(_NOT, t) else all((x.kind != "dice" or x.value == "1d4") and (x.kind != "feet" or x.whole in (20, 60)) for x in f)),
    Bag("object_ac", (rf"\b(?:{'|'.join(_OBJECT_AC)})\b", *_OBJECT), "", "", "cloth 11, glass 13, wood 15, stone 17, iron 19, mithral 21, adamantine 23", block=_MODIFY, judge=_object_ac),
    Bag("torch", (r"\btorch(?:es)?\b", r"\bfeet|\bfoot|\bft\b"), "", "", "20 feet bright, 20 more dim", judge=only("feet", (20, 40))),
    Bag("torch.time", (r"\btorch(?:es)?\b", r"\bhours?|\bminutes?", r"\bburns?|\blasts?|\blight"), "", "", "1 hour", judge=_hours("1 hour", "60 minute")),
    Bag("candle", (r"\bcandle", r"\bfeet|\bfoot|\bft\b"), "", "", "5 feet bright, 5 more dim", judge=only("feet", (5, 10))),
    Bag("lantern.hooded", (r"\bhooded lantern", r"\bfeet|\bfoot|\bft\b"), "", "", "30 feet bright, 30 more dim", block=r"\blower|\bshutter|\bhood is|\bdim\b.*\b5\b", judge=only("feet", (30, 60))),
    Bag("lantern.bullseye", (r"\bbullseye lantern", r"\bfeet|\bfoot|\bft\b"), "", "", "60 feet bright, 60 more dim", judge=only("feet", (60, 120))),
    Bag("temporary.last", (r"\btemp\w* (?:hp|hit points)", r"\blast|\bvanish|\bdisappear|\bexpire|\bgo(?:es)? away|\bfade|\bend\b|\bremain"), r"\bend of (?:the|your) (?:\w+ )?(?:turn|combat|encounter|fight)|\b1 (?:hour|minute)|\bshort rest|\b24 hours", r"\blong rest|\bdepleted", "until gone or a long rest"),
    Bag("long_rest.hp", (r"\blong rest", r"\bhit points|\bhp\b", r"\bregain|\brestor|\brecover|\bback\b|\bheal"), r"\bhalf\b|\bquarter|\bone hit die|\bno hit points|\bnone\b", r"\ball\b|\bfull|\bevery", "all lost hit points", block=r"\bhit (?:point )?di[ce]|\d|\btemp|\bmaximum"),
    Bag("advantage.dice", (r"\badvantage", r"\b\d+ d20s?\b|\b\d+ dice|\b\d+ 20-sided"), r"\b[3-9] (?:d20|dice)|\blow(?:er|est)", r"\b2 (?:d20|dice)", "two d20s, the higher counts", block=r"\bdisadvantage|\belven|\bhalfling"),
    Bag("advantage.sources", (r"(?<!dis)\badvantage", r"\bsources?\b|\btwice\b|\bmultiple\b|\bseveral\b"), r"\b[3-9] (?:d20|dice)|\bthird die|\bextra die|\bstack", r"\bonly\b|\b2 (?:d20|dice)|\bstill\b|\bone additional|\b1 additional|\bnot\b|n't\b", "still two dice", block=r"\bcancel|\bdisadvantage"),
    Bag("monsters.crit", (r"\bmonsters?\b|\bnpcs?\b|\benemies", r"\bcrit"), r"\b(?:can't|cannot|can not|never|don't|do not|unable) (?:\w+ )?(?:crit|score|deal)|\bonly (?:\w+ )?(?:player|pcs?\b)", r"\bcan\b|\btoo\b|\balso\b|\bas well", "monsters score critical hits too"),
    Bag("natural_20.hp", (r"\bdeath sav", r"\b20\b", r"\bhit points?|\bhp\b"), "", "", "1 hit point", block=r"\bfail|\bat 0\b|\bno hit points|\bhave 0|\bdamage|\bwith 0", judge=lambda t, f: None if not (said := [x for x in f if x.kind in ("hp", "dice")]) else all(x.kind == "hp" and x.whole in (0, 1) for x in said)),
    Bag("save_dc.eight", (r"\bsave dc|\bsaving throw dc", r"\bproficiency bonus", r"\+|\bplus\b|\bsum\b"), "", "", "8 + proficiency bonus + ability modifier", block=r"\blevel|\bof \+?\d|\bbonus is|\+\d|#|\bmonster|\bmagic item|\bis \+", judge=lambda t, f: None if len(f) != 1 or search(_NOT, t) else f[0].whole == 8),
    Bag("long_range", (r"\blong range|\bbeyond (?:the |its |your |their )?normal range", r"\battack|\broll|\badvantage|\bpenalt"), r"(?<!dis)\badvantage|\bno (?:penalty|disadvantage)|\bnormally|\bautomatically miss", r"\bdisadvantage", "disadvantage beyond normal range", block=r"\bcan(?:not|'t)|\bimpossible|\bbeyond (?:the |its )?long|\d"),
    Bag("action_surge", (r"\baction surge",), r"\bbonus action|\breaction|\b2 (?:additional|extra)|\btwo (?:additional|extra)|\blong rest only", r"\b(?:1|one|an) (?:additional|extra) action|\badditional action|\bextra action|\bshort", "one additional action"),
    Bag("prone.own", (r"\bprone\b", r"\bown attack|\battack rolls? (?:of|by) (?:a|the) prone|\bprone (?:creature|character|attacker)'s|\bits attack"), r"\bunaffected|\bnormal|\bno (?:penalty|disadvantage)|(?<!dis)\badvantage", r"\bdisadvantage", "its own attacks have disadvantage", block=r"\bagainst (?:a|the|it)"),
    Bag("exhaustion.rest", (r"\bexhaust", r"\bshort rest"), r"\bremov|\breduc|\blos(?:e|es|ing)|\brecover|\bcures?|\bdecreas|\blower", _NOT + r"|\blong rest", "a long rest removes a level"),
    Bag("crit.paralyzed", (r"\b(?:paraly[sz]ed|unconscious)\b", r"\bnormal hit|\bordinary hit|\bregular hit|\bno (?:critical|crit)|\bnot (?:a )?(?:critical|crit)|n't (?:a )?(?:critical|crit)", r"\b5 feet|\bwithin|\badjacent|\bbeside|\bmelee|\bclose"), r"\bhits?\b|\bcrit", r"\bbeyond|\bfarther|\bmore than|\brather than", "a hit from within 5 feet is critical"),
    Bag("frightened.away", (r"\bfright", r"\bmov|\bwalk|\bgo\b|\bapproach"), r"\b(?:can't|cannot|can not|unable to|not)\b (?:\w+ )?(?:mov\w+|walk|go) (?:\w+ )?(?:away|farther)|\bcan (?:willingly )?(?:move|walk|go) closer", r"\bcloser|\btoward|\bnearer", "it cannot willingly come closer"),
    Bag("restrained.speed", (r"\brestrained", r"\bspeed"), r"\bhal(?:f|v)|\bnormal speed|\bunchanged|\breduced by|\b[1-9]\d? feet", r"\b0\b|\bzero", "speed 0"),
    Bag("darkness.heavy", (r"\bdarkness\b", r"\blightly obscured"), r"\blightly", r"\bheavily|\bdarkvision|\bdim light", "darkness is heavily obscured"),
    Bag("grapple.save", (r"\bgrappl", r"\bsav(?:e|es|ing)", _ABILITY), r"\b(?:wisdom|charisma|constitution|intelligence)\b", r"\bstrength|\bdexterity", "a Strength or Dexterity save", "5.2", r"\bcondition|\bescape|\bspell"),
    Bag("stone.condition", (r"\bstone\b", r"\bcondition"), r"\b(?:paraly[sz]ed|stunned|restrained|incapacitated|unconscious)\b", r"\bpetrified", "petrified", block=r"\bbegins|\bsave|\bfirst"),
    Bag("resistance.condition", (r"\bresistance to all damage|\bresist\w* all damage", r"\bcondition"), r"\b(?:paraly[sz]ed|stunned|restrained|incapacitated|unconscious|prone|invisible|poisoned|grappled|blinded)\b", r"\bpetrified", "petrified"),
    Bag("surprise.new", (r"\bsurpris", r"\binitiative"), r"(?<!dis)\badvantage", r"\bdisadvantage", "disadvantage on initiative", "5.2", r"\binvisible"),
    Bag("concentration.another", (r"\bconcentrat", r"\banother|\bsecond\b|\bnew\b", r"\bspell"), r"\b(?:does not|doesn't|don't|do not|never|without) (?:\w+ )?(?:end|break|los|interrupt|stop|affect)\w*|\bcan keep both|\bboth at", r"\bends\b|\bbreaks\b|\bloses?\b|\bonly one|\bcan't|\bcannot", "another concentration spell ends the first", block=r"\bdoes(?:n't| not) require|\bnon-concentration|\bwithout concentration"),
    Bag("concentration.poisoned", (r"\bconcentrat", r"\b(?:poisoned|prone|blinded|deafened|grappled|restrained|charmed|frightened)\b"), r"\bends?\b|\bbreaks?\b|\bloses?\b|\blost\b", _NOT + r"|\bincapacit|\bstun", "only being incapacitated or dying ends it at once", block=r"\bspell ends|#"),
    Bag("exhaustion.three", (r"\bexhaust", r"\b3\b|\bthird|\b3rd", r"\bdisadvantage"), r"\bdamage|\bdeath|\binitiative only", r"\bsav", "attack rolls and saving throws", "5.1"),
    Bag("advantage.both", (r"(?<!dis)\badvantage", r"\bdisadvantage", r"\bboth\b|\bat once|\bsame time|\btogether"), r"\b2 d20|\b2 dice|\btwo d20|\btwice", r"\b1 d20|\ba single|\bone d20|\bneither|\bcancel|\bnormal|\bstraight", "one d20 is rolled"),
    Bag("petrified.age", (r"\bpetrif", r"\bag(?:e|es|ing)\b"), r"\bcontinues?|\bkeeps?|\bstill ages|\bages normally|\bfaster", r"\bceases?|\bstops?|\bnot\b|n't\b|\bno longer", "it ceases aging"),
    Bag("conditions.saves", (r"\b(?:blinded|deafened|charmed|grappled|prone|invisible|frightened|poisoned)\b", r"\bsav(?:e|es|ing)"), r"\bdisadvantage on (?:\w+ ){0,3}sav|\bfails? (?:all|every|any) sav|\bautomatically fails? (?:all |every |any )?(?:\w+ )?sav", _NOT, "it does nothing to saving throws", block=r"\bsav\w* (?:throws? )?(?:against|to|or|dc)|\bavoid|\bresist|\brestrained|\bstunned|\bparaly|\bunconscious|\bexhaust|\bpetrif|#|\bdc\b|\bon a failed"),
)  # fmt: skip
