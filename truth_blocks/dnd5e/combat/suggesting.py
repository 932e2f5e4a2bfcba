"""Completions for the commands of a fight."""

from collections.abc import Mapping

from truth_blocks.dnd5e.combat.spells import spell
from truth_blocks.dnd5e.combat.state import Fight
from truth_blocks.dnd5e.facts import Facts, key_of
from truth_blocks.dnd5e.names import Names

MOST = 25


class Suggestions:
    """What an option of one fight may become."""

    def __init__(self, facts: Facts, fight: Fight) -> None:
        self._facts, self._fight = facts, fight

    def of(self, option: str, prefix: str, chosen: Mapping[str, str], task_type: str = "") -> list[str]:
        """At most 25, best first."""
        if option == "spell" and task_type == "combat.again":
            return _matching([each.spell for each in self._fight.lasting], prefix)
        if option == "choice":
            return _matching(self._choices(chosen), prefix)
        if option in ("creature", "spell"):
            return Names(self._facts, option, self._fight.edition).suggest(prefix)
        if option in ("target", "covered"):
            return self._people(prefix)
        if option == "by":
            return _matching([each.name for each in self._fight.order if not each.dead], prefix)
        who = self._fight.turn
        named = [each for each in self._fight.order if key_of(each.name) == key_of(chosen.get("by") or "")]
        who = named[0] if named else who
        if who is None:
            return []
        if option == "attack":
            return _matching([attack.name for attack in who.attacks], prefix)
        if option == "what":
            return _matching(["reaction", "legendary", *(ability.name for ability in who.abilities)], prefix)
        return []

    def _choices(self, chosen: Mapping[str, str]) -> list[str]:
        """What the chosen spell offers, or the conditions it ends."""
        edition = self._fight.edition
        key = self._facts.key("spell", edition, chosen.get("spell") or "")
        rules = spell(edition, key) if key else None
        return list(rules.choices or rules.ends) if rules else []

    def _people(self, text: str) -> list[str]:
        """The last of several names with commas is completed."""
        before, comma, last = text.rpartition(",")
        names = [each.name for each in self._fight.order if not each.dead and each.kind != "lair"]
        head = f"{before}{comma} " if comma else ""
        return [head + name for name in _matching(names, last) if name not in before]


def _matching(names: list[str], prefix: str) -> list[str]:
    wanted = key_of(prefix)
    starts = [name for name in names if key_of(name).startswith(wanted)]
    inside = [name for name in names if wanted in key_of(name) and name not in starts]
    return (starts + inside)[:MOST]
