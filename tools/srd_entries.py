"""Write ``truth_blocks/dnd5e/rules/entries.tsv``: the values of every named part of both SRDs, read as statements are read.

Usage: ``python -m tools.srd_entries FOLDER51 FOLDER52``, two folders with public transcriptions (see `tools.srd51` and `tools.srd52`).
A line is edition, kind of owner, owner, kind of part, name, values (``dc 21; dice 18d6; feet 60``). Values only, no text.
"""

import re
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from tools.srd51 import parts51
from tools.srd52 import parts52
from tools.srd_parts import UNKNOWN, Part
from truth_blocks.dnd5e.facts import DATA, key_of
from truth_blocks.dnd5e.readers.entries.words import values_of
from truth_blocks.dnd5e.readers.figures import plain

OUT = Path(__file__).resolve().parent.parent / "truth_blocks" / "dnd5e" / "rules" / "entries.tsv"


def lines(parts: Iterable[Part]) -> Iterator[str]:
    """A line for each part, sorted; a part without values still says that its name exists."""
    for part in parts:
        values = values_of(plain(re.sub(rf"\b{re.escape(part.owner)}", "it", part.text, flags=re.IGNORECASE)))
        if UNKNOWN in part.text:
            values["open"] = {"yes"}
        told = "; ".join(f"{kind} {value}" for kind in sorted(values) for value in sorted(values[kind]))
        yield "\t".join((part.edition, part.owner_kind, key_of(part.owner), part.kind, part.name, told))


def _attacks() -> dict[tuple[str, str], str]:
    """The attacks of 5.2, which the transcription leaves to macros, from the facts that were held against the SRD's text."""
    with closing(sqlite3.connect(DATA)) as facts:
        facts.row_factory = sqlite3.Row
        return {
            (row["creature"], row["key"]): told
            for row in facts.execute("SELECT * FROM attack WHERE ed='5.2'")
            if (told := _attack(row))
        }


def _attack(row: sqlite3.Row) -> str:
    if row["to_hit"] is None or row["damage"] is None or row["damage_type"] is None:
        return ""
    told = f"+{row['to_hit']} to hit. " + "".join(f"{row[at]} feet. " for at in ("reach_ft", "range_ft") if row[at])
    told += f"{_averaged(row['damage'])} {row['damage_type']} damage"
    extra = f" plus {_averaged(row['extra_damage'])} {row['extra_damage_type']} damage" if row["extra_damage"] else ""
    return told + extra


def _averaged(dice: str) -> str:
    found = re.fullmatch(r"(\d+)d(\d+)([+-]\d+)?", dice)
    return f"{int(found[1]) * (int(found[2]) + 1) // 2 + int(found[3] or 0)} ({dice})" if found else dice


def main(folder51: str, folder52: str) -> None:
    """Write the table."""
    parts = [*parts51(Path(folder51)), *parts52(Path(folder52), _attacks())]
    OUT.write_text("\n".join(sorted(set(lines(parts)))) + "\n", "utf-8")
    print(f"{len(parts)} parts")


if __name__ == "__main__":
    main(*sys.argv[1:3])
