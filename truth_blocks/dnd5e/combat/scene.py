"""A command while it is carried out: the fight, the dice, and the events so far; and how names in it are understood."""

from difflib import get_close_matches

from errors import NotAllowed, UserMistake
from truth_blocks.dnd5e.combat.chance import Chance
from truth_blocks.dnd5e.combat.events import Event
from truth_blocks.dnd5e.combat.fold import apply
from truth_blocks.dnd5e.combat.log import Order
from truth_blocks.dnd5e.combat.state import Combatant, Fight
from truth_blocks.dnd5e.facts import Facts, key_of


class Scene:
    """Nothing of it is kept when a command raises."""

    def __init__(self, fight: Fight, chance: Chance, facts: Facts, order: Order) -> None:
        self.fight, self.chance, self.facts, self.order = fight, chance, facts, order
        self.events: list[Event] = []

    def emit(self, event: Event) -> None:
        """Let something happen."""
        apply(self.fight, event)
        self.events.append(event)

    def option(self, name: str) -> str:
        """An option as typed, empty when it was not given."""
        return self.order.options.get(name, "").strip()

    def whole(self, name: str, low: int, high: int) -> int | None:
        """An option as a whole number, None when it was not given.

        Raises:
            UserMistake: not a number, or out of bounds.
        """
        text = self.option(name).lstrip("+")
        if not text:
            return None
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 7 and low <= int(text) <= high):
            raise UserMistake(f"{name}: is a whole number from {low} to {high}. Nothing was changed.")
        return int(text)

    def named(self, text: str) -> Combatant:
        """The combatant meant: by its name, the only one that begins so, or the only one like it.

        Raises:
            UserMistake: nobody, or more than one.
        """
        wanted = key_of(text[:80])
        by_key = {key_of(each.name): each for each in self.fight.order}
        if wanted in by_key:
            return by_key[wanted]
        starts = [key for key in by_key if wanted and key.startswith(wanted)]
        parts = set(wanted.split())
        starts = starts or [key for key in by_key if parts and parts <= set(key.split())]
        found = starts or get_close_matches(wanted, by_key, 3, 0.8)
        if len(found) == 1:
            return by_key[found[0]]
        said = " ".join(text.split())[:40]
        if found:
            raise UserMistake(f'"{said}" may be {", ".join(by_key[key].name for key in found[:6])}. Say which.')
        here = ", ".join(each.name for each in self.fight.order[:20]) or "nobody yet"
        raise UserMistake(f'"{said}" is not in this fight. Here: {here}. Nothing was changed.')

    def target(self, text: str, *, dead: bool = False) -> Combatant:
        """Somebody who can be struck; with ``dead`` also the dead.

        Raises:
            UserMistake: not here, dead, gone, or the lair.
        """
        found = self.named(text)
        if found.dead and not dead:
            raise UserMistake(f"{found.name} is dead. Nothing was changed.")
        if found.gone:
            raise UserMistake(f"{found.name} has left the fight. Nothing was changed.")
        if found.kind == "lair":
            raise UserMistake("The lair itself cannot be a target. Nothing was changed.")
        return found

    def targets(self, *, dead: bool = False) -> list[Combatant]:
        """All targets of the command, each once.

        Raises:
            UserMistake: none was named, or one of them cannot be one.
        """
        return list({each.name: each for each in self.named_targets(dead=dead)}.values())

    def named_targets(self, *, dead: bool = False) -> list[Combatant]:
        """The targets as they were named: one of them may stand there twice. Raises as `targets`."""
        names = [part for part in self.option("target").split(",") if part.strip()]
        if not names:
            raise UserMistake("Say the target. Nothing was changed.")
        return [self.target(name, dead=dead) for name in names]

    def actor(self) -> Combatant:
        """Who acts: whoever ``by`` names, else whose turn it is; a reaction may be taken in another's turn.

        Raises:
            UserMistake: the fight has not begun, it is someone else's turn, or they cannot act.
            NotAllowed: the person may not act for them.
        """
        turn = self.fight.turn
        if turn is None:
            raise UserMistake("The fight has not begun: /combat next starts the first round. Nothing was changed.")
        actor = self.named(self.option("by")) if self.option("by") else turn
        self.allowed(actor)
        if actor is not turn and self.option("reaction") != "true" and self.option("legendary") != "true":
            raise UserMistake(
                f"It is {turn.name}'s turn, not {actor.name}'s. A reaction needs reaction: yes. Nothing was changed."
            )
        if actor.dead or actor.gone:
            raise UserMistake(f"{actor.name} {'is dead' if actor.dead else 'has left the fight'}. Nothing was changed.")
        if not actor.acts:
            state = ", ".join(sorted(actor.afflictions)) or "not able to act"
            raise UserMistake(f"{actor.name} cannot act: {state}. Nothing was changed.")
        return actor

    def allowed(self, actor: Combatant) -> None:
        """Raise NotAllowed unless the person plays this combatant or commands all."""
        if not self.order.commands_all and actor.user != self.order.user:
            raise NotAllowed(f"Only the player of {actor.name} and the DM may act for {actor.name}.")

    def dm_only(self) -> None:
        """Raise NotAllowed unless the person commands all."""
        if not self.order.commands_all:
            raise NotAllowed("Only the DM (who started this fight) and admins may do this. Nothing was changed.")


def plain_name(text: str, most: int = 40) -> str:
    """A name fit for the log and for a prompt: one line of letters, digits and `'-.`, at most ``most`` characters."""
    return " ".join("".join(c for c in text if c.isalnum() or c in " '’-.").split())[:most].strip()
