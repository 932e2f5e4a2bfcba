"""Build ``truth_blocks/dnd5e/data/facts.sqlite`` from the raw fact file and the rules in ``truth_blocks/dnd5e/rules``.

Usage: ``python tools/build_dnd5e.py RAW.sqlite [OUT.sqlite]``. The same input gives the same bytes. What is doubtful is
stored as NULL, which the checker reads as *unverifiable*, never as *false*; each rule that makes a field doubtful is a
function below. Counts are checked at the end: a raw file with fewer rows stops the build.
"""

import hashlib
import json
import re
import sqlite3
import sys
import tomllib
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

HOME = Path(__file__).resolve().parent.parent / "truth_blocks" / "dnd5e"
DATA_VERSION = "2026-11"
LICENCE = "Facts from SRD 5.1 and SRD 5.2 by Wizards of the Coast LLC, CC-BY-4.0; see truth_blocks/dnd5e/NOTICE"
LEAST_ROWS = {
    "spell": 650,
    "spell_scale": 600,
    "creature": 650,
    "attack": 900,
    "weapon": 70,
    "armor": 26,
    "name": 4_000,
    "entry": 4_000,
}
SIZE_DIE = {"tiny": 4, "small": 6, "medium": 8, "large": 10, "huge": 12, "gargantuan": 20}

SCHEMA = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE spell(ed, key, name, level, school, casting_time, range_ft, range_text, components, material_cost, ritual,
  concentration, duration, save, attack, damage, damage_type, shape, shape_ft, class,
  PRIMARY KEY(ed, key)) WITHOUT ROWID;
CREATE TABLE spell_scale(ed, key, slot, caster_level, damage, targets, duration,
  PRIMARY KEY(ed, key, slot, caster_level)) WITHOUT ROWID;
CREATE TABLE creature(ed, key, name, size, creature_type, ac, hp, hit_dice, cr, pb, xp, speed, str, dex, con, int, wis,
  cha, saves, skills, resistances, immunities, vulnerabilities, condition_immunities, passive_perception, initiative,
  PRIMARY KEY(ed, key)) WITHOUT ROWID;
CREATE TABLE attack(ed, creature, key, name, kind, to_hit, reach_ft, range_ft, damage, damage_type, extra_damage,
  extra_damage_type, PRIMARY KEY(ed, creature, key)) WITHOUT ROWID;
CREATE TABLE weapon(ed, key, name, damage, damage_type, range_ft, long_range_ft, PRIMARY KEY(ed, key)) WITHOUT ROWID;
CREATE TABLE armor(ed, key, name, base_ac, dex, dex_cap, strength, stealth_disadvantage,
  PRIMARY KEY(ed, key)) WITHOUT ROWID;
CREATE TABLE item(ed, key, name, cost_gp, weight_lb, category, rarity, attunement, PRIMARY KEY(ed, key)) WITHOUT ROWID;
CREATE TABLE class(ed, key, name, hit_die, saves, slots, slot_level, features, columns,
  PRIMARY KEY(ed, key)) WITHOUT ROWID;
CREATE TABLE name(ed, kind, alias, key, name, PRIMARY KEY(ed, kind, alias)) WITHOUT ROWID;
CREATE INDEX name_alias ON name(alias, ed);
CREATE TABLE rule(ed, key, title, kind, section, aliases, related, calc, facts, PRIMARY KEY(ed, key)) WITHOUT ROWID;
CREATE TABLE num(key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE entry(ed, owner_kind, owner, kind, name, said, PRIMARY KEY(ed, owner_kind, owner, kind, name, said))
  WITHOUT ROWID;
CREATE INDEX entry_name ON entry(ed, owner_kind, name);
"""

# A creature with several forms has its attacks under `werebear-hybrid`; they belong to `werebear`.
ATTACKS = """
SELECT a.*, c.name AS creature_name, substr(a.creature, length(c.slug) + 2) AS form FROM attack a
JOIN creature c ON c.ed = a.ed AND (c.slug = a.creature OR (a.creature LIKE c.slug || '-%'
  AND NOT EXISTS (SELECT 1 FROM creature e WHERE e.ed = a.ed AND e.slug = a.creature)))
"""


def key_of(name: str) -> str:
    """The form in which names are compared: lower case, letters and digits, single spaces."""
    plain = re.sub(r"['’]", "", name.lower())
    return re.sub(r"[^a-z0-9+]+", " ", plain).strip()


def feet(range_text: str | None) -> float | None:
    """A range in feet, 0 for touch and self; None for sight, special and unlimited."""
    text = (range_text or "").lower()
    if text in ("touch", "self"):
        return 0
    found = re.fullmatch(r"(\d+) (feet|foot|miles?)", text)
    return int(found[1]) * (5_280 if found[2].startswith("mile") else 1) if found else None


def plain_number(value: Any) -> Any:
    """60.0 becomes 60, so that both editions are stored alike."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def dice(text: str | None) -> str | None:
    """Dice without spaces; ``0`` means no damage of its own and is stored as None."""
    found = re.sub(r"\s+", "", text or "")
    return found if found not in ("", "0") else None


def spells(row: sqlite3.Row) -> tuple[Any, ...]:
    """One spell; components as ``V, S, M``; casting times in words."""
    parts = ", ".join(letter.upper() for letter in "vsm" if row[letter])
    casting = re.sub(r"^(\d+)([a-z]+)$", r"\1 \2", row["casting_time"]).replace("-", " ")
    return (
        row["ed"], key_of(row["name"]), row["name"], row["level"], row["school"], casting, feet(row["range_text"]),
        row["range_text"], parts or None, row["m_cost"], row["ritual"], row["conc"], row["duration"], row["save"],
        row["attack"], dice(row["dmg"]), row["dmg_types"], row["shape"], plain_number(row["shape_ft"]), row["classes"],
    )  # fmt: skip


def _table_of(text: str | None) -> str | None:
    """A JSON table with whole numbers; None when every figure in it is 0 (a transcription that left it blank)."""
    if text is None:
        return None
    table = {name: plain_number(value) for name, value in json.loads(text).items()}
    return json.dumps(table, sort_keys=True) if len(table) < 6 or any(table.values()) else None


def creatures(row: sqlite3.Row) -> tuple[Any, ...]:
    """One creature; hit points that disagree with the hit dice, and sizes that disagree with the die, are None."""
    hit_points, hit_dice, size = row["hp"], dice(row["hd"]), row["size"]
    found = re.fullmatch(r"(\d+)d(\d+)(?:([+-]\d+))?", hit_dice or "")
    if found:
        if int(found[1]) * (int(found[2]) + 1) // 2 + int(found[3] or 0) != hit_points:
            hit_points = hit_dice = None
        if SIZE_DIE[size] != int(found[2]):
            size = None
    return (
        row["ed"], key_of(row["name"]), row["name"], size, row["type"], row["ac"], hit_points, hit_dice,
        plain_number(row["cr"]), row["pb"], row["xp"], _table_of(row["speed"]), row["str"], row["dex"], row["con"],
        row["int_"], row["wis"], row["cha"], _table_of(row["saves"]), _table_of(row["skills"]), row["resist"],
        row["immune"], row["vuln"], row["cond_immune"], row["pp"], row["init"],
    )  # fmt: skip


def attacks(row: sqlite3.Row) -> tuple[Any, ...]:
    """One attack of a creature."""
    name = f"{row['name']} ({row['form']} form)" if row["form"] else row["name"]
    return (
        row["ed"], key_of(row["creature_name"]), key_of(name), name, row["kind"].lower(), row["to_hit"],
        plain_number(row["reach"]) or None, plain_number(row["range_"]), dice(row["dmg"]), row["dmg_type"],
        dice(row["extra"]), row["extra_type"],
    )  # fmt: skip


def weapons(row: sqlite3.Row) -> tuple[Any, ...]:
    """One weapon. The raw 5.1 shortsword is slashing; the SRD's weapons table has piercing."""
    kind = "piercing" if row["name"] == "Shortsword" else row["dmg_type"]
    ranges = (plain_number(row["range_"]) or None, plain_number(row["long_range"]) or None)
    damage = dice(row["dmg"])
    return (row["ed"], key_of(row["name"]), row["name"], damage, kind if damage else None, *ranges)


def armors(row: sqlite3.Row) -> tuple[Any, ...]:
    """One suit of armour; ``dex`` 1 when the Dexterity modifier is added, up to ``dex_cap``."""
    return (row["ed"], key_of(row["name"]), *[row[k] for k in ("name", "base", "dex", "dexcap", "str", "stealth")])


def scales(row: sqlite3.Row) -> tuple[Any, ...]:
    """What a spell does with a higher slot or at a higher character level."""
    kind, _, level = row["kind"].rpartition("_")
    slot, caster = (int(level), 0) if kind == "slot_level" else (0, int(level))
    return (row["ed"], key_of(row["spell_name"]), slot, caster, dice(row["dmg"]), row["targets"], row["duration"])


def copied(raw: sqlite3.Connection, out: sqlite3.Connection) -> None:
    """Copy and clean every table whose rows map one to one."""
    steps: list[tuple[str, str, Callable[[sqlite3.Row], tuple[Any, ...]]]] = [
        ("SELECT * FROM spell", "spell", spells), ("SELECT * FROM creature", "creature", creatures),
        (ATTACKS, "attack", attacks),
        ("SELECT * FROM weapon", "weapon", weapons), ("SELECT * FROM armor", "armor", armors),
        ("SELECT a.*, s.name spell_name FROM spell_scale a JOIN spell s USING (ed, slug)", "spell_scale", scales),
    ]  # fmt: skip
    for query, target, clean in steps:
        rows = [clean(row) for row in raw.execute(query)]
        insert(out, target, rows)
    insert(out, "armor", [("5.1", "shield", "Shield", 2, 0, None, None, 0)])  # the raw 5.1 list leaves it out


def corrected(out: sqlite3.Connection) -> None:
    """What the SRD's text has otherwise than the raw file (``rules/corrections.toml``), and the attacks of 5.2."""
    for table, fields in tomllib.loads((HOME / "rules" / "corrections.toml").read_text()).items():
        kind, ed = table.split()
        for field, values in fields.items():
            for key, value in values.items():
                query = f"UPDATE {kind} SET {field}=? WHERE ed=? AND key=?"  # noqa: S608
                out.execute(query, (None if value == "unknown" else value, ed, key))
    for creature, written in tomllib.loads((HOME / "rules" / "attacks52.toml").read_text()).items():
        for attack in written.split("; "):
            found = re.fullmatch(r"(.+): (?:(\S*\d\S*) )?([a-z]+)(?: \+ (\S+) ([a-z]+))?", attack)
            assert found is not None, attack
            out.execute(
                "UPDATE attack SET damage=coalesce(?, damage), damage_type=?, extra_damage=?, extra_damage_type=?"
                " WHERE ed='5.2' AND creature=? AND key=?",
                (found[2], found[3], found[4], found[5], creature, found[1]),
            )


def insert(out: sqlite3.Connection, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert rows in sorted order; of two rows with one key the first in the raw file stays."""
    ordered = sorted(rows, key=lambda row: [str(value) for value in row[:4]])
    for row in ordered:
        out.execute(f"INSERT OR IGNORE INTO {table} VALUES ({','.join('?' * len(row))})", row)  # noqa: S608


def items(raw: sqlite3.Connection, out: sqlite3.Connection) -> None:
    """Gear and magic items; a price or weight of 0 in the raw file means nobody wrote it down."""
    rows = []
    magic = {(r["ed"], key_of(r["name"])): r for r in raw.execute("SELECT * FROM magic_item")}
    plain = {(r["ed"], key_of(r["name"])): r for r in raw.execute("SELECT * FROM item")}
    for ed, key in sorted(magic.keys() | plain.keys()):
        wonder, thing = magic.get((ed, key)), plain.get((ed, key))
        cost, weight = (float(thing["cost"]) or None, float(thing["weight"]) or None) if thing else (None, None)
        rarity = wonder["rarity"].replace("-", " ") if wonder else None
        shown = thing or wonder
        assert shown is not None
        row = (ed, key, shown["name"], plain_number(cost), plain_number(weight), thing["category"] if thing else None)
        rows.append((*row, rarity, wonder["attune"] if wonder else None))
    insert(out, "item", rows)


def spell_slots(tables: dict[str, Any], full: list[list[int]], ed: str, name: str) -> tuple[str | None, str | None]:
    """Slots per class level as JSON lists, and the slot level of pact magic."""
    casters = tables["casters"]
    if name in casters["pact"]:
        return json.dumps(tables["pact_magic"]["count"]), json.dumps(tables["pact_magic"]["level"])
    if name in casters["full"]:
        return json.dumps(full), None
    if name in casters["half"]:
        halves = [full[(level + 1) // 2 - 1] for level in range(1, 21)]
        return json.dumps([[], *halves[1:]] if ed == "5.1" else halves), None
    return json.dumps([[] for _ in range(20)]), None


def class_table(written: dict[str, str]) -> tuple[str, str]:
    """Features as ``{key: levels}`` and columns as twenty values each; ``3@5`` is a 3 from level 5 on."""
    features: dict[str, list[int]] = {}
    for entry in f"{written['features']};{written['subclass_features']}".split(";"):
        found = re.fullmatch(r"\s*(.+?)((?: \d+)+)", entry)
        assert found is not None, entry
        features.setdefault(key_of(found[1]), []).extend(int(level) for level in found[2].split())
    columns: dict[str, list[Any]] = {}
    for name, steps in written.items():
        if name in ("features", "subclass_features"):
            continue
        starts = {int(level): value for value, level in (step.split("@") for step in steps.split())}
        values = [starts[max(start for start in starts if start <= level)] for level in range(1, 21)]
        columns[name] = [int(value) if value.isdigit() else value for value in values]
    return json.dumps(features, sort_keys=True), json.dumps(columns, sort_keys=True)


def figures(raw: sqlite3.Connection, out: sqlite3.Connection) -> None:
    """The tables of figures; where the raw file has one of the same name the two must agree."""
    written = tomllib.loads((HOME / "rules" / "figures.toml").read_text())
    for key, value in raw.execute("SELECT k, v FROM num WHERE k IN ('xp_by_cr', 'level_xp')"):
        assert json.loads(value) == written[key], f"{key} differs from the raw file"
    insert(out, "num", [(key, json.dumps(value, sort_keys=True)) for key, value in written.items()])


def entries(out: sqlite3.Connection) -> None:
    """The values of every named part of an entry (``rules/entries.tsv``, written by ``tools/srd_entries.py``)."""
    rows = [tuple(line.split("\t")) for line in (HOME / "rules" / "entries.tsv").read_text("utf-8").splitlines()]
    insert(out, "entry", rows)


def classes(raw: sqlite3.Connection, out: sqlite3.Connection, tables: dict[str, Any]) -> None:
    """The twelve classes with hit die, saving throws, slots, features by level and the columns of their tables."""
    by_level = tomllib.loads((HOME / "rules" / "classes.toml").read_text())
    full = json.loads(raw.execute("SELECT v FROM num WHERE k='full_caster_slots'").fetchone()[0])
    rows = []
    for ed in ("5.1", "5.2"):
        for name, die in tables["hit_die"].items():
            slots, slot_level = spell_slots(tables, full, ed, name)
            saves = json.dumps(tables["class_saves"][name])
            features, columns = class_table(by_level[name][ed])
            rows.append((ed, name, name.capitalize(), die, saves, slots, slot_level, features, columns))
    insert(out, "class", rows)


def aliases_of(kind: str, name: str) -> list[str]:
    """Other ways to write a name: ``Crossbow, hand``, ``Leather Armor``."""
    found = [key_of(name)]
    if kind == "weapon" and ", " in name:
        found.append(key_of(" ".join(reversed(name.split(", ")))))
    if kind == "item":
        found.append(key_of(re.sub(r"\s*\(.*?\)", "", name)))
    if kind == "armor":
        found += [key_of(name).removesuffix(" armor"), key_of(name).removesuffix(" armor") + " armor"]
    return list(dict.fromkeys(found))


def names(raw: sqlite3.Connection, out: sqlite3.Connection) -> None:
    """Every name that exists, with its aliases, by kind."""
    rows: list[tuple[str, str, str, str, str]] = []
    for kind in ("spell", "creature", "weapon", "armor", "item", "class"):
        for ed, key, name in out.execute(f"SELECT ed, key, name FROM {kind}").fetchall():  # noqa: S608
            rows += [(ed, kind, alias, key, name) for alias in aliases_of(kind, name)]
    for row in raw.execute("SELECT * FROM term"):
        kind = {"class": "subclass", "ruleset": "section", "rule": "section"}.get(row["kind"], row["kind"])
        rows.append((row["ed"], kind, key_of(row["name"]), key_of(row["name"]), row["name"]))
    query = "SELECT ed, key, title, kind, aliases FROM rule WHERE kind IN ('condition', 'rule')"
    for ed, key, title, kind, aliases in out.execute(query).fetchall():
        rows += [(ed, kind, alias, key, title) for alias in (key, *json.loads(aliases))]
    classes_known = {row[2] for row in rows if row[1] == "class"}
    rows = [row for row in rows if row[1] != "subclass" or row[2] not in classes_known]
    insert(out, "name", rows)


def rules(out: sqlite3.Connection) -> None:
    """The hand-made rules table, one row per topic and edition that has facts."""
    rows = []
    for path in sorted(HOME.glob("rules/*.toml")):
        for title, topic in tomllib.loads(path.read_text()).items():
            for ed in ("5.1", "5.2"):
                if not isinstance(topic, dict) or "kind" not in topic:
                    continue
                facts = {**topic.get("both", {}), **topic.get(ed, {})}
                if facts:
                    rows.append(rule_row(ed, title, topic, facts))
    insert(out, "rule", rows)


def rule_row(ed: str, title: str, topic: dict[str, Any], facts: dict[str, Any]) -> tuple[Any, ...]:
    """One topic of one edition."""
    section = topic.get("section" + ed.replace(".", ""), topic["section"])
    lists = [json.dumps([key_of(alias) if name == "aliases" else alias for alias in topic.get(name, [])])
             for name in ("aliases", "related", "calc")]  # fmt: skip
    shown = title[0].upper() + title[1:]
    key = key_of(title) if topic["kind"] in ("condition", "rule") else f"{topic['kind']} {key_of(title)}"
    return (ed, key, shown, topic["kind"], section, *lists, json.dumps(facts, ensure_ascii=False))


def checked(out: sqlite3.Connection) -> None:
    """Stop when a table is emptier than it was when this builder was written."""
    for table, least in LEAST_ROWS.items():
        rows = out.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
        if rows < least:
            raise SystemExit(f"{table}: {rows} rows, at least {least} expected; nothing was written")


def build(raw_path: Path, out_path: Path) -> str:
    """Build the artefact and return the checksum of its facts (hex).

    Raises:
        SystemExit: a table came out with too few rows.
    """
    fresh = out_path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    reading = f"file:{raw_path}?mode=ro&immutable=1"
    with (
        closing(sqlite3.connect(reading, uri=True)) as raw,
        closing(sqlite3.connect(fresh, isolation_level=None)) as out,
    ):
        raw.row_factory = sqlite3.Row
        checksum = fill(raw, out)
    fresh.replace(out_path)
    return checksum


def fill(raw: sqlite3.Connection, out: sqlite3.Connection) -> str:
    """Write every table; returns the checksum of the facts (hex)."""
    out.executescript("PRAGMA page_size=4096; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; BEGIN;" + SCHEMA)
    tables = tomllib.loads((HOME / "rules" / "tables.toml").read_text())
    copied(raw, out)
    corrected(out)
    items(raw, out)
    classes(raw, out, tables)
    rules(out)
    names(raw, out)
    figures(raw, out)
    entries(out)
    checked(out)
    checksum = hashlib.sha256("\n".join(out.iterdump()).encode()).hexdigest()
    insert(out, "meta", [("version", DATA_VERSION), ("licence", LICENCE), ("checksum", checksum)])
    out.execute("COMMIT")
    out.execute("VACUUM")
    return checksum


if __name__ == "__main__":
    target = Path(sys.argv[2]) if len(sys.argv) > 2 else HOME / "data" / "facts.sqlite"
    target.parent.mkdir(parents=True, exist_ok=True)
    print(build(Path(sys.argv[1]), target)[:12], target)
