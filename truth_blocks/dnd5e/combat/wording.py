"""The words in which fights are told: what asserts a hit, a miss, a death, and what takes the assertion back."""

import re

_SMALL = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
NUMBERS = {
    "one": 1,
    **{word: number for number, word in enumerate(_SMALL.split(), 2)},
    **{word: 10 * number for number, word in enumerate(_TENS.split(), 2)},
}
ORDINALS = {
    word: number
    for number, word in enumerate("first second third fourth fifth sixth seventh eighth ninth".split(), 1)
}


def words(*patterns: str) -> re.Pattern[str]:
    """Any of some patterns, as whole words."""
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b")


_NOT = re.compile(
    r"(?:\bnot|n['’]t|\bnever|\bno|\bnor|\bnobody|\bno one|\bnothing|\bwithout|\bcannot|\bunable to|\bfails? to|\bfailed to"
    r"|\brefuses? to|\btr(?:y|ies|ied|ying) to|\battempts? to|\bstruggles? to|\btoo slow to|\btoo late to|\bno time to"
    r"|\bbefore \S+ can|\binstead of|\brather than|\bhardly|\bscarcely)(?:\s+\S+){0,3}\s*$"
)
_BREAK = re.compile(r"[.!?;:—]|,? but |,? yet |, and |, then ")


def asserted(pattern: re.Pattern[str], text: str) -> tuple[bool, bool]:
    """Whether a text says it, and whether it says that it is not so."""
    said = denied = False
    for match in pattern.finditer(text):
        before = _BREAK.split(text[: match.start()])[-1]
        if _NOT.search(before):
            denied = True
        else:
            said = True
    return said, denied


AIR = r"(?:\w+ )?(?:nothing|only|empty|thin|the air|air\b)"
MISS = words(
    r"miss(?:es|ed|ing)?", "wide", r"dodg\w+", r"duck(?:s|ed|ing)?", r"deflect\w*", r"glanc\w+", r"parr(?:y|ies|ied|ying)",
    r"evad\w+", r"side-?step\w*", r"(?:twists?|spins?|slips?|sways?|leans?|weaves?|slides?|turns?|darts?|rolls?|dances?) "
    r"(?:\w+ )?(?:aside|away|clear|out of the way|out of reach)",
    r"(?:hops?|leaps?|jumps?|springs?|steps?|skips?|scrambles?|dives?|throws? itself) (?:nimbly |neatly |lightly )?"
    r"(?:back|aside|away|clear|out of the way)",
    r"harmless\w*", "untouched", "unscathed", "unharmed", "unhurt", r"whiff\w*",
    r"fail(?:s|ed|ing)? to (?:hit|land|connect|find|strike|reach|touch|pierce)",
    r"(?:whistles?|whistling|sails?|swings?|pass(?:es)?|flies|flashes|slices?|hiss(?:es)?|goes|sweeps?|whips?|zips?|"
    r"hums?|carr(?:y|ies)|skims?)(?: \w+){0,2} (?:past|over)",
    rf"(?:hits?|finds?|finding|meets?|meeting|strikes?|striking|cuts?|cutting|touches|catches|bites?|cleaves?|stabs?|"
    rf"pierc(?:es?|ing)|slashes|slices?|carv(?:es?|ing)|hacks?|tears?) {AIR}",
    r"nothing but (?:the |empty |thin )?air", "thin air", "empty air", r"clangs?", r"clatters?", r"skitters?",
    r"(?:slides?|bounces?|skids?|scrapes?|skates?) (?:\w+ )?(?:off|away)", r"turn(?:s|ed)? (?:it |the \w+ )?aside",
    r"(?:knock|bat|swat|brush|slap|push)(?:s|es|ed)? (?:\S+ ){1,4}(?:aside|away)", r"block(?:s|ed|ing)?",
    r"too (?:high|low|wide|short|far|late)", r"overreach\w*", "out of reach", "out of the way", r"avoid(?:s|ed|ing)?",
    r"elud\w+", r"off[- ](?:target|the mark)", "short of", r"(?:misjudg|mistim)\w+", "goes astray", "no effect",
    r"comes? up (?:short|empty)", "fresh air", r"buries? itself in the \w+", r"thuds? into the \w+",
)  # fmt: skip
HIT = words(
    r"hits?(?! (?:the )?(?:ground|floor|wall|dirt|nothing|only|thin|empty|air|points?))", "struck", r"strikes? (?:true|home)",
    r"pierc(?:es|ed|e)(?! (?:nothing|only|the air))", "skewers?", "impales?", "wounds?", "wounded", "gash",
    r"(?:draws?|drawing|drew|spills?) (?:first )?blood", r"bleed\w*", r"bloodied", r"bites? (?:deep|into)",
    r"sinks? (?:deep |deeply )?(?:in|into)", r"tears? into", r"(?:blow|strike|thrust|attack|shot|swing) (?:lands?|connects?)",
    "lands? (?:a|the|his|her|its) (?:\\w+ )?(?:blow|hit|strike)", "lands?(?: solidly| squarely| hard)?",
    "connects?",
    r"finds? (?:its|the|her|his|a) (?:mark|target|gap|flesh|weak spot|opening)", r"runs? \S+(?: \w)? through",
    r"runs? \S+ \S+ through", r"slams? into", r"smash(?:es)? into", r"burns?", r"sears?", r"scorch(?:es|ed)?",
    r"\d+ (?:points? of )?(?:\w+ )?damage", r"slash(?:es)? (?:\S+ ){1,2}across", r"punch(?:es)? through",
    r"drives? (?:\S+ ){1,4}(?:home|into)", r"(?:opens?|carves?|leaves?) (?:a|an) (?:\w+ )?(?:gash|wound|cut)", "hurt",
)  # fmt: skip
MADE = words(
    r"resist(?:s|ed|ing)?", r"withst\w+", r"shrugs?(?: \S+){0,3} off", "shrugs? off", r"succeed\w*", r"endur\w+",
    "holds? (?:firm|out|on|fast)", r"(?:makes?|made|pass(?:es|ed)?) (?:the|its|his|her|their|a) (?:\w+ )?sav(?:e|ing throw)",
    r"throws?(?: \S+){0,3} off", r"shak(?:es?|ing)(?: \S+){0,4} off", "shakes? off", r"fights? (?:it )?off",
    r"fends? (?:it )?off", r"dives? (?:clear|aside|for cover|away|behind)", r"rolls? (?:aside|clear|away|out)",
    "out of the way", r"weathers?", "will is stronger", "stands? firm", "in time", "breaks? free", "unaffected",
    "unmoved",
)  # fmt: skip
FAILED = words(
    r"fail(?:s|ed|ing)?", r"succumb\w*", "too (?:slow|late)", r"g(?:ives?|iving|ave) (?:out|way|in)", r"overwhelm\w*",
    r"overcom\w+", r"(?:caught|catches \w+) (?:flat-footed|off guard|in the open|full on)", "no match for",
)  # fmt: skip
HEALS = words(
    "heals?", "healed", "healing", r"regain\w*", r"recover(?:s|ed|ing)?(?! (?:his|her|its|their) (?:footing|balance|stance))",
    r"restor(?:es?|ed|ing)", r"mend(?:s|ed|ing)?", "knits?",
)  # fmt: skip
LOSES = words(
    r"los(?:es?|ing)", "lost", r"suffer(?:s|ed|ing)?", "damage", r"(?:is|are|was) (?:hurt|wounded|struck|hit)", "bleeds?",
    r"tak(?:es?|ing) (?:\d+|another|more)(?! (?:hit points? )?back)", r"weak(?:er|ens)",
)  # fmt: skip
IDIOMS = words(
    r"death sav(?:es?|ing throws?)", r"saves? against death", "near(?:ly)? (?:dead|death)", "death['’]s door",
    "(?:brink|edge|verge|jaws) of death", "half-dead", r"cheat(?:s|ed)? death", "dead (?:on|center|centre|ahead|weight|still)",
    "stops? dead", "dying (?:light|embers|flames)", "fallen? (?:silent|back|short)", "falls? (?:silent|back|short|away|upon)",
    r"drops? (?:his|her|its|their|the) (?:guard|shield|weapon|stance|arms?|blade|jaw)", "killer instinct", "dead aim",
    "(?:silence|night|darkness|shadow|rain|hail|dust|hush) falls?", "deadly", "not done",
    r"(?:sword|longsword|blade|axe|club|greatclub|hammer|maul|blow|weapon|steel|fist|claw|arrow|rapier|scimitar|σ) "
    r"(?:falls?|drops?|descends|comes down|crashes down)",
)  # fmt: skip
FINAL = words(
    r"(?:not|never|n['’]t) (?:to )?(?:rise|get up|stand up|move|breathe|draw breath)(?: \w+){0,2} again",
    r"never (?:to )?(?:rise|get up|move|breathe)", r"(?:not|n['’]t) (?:rise|get (?:back )?up)",
    r"for good", r"(?:ends?|takes?|ending|taking|claims?|took|snuffs? out) \S+(?: \w)?(?:['’]s)? life",
    r"breathes? (?:his|her|its|their) last", r"life (?:leaves|drains from|flees|goes out of)", "death ?blow",
    r"mortal(?:ly)?", r"finish(?:es|ed)(?: \S+){0,2} off", "no more", "lifeblood", "last breath",
)  # fmt: skip
DEATH = words(
    "dies", "die", "died", "dead", "death", "dying breath", "slain", "slays?", "slew", r"kill(?:s|ed|ing)?", "lifeless",
    "corpse", r"perish\w*", r"fatal\w*", r"murder(?:s|ed)?", "dust",
)  # fmt: skip
FALL = words(
    "falls?", "fell", "falling", "fallen", "drops?", "dropped", r"collaps\w+", r"crumpl\w+", r"toppl\w+", "unconscious",
    "goes down", "went down", "dying", "slumps?", r"(?:hits|strikes) the (?:ground|floor|dirt|stones)", "out cold",
    "bleed(?:s|ing) out", r"(?:cuts?|strikes?|brings?|batters?|beats?|hacks?|puts?|takes?|knocks?|struck|lays?) "
    r"\S+(?: \w)? (?:down|low|out)", r"down goes", "sinks? to (?:the|his|her|its) (?:ground|floor|knees)",
)  # fmt: skip
ALIVE = words(
    r"surviv\w+", "alive", r"fights? on", r"fighting on", r"still (?:stand(?:s|ing)|breath(?:es|ing)|fight(?:s|ing)|up|alive)",
    r"(?:stays?|remains?|keeps?) (?:up|standing|on (?:his|her|its|their) feet|fighting)", r"stagger\w*",
    r"clings? to life", "holds? on", "stable", "barely hurt", "wakes?", "stirs?",
)  # fmt: skip
DOWN = words("unconscious", "dying", "bleed(?:s|ing) out")
CRIT = words(r"critical\w*", "crits?")
KEPT_IT = re.compile(
    r"\b(?:keeps?|kept|keeping|holds?|holding|maintains?|maintaining|retains?|clings? to|clinging to)"
    r"(?: on to| onto| up| fast to)?(?: \S+){0,3} (?:concentration|focus|grip|σ)"
    r"|(?:\bconcentration|\bfocus|\bgrip|\bspell|σ)(?: \S+){0,4}? (?:holds?|held|stays?|remains?|survives?|endures?|persists?|"
    r"goes on|does not (?:waver|break|falter|slip)|never (?:wavers?|breaks?|falters?|slips?))\b"
)
LOST_IT = re.compile(
    r"\b(?:los(?:es?|ing)|lost|breaks?|broke|breaking|shatters?|shattering|drops?|snaps?)(?: \S+){0,3} "
    r"(?:concentration|focus|grip|hold|σ)"
    r"|(?:\bconcentration|\bfocus|\bgrip|\bspell|σ)(?: (?!never|not|doesn)\S+){0,5}? (?:shatters?|slips?|ends?|fades?|breaks?|broken|snaps?|"
    r"fails?|falters?|wavers?|collapses?|lost|gone|dissolves?|unravels?|vanishes|gutters out|winks out|drops|dies)\b"
)
STILL = words(r"(?:still|remains?|stays|becomes?|now|is left|falls)")
ENDED = words("no longer", "not .{0,12}any ?more", "free of", "shakes? off", "recovers? from")
IMAGES = {
    "fire": words(r"fir(?:e|es|ey|y)", "fiery", r"flam(?:e|es|ing)", r"blaz\w+", "inferno", r"burn(?:s|ed|ing|t)?", r"scorch\w*"),
    "cold": words(r"frost\w*", r"freez\w+", "frozen", "icy", "ice"),
    "lightning": words(r"lightning(?![- ](?:fast|quick|speed|reflex))", r"electri\w+"),
    "acid": words(r"acid\w*"),
    "poison": words(r"poison\w*", r"venom\w*"),
    "thunder": words(r"thunderous", "thunderclap"),
}  # fmt: skip
"""What lets a reader think of a damage type without naming it."""
STRIKES = (
    r"strikes?|stabs?|hits?(?! the (?:ground|floor|dirt|wall))|slashes|slash|cuts?|clubs?|lunges?|swings?|bites?(?! back)|"
    r"kills?|wounds?|attacks?|smashes|crushes|slams?(?! into the)|batters?|hacks?|thrusts?|skewers?|pierces?|shoots?|fires|"
    r"hurls?|casts?|blasts?|burns|slays?|lands|deals|drives|claws?|impales?|runs (?=\S+ through)|gores?|mauls?|punches|"
    r"kicks?|trades? blows"
)
"""What somebody does who attacks; whoever is attacked does none of it."""
ORDINARY = frozenset(
    re.findall(
        r"\w+",
        "the a an with as but and then its his her their it he she they in on at from for no not once now still yet again "
        "before after under over through across against one another this that these those there here both each every "
        "everything nothing nobody something someone all some somehow sudden suddenly so such too very even only just "
        "almost down up out off when while where what who why how if though although because since until till by to of "
        "into onto like unlike without within behind beside between beyond above below around about despite first second "
        "third last next finally meanwhile instead perhaps maybe never always soon quick quickly slow slowly fast hard "
        "steel iron blood bone flesh skin sweat breath pain agony fear rage fury anger hate hope luck fate chance time "
        "magic light darkness shadow dust smoke ash sparks spark fire flame flames heat frost ice cold wind rain thunder "
        "lightning storm stone earth mud water venom poison acid force power energy will mind spirit soul heart life "
        "death silence noise sound roar scream cry howl shout laughter word words whisper blade blades sword swords "
        "dagger axe club hammer spear bow arrow arrows bolt bolts dart darts ray rays shield armor armour leather chain "
        "plate helm claw claws fang fangs teeth tooth jaws tail wing wings scale scales hide fur eye eyes ear face head "
        "neck throat chest rib ribs back shoulder arm arms hand hands fist fists finger fingers leg legs knee knees foot "
        "feet body limbs muscle muscles wound wounds blow blows strike strikes thrust thrusts swing swings cut cuts "
        "slash stab shot hit hits miss attack attacks guard stance footing balance reflex reflexes instinct skill "
        "strength speed grace courage determination concentration focus training practice experience battle fight combat "
        "war victory defeat ground floor wall walls air room cavern hall night day moment second seconds heartbeat "
        "color colour warm warmth new old fresh great small big tiny huge good bad bright dark deep sharp blunt heavy "
        "nimble clumsy wild perfect brutal savage vicious swift desperate lucky unlucky helpless brave fierce furious "
        "holy unholy divine arcane healing vigor vigour energy weakness sickness relief toxin spell spells curse blessing "
        "prayer ward charm enchantment spirits points damage hit try caught down surprisingly clearly barely nearly "
        "metal wood glass brute beast creature monster enemy foe ally friend hero companion champion warrior goblin ogre "
        "dragon giant undead skeleton zombie orc wolf spider demon devil witch wizard fighter rogue cleric priest druid "
        "radiance glow gleam glint flash burst wave cloud mist fog vines roots webs web thorns chains strands tendrils "
        "panic terror dread horror sleep slumber weariness exhaustion nausea bile tears laughter mockery insults grit "
        "mercy justice vengeance revenge destiny misfortune fortune victory triumph disaster calamity chaos order calm "
        "three four five six seven eight nine ten twenty thirty forty fifty sixty seventy eighty ninety hundred twelve "
        "eleven thirteen fourteen fifteen sixteen seventeen eighteen nineteen two whatever whoever nope yes ouch crunch "
        "crack thud clang whoosh bang wham splat snap boom luckily unfortunately sadly alas close",
    )
)
"""Words a sentence may begin with though a verb follows: no names of somebody."""
