"""The table: fights, characters, encounters and the campaign, over the engine and the blackboard. No model is near.

A fight is read, changed by the engine and written back under its channel's lock; the version on disk decides.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from weakref import WeakValueDictionary

import msgspec

from agents.contracts import Request
from agents.policy import Policy
from agents.table_contracts import TABLE_TASKS, Play, Played, View
from agents.truth_thread import TruthThread
from blackboard.combats import Combats, StoredCombat
from errors import NotAllowed, UserMistake
from truth_blocks.dnd5e.combat import encounters, engine, sheets, telling
from truth_blocks.dnd5e.combat.beats import beats
from truth_blocks.dnd5e.combat.chance import Chance
from truth_blocks.dnd5e.combat.log import Log, Order, fold, read, written
from truth_blocks.dnd5e.combat.narration import Excerpt
from truth_blocks.dnd5e.combat.state import Fight
from truth_blocks.dnd5e.combat.suggesting import Suggestions
from truth_blocks.dnd5e.facts import Facts

NO_FIGHT = "There is no fight in this channel. Start one with /combat start."


class Table:
    """One for all tenants; what it knows stands on the blackboard."""

    def __init__(
        self,
        combats: Combats,
        truth: TruthThread,
        policy: Policy,
        default_edition: str,
        seeds: Callable[[], int] = lambda: secrets.randbits(48),
    ) -> None:
        self._combats, self._truth, self._policy = combats, truth, policy
        self._default, self._seeds = default_edition, seeds
        self._locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()
        self._opened: Facts | None = None
        self._editions: dict[str, str] = {}
        self._of_a_character: Mapping[str, Callable[[Play], Awaitable[Played]]] = {
            "character": self._character, "rest": self._rest, "encounter": self._encounter, "campaign": self._campaign,
        }  # fmt: skip

    async def play(self, play: Play) -> Played:
        """Carry a command out; committed before this returns.

        Raises:
            UserMistake, NotAllowed: the sentence says why; nothing was changed. StoreError: nothing was written.
        """
        request = play.request
        if request.task_type not in TABLE_TASKS:
            raise UserMistake(f"There is no command for {request.task_type!r}.")
        if refusal := self._policy.refusal(request):
            raise NotAllowed(refusal.message)
        lock = self._locks.setdefault((request.tenant, play.channel), asyncio.Lock())
        async with lock:
            return await self._play(play, request.task_type.partition(".")[2])

    async def _play(self, play: Play, do: str) -> Played:
        if play.request.task_type.startswith("dnd."):
            return await self._of_a_character[do](play)
        if do == "start":
            return await self._start(play)
        stored = await self._fight(play.request.tenant, play.channel)
        if play.expected is not None and play.expected != stored.version:
            raise UserMistake("The fight has moved on since this button was drawn. Nothing was changed.")
        if do == "status":
            view = await self._truth.call(lambda: _view(stored, read(stored.log)))
            return Played(view.board, view=view, ephemeral=True)
        if do == "undo":
            return await self._undo(play, stored)
        return await self._act(play, stored, do)

    # -- fights

    async def _start(self, play: Play) -> Played:
        request = play.request
        log = Log(await self.edition(request.tenant), request.user, self._seeds())
        await self._combats.begin(request.tenant, play.channel, written(log))
        stored = await self._fight(request.tenant, play.channel)
        text = f"A fight begins, by SRD {log.edition}. Players: /combat join. DM: /combat add, then /combat next."
        return Played(text, text, await self._truth.call(lambda: _view(stored, log)))

    async def _act(self, play: Play, stored: StoredCombat, do: str) -> Played:
        request = play.request
        sheet = await self._sheet(request) if do == "join" else None
        order = Order(
            do,
            request.user,
            _options(request, play.name if do == "join" and sheet is None else ""),
            sheet=sheets.combatant(sheet, request.user) if sheet else None,
            id=request.interaction_id or "",
        )

        def step() -> tuple[Log, Fight | None]:
            before = read(stored.log)
            if order.id and any(entry.order.id == order.id for entry in before.entries):
                return before, None  # delivered twice
            mine = msgspec.structs.replace(order, commands_all=_commands(request, before))
            log = engine.act(before, mine, self._facts)
            return log, fold(log)

        log, fight = await self._truth.call(step)
        entry = log.entries[-1]
        if fight is not None:
            ended = fight.xp_each is not None
            left = await self._sheets_after(request.tenant, fight) if ended else None
            await self._combats.save(stored, written(log), ended=ended, sheets=left)
            stored = msgspec.structs.replace(stored, version=stored.version + 1, open=not ended, log=b"")
        public = "\n".join(telling.public_lines(entry))
        view = await self._truth.call(lambda: _view(stored, log))
        return Played("\n".join(telling.entry_lines(entry)), public, view, ephemeral=entry.hidden)

    async def _undo(self, play: Play, stored: StoredCombat) -> Played:
        request = play.request
        log = read(stored.log)
        text = request.options.get("steps", "1").strip()
        if not (text.isascii() and text.isdigit() and len(text) < 6):
            raise UserMistake("steps: is a whole number. Nothing was changed.")
        last = log.entries[-1].order.user if log.entries else ""
        if not _commands(request, log) and not (int(text) == 1 and last == request.user):
            raise NotAllowed("Only the DM takes back what others did; you may take back your own last command.")
        log = engine.undo(log, int(text))
        told = min(stored.narrated, len(log.entries))
        stored = msgspec.structs.replace(stored, narrated=told)
        await self._combats.save(stored, written(log))
        stored = msgspec.structs.replace(stored, version=stored.version + 1)
        said = f"Taken back: the last {int(text)} commands." if int(text) > 1 else "Taken back: the last command."
        return Played(said, said, await self._truth.call(lambda: _view(stored, log)))

    async def view(self, tenant: str, combat_id: int) -> View | None:
        """A fight by its number, also one that is over."""
        stored = await self._combats.combat(tenant, combat_id)
        return None if stored is None else await self._truth.call(lambda: _view(stored, read(stored.log)))

    async def excerpt(self, tenant: str, channel: str) -> Excerpt:
        """What the next narration of a channel has to tell.

        Raises:
            UserMistake: there is no fight.
        """
        stored = await self._fight(tenant, channel)

        def step() -> Excerpt:
            log = read(stored.log)
            fight = fold(log)
            told, covered = beats(log.entries[stored.narrated :])
            return Excerpt(
                stored.id, log.edition, stored.narrated, stored.narrated + covered, fight.round,
                tuple(each.name for each in fight.order), tuple(told),
                tuple(each.name for each in fight.order if each.kind == "player"),
            )  # fmt: skip

        return await self._truth.call(step)

    async def told(self, tenant: str, excerpt: Excerpt) -> None:
        """Mark an excerpt as narrated."""
        await self._combats.note(tenant, excerpt.combat, narrated=excerpt.last)

    async def _fight(self, tenant: str, channel: str) -> StoredCombat:
        stored = await self._combats.open_in(tenant, channel)
        if stored is None:
            raise UserMistake(NO_FIGHT)
        return stored

    # -- characters, encounters, the campaign

    async def _sheet(self, request: Request) -> sheets.Sheet | None:
        stored = await self._combats.sheet(request.tenant, request.user)
        return msgspec.json.decode(stored, type=sheets.Sheet) if stored else None

    async def _sheets_after(self, tenant: str, fight: Fight) -> dict[str, bytes]:
        """The sheets of those who joined with one, as the fight left them."""
        found: dict[str, bytes] = {}
        for who in fight.order:
            stored = await self._combats.sheet(tenant, who.user) if who.source == "character sheet" else None
            if stored is not None:
                sheet = msgspec.json.decode(stored, type=sheets.Sheet)
                found[who.user] = msgspec.json.encode(sheets.after_fight(sheet, who))
        return found

    async def _character(self, play: Play) -> Played:
        request = play.request
        sheet = await self._sheet(request)
        if request.files:
            sheet = await self._truth.call(lambda: sheets.read(request.files[0].content))
        elif request.options.get("set"):
            before, text = sheet, request.options["set"]
            sheet = await self._truth.call(lambda: sheets.changed(before, text))
        elif sheet is None:
            raise UserMistake(
                "You have no character here. Make one: /dnd character set: name Mira, level 3, hp 24, ac 15"
            )
        else:
            return Played(sheets.shown(sheet), ephemeral=True)
        await self._combats.put_sheet(request.tenant, request.user, msgspec.json.encode(sheet))
        return Played(f"Kept.\n{sheets.shown(sheet)}", ephemeral=True)

    async def _rest(self, play: Play) -> Played:
        request = play.request
        sheet = await self._sheet(request)
        if sheet is None:
            raise UserMistake("You have no character here, so there is nobody to rest. Make one with /dnd character.")
        stored = await self._combats.open_in(request.tenant, play.channel)
        if stored is not None and any(each.user == request.user for each in fold(read(stored.log)).order):
            raise UserMistake("Nobody rests in a fight. Nothing was changed.")
        kind, text = request.options.get("kind", ""), request.options.get("dice", "0")
        if kind not in ("short", "long") or not (text.isascii() and text.isdigit() and len(text) < 3):
            raise UserMistake("kind: is short or long, dice: how many hit dice. Nothing was changed.")
        edition, seed, before = await self.edition(request.tenant), self._seeds(), sheet
        sheet, said = await self._truth.call(
            lambda: sheets.rested(before, kind, int(text), edition, self._facts, Chance(seed))
        )
        await self._combats.put_sheet(request.tenant, request.user, msgspec.json.encode(sheet))
        return Played(f"{kind.capitalize()} rest · SRD {edition}\n{said}")

    async def _encounter(self, play: Play) -> Played:
        options = play.request.options
        edition = options.get("edition") or await self.edition(play.request.tenant)
        if edition not in encounters.DIFFICULTIES:
            raise UserMistake("The edition is 5.2 or 5.1.")
        levels = encounters.party(options.get("party", ""))
        difficulty = options.get("difficulty", "")
        return Played(await self._truth.call(lambda: encounters.answer(self._facts, levels, difficulty, edition)))

    async def _campaign(self, play: Play) -> Played:
        request = play.request
        wanted = request.options.get("edition", "")
        if not wanted:
            return Played(f"This campaign plays by SRD {await self.edition(request.tenant)}.", ephemeral=True)
        if wanted not in encounters.DIFFICULTIES:
            raise UserMistake("The edition is 5.2 or 5.1. Nothing was changed.")
        if request.role == "member" and request.tenant.startswith("guild:"):
            raise NotAllowed("Only admins choose the edition of a server's campaign. Nothing was changed.")
        await self._combats.set_edition(request.tenant, wanted)
        self._editions[request.tenant] = wanted
        return Played(f"This campaign plays by SRD {wanted} from now on. Fights under way keep their edition.")

    async def edition(self, tenant: str) -> str:
        """The campaign's edition, the operator's default while none was chosen."""
        if tenant not in self._editions:
            if len(self._editions) > 1_000:
                self._editions.clear()
            self._editions[tenant] = await self._combats.edition(tenant) or self._default
        return self._editions[tenant]

    async def with_character(self, request: Request) -> Request:
        """A roll whose dice hold ``@names``, with the asker's own character for those ``values:`` leaves open."""
        options = request.options
        sheet = await self._sheet(request) if "@" in options.get("dice", "") else None
        if sheet is None:
            return request
        values = sheets.values_for(options["dice"], options.get("values", ""), sheet)
        return msgspec.structs.replace(request, options={**options, "values": values})

    async def suggest(
        self, task_type: str, option: str, prefix: str, chosen: Mapping[str, str], tenant: str, channel: str
    ) -> list[str]:
        """Completions from the data and from who is in the channel's fight."""
        stored = await self._combats.open_in(tenant, channel)
        edition = await self.edition(tenant)

        def step() -> list[str]:
            fight = fold(read(stored.log)) if stored else Fight(edition, "")
            return Suggestions(self._facts, fight).of(option, prefix, chosen, task_type)

        return await self._truth.call(step)

    @property
    def _facts(self) -> Facts:
        """Opened on the truth thread, at the first command that needs it."""
        if self._opened is None:
            self._opened = Facts()
        return self._opened


def _commands(request: Request, log: Log) -> bool:
    return request.user == log.dm or request.role != "member"


def _options(request: Request, name: str) -> dict[str, str]:
    given = {key: value for key, value in request.options.items() if value.strip()}
    return {"name": name, **given} if name else given


def _view(stored: StoredCombat, log: Log) -> View:
    fight = fold(log)
    turn = fight.turn
    users = {fight.dm, turn.user} if turn else {fight.dm}
    return View(
        stored.id, stored.version, stored.open, telling.board(fight, log.entries), stored.message,
        turn.name if turn else "", tuple(sorted(users)), tuple(attack.name for attack in turn.attacks) if turn else (),
        tuple(
            each.name
            for each in fight.order if each.kind != "lair" and not (each.dead or each.gone) and each is not turn
        ),
    )  # fmt: skip
