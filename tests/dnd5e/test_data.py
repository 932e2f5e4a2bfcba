"""The artefact: built the same way every time, from sentences of our own."""

import importlib.util
import sqlite3
import tomllib
from pathlib import Path
from typing import Any

import pytest

from truth_blocks.dnd5e.facts import DATA, EDITIONS, Facts

ROOT = Path(__file__).resolve().parents[2]
RULES = sorted((ROOT / "truth_blocks" / "dnd5e" / "rules").glob("*.toml"))


def topics() -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for path in RULES:
        found |= {
            title: topic
            for title, topic in tomllib.loads(path.read_text()).items()
            if isinstance(topic, dict) and "kind" in topic
        }
    return found


def sentences() -> list[str]:
    found = []
    for topic in topics().values():
        for edition in ("both", *EDITIONS):
            facts = topic.get(edition, {})
            assert isinstance(facts, dict)
            found += [sentence for _, sentence in facts.values()]
    return found


def test_every_explanation_is_one_short_sentence_of_our_own() -> None:
    assert len(sentences()) > 250
    assert max(len(sentence) for sentence in sentences()) <= 150
    assert all("\n" not in sentence and "..." not in sentence for sentence in sentences())


def test_the_artefact_holds_what_the_rules_files_say(facts: Facts) -> None:
    for title, topic in topics().items():
        for edition in EDITIONS:
            both, own = topic.get("both", {}), topic.get(edition, {})
            assert isinstance(both, dict) and isinstance(own, dict)
            kind = str(topic["kind"])
            rule = facts.rule(edition, title, (kind,) if kind in ("feat", "skill") else ("condition", "rule"))
            written = {field: tuple(value) for field, value in {**both, **own}.items()}
            stored = {effect.field: (effect.value, effect.sentence) for effect in rule.effects} if rule else {}
            if not written:
                assert rule is None or rule.title.lower() != title
                continue
            assert stored == written, f"{title}: rebuild with tools/build_dnd5e.py"


def test_all_fifteen_conditions_stand_in_both_editions(facts: Facts) -> None:
    for edition in EDITIONS:
        assert len(facts.names("condition", edition)) == 15


def test_the_editions_differ_where_the_rules_do(facts: Facts) -> None:
    def value(edition: str, topic: str, field: str) -> object:
        rule = facts.rule(edition, topic)
        effect = rule.effect(field) if rule else None
        return effect.value if effect else None

    assert (
        value("5.2", "exhaustion", "d20_test_per_level") == -2 and value("5.1", "exhaustion", "level_2_speed") == "half"
    )
    assert value("5.2", "concentration", "max_dc") == 30 and value("5.1", "concentration", "max_dc") is None
    assert value("5.2", "grappling", "dc_base") == 8 and value("5.1", "grappling", "escape") == "contest"
    assert (
        value("5.2", "surprise", "initiative") == "disadvantage"
        and value("5.1", "surprise", "move_first_turn") is False
    )
    assert (
        value("5.2", "healing potion", "uses") == "bonus action" and value("5.1", "healing potion", "uses") == "action"
    )
    assert facts.rule("5.1", "influence") is None and facts.rule("5.2", "influence") is not None


def test_the_text_of_the_srd_counts_where_the_raw_file_differs_from_it(facts: Facts) -> None:
    def row(kind: str, edition: str, name: str) -> dict[str, Any]:
        found = facts.row(kind, edition, name)
        assert found is not None
        return found

    assert row("spell", "5.2", "Awaken")["casting_time"] == "8 hours"
    assert row("creature", "5.2", "Seahorse")["xp"] == 0 and row("creature", "5.2", "Archmage")["xp"] is None
    assert row("creature", "5.1", "Elf, Drow")["cr"] == 0.25
    (bite,) = facts.attacks("5.2", "guardian naga")[:1]
    assert (bite["damage_type"], bite["extra_damage"], bite["extra_damage_type"]) == ("piercing", "4d10", "poison")
    (beak,) = facts.attacks("5.2", "axe beak")
    assert (beak["damage"], beak["damage_type"]) == ("1d8+2", "slashing")


def test_the_artefact_names_its_version_and_licence() -> None:
    with sqlite3.connect(f"file:{DATA}?mode=ro&immutable=1", uri=True) as db:
        meta = dict(db.execute("SELECT key, value FROM meta").fetchall())
    db.close()
    assert set(meta) == {"version", "licence", "checksum"}
    assert "CC-BY-4.0" in meta["licence"]
    notice = (ROOT / "truth_blocks" / "dnd5e" / "NOTICE").read_text()
    assert "SRD 5.1" in notice and "SRD 5.2" in notice and "creativecommons.org/licenses/by/4.0" in notice


RAW_SCHEMA = """
CREATE TABLE spell(ed, name, slug, level int, school, casting_time, range_ft real, range_text, v int, s int, m int,
  m_cost, ritual int, conc int, duration, save, attack int, dmg, dmg_types, shape, shape_ft, classes);
CREATE TABLE spell_scale(ed, slug, kind, dmg, targets, duration);
CREATE TABLE creature(ed, name, slug, size, type, ac, hp, hd, cr, pb, xp, speed, str, dex, con, int_, wis, cha, saves,
  skills, resist, immune, vuln, cond_immune, pp, init);
CREATE TABLE attack(ed, creature, name, kind, to_hit, reach, range_, dmg, dmg_type, extra, extra_type);
CREATE TABLE weapon(ed, name, dmg, dmg_type, range_, long_range, props);
CREATE TABLE armor(ed, name, base, dex, dexcap, str, stealth);
CREATE TABLE item(ed, name, cost, weight, category);
CREATE TABLE magic_item(ed, name, rarity, attune);
CREATE TABLE term(ed, kind, name, slug);
CREATE TABLE num(k, v);
INSERT INTO num VALUES('full_caster_slots', '[[2]]');
"""


def raw_file(path: Path) -> Path:
    """A small raw file of the documented shape."""
    raw = path / "raw.sqlite"
    db = sqlite3.connect(raw)
    db.executescript(RAW_SCHEMA)
    db.close()
    return raw


def builder() -> Any:
    spec = importlib.util.spec_from_file_location("build_dnd5e", ROOT / "tools" / "build_dnd5e.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_raw_file_with_too_few_rows_stops_the_build_and_leaves_the_artefact(tmp_path: Path) -> None:
    target = tmp_path / "facts.sqlite"
    target.write_bytes(b"old")
    module = builder()
    raw = raw_file(tmp_path)
    with sqlite3.connect(raw) as db:
        db.execute("UPDATE num SET v = ?", (str([[2]] * 20),))
    db.close()
    with pytest.raises(SystemExit, match="rows"):
        module.build(raw, target)
    assert target.read_bytes() == b"old"


def test_two_builds_of_the_same_raw_file_give_the_same_bytes(tmp_path: Path) -> None:
    module = builder()
    module.LEAST_ROWS.clear()
    raw = raw_file(tmp_path)
    with sqlite3.connect(raw) as db:
        db.execute("UPDATE num SET v = ?", (str([[2]] * 20),))
        db.execute("INSERT INTO weapon VALUES('5.1', 'Net', '0', 'bludgeoning', 5, 15, NULL)")
        db.execute("INSERT INTO weapon VALUES('5.1', 'Crossbow, hand', '1d6', 'piercing', 30.0, 120.0, NULL)")
    db.close()
    first, second = tmp_path / "a.sqlite", tmp_path / "b.sqlite"
    assert module.build(raw, first) == module.build(raw, second)
    assert first.read_bytes() == second.read_bytes()
    facts = Facts(first)
    net, crossbow = facts.row("weapon", "5.1", "net"), facts.row("weapon", "5.1", "hand crossbow")
    assert net is not None and crossbow is not None
    assert net["damage"] is None and crossbow["damage"] == "1d6"
