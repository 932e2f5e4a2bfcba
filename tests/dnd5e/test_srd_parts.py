"""The tools that read transcriptions of the SRDs: parts with their texts, and macros filled in from the entry's own fields."""

import json
from pathlib import Path
from typing import Any

import pytest

from tools.srd51 import entries, parts51
from tools.srd52 import filled, parts52, save_dc
from tools.srd_entries import lines
from tools.srd_parts import UNKNOWN, Part

MONSTERS = """
from . import entry_builder
entries = ['cave_lurker']
cave_lurker = entry_builder.entry_builder(name='Cave Lurker, Ooze Form', size='Large', type='ooze', alignment='unaligned',
    senses={'blindsight': '60 ft.', 'passive_perception': 8}, languages='',
    actions=[{'name': 'Slime Spray (Ooze Form Only)', 'desc': 'A 15-foot cone, DC 12 Dexterity saving throw, 2d6 acid damage.',
              'usage': {'type': 'recharge on roll', 'min_value': 5}}])
"""
ACTIVITY: dict[str, Any] = {
    "id": "a1", "kind": "save", "save": {"ability": ["dex"], "dc": {"calculation": "con", "formula": "11"}},
    "damage": {"on_save": "half", "parts": [{"number": 3, "denomination": 6, "bonus": "", "types": ["cold"], "custom": {"enabled": False}}]},
    "target": {"template": {"size": "30", "type": "cone", "units": "ft"}, "affects": {"type": "creature"}},
}  # fmt: skip
CREATURE: dict[str, Any] = {
    "name": "Frost Toad", "proficiency_bonus": 3, "spellcasting_ability": None,
    "ability_scores": {"str": 10, "dex": 12, "con": 16, "int": 3, "wis": 10, "cha": 4},
}  # fmt: skip


def test_entries_are_read_without_running_anything(tmp_path: Path) -> None:
    module = tmp_path / "Monsters.py"
    module.write_text(MONSTERS + "open('ran', 'w').write('x')\n")
    (entry,) = entries(module)
    assert entry["name"] == "Cave Lurker, Ooze Form"
    assert not (tmp_path / "ran").exists()


def test_parts_of_51(tmp_path: Path) -> None:
    kinds = ("Spells", "Features", "MagicItems", "Equipment", "Races", "Subraces", "Traits", "Feats", "Backgrounds")
    for name in (*kinds, "Conditions", "RuleSections"):
        (tmp_path / f"{name}.py").write_text("entries = []\n")
    (tmp_path / "Monsters.py").write_text(MONSTERS)
    found = {part.name: part for part in parts51(tmp_path)}
    spray = found["Slime Spray"]
    assert (spray.owner, spray.kind) == ("Cave Lurker", "action")
    assert spray.text.endswith("Recharge 5-6.")
    assert found["Blindsight"].text == "blindsight 60 ft.."
    told = next(line for line in lines([spray]))
    assert told.startswith("5.1\tcreature\tcave lurker\taction\tSlime Spray\t")
    assert "dc 12; dice 2d6; feet 15" in told and "recharge 5; save dex; shape cone; type acid" in told


def test_a_folder_without_a_module_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(parts51(tmp_path))


def test_macros_are_filled_in_from_the_fields_of_the_entry() -> None:
    text = (
        "Dexterity Saving Throw: DC [[lookup @save.dc.value activity=a1]], each [[lookup @target.affects.type activity=a1]] in"
        " a [[lookup @target.template.size activity=a1]]-foot [[lookup @target.template.type activity=a1]]. Failure:"
        " [[/damage average]]. The [[lookup @name lowercase]]{monster} is &amp;Reference[Prone apply=false]."
    )
    assert save_dc(CREATURE, ACTIVITY) == 8 + 3 + 3
    assert filled(text, CREATURE, [ACTIVITY]) == (
        "Dexterity Saving Throw: DC 14, each creature in a 30-foot cone. Failure: 10 (3d6) cold. The Frost Toad is Prone."
    )


@pytest.mark.parametrize("macro", ["[[/attack extended]]", "[[lookup @skills.ath.passive]]", "[[/damage average]]"])
def test_what_no_field_tells_is_left_open(macro: str) -> None:
    bonus = {**ACTIVITY, "damage": {"parts": [{**ACTIVITY["damage"]["parts"][0], "bonus": "@mod"}]}}
    assert filled(macro, CREATURE, [bonus]) == UNKNOWN
    part = Part("5.2", "creature", "Frost Toad", "action", "Tongue", f"{UNKNOWN} and it is prone")
    assert next(lines([part])).endswith("condition prone; open yes")


def test_parts_of_52(tmp_path: Path) -> None:
    for name in ("monsters", "spells", "features", "items", "feats", "backgrounds", "conditions"):
        (tmp_path / name).mkdir()
    spell = {
        "name": "Snow Burst",
        "description": "Each takes 2d6 Cold damage. Using a Higher-Level Spell Slot. 1d6 more.",
        "activities": [],
    }
    (tmp_path / "spells" / "snow-burst.json").write_text(json.dumps(spell))
    found = [(part.kind, part.text) for part in parts52(tmp_path, {})]
    assert found == [("effect", "Each takes 2d6 Cold damage."), ("higher", "1d6 more.")]
