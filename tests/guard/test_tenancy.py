"""Nobody reads another place's anything: 10,000 random pairs of a reader and somebody else's things, over every read."""

import asyncio
import inspect
import random
import types
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest

import memory.contracts
from agents.contracts import Request, Role
from agents.relay.reading import relay_audit
from agents.table_contracts import Play
from app import App
from blackboard.audit import Audit
from blackboard.combats import Combats
from blackboard.grants import Grants
from blackboard.relays import Relays
from database import Blackboard
from errors import NotAllowed, UserMistake
from memory.contracts import Query
from memory.facade import Memory
from tests.apps import author_and_critic, opened
from tests.guard.places import ASKED, Place, settled
from tests.promises import Promise
from tests.scripted_model import ScriptedModel

PAIRS = 10_000
TENANTS = ["local", *(f"guild:{number}" for number in range(1, 6)), *(f"user:{number}" for number in range(31, 35))]


class House(NamedTuple):
    """An App with its relay, and the places in it."""

    app: App
    relay: Blackboard
    places: list[Place]


class Reader(NamedTuple):
    """Who reads, from where, as what."""

    place: Place
    user: str
    role: Role


Read = Callable[[House, Reader, Place], Awaitable[object]]
READS: dict[str, Read] = {}
OWN_SHOWS: set[str] = set()
"""Reads that show a place its own marker; the others give figures, or are answered with a refusal."""


def read(*, shows: bool = True) -> Callable[[Read], Read]:
    def register(function: Read) -> Read:
        READS[function.__name__] = function
        if shows:
            OWN_SHOWS.add(function.__name__)
        return function

    return register


def simple(name: str, call: Callable[[House, str, Place], Awaitable[object]], *, shows: bool = True) -> None:
    async def one(house: House, reader: Reader, of: Place) -> object:
        return await call(house, reader.place.tenant, of)

    one.__name__ = name
    read(shows=shows)(one)


simple("task", lambda house, tenant, of: house.app.blackboard.task(tenant, of.task))
simple("last task of a user", lambda house, tenant, of: house.app.blackboard.last_task(tenant, of.users[0]))
simple("last task", lambda house, tenant, of: house.app.blackboard.last_task(tenant))
simple("steps", lambda house, tenant, of: house.app.blackboard.steps(tenant, of.task))
simple("calls", lambda house, tenant, of: house.app.blackboard.calls(tenant, of.task))
simple("corrections", lambda house, tenant, of: house.app.blackboard.corrections(tenant))
simple("corrections of a task", lambda house, tenant, of: house.app.blackboard.corrections_of(tenant, of.task))
simple("cached", lambda house, tenant, of: house.app.blackboard.cached(tenant, of.key, min_confidence=0))
simple("feedbacks", lambda house, tenant, of: house.app.blackboard.feedbacks(tenant, of.hidden))
simple("wrong answers", lambda house, tenant, of: house.app.blackboard.wrong_answers(tenant))
simple("words of a user", lambda house, tenant, of: house.app.blackboard.words_of(tenant, of.users[0]))
simple("audit", lambda house, tenant, of: house.app.blackboard.audit.entries(tenant))
simple("audit of a user", lambda house, tenant, of: house.app.blackboard.audit.entries(tenant, person=of.users[0]))
simple("open fight", lambda house, tenant, of: house.app.blackboard.combats.open_in(tenant, of.channel))
simple("fight", lambda house, tenant, of: house.app.blackboard.combats.combat(tenant, of.combat))
simple("sheet", lambda house, tenant, of: house.app.blackboard.combats.sheet(tenant, of.users[0]))
simple("fight of the app", lambda house, tenant, of: house.app.fight(tenant, of.combat))
simple("relay job", lambda house, tenant, of: house.relay.relay.job(tenant, of.job))
simple("relay jobs", lambda house, tenant, of: house.relay.relay.jobs(tenant))
simple("relay ledger", lambda house, tenant, of: house.relay.relay.ledger(tenant, of.job))
simple("relay checkpoints", lambda house, tenant, of: house.relay.relay.checkpoints(tenant, of.job))
simple("relay steps", lambda house, tenant, of: house.relay.steps(tenant, of.job))
simple("relay audit", lambda house, tenant, of: relay_audit(house.app.settings.data_dir, tenant, 100), shows=False)


@read()
async def names_in_a_fight(house: House, reader: Reader, of: Place) -> object:
    return await house.app.suggest(
        "combat.heal", "target", of.marker[:3], {}, tenant=reader.place.tenant, channel=of.channel
    )


@read()
async def the_board_of_a_channel(house: House, reader: Reader, of: Place) -> object:
    return await played(house, reader, "combat.status", {}, of.channel)


@read()
async def a_character(house: House, reader: Reader, of: Place) -> object:
    return await played(house, reader._replace(user=of.users[0]), "dnd.character", {})


@read()
async def recalled(house: House, reader: Reader, of: Place) -> object:
    return await played(house, reader, "memory.recall", {"text": f"{ASKED} {of.marker}"})


@read()
async def recalled_by_its_tag(house: House, reader: Reader, of: Place) -> object:
    return await played(house, reader, "memory.recall", {"text": ASKED, "tag": of.marker})


@read()
async def a_memory_by_number(house: House, reader: Reader, of: Place) -> object:
    return await (await house.app._recollection.memory()).record(reader.place.tenant, of.note)


@read()
async def all_memories(house: House, reader: Reader, of: Place) -> object:
    return await (await house.app._recollection.memory()).records(reader.place.tenant)


@read()
async def the_nearest_memories(house: House, reader: Reader, of: Place) -> object:
    memory = await house.app._recollection.memory()
    return (await memory.recall(Query(tenant=reader.place.tenant, text=f"{ASKED} {of.marker}", k=20))).hits


@read()
async def memories_of_a_user(house: House, reader: Reader, of: Place) -> object:
    memory = await house.app._recollection.memory()
    return [record async for record in memory.export_user(reader.place.tenant, of.users[0])]


@read()
async def exported_as_that_user(house: House, reader: Reader, of: Place) -> object:
    if reader.place.tenant.startswith("user:"):
        return None  # In a direct message a person gets what is theirs of every place, and is who Discord says.
    return await played(house, reader._replace(user=of.users[0]), "privacy.export", {})


@read()
async def listed_grants(house: House, reader: Reader, of: Place) -> object:
    return await played(house, reader._replace(role="admin"), "admin.list", {"user": of.users[1]})


@read()
async def the_log_of_an_admin(house: House, reader: Reader, of: Place) -> object:
    return await played(house, reader._replace(role="admin"), "admin.audit", {"user": of.users[0]})


@read()
async def why(house: House, reader: Reader, of: Place) -> object:
    return await house.app.why(reader.place.tenant, of.task, user=of.users[0], role=reader.role)


@read()
async def why_of_the_owner(house: House, reader: Reader, of: Place) -> object:
    return await house.app.why(reader.place.tenant, of.task, user=None, role="owner")


@read()
async def why_of_a_job(house: House, reader: Reader, of: Place) -> object:
    return await house.app.relay_why(reader.place.tenant, of.job, user=None, role="owner")


@read(shows=False)
async def a_button_of_a_message(house: House, reader: Reader, of: Place) -> object:
    drawn = house.app.component_ids.make("why", of.tenant, str(of.task))
    return (*house.app.component_ids.read(drawn, reader.place.tenant), of.marker)


@read(shows=False)
async def figures(house: House, reader: Reader, of: Place) -> object:
    board, tenant = house.app.blackboard, reader.place.tenant
    spent = await board.spent(tenant, of.users[0], 0)
    assert spent.user_tokens == 0 or of.users[0] in reader.place.users
    assert await board.open_tasks_of(tenant, of.users[0]) == []
    assert tenant == of.tenant or not await board.verify_chain(tenant, of.task)
    assert not await board.cancel(tenant, of.task, of.users[0], "another place's")
    return await house.app.status(tenant)


async def played(
    house: House, reader: Reader, task_type: str, options: dict[str, str], channel: str = "elsewhere"
) -> object:
    request = Request(reader.place.tenant, reader.user, task_type, f"/{task_type}", options, role=reader.role)
    return await house.app.play(Play(request, channel))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    relay = await Blackboard.open(tmp_path, name="relay")
    try:
        async with opened(tmp_path) as app:
            yield House(app, relay, await settled(app, relay, TENANTS))
    finally:
        await relay.close()


async def seen(house: House, name: str, reader: Reader, of: Place) -> str:
    """All that a read brings, as text; what is refused brings the refusal."""
    try:
        return as_text(await READS[name](house, reader, of))
    except (UserMistake, NotAllowed) as refusal:
        return str(refusal).replace(of.marker, "")  # what the reader typed is said back


async def test_every_read_shows_a_place_its_own(house: House) -> None:
    for of in house.places[1::4]:
        for name in sorted(OWN_SHOWS):
            if not (name == "exported_as_that_user" and of.tenant.startswith("user:")):
                shown = await seen(house, name, Reader(of, of.users[0], "admin"), of)
                assert of.marker in shown, f"{name} does not show {of.tenant} its own: the pairs prove nothing"


async def test_ten_thousand_random_pairs_of_reads_show_nobody_anything_of_another_place(
    house: House, promise: Promise
) -> None:
    draw = random.Random(20261125)
    names = sorted(READS)
    crossings: dict[str, int] = {}
    for number in range(PAIRS):
        place, of = draw.sample(house.places, 2)
        name = names[number % len(names)]
        user = draw.choice((*place.users, of.users[0], "4711"))
        role: Role = draw.choice(("member", "member", "admin", "owner"))
        shown = await seen(house, name, Reader(place, user, role), of)
        found = [each.marker for each in house.places if each is not place and each.marker in shown]
        assert not found, f"{name} showed {place.tenant} what is of {found}: {shown[:400]}"
        crossings[name] = crossings.get(name, 0) + 1
    assert sum(crossings.values()) == PAIRS and min(crossings.values()) >= 200
    promise("No read shows anything of another place.", count=PAIRS, of="random pairs of reads")


async def test_within_a_server_what_was_said_to_one_person_alone_is_shown_to_no_other_member(house: House) -> None:
    for of in house.places:
        private, other = of.private(of.users[1]), of.users[0]
        reader = Reader(of, other, "member")
        with pytest.raises(NotAllowed):
            await house.app.why(of.tenant, of.hidden, user=other, role="member")
        shown = [
            as_text(await played(house, reader, task, options))
            for task, options in (
                ("memory.recall", {"text": f"{ASKED} {private}"}), ("privacy.export", {}), ("dnd.character", {}),
            )
        ]  # fmt: skip
        assert not [text[:3_000] for text in shown if private in text]
        assert private in as_text(await house.app.blackboard.words_of(of.tenant, of.users[1]))
        found = await (await house.app._recollection.memory()).records(of.tenant)
        assert private not in as_text(found), "an answer for one person alone was remembered"


async def test_a_model_is_told_nothing_of_another_place_whatever_is_asked(tmp_path: Path) -> None:
    relay = await Blackboard.open(tmp_path, name="relay")
    try:
        async with ScriptedModel(author_and_critic('{"answer": "Nothing."}')) as model, opened(tmp_path, model) as app:
            places = await settled(app, relay, TENANTS[:4])
            for place in places:
                for of in places:
                    asked = f"{ASKED} in the place of {of.marker[4:6]}?"
                    request = Request(place.tenant, place.users[0], "ask", "/ask", {"question": asked}, role="owner")
                    await (await app.submit(request)).wait()
                    told = "".join(request.text for request in model.requests)
                    model.requests.clear()
                    assert [each.marker for each in places if each.marker in told] in ([], [place.marker])
    finally:
        await relay.close()


def as_text(found: object) -> str:
    """Everything in it, bytes as they read."""

    def plain(value: object) -> object:
        return bytes(value) if isinstance(value, msgspec.Raw) else str(value)

    return repr(msgspec.to_builtins(found, builtin_types=(bytes,), enc_hook=plain))


# -- the storage layer cannot be called without a tenant

OF_A_LEASE = "the lease was given for one task, whose tenant is on its row"
HOUSE_KEEPING = {
    "Blackboard": {
        "check": "reads every row for damage and tells numbers only",
        "claim": "takes tasks over whose worker is gone; each carries its tenant",
        "close": "the process ends",
        "delivered": "the outbox works through what is ready, of every tenant",
        "delivery_failed": "the outbox, likewise",
        "get_state": "small facts of the program itself",
        "health": "figures without any tenant's data",
        "now": "the time",
        "may_have_cached": "whether any tenant has the key; the answer itself is read with a tenant",
        "pending": "the outbox, likewise; each delivery carries its task",
        "places_of": "where a person left anything: for that person's own export and erasure",
        "prune": "forgets by age",
        "set_state": "small facts of the program itself",
        "states": "small facts of the program itself",
        "since": "the memory follows what was committed; each row carries its tenant",
        **dict.fromkeys(("start", "finish", "note", "reject", "renew"), OF_A_LEASE),
    },
    "Combats": {"prune": "forgets by age"},
    "Relays": {
        "counts": "how many jobs are in which state, for the owner's card and the metrics",
        "lengths": "numbers of jobs and how many rows each has, for the follower",
        "move": OF_A_LEASE,
    },
    "Audit": {
        "all_entries": "for the bot's owner, who is asked for by `/admin audit everywhere:`",
        "prune": "forgets words by age",
        "verify": "reads the whole chain and tells row numbers only",
    },
    "Grants": {"all": "the policy reads all of them once, at start"},
    "Memory": {
        "check": "reads every row for damage", "close": "the process ends", "compact": "rewrites index files",
        "reindex": "rewrites index files", "tenants": "for the upkeep that goes through all of them",
    },
}  # fmt: skip
"""What may be called without naming whose data is meant, and why."""
STORAGE = (Blackboard, Combats, Relays, Audit, Grants, Memory)


@pytest.mark.parametrize("kind", STORAGE, ids=lambda kind: kind.__name__)
def test_every_method_of_the_storage_layer_names_a_tenant_or_is_house_keeping(kind: type, promise: Promise) -> None:
    methods = {name: each for name, each in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")}
    exempt = HOUSE_KEEPING[kind.__name__]
    without = {name for name, method in methods.items() if not names_a_tenant(method)}
    assert without == set(exempt), "say in HOUSE_KEEPING why this needs no tenant, or give it one"
    promise("The storage layer cannot be called without a tenant.", count=1, of="classes")


def names_a_tenant(method: Callable[..., Any]) -> bool:
    """A parameter ``tenant``, or one that carries it: a new task, a record, a query."""
    parameters = inspect.signature(method).parameters
    if "tenant" in parameters:
        default = parameters["tenant"].default
        return default is inspect.Parameter.empty or method.__qualname__ == "Memory.stats"
    heavy = {"np": types.SimpleNamespace(float32=float), "NDArray": list}
    hints = get_type_hints(method, vars(inspect.getmodule(method)) | vars(memory.contracts) | heavy)
    return any(carries(hint) for name, hint in hints.items() if name != "return")


def carries(hint: Any) -> bool:
    if get_origin(hint) in (Union, types.UnionType) or get_origin(hint) is not None:
        return any(carries(part) for part in get_args(hint))
    return isinstance(hint, type) and issubclass(hint, msgspec.Struct) and "tenant" in hint.__struct_fields__


def test_only_the_relay_itself_reads_jobs_without_naming_whose() -> None:
    """`Relays` takes None for whoever works on all jobs, or follows all of them to post each in its own place."""
    from settings import HOME

    callers = [
        path.relative_to(HOME).as_posix()
        for path in (
            *HOME.glob("*.py"),
            *HOME.glob("agents/**/*.py"),
            *HOME.glob("cogs/**/*.py"),
            *HOME.glob("terminal/*.py"),
        )
        if any(f".{name}(None" in path.read_text("utf-8") for name in ("job", "jobs", "ledger", "checkpoints"))
    ]
    assert set(callers) <= {
        "agents/relay/following.py",
        "relay_app.py",
        "agents/relay/board.py",
        "agents/relay/worker.py",
    }
    assert asyncio.iscoroutinefunction(Relays.job)
