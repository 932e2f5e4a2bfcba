"""The rules that people state, one a line: what each is about, how it is judged, and what holds."""

import msgspec

from truth_blocks.dnd5e.readers.matching import search
from truth_blocks.dnd5e.readers.rules.judges import NO, Judge, by_edition, dice, fails, holds, number, numbers, time
from truth_blocks.dnd5e.readers.rules.single import (
    ability_of,
    action,
    all_or_half,
    bonus_spell,
    broken,
    capped,
    crit_rule,
    darkvision,
    denies_loss,
    disengaged,
    dodge,
    grapple,
    hours,
    hurt_at_zero,
    inspired,
    minutes,
    opportunity,
    suffocates,
)


class Statement(msgspec.Struct, frozen=True):
    """One rule as people state it."""

    name: str
    cue: tuple[str, ...]
    judge: Judge
    expected: str
    block: str = ""
    edition: str = ""
    """The only edition that has the rule; empty for both."""


def S(
    name: str, cue: str | tuple[str, ...], judge: Judge, expected: str, block: str = "", edition: str = ""
) -> Statement:
    """A statement with one cue or several."""
    return Statement(name, (cue,) if isinstance(cue, str) else cue, judge, expected, block, edition)


_DEATH = r"\bdeath sav(?:e|es|ing)"
_AUTO = r"\bauto\w*|\balways\b|\bautomatic"
STATEMENTS: tuple[Statement, ...] = (
    S("death_saving_throws.dc", (_DEATH, r"\b\d+ or (?:higher|more|better|above|over|up)|\bat least \d+|\bdc \d+|\bneed (?:an? )?\d+|\b\d+\+"), number(10, "number dc"), "10 or more is a success", r"critical|\bcrit\b|\bnat|failures|damage"),
    S("death_saving_throws.three", (r"\bdeath sav|\bdying|\bdie\b|\bdead|\bstable|\bstabili", r"\b[1-9]\d* (?:\w+ ){0,2}(?:success|failure|failed|fails|death save)"), lambda t, f, e: None if search(r"\bcrit|\bnat|damage|\bnatural|\b(?:10|20)\b|hit by|\bwipe|\breset|\bclear", t) else number(3, "number")(t, f, e), "3 successes make stable, 3 failures kill"),
    S("death_saving_throws.natural_20", (_DEATH, r"\b(?:natural|nat) ?20\b|\broll(?:s|ing)? (?:of )?(?:an? )?20\b"), lambda t, f, e: holds(r"\b1 (?:hp|hit point)|\bback (?:up|in|on)|\bconscious|\bwakes?|\bon your feet", r"\bsuccess|\bstab(?:le|iliz)|\bnothing|\bhalf|\bfull|\ball (?:your )?hp|\bmax")(t, f, e), "a natural 20 brings you back with 1 hit point"),
    S("death_saving_throws.natural_20_hp", (_DEATH, r"\b(?:natural|nat) ?20\b", r"\bhp\b|hit points?"), lambda t, f, e: next((figure.whole == 1 for figure in f if figure.kind == "hp"), None), "a natural 20 brings you back with 1 hit point"),
    S("death_saving_throws.natural_1", (_DEATH, r"\b(?:natural|nat) ?1\b|\broll(?:s|ing)? (?:an? )?1\b"), holds(r"\b2 (?:\w+ )?(?:fail|death save)|\btwice|\bdouble|\btwo fail", r"\bkills?|\bdie|\bdead|\b(?:1|3|a single|only one) (?:\w+ )?fail|\bsuccess"), "a natural 1 is 2 failures"),
    S("death_saving_throws.damage", (r"\b0 (?:hp|hit points?)|\bat 0\b|\bdying|\bdown(?:ed)?\b|\bunconscious", r"\bdamage|\bhit\b|\bstruck|\bcrit", r"\bdeath sav|\bfail"), lambda t, f, e: hurt_at_zero(t, f), "damage at 0 hit points is 1 failure, a critical hit 2", r"\bdouble|\binstant|\bmax"),
    S("stable.hours", (r"\bstable", r"\bhours?\b|\bminutes?\b"), lambda t, f, e: None if not any(x.kind == "dice" for x in f) else dice("1d4")(t, f, e) and "hour" in t, "a stable creature regains 1 hit point after 1d4 hours"),
    S("stable.dc", (r"\bstabili[sz]|\bfirst aid", r"\bdc\b|\bmedicine"), number(10, "dc"), "stabilizing is a DC 10 Wisdom (Medicine) check"),
    S("concentration.cap", (r"\bconcentrat", r"\bdc\b", r"\bcap|\bmax|\babove|\bexceed|\blimit|\bhigher than|\bmore than|\bupper|\bnever|\btops? out|\bceiling|\bbeyond"), by_edition(holds(r"\bno (?:upper |hard |maximum )?(?:limit|cap|maximum|ceiling)|\b(?:un|not )(?:limited|capped)|\bwithout (?:an? )?(?:upper )?(?:limit|cap)|\bisn't capped|\bhas no (?:cap|upper)|\bkeeps (?:going|climbing)", r"\b(?:caps?|capped|limit(?:ed)?|max\w*|above|exceed|higher than|more than|beyond|tops? out)\b[^.;]{0,44}\b\d+"), lambda t, f, e: capped(t, f)), "no cap in 5.1, at most DC 30 in 5.2", r"points of damage|\btook \d|\btakes \d"),
    S("concentration.at_once", (r"\bconcentrat\w*", r"\bspells?\b|\beffects?\b", r"\bat (?:a time|once)|\bsimultaneous|\bsame time|\bas many|\bseveral|\bmultiple|\bonly|\bmore than|\b2 \w*spells"), lambda t, f, e: False if search(r"\bas many|\bas proficiency|\bany number", t) else (None if search(r"\b(?:can't|cannot|not|never|no more)\b.*\b(?:2|more than 1|multiple|several)\b", t) else holds(r"\b(?:only|just|more than|max\w*|at most|a single)\b[^.;]{0,24}\b(?:1|one|single)\b|\b1 (?:spell|effect) at (?:a time|once)", r"\b(?:2|3|two|three|several|multiple) (?:\w+ )?(?:spells|effects)")(t, f, e)), "1 effect at a time", r"save|\bdc\b|damage"),
    S("critical_hit.dice", (r"\bcrit", r"\bdamage|\bdice\b|\bdouble|\bmodifier|\bbonus"), lambda t, f, e: crit_rule(t), "the damage dice are doubled, not the modifier", r"\d+d\d+|#|sneak|within 5|adjacent|death|\b0 hp|paralyz|unconscious"),
    S("critical_hit.monsters", (r"\bcrit", r"\bmonsters?\b|\bnpcs?\b|\bplayer"), fails(r"\b(?:monsters?|npcs?) (?:can't|cannot|don't|never|do not)\b|\bonly (?:player|pcs?|characters|lets? (?:player|pc))", r"\bmonsters? (?:can|also|too)"), "monsters score critical hits as well"),
    S("attack_roll.natural_20", (r"\b(?:natural|nat) ?20\b", r"\battack|\bto hit\b|\bac\b|armou?r class"), holds(r"\balways hits?|\bhits? (?:regardless|whatever|no matter|anyway|automatically)|\bauto\w*[- ]?hits?|\birrelevant|\bcritical|\bcrit\b|\bhits\b", r"\b(?:can|may|might|could|still) miss"), "a natural 20 on an attack hits and is critical", r"\bsav|\bcheck|\d vs|with [+-]"),
    S("attack_roll.natural_1", (r"\b(?:natural|nat) ?1\b", r"\battack|\bto hit\b|\bmiss"), holds(r"\bmiss", r"\b(?:can|may|might|could) (?:still )?hit|\bhits? if"), "a natural 1 on an attack misses", r"\bsav|\bcheck|death|with [+-]|vs"),
    S("d20.automatic", (r"\b(?:natural|nat) ?(?:20|1)\b", r"\bsaving throws?\b|\bsaves?\b|\bchecks?\b", r"\bauto|\balways|\bsucce|\bfail|\bspecial"), fails(rf"{_AUTO}", r"\bno (?:automatic|special|auto)|\bnothing special|\bno (?:guarantee|effect)|\bstill (?:fail|succeed|need|depends)"), "a natural 20 or 1 decides attacks alone, not saves or checks", r"\bdeath|\bconcentrat|\bdc \d|\+\d|paralyz|stun|unlike on (?:a|an) (?:save|check)"),
    S("grappling.how", (r"\bgrappl", r"\bcontest|\bsav(?:e|es|ing)|\bathletics\b|\bdc\b|\bagainst (?:their|your|its|his|the)"), by_edition(lambda t, f, e: grapple(t, "5.1"), lambda t, f, e: grapple(t, "5.2")), "5.1: a contest of Athletics; 5.2: a Strength or Dexterity save", r"\bescap|\bgrappled\b|\d|\bfeat\b|break (?:free|out)"),
    S("grappling.drag", (r"\bdrag|\bcarry|\bmove|\bmoving|\bpull", r"\bgrappl"), by_edition(holds(r"\bhalf\b|\bhalv", r"\b1 extra foot|\bextra (?:foot|feet)|\bfull speed|\bno (?:penalty|cost)"), holds(r"\bextra (?:foot|feet|1)|\b1 extra", r"\bfull speed")), "5.1: half speed; 5.2: 1 extra foot per foot", r"\bcondition|\bsize|closer"),
    S("size_limit", (r"\b(?:grappl|shov)", r"\bsizes? (?:larger|bigger|above|up)|\b(?:larger|bigger) (?:than|by)"), number(1, "number"), "a target at most 1 size larger"),
    S("shove.distance", (r"\bshov", r"\b\d+[ -]?(?:feet|foot|ft)"), numbers(5, kinds="feet"), "a shove pushes 5 feet", r"\bmaster|\bpush is\b|\bhammer|\bwarhammer|\bpush (?:shove|move|knock|send|property)|\blarge or smaller|\bup to 10"),
    S("opportunity_attack.reaction", r"\bopportunity attack|\battacks? of opportunity", lambda t, f, e: opportunity(t), "it takes your reaction", r"\bdisengag|\bprovok|\bteleport|\bsentinel|\bpolearm|\btrigger|\bleav"),
    S("disengage", (r"\bdisengag", r"\bopportunity|\bprovok|\bturn\b"), lambda t, f, e: disengaged(t, f, e), "no opportunity attacks for the rest of the turn"),
    S("dodge", r"\bdodg(?:e|ing)\b", lambda t, f, e: dodge(t), "attackers you see have disadvantage; advantage on Dexterity saves", r"uncanny|patient|\bmount"),
    S("surprise", r"\bsurpris", by_edition(holds(r"\b(?:no|can't|cannot|not|neither|don't get to|unable to|lose)\b[^.;]{0,24}\b(?:mov|act|turn)", r"\binitiative\b[^.;]{0,20}\bdisadvantage|\bdisadvantage\b[^.;]{0,20}\binitiative|\bact normally|\bacts? as normal"), lambda t, f, e: True if search(r"\bdisadvantage\b[^.;]{0,24}\binitiative|\binitiative\b[^.;]{0,24}\bdisadvantage", t) and not search(r"\b(?:los\w+|skip\w*|miss\w*|can't|cannot)\b[^.;]{0,24}\b(?:turn|act|mov)", t) else (denies_loss(t) if search(r"\b(?:los\w+|skip\w*|forfeit\w*|miss(?:es)? (?:out )?)\b[^.;]{0,30}\bturn|\b(?:can't|cannot) (?:move|act|take)", t) else None)), "5.1: no move or action on the first turn; 5.2: disadvantage on initiative"),
    S("half_cover", (r"\bhalf cover",), numbers(2, kinds="mod number"), "half cover adds 2 to AC and Dexterity saves", r"\broll|\bhit|\bmiss|\btotal|\bac \d|three|\bsave of|\bdc\b|attack"),
    S("three_quarters_cover", (r"\bthree[- ]quarters? cover",), numbers(5, kinds="mod number"), "three-quarters cover adds 5 to AC and Dexterity saves", r"\broll|\bhit|\bmiss|\btotal|\bac \d|half cover|\bdc\b|attack"),
    S("cover.saves", (r"\b(?:half|three[- ]quarters?) cover", r"\bdex\w*|\bsav"), fails(r"\b(?:ac only|only (?:ac|helps ac)|helps? ac only|not (?:dex|sav)|no(?:t| effect) (?:on|for|to) (?:dex|sav)|nothing (?:for|to) (?:dex|sav)|just ac|doesn't (?:help|affect|apply to) (?:dex|sav))", r"\band (?:to )?(?:dex|sav)|\bboth\b"), "cover helps Dexterity saves too", r"\bdc\b|\btotal cover"),
    S("total_cover", (r"\btotal cover|\bfull cover",), holds(r"\b(?:can't|cannot|not|no|never|unable)\b[^.;]{0,24}\b(?:target|attack|hit)", r"\+\d|\bcan (?:still )?be (?:directly )?target|\bbonus"), "total cover: no direct target", r"\bhide|\bblindsight|\barea"),
    S("short_rest.length", (r"\bshort rest",), time("1 hour"), "a short rest takes 1 hour", r"\bwas\b|\bspent\b|\blong|\b\d+ short|\bper|\bknock|\battun"),
    S("long_rest.length", (r"\blong rest", r"\b(?:is|takes?|lasts?|=|requires?|needs?|of)\b"), lambda t, f, e: None if search(r"\bsleep|\bshort rest|\blight activity|\bstarts?\b|\bbegin|\banother|\bsince|\bafter|\bbetween|\b24|\b16|\bonce|\bperiod|\belaps|\binterrupt|\bexert|\btrance", t) else time("8 hours")(t, f, e), "a long rest takes 8 hours"),
    S("long_rest.next", (r"\blong rest", r"\bhours?\b", r"\banother|\bagain|\bbegin|\bstart|\bnext|\bsince|\belaps|\bonce|\bperiod|\bone\b|\b1\b.*\bin\b|\bbetween|\bwait|\bmore than"), by_edition(lambda t, f, e: hours(f, 24), lambda t, f, e: hours(f, 16)), "5.1: one in 24 hours; 5.2: 16 hours after the last", r"\bsleep|\blight activity|\bexertion|\b1 hour"),
    S("long_rest.hit_dice", (r"\blong rest", r"\bhit (?:point )?di[ce]"), by_edition(lambda t, f, e: all_or_half(t, "half"), lambda t, f, e: all_or_half(t, "all")), "5.1: half the hit dice; 5.2: all", r"\blevel \d|\d"),
    S("potion.action", (r"\bpotion", r"\bbonus action|\baction\b|\bdrink"), by_edition(lambda t, f, e: action(t, "action"), lambda t, f, e: action(t, "bonus action")), "5.1: an action; 5.2: a bonus action", r"\bspeed\b|throw|brew|craft|\bidentif"),
    S("potion.heals", (r"\bpotions? of healing|\bhealing potions?", r"\d+d\d+"), dice("2d4+2"), "2d4+2", r"\bgreater|\bsuperior|\bsupreme"),
    S("hide.dc", (r"\bhid(?:e|ing)\b", r"\bdc\b"), by_edition(lambda t, f, e: False if any(x.kind == "dc" for x in f) and search(r"\bflat|\bfixed|\bdc \d|\bdc of \d", t) and not NO.search(t) else None, number(15, "dc")), "5.1: against passive Perception; 5.2: DC 15"),
    S("inspiration", (r"\binspiration\b",), by_edition(lambda t, f, e: inspired(t, "advantage"), lambda t, f, e: inspired(t, "reroll")), "5.1: advantage; 5.2: reroll a die", r"\bbard|\bd6|\bd8|\bd10"),
    S("bloodied", r"\bbloodied", by_edition(lambda t, f, e: False if search(r"\b(?:defined|official|term|rule|means|is)\b", t) and not NO.search(t) else None, holds(r"\bhalf\b", r"\bquarter|\bthird|\b1 hp\b|\b0 hp|\b\d+ ?%")), "5.2: at half the hit points or fewer"),
    S("attunement.items", (r"\battun", r"\bitems?\b|\bthings\b|\bslots?\b", r"\battun\w* (?:to )?(?:up to |at most |a maximum of |no more than |only )*\d|\b\d (?:\w+ )?attun|\b(?:max|limit)\w*\b[^.;]{0,24}\b\d|\b\d\b[^.;]{0,14}\bmax"), number(3, "number"), "at most 3 attuned items", r"#|\bcopies\b"),
    S("standing_up", (r"\bstand(?:s|ing)? (?:back )?up|\bgetting up|\bget up",), lambda t, f, e: holds(r"\bhalf\b", r"\ball (?:of )?(?:your|my|the|its)|\bwhole|\bentire|\bfull|\bexactly \d|\bquarter|\baction\b|\bfree\b|\bno (?:movement|cost)|\b5 feet|\b\d+ feet|\bnothing")(t, f, e), "half your speed", r"\bleft\b|\bremain|\bstill\b|\bdropping|\bof (?:my|your|his) \d|\bspeed of|\bwith \d"),
    S("falling.cap", (r"\bfall", r"\b\d+d6", r"\bmax|\bcap|\btops|\bexceed|\bnever|\bmore than|\bmost|\blimit|\bup to"), dice("20d6"), "at most 20d6", r"\bfeet\b|\bfoot\b|\bft\b"),
    S("falling.per", (r"\bfall", r"\b\d+d\d+", r"\bper\b|\bevery|\beach|\bfor every"), lambda t, f, e: dice("1d6")(t, f, e) if not any(x.kind == "feet" for x in f) else (None if dice("1d6")(t, f, e) is None else bool(dice("1d6")(t, f, e)) and any(x.whole == 10 for x in f if x.kind == "feet")), "1d6 per 10 feet", r"\bmax|\bcap|\bup to"),
    S("temporary.stack", (r"\btemp\w* (?:hp|hit points?)",), fails(r"\bstack|\badd(?:s|ed)? (?:up|together)|\bcumulat|\bcombine|\bsum\b", r"\bpick\b|\bchoose|\bkeep (?:the )?(?:higher|better)|\breplace"), "temporary hit points do not stack", r"heal"),
    S("temporary.healed", (r"\btemp\w* (?:hp|hit points?)", r"\bheal|\brestor|\bcure"), fails(r"\b(?:restor|heal|regain|cure)\w*", r"\bhealing (?:can't|cannot|does not|doesn't|never)"), "healing does not restore temporary hit points", r"\bdoesn't count|\bcount as|\bdon't count"),
    S("resistance.stack", (r"\bresist", r"\bstack|\bcumulat|\bseveral|\bmultiple|\b2 (?:separate |sources|instances)|\btwice|\btwo|\bquarter"), lambda t, f, e: True if search(r"\bonly (?:1|once|one|a single)|\bonce\b|\bsingle|\bone halving|\b1 halving|\bdo(?:es)?n't stack|\bdo(?:es)? not stack|\bnot cumulat", t) else (False if search(r"\bquarter|\bcumulat|\bstack|\btwice|\bhalved again", t) and not NO.search(t) else None), "several instances count once", r"\d{2}|sav|legendary"),
    S("advantage.cancel", (r"\badvantage", r"\bdisadvantage", r"\bcancel|\b1 advantage|\b\d+ (?:dis)?advantages?|\bboth\b|\bneither|\bstraight|\bnormal"), lambda t, f, e: True if search(r"\bcancel|\bneither|\bstraight|\bnormal", t) and not search(r"\bdo(?:es)?n't cancel|\bnot cancel", t) else (False if search(r"\byou roll (?:at|with) (?:dis)?advantage|\bstill (?:have|roll)|\bends? up with|\bnet (?:dis)?advantage|\bdon't cancel", t) else None), "any of each cancel out", r"\bdice show|\b1st\b|\brogue|\bagainst|\bchecks?\b|\bcreature|condition|attack"),
    S("advantage.stack", (r"\b(?:2|3|two|three|multiple|several|double) (?:sources of )?(?:dis)?advantages?|\badvantages? (?:stack|twice)",), lambda t, f, e: True if search(r"\b(?:don't|do not|doesn't|no|not|never|still)\b[^.;]{0,24}\b(?:third|3rd|3|extra|more|stack|2 dice|two dice)", t) else (False if search(r"\b(?:third|3rd|3 dice|three dice|extra die|stack|super)", t) else None), "advantages do not stack", r"\bdisadv.*\badv.*disadv|cancel"),
    S("reaction.per_round", (r"\breactions?\b", r"\bper (?:round|turn)|\ba round|\beach round|\bevery round"), lambda t, f, e: False if search(r"\b(?:2|3|two|three|several|any number of) (?:\w+ )?reactions", t) and not NO.search(t) else (True if search(r"\b(?:1|one|a single|only) (?:\w+ )?reaction", t) else None), "1 reaction", r"\bopportunity"),
    S("bonus_action.per_turn", (r"\bbonus actions?\b", r"\bper turn|\ba turn|\beach turn|\bon (?:a|your) turn|\bsame turn"), lambda t, f, e: False if search(r"\b(?:2|3|two|three|several|multiple) bonus actions", t) and not NO.search(t) else (True if search(r"\b(?:1|one|only|a single|at most 1) (?:\w+ )?bonus action", t) else None), "1 bonus action a turn", r"\bspell|\bcast"),
    S("ritual.time", (r"\britual", r"\bminutes?\b|\bhours?\b", r"\blonger|\bextra|\badd|\bmore|\btakes?"), lambda t, f, e: time("10 minutes")(NO.sub(" ", t), f, e), "10 minutes longer", r"#|\botherwise"),
    S("ritual.slot", (r"\brituals?\b", r"\bslot"), fails(r"\b(?:uses?|expends?|costs?|consumes?|burns?|requires?|needs?|takes?|spends?)(?: up)? (?:an?|your|the|one|1|its)?\s?(?:\w+ )?(?<!no )(?:spell )?slot", r"\bslot-?free|\bfor free|\bno slot|\bwithout"), "a ritual expends no slot", r"#"),
    S("ready.slot", (r"\bread(?:y|ied|ying)\b", r"\bslot"), lambda t, f, e: False if search(r"\b(?:not|doesn't|isn't|never|only)\b[^.;]{0,24}\b(?:spend|expend|consum|use|lost|cost|slot)|\bkeep (?:the|your) slot|\bunless the trigger|\bonly if|\brefund|\bget (?:it|the slot) back", t) else holds(r"\b(?:spent|expended|expends?|consum\w*|lost|gone|used|uses|costs?|spends?|burns?)\b", "")(t, f, e), "the slot is spent when the spell is readied"),
    S("ready.concentration", (r"\bread(?:y|ied|ying)\b", r"\bconcentrat"), holds(r"\brequires?|\bneeds?|\bconcentrates?|\bmust|\bhas to|\btakes"), "a readied spell needs concentration", r"\bslot"),
    S("bonus_action_spell", (r"\bbonus action", r"\bspell|\bcast", r"\bcantrip|\bsame turn|\bthat turn|\baction\b"), lambda t, f, e: bonus_spell(t) if e == "5.1" else None, "5.1: beside a bonus action spell only a cantrip of an action", r"#{3,} (?:is|has|takes)|potion"),
    S("slots_per_turn", (r"\bslots?\b", r"\b(?:per|each|every|a|1|one|same|single) turn|\bon a turn"), lambda t, f, e: None if e != "5.2" else (False if search(r"\b(?:2|two|several|multiple) (?:\w+ )?slots", t) and not NO.search(t) else (True if search(r"\b(?:1|one|only|a single) (?:\w+ ){0,2}slot", t) else None)), "5.2: one slot a turn"),
    S("difficult_terrain", (r"\bdifficult terrain", r"\bextra|\bdouble|\btwice|\bhalf|\bcosts?"), holds(r"\b(?:1 )?extra foot|\bdouble|\btwice|\bhalf|\b2 feet|\b1 (?:more|additional)", r"\bthree times|\btriple|\b3 feet|\bquarter|\bno effect"), "1 extra foot per foot", r"climb|swim|crawl|\d{2}"),
    S("improvised", (r"\bimprovised", r"\d+d\d+|\b1d"), dice("1d4"), "1d4"),
    S("unarmed", (r"\bunarmed strikes?|\bpunch", r"\bdamage|\bdeals?|\bdoes"), lambda t, f, e: None if any(x.kind == "dice" for x in f) or not any(x.kind == "number" for x in f) else number(1, "number")(t, f, e), "1 + Strength modifier", r"monk|martial|\d{2}|\bgrapple|\bshove"),
    S("squeezing", (r"\bsqueez", r"\bsizes?\b"), number(1, "number"), "one size smaller", "", "5.1"),
    S("ranged.close", (r"\branged|\bbow|\bshoot|\bcrossbow", r"\badjacent|\bnext to|\bwithin (?:5|\d+)|\bclose|\bmelee range|\bin (?:your|my) face"), lambda t, f, e: holds(r"\bdisadvantage", r"\bno (?:drawback|penalty|disadvantage|problem|downside)|\badvantage|\bnormal(?:ly)?|\bwithout (?:disadvantage|penalty)|\bfine\b")(t, f, e), "disadvantage within 5 feet of an enemy", r"\bprone|\bparaly|#|\bsharpshooter|\bexpert"),
    S("knock_out", (r"\bknock", r"\bout\b|\bunconscious|\bnonlethal"), lambda t, f, e: False if search(r"\branged\b", t) and not NO.search(t) else next((x.whole == (0 if e == "5.1" else 1) for x in f if x.kind == "hp"), None), "with melee attacks; 5.1: 0 hit points and stable, 5.2: 1 hit point"),
    S("vision.heavily", (r"\btotal darkness|\bheavily obscured|\bin (?:the )?dark(?:ness)?\b", r"\bblind|\bsee\b"), holds(r"\bblind", r"\bsees? (?:normally|fine)"), "effectively blinded", r"\bdarkvision of|\bmagical|\bgoggles"),
    S("donning.light", (r"\bdon(?:s|ning)?\b|\bputting on", r"\blight armou?r"), lambda t, f, e: minutes(f, 1, t), "1 minute", r"\bdoff"),
    S("donning.medium", (r"\bdon(?:s|ning)?\b|\bputting on", r"\bmedium armou?r"), lambda t, f, e: minutes(f, 5, t), "5 minutes", r"\bdoff"),
    S("donning.heavy", (r"\bdon(?:s|ning)?\b|\bputting on", r"\bheavy armou?r"), lambda t, f, e: minutes(f, 10, t), "10 minutes", r"\bdoff"),
    S("doffing", (r"\bdoff\w*|\btaking off", r"\b(?:light|medium|heavy) armou?r"), lambda t, f, e: minutes(f, 5 if "heavy" in t else 1, t), "1 minute, heavy armor 5", r"\bdon(?:s|ning)?\b"),
    S("search", (r"\bsearch action",), lambda t, f, e: ability_of(t, {"wisdom", "perception", "insight", "survival", "medicine"} if e == "5.2" else {"wisdom", "intelligence", "perception", "investigation"}), "5.2: a Wisdom check"),
    S("study", (r"\bstudy action|\bthe study\b",), lambda t, f, e: ability_of(t, {"intelligence", "investigation"}) if e == "5.2" else (False if search(r"\bincludes?\b|\bhas\b|\bthere is\b|\bexists?\b", t) and not NO.search(t) else None), "5.2: an Intelligence check; 5.1 has no Study action"),
    S("new_actions", (r"\b(?:influence|magic|utilize) action\b", r"\bincludes?\b|\bhas\b|\bthere is\b|\bexists?\b"), lambda t, f, e: None if NO.search(t) else e == "5.2", "Influence, Magic, Study and Utilize are actions of 5.2", r"\bdc\b|#"),
    S("influence", (r"\binfluence\b", r"\bdc\b"), lambda t, f, e: None if e != "5.2" else (False if search(r"\bplus\b|\bchallenge|\bcr\b", t) else number(15, "dc number")(t, f, e)), "DC 15 or the Intelligence score, whichever is higher"),
    S("dash", (r"\bdash(?:ing)? (?:action )?\w+|\bdash action",), holds(r"\bextra movement\b[^.;]{0,30}\bspeed|\bdoubles?\b|\bequal to (?:your|its) speed|\btwice", r"\btripl\w*|\bquadrupl\w*|\bhalf\b|\b10 feet|\badds? \d+"), "extra movement equal to the speed", r"\bnot\b|n't\b|\bcunning|\bbonus action|\d{2}|frighten"),
    S("vulnerability", (r"\bvulnerab",), holds(r"\bdoubl\w*|\btwice", r"\btripl\w*|\bquadrupl\w*|\bhalf as much again|\b1\.5|\b50 ?%|\bextra die"), "double damage", r"\d{2}|#|\bresist"),
    S("resistance", (r"\bresistance (?:\w+ ){0,3}(?:halv|reduc|cut|quarter|third|means)",), holds(r"\bhalv\w*|\bhalf|\bin half", r"\bquarter|\bthird|\bzero|\bno damage"), "half damage", r"\d{2}|#|\bsave|\bvulner|\bstack|\bsources?"),
    S("temporary.lasts", (r"\btemp\w* (?:hp|hit points?)", r"\blast|\bvanish|\bdisappear|\buntil|\bend of|\bgone|\bexpire"), lambda t, f, e: False if search(r"\b(?:end of (?:the|your) (?:turn|round|combat|encounter)|short rest|1 minute|1 hour)", t) and not NO.search(t.replace("unless", "")) else (True if search(r"\blong rest", t) and not NO.search(t) else None), "until used up or a long rest", r"\bspell|#|\bfirst\b"),
    S("attunement.limit", (r"\battun", r"\blimit|\bmaximum|\bnumber of items|\bas many"), fails(r"\bproficiency bonus|\bcharisma|\bconstitution|\blevel\b|\bunlimited|\bno limit", r"\b3\b"), "3 items"),
    S("darkvision", (r"\bdarkvision",), lambda t, f, e: darkvision(t), "darkness as dim light, dim light as bright light", r"#|\d|\bmagical|\bdevil"),
    S("rounding", (r"\bround(?:s|ed|ing)?\b", r"\bup\b|\bdown\b", r"\bfraction|\bgeneral|\bordinar|\bdefault|\bgame\b"), lambda t, f, e: None if search(r"\bnot\b|n't\b|\bexception", t) or bool(search(r"\bup\b", t)) == bool(search(r"\bdown\b", t)) else search(r"\bdown\b", t) is not None, "down"),
    S("slots.two", (r"\b2 (?:leveled |levelled )?spells\b", r"\bslots?\b", r"\bturn"), lambda t, f, e: None if e != "5.2" or NO.search(t) or search(r"\bonly (?:1|one)\b|\b(?:are|is) out\b|\bimpossible|\billegal|\brules? out", t) or not search(r"\bmay\b|\bcan\b|\ballowed", t) else False, "5.2: one slot a turn"),
    S("cover.stack", (r"\bcover\b", r"\badd(?:s|ed)? (?:together|up)|\bstack|\bcumulat|\bmost protective|\bcombine"), fails(r"\badd(?:s|ed)? (?:together|up)|\bstack\w*|\bcumulat\w*|\bcombine\w*", r"\bmost protective|\bonly the best|\bbest (?:one )?applies|\bhighest"), "only the best cover counts"),
    S("rest.start", (r"\b(?:long|short) rest", r"\b0 (?:hp|hit points)", r"\bbegin|\bstart|\btake"), lambda t, f, e: None if "short" in t and e == "5.1" else bool(NO.search(t)), "needs at least 1 hit point", r"\bunconscious|\bknock"),
    S("opportunity_attack.trigger", (r"\bopportunity attack|\battacks? of opportunity", r"\btrigger|\bprovok|\bwhen(?:ever)?\b"), lambda t, f, e: False if search(r"\b(?:moves?|enters?|steps?|comes?|walks?)(?: \w+)? (?:in|into|within) (?:your|its|their|the)?\s?\w*\s?reach|\benters\b", t) and not NO.search(t) and not search(r"\bleav|\bout of", t) else (True if search(r"\b(?:leaves?|leaving|moves? out|out of)\b[^.;]{0,20}\breach", t) and not NO.search(t) else None), "an enemy you see leaves your reach", r"\bdisengag|\bteleport|\bpolearm"),
    S("opportunity_attack.spent", (r"\bopportunity attack|\battacks? of opportunity", r"\b(?:after|having) (?:using|used|spent|spending|taking|taken) (?:its|your|their|a|the) reaction"), lambda t, f, e: None if NO.search(t.split("reaction")[0]) else False, "it takes your reaction"),
    S("concentration.broken", (r"\bconcentrat", r"\b(?:break|end|lose|cost)\w*\b"), lambda t, f, e: broken(t), "damage, incapacity, death or another concentration spell ends it", r"\bdc\b|\bdamage|\d{2}|#"),
    S("falling.water", (r"\bfall", r"\bwater|\bliquid"), lambda t, f, e: None if e != "5.2" else (False if search(r"\b(?:negat|no damage|all (?:falling )?damage|automatic)", t) and not NO.search(t.replace("no damage", "")) else (next((x.whole == 15 for x in f if x.kind == "dc"), None))), "5.2: a DC 15 check with the reaction halves the damage"),
    S("suffocating", (r"\bsuffocat|\bout of (?:breath|air)",), lambda t, f, e: suffocates(t, e), "5.1: rounds by Constitution modifier, then 0 hit points; 5.2: a level of exhaustion each turn", r"\bhold"),
    S("two_weapon.action", (r"\btwo[- ]weapon|\boff-?hand|\bsecond attack|\b2[- ]weapon", r"\bbonus action"), lambda t, f, e: None if e == "5.2" and search(r"\bnick\b", t) else holds(r"\bbonus action\b", "")(t, f, e), "the extra attack takes a bonus action", r"\bmodifier|\bdual wielder"),
    S("two_weapon.damage", (r"\btwo[- ]weapon|\boff-?hand|\bsecond attack|\bbonus (?:action )?attack", r"\bmodifier"), lambda t, f, e: True if search(r"\b(?:not|n't|no|without)\b[^.;]{0,24}\bmodifier", t) else (False if search(r"\badds? (?:the |your |its )?(?:\w+ )?(?:ability )?modifier", t) and not NO.search(t) else None), "without the ability modifier, unless negative", r"\blets\b|\bengage|\bfighting style|\bfeat|#"),
    S("death_saving_throws.ability", (_DEATH, r"\b(?:constitution|strength|dexterity|wisdom|intelligence|charisma|con|wis)\b"), lambda t, f, e: True if NO.search(t) else (False if search(r"\buses?\b|\badds?\b|\bmodifier|\bplus\b", t) else None), "tied to no ability", r"\d{2}"),
    S("dying.healed", (r"\bheal", r"\b0 (?:hp|hit points)", r"\bunconscious|\bconscious|\bwakes?|\bup\b"), lambda t, f, e: False if search(r"\b(?:leaves?|stays?|remains?|keeps?)\b[^.;]{0,24}\bunconscious", t) and not NO.search(t) else (True if search(r"\b(?:wakes?|conscious|regains? consciousness|gets? (?:back )?up)\b", t) and not NO.search(t) and "unconscious" not in t else None), "any healing brings consciousness back"),
    S("shove.how", (r"\bshov", r"\bcontest|\bsav(?:e|es|ing)\b"), by_edition(lambda t, f, e: grapple(t, "5.1"), lambda t, f, e: grapple(t, "5.2")), "5.1: a contest of Athletics; 5.2: a Strength or Dexterity save", r"\bescap|\d"),
    S("second_wind", (r"\bsecond wind", r"\d+d\d+"), dice("1d10"), "1d10 + fighter level"),
    S("sneak_attack.die", (r"\bsneak attack", r"\bdice (?:of|are) (?:an? )?d\d|\bd\d+s?\b"), lambda t, f, e: None if search(r"\blevel|\d+d\d", t) or not (found := search(r"\bd(\d+)s?\b", t)) else found[1] == "6", "d6", r"\b(?:great)?(?:axe|sword|club)|\bmaul\b|\bweapon|\bslashing|\bpiercing|\bbludgeoning"),
    S("rage.duration", (r"\brage", r"\blast|\bextend|\bduration|\bup to|\bfor \d"), lambda t, f, e: time("1 minute" if e == "5.1" else "10 minutes")(t, f, e), "5.1: 1 minute; 5.2: up to 10 minutes", r"\btimes|\blevel"),
    S("charmer", (r"\bcharmed\b", r"\bwhatever\b|\bobey|\border"), lambda t, f, e: False if not NO.search(t) else None, "the charmed cannot attack the charmer", r"#"),
    S("passive.base", (r"\bpassive", r"\b10\b|\b8\b|\bbase"), number(10, "number"), "10 + modifiers", r"\+\d|\bmod of|\blevel|#|\b5\b"),
    S("suffocation", (r"\bbreath", r"\bminutes?\b", r"\bcon\w* mod"), lambda t, f, e: next((x.text == "1" for x in f if x.kind in ("number", "time")), None), "1 + Constitution modifier minutes", r"[+-]\d"),
    S("initiative.check", (r"\binitiative", r"\bdex\w*|\bwis\w*|\bint\w*|\bcha\w*|\bstr\w*|\bcon\w*"), holds(r"\bdex\w*\b", r"\b(?:wisdom|intelligence|charisma|strength|constitution) (?:check|roll|mod)"), "a Dexterity check", r"[+-]\d|\bscore|\bsurpris|\badvantage"),
    S("round", (r"\bround\b", r"\bseconds?\b"), lambda t, f, e: next((str(x.text) == "6" for x in f if x.kind == "time" and "second" in str(x.value)), None), "6 seconds"),
)  # fmt: skip
