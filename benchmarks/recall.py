"""Recall of the embedded embedder with the text index: by words alone, by vectors alone, and both together.

    ./vespera bench recall

A set of the project's own (``benchmarks/retrieval/``): notes as a server's people and jobs write them, among the
sentences of the rules tables, and questions about them in other words, forms and spellings. The even questions were not
looked at while the embedder was made.
"""

import sqlite3
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from benchmarks.figures import ROOT

FOLDER = ROOT / "benchmarks" / "retrieval"
FUSION = 60
"""The constant of reciprocal rank fusion (Cormack et al. 2009)."""
DEPTH = 50
Ranking = Callable[[str], list[int]]


class Question(NamedTuple):
    """What is asked, and the number of the note that answers it (from 0)."""

    note: int
    text: str


def main() -> int:
    """Print the table."""
    notes = [*(FOLDER / "notes.txt").read_text("utf-8").splitlines(), *distractors()]
    lines = (FOLDER / "questions.txt").read_text("utf-8").splitlines()
    questions = [Question(int(number) - 1, text) for number, _, text in (line.partition(" ") for line in lines)]
    words, vectors = by_words(notes), by_vectors(notes)
    ways: dict[str, Ranking] = {
        "words (BM25)": words,
        "vectors": vectors,
        "both, fused": lambda text: fused(words(text), vectors(text)),
    }
    print(f"{len(notes)} notes, {len(questions)} questions          recall@1  recall@3  recall@10  MRR@10")
    for part, asked in (("all", questions), ("not looked at", questions[1::2])):
        for name, ranking in ways.items():
            places = [place(ranking(question.text), question.note) for question in asked]
            figures = [sum(at < k for at in places) / len(places) for k in (1, 3, 10)]
            reciprocal = sum(1 / (at + 1) for at in places if at < 10) / len(places)
            print(f"{name:<16} {part:<16} {figures[0]:18.3f} {figures[1]:9.3f} {figures[2]:10.3f} {reciprocal:7.3f}")
    return 0


def distractors() -> list[str]:
    """Sentences that answer none of the questions: those of the rules tables."""
    found: list[str] = []
    for path in sorted((ROOT / "truth_blocks" / "dnd5e" / "rules").glob("*.toml")):
        for topic in tomllib.loads(path.read_text("utf-8")).values():
            found.extend(sentences(topic))
    return sorted(set(found))


def sentences(entry: object) -> Iterator[str]:
    """Every sentence within a part of a rules file."""
    if isinstance(entry, dict):
        for below in entry.values():
            yield from sentences(below)
    elif isinstance(entry, list) and len(entry) == 2 and isinstance(entry[1], str) and " " in entry[1]:
        yield entry[1]


def by_words(notes: Sequence[str]) -> Ranking:
    """BM25 of SQLite's FTS5 with its Porter stemmer: any of the words."""
    from memory.embedders.embedded import words

    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE note USING fts5(text, tokenize = 'porter unicode61 remove_diacritics 2')")
    connection.executemany("INSERT INTO note (rowid, text) VALUES (?, ?)", list(enumerate(notes, 1)))

    def rank(text: str) -> list[int]:
        wanted = " OR ".join(f'"{word}"' for word in words(text))
        rows = connection.execute("SELECT rowid FROM note WHERE note MATCH ? ORDER BY rank LIMIT ?", (wanted, DEPTH))
        return [number - 1 for (number,) in rows]

    return rank


def by_vectors(notes: Sequence[str]) -> Ranking:
    """Cosine over all notes."""
    from memory.embedders.embedded import embed

    matrix = embed(notes)
    return lambda text: [int(at) for at in (-(matrix @ embed([text])[0])).argsort(kind="stable")[:DEPTH]]


def fused(*rankings: Sequence[int]) -> list[int]:
    """Reciprocal rank fusion."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for at, number in enumerate(ranking):
            scores[number] = scores.get(number, 0.0) + 1 / (FUSION + at + 1)
    return sorted(scores, key=lambda number: -scores[number])


def place(ranking: Sequence[int], wanted: int) -> int:
    """Where the wanted note stands, from 0; past the end when it is not there."""
    return list(ranking).index(wanted) if wanted in ranking else DEPTH


if __name__ == "__main__":
    sys.exit(main())
