"""Edits written as language models write them: one kind of fault a function, each with its own chance.

Each takes an edit and a generator and gives the reply's text, and the file's text where it has to be another one (line
ends, a missing last newline); None where the fault cannot be had with this edit.
"""

import html
import json
import random
import re
from collections.abc import Callable, Sequence
from difflib import unified_diff
from typing import NamedTuple

from benchmarks.patch_sources import Edit


class Case(NamedTuple):
    """A reply, the tree's files before, and what they have to be after."""

    fault: str
    reply: str
    before: dict[str, bytes]
    after: dict[str, bytes]
    origin: str


Hunk = tuple[str, list[str]]
"""A header and its lines, each with its prefix."""
Fault = Callable[[Edit, random.Random], str | None]


def hunks_of(edit: Edit, context: int = 3) -> list[Hunk]:
    """The edit as hunks, without the file's headers."""
    lines = list(unified_diff(edit.before.splitlines(), edit.after.splitlines(), "a", "b", lineterm="", n=context))[2:]
    old = edit.before.splitlines()
    hunks: list[Hunk] = []
    for line in lines:
        if line.startswith("@@"):
            hunks.append((line + _heading(line, old), []))
        else:
            hunks[-1][1].append(line)
    return hunks


def _heading(header: str, old: Sequence[str]) -> str:
    found = re.match(r"@@ -(\d+)", header)
    start = int(found[1]) - 1 if found else 0
    above = next((line for line in reversed(old[: max(0, start)]) if re.match(r"[A-Za-z_$]", line)), "")
    return f" {above[:80].rstrip()}" if above else ""


def headed(path: str, hunks: Sequence[Hunk], old: str = "a/", new: str = "b/") -> str:
    """A diff's text."""
    body = "".join(f"{header}\n" + "".join(f"{line}\n" for line in lines) for header, lines in hunks)
    return f"--- {old}{path}\n+++ {new}{path}\n{body}"


def _renumbered(header: str, start: int | None = None, olds: int | None = None, news: int | None = None) -> str:
    found = re.match(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@(.*)", header)
    assert found
    a, b, c, d = int(found[1]), int(found[2] or 1), int(found[3]), int(found[4] or 1)
    shift = 0 if start is None else start - a
    return (
        f"@@ -{a + shift},{b if olds is None else olds} +{max(0, c + shift)},{d if news is None else news} @@{found[5]}"
    )


def _counted(hunk: Hunk) -> Hunk:
    header, lines = hunk
    olds, news = sum(line[:1] != "+" for line in lines), sum(line[:1] != "-" for line in lines)
    return _renumbered(header, olds=olds, news=news), lines


def clean(edit: Edit, chance: random.Random) -> str | None:
    return headed(edit.path, hunks_of(edit))


def clean_git(edit: Edit, chance: random.Random) -> str | None:
    return f"diff --git a/{edit.path} b/{edit.path}\nindex 1234567..89abcde 100644\n" + headed(
        edit.path, hunks_of(edit)
    )


def wrong_counts(edit: Edit, chance: random.Random) -> str | None:
    def changed(header: str, lines: list[str]) -> Hunk:
        olds, news = len(lines) + chance.randint(-3, 3), len(lines) + chance.randint(-3, 3)
        return _renumbered(header, olds=max(1, olds), news=max(1, news)), lines

    return headed(edit.path, [changed(*hunk) for hunk in hunks_of(edit)])


def offsets(edit: Edit, chance: random.Random) -> str | None:
    def moved(header: str, lines: list[str]) -> Hunk:
        found = re.match(r"@@ -(\d+)", header)
        start = int(found[1]) if found else 1
        return _renumbered(header, start=max(1, start + chance.choice((-1, 1)) * chance.randint(1, 60))), lines

    return headed(edit.path, [moved(*hunk) for hunk in hunks_of(edit)])


def no_numbers(edit: Edit, chance: random.Random) -> str | None:
    form = chance.choice(("@@ @@", "@@ ... @@", "@@", "@@ -,+ @@"))
    return headed(edit.path, [(form, lines) for _, lines in hunks_of(edit)])


def heading_only(edit: Edit, chance: random.Random) -> str | None:
    form = chance.choice(("@@ {} @@", "@@ @@ {}", "@@ {}"))
    found = [(header.rpartition("@@")[2].strip(), lines) for header, lines in hunks_of(edit)]
    return headed(edit.path, [(form.format(heading) if heading else "@@ @@", lines) for heading, lines in found])


def placeholder_numbers(edit: Edit, chance: random.Random) -> str | None:
    return headed(edit.path, [(f"@@ -1,{len(lines)} +1,{len(lines)} @@", lines) for _, lines in hunks_of(edit)])


def little_context(edit: Edit, chance: random.Random) -> str | None:
    return headed(edit.path, hunks_of(edit, chance.choice((1, 2))))


def much_context(edit: Edit, chance: random.Random) -> str | None:
    return headed(edit.path, [(header, lines) for header, lines in hunks_of(edit, chance.choice((6, 12)))])


def lost_context(edit: Edit, chance: random.Random) -> str | None:
    hunks = hunks_of(edit)
    where = [(at, row) for at, (_, lines) in enumerate(hunks) for row, line in enumerate(lines) if line[:1] == " "]
    if not where:
        return None
    at, row = chance.choice(where)
    hunks[at] = (hunks[at][0], [line for index, line in enumerate(hunks[at][1]) if index != row])
    hunks = [_counted(hunk) for hunk in hunks] if chance.random() < 0.5 else hunks
    return headed(edit.path, hunks)


def lost_blank_lines(edit: Edit, chance: random.Random) -> str | None:
    hunks = hunks_of(edit)
    kept = [(header, [line for line in lines if line != " "]) for header, lines in hunks]
    return headed(edit.path, kept) if kept != hunks else None


def invented_context(edit: Edit, chance: random.Random) -> str | None:
    hunks = hunks_of(edit)
    at = chance.randrange(len(hunks))
    lines = list(hunks[at][1])
    rows = [row for row, line in enumerate(lines) if line[:1] == " "]
    if not rows:
        return None
    extra = chance.choice((" ", " # see above", "     pass", " import os", " }"))
    lines.insert(chance.choice(rows) + chance.randint(0, 1), extra)
    hunks[at] = (hunks[at][0], lines)
    return headed(edit.path, hunks)


def misremembered_context(edit: Edit, chance: random.Random) -> str | None:
    hunks = hunks_of(edit)
    where = [
        (a, r) for a, (_, ls) in enumerate(hunks) for r, line in enumerate(ls) if line[:1] == " " and len(line) > 18
    ]
    if not where:
        return None
    at, row = chance.choice(where)
    line = hunks[at][1][row]
    words = re.findall(r"\w{3,}", line)
    if not words:
        return None
    word = chance.choice(words)
    other = chance.choice(
        (word + "s", word[:-1], word.upper() if word.islower() else word.lower(), f"{word[0]}_{word[1:]}")
    )
    hunks[at][1][row] = line.replace(word, other, 1)
    return headed(edit.path, hunks)


def _blanks_matter(edit: Edit) -> bool:
    """Whether the edit changes blanks at line ends: a reply with other ones cannot say what was meant."""
    before, after = edit.before.splitlines(), edit.after.splitlines()
    same = [line.rstrip() for line in before], [line.rstrip() for line in after]
    return any(line != line.rstrip() for line in before + after) and list(unified_diff(before, after)) != list(
        unified_diff(*same)
    )


def trailing_blanks(edit: Edit, chance: random.Random) -> str | None:
    if _blanks_matter(edit):
        return None
    extra = " " * chance.randint(1, 3)
    return headed(edit.path, [(header, [line + extra for line in lines]) for header, lines in hunks_of(edit)])


def stripped_blanks(edit: Edit, chance: random.Random) -> str | None:
    if _blanks_matter(edit):
        return None
    return headed(edit.path, [(header, [line.rstrip() for line in lines]) for header, lines in hunks_of(edit)])


def tabs(edit: Edit, chance: random.Random) -> str | None:
    """Four blanks of indentation written as a tab."""

    def tabbed(line: str) -> str:
        text = line[1:]
        depth = len(text) - len(text.lstrip(" "))
        return line[:1] + "\t" * (depth // 4) + " " * (depth % 4) + text.lstrip(" ")

    hunks = hunks_of(edit)
    other = [(header, [tabbed(line) for line in lines]) for header, lines in hunks]
    return headed(edit.path, other) if other != hunks else None


def shifted(edit: Edit, chance: random.Random) -> str | None:
    """The whole hunk moved to the left margin."""
    out: list[Hunk] = []
    for header, lines in hunks_of(edit):
        solid = [line[1:] for line in lines if line[1:].strip()]
        margin = min((len(text) - len(text.lstrip(" ")) for text in solid), default=0)
        out.append((header, [line[:1] + line[1 + margin :] for line in lines]))
    return headed(edit.path, out) if out != hunks_of(edit) else None


def no_prefixes(edit: Edit, chance: random.Random) -> str | None:
    old, new = chance.choice((("", ""), ("", ""), ("./", "./"), ("a/", ""), ("old/", "new/")))
    return headed(edit.path, hunks_of(edit), old, new)


def fenced(edit: Edit, chance: random.Random) -> str | None:
    word = chance.choice(("diff", "patch", "", "python", "diff --git"))
    return (
        f"Sure! Here's the change to `{edit.path}`:\n\n```{word}\n{clean(edit, chance)}```\n\n"
        "This keeps the behaviour:\n- nothing else changes\n+ one more thing\n"
    )


def prose_around(edit: Edit, chance: random.Random) -> str | None:
    after = chance.choice(
        ("\nLet me know if you want tests.\n", "\n\nExplanation: the old code was wrong.\nIt is right now.\n")
    )
    return "I found the bug. The patch:\n\n" + (clean(edit, chance) or "") + after


def escaped(edit: Edit, chance: random.Random) -> str | None:
    return json.dumps(clean(edit, chance))[1:-1]


def escaped_quotes(edit: Edit, chance: random.Random) -> str | None:
    text = clean(edit, chance) or ""
    if "\\" in text or '"' not in text:
        return None
    return text.replace('"', '\\"')


def escaped_angles(edit: Edit, chance: random.Random) -> str | None:
    """Angle brackets and ampersands as JSON writers that fear HTML have them."""
    text = headed(edit.path, hunks_of(edit))
    other = text
    for each in "<>&":
        other = other.replace(each, f"\\u{ord(each):04x}")
    return other if other != text and "\\u" not in text else None


def entities(edit: Edit, chance: random.Random) -> str | None:
    text = headed(edit.path, [(header.partition(" @@")[0] + " @@", lines) for header, lines in hunks_of(edit)])
    other = html.escape(text, quote=chance.random() < 0.5)
    return other if other != text else None


def returns(edit: Edit, chance: random.Random) -> str | None:
    return (clean(edit, chance) or "").replace("\n", "\r\n")


def no_last_newline(edit: Edit, chance: random.Random) -> str | None:
    return (clean(edit, chance) or "").rstrip("\n")


def bare_context(edit: Edit, chance: random.Random) -> str | None:
    """Context lines without their prefix."""
    hunks = [(h, [line[1:] if line[:1] == " " else line for line in lines]) for h, lines in hunks_of(edit)]
    return headed(edit.path, hunks)


def bare_blank_lines(edit: Edit, chance: random.Random) -> str | None:
    return headed(edit.path, [(h, ["" if line == " " else line for line in lines]) for h, lines in hunks_of(edit)])


def ellipsis(edit: Edit, chance: random.Random) -> str | None:
    """The middle of a long stretch of context left out."""
    mark = chance.choice(("...", "# ...", "…", "# ... existing code ...", "    ..."))
    out: list[Hunk] = []
    cut = False
    for header, lines in hunks_of(edit, 9):
        kept: list[str] = []
        for run in re.findall(r"[ ]+|[^ ]", "".join(line[0] for line in lines)):
            part = lines[len(kept) : len(kept) + len(run)]
            kept.extend(part)
        out.append((header, _elided(lines, mark)))
        cut = cut or len(out[-1][1]) != len(lines)
    return headed(edit.path, out) if cut else None


def _elided(lines: list[str], mark: str) -> list[str]:
    out: list[str] = []
    run: list[str] = []
    for line in [*lines, ""]:
        if line[:1] == " ":
            run.append(line)
            continue
        between = bool(out) and bool(line)
        out.extend([*run[:3], f" {mark}", *run[-3:]] if len(run) > 8 and between else run)
        run = []
        out.extend([line] if line else [])
    return out


def indented(edit: Edit, chance: random.Random) -> str | None:
    margin = " " * chance.choice((2, 4))
    body = "".join(margin + line + "\n" for line in (clean(edit, chance) or "").splitlines())
    return (
        f"1. Apply this:\n\n{body}"
        if chance.random() < 0.5
        else f"1. Apply this:\n\n{margin}```diff\n{body}{margin}```\n"
    )


def merged_hunks(edit: Edit, chance: random.Random) -> str | None:
    """The header between two hunks forgotten."""
    hunks = hunks_of(edit)
    if len(hunks) < 2:
        return None
    at = chance.randrange(len(hunks) - 1)
    hunks[at : at + 2] = [(hunks[at][0], [*hunks[at][1], *hunks[at + 1][1]])]
    return headed(edit.path, hunks)


def no_hunk_header(edit: Edit, chance: random.Random) -> str | None:
    hunks = hunks_of(edit)
    return headed(edit.path, hunks).replace(hunks[0][0] + "\n", "", 1) if len(hunks) == 1 else None


def shuffled(edit: Edit, chance: random.Random) -> str | None:
    hunks = hunks_of(edit)
    other = chance.sample(hunks, len(hunks))
    return headed(edit.path, other) if other != hunks else None


def several(edit: Edit, chance: random.Random) -> str | None:
    """Wrong counts, wrong numbers, no prefixes and a fence at once."""
    if _blanks_matter(edit):
        return None

    def worse(header: str, lines: list[str]) -> Hunk:
        return _renumbered(header, start=chance.randint(1, 400), olds=len(lines), news=len(lines) + 1), lines

    hunks = [worse(header, [line.rstrip() for line in lines]) for header, lines in hunks_of(edit)]
    return f"```diff\n{headed(edit.path, hunks, '', '')}```\n"


def stacked(edit: Edit, chance: random.Random) -> str | None:
    """Two faults of the hunks and one of the whole reply, whichever they are."""
    if _blanks_matter(edit):
        return None
    hunks = hunks_of(edit, chance.choice((1, 2, 3, 3, 3, 5)))
    for change in chance.sample(_OF_HUNKS, 2):
        hunks = [change(header, lines, chance) for header, lines in hunks]
    text = headed(edit.path, hunks, *chance.choice((("a/", "b/"), ("", ""))))
    return chance.choice(_OF_TEXT)(text)


def _without_one(lines: list[str], chance: random.Random) -> list[str]:
    rows = [row for row, line in enumerate(lines) if line[:1] == " "]
    gone = chance.choice(rows) if len(rows) > 3 and chance.random() < 0.5 else -1
    return [line for row, line in enumerate(lines) if row != gone]


def _with_tabs(lines: list[str]) -> list[str]:
    return [re.sub(r"^(.)((?: {4})+)", lambda m: m[1] + "\t" * (len(m[2]) // 4), line) for line in lines]


_OF_HUNKS: tuple[Callable[[str, list[str], random.Random], Hunk], ...] = (
    lambda header, lines, chance: ("@@ @@", lines),
    lambda header, lines, chance: (header.replace("@@ -", f"@@ -{chance.randint(1, 9)}", 1), lines),
    lambda header, lines, chance: (re.sub(r",\d+", lambda m: f",{chance.randint(1, 20)}", header), lines),
    lambda header, lines, chance: (header, _without_one(lines, chance)),
    lambda header, lines, chance: (header, [line + "  " for line in lines]),
    lambda header, lines, chance: (header, _with_tabs(lines)),
    lambda header, lines, chance: (header, [line if line != " " else "" for line in lines]),
    lambda header, lines, chance: (header, [re.sub(r"^ (?=[a-z@])", "", line) for line in lines]),
)  # fmt: skip
_OF_TEXT: tuple[Callable[[str], str], ...] = (
    lambda text: text,
    lambda text: f"Here:\n\n```diff\n{text}```\n\nThat is all.\n",
    lambda text: f"Here:\n\n{text}\nThat is all.\n",
    lambda text: text.replace("\n", "\r\n"),
    lambda text: json.dumps(text)[1:-1],
    lambda text: "".join(f"    {line}\n" for line in text.splitlines()),
    lambda text: json.dumps({"patch_bundle": [{"file": "", "diff": text}]}),
)  # fmt: skip


def openai_patch(edit: Edit, chance: random.Random) -> str | None:
    body = "".join("@@\n" + "".join(f"{line}\n" for line in lines) for _, lines in hunks_of(edit))
    return f"*** Begin Patch\n*** Update File: {edit.path}\n{body}*** End Patch\n"


def bundle(edit: Edit, chance: random.Random) -> str | None:
    name = edit.path if chance.random() < 0.6 else edit.path.rpartition("/")[2]
    text = headed(name, hunks_of(edit))
    return json.dumps({"synopsis": "A fix.", "patch_bundle": [{"file": edit.path, "diff": text}], "next_goal": ""})


def json_then_fence(edit: Edit, chance: random.Random) -> str | None:
    return json.dumps({"synopsis": "A fix.", "patch_bundle": []}) + f"\n\n```diff\n{clean(edit, chance)}```\n"


def _blocks(edit: Edit, change: Callable[[str], str] = lambda line: line) -> str:
    out = ""
    for _, lines in hunks_of(edit):
        search = "".join(change(line[1:]) + "\n" for line in lines if line[:1] != "+")
        replace = "".join(change(line[1:]) + "\n" for line in lines if line[:1] != "-")
        out += f"<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n"
    return out


def blocks(edit: Edit, chance: random.Random) -> str | None:
    if chance.random() < 0.5:
        return f"{edit.path}\n```python\n{_blocks(edit)}```\n"
    return f"```\n{edit.path}\n{_blocks(edit)}```\n"


def blocks_with_other_blanks(edit: Edit, chance: random.Random) -> str | None:
    if _blanks_matter(edit):
        return None
    return f"{edit.path}\n```python\n{_blocks(edit, lambda line: line.rstrip() + '  ')}```\n"


def whole(edit: Edit, chance: random.Random) -> str | None:
    if "```" in edit.after or edit.after.count("\n") > 400:
        return None
    return f"**{edit.path}**\n\n```python\n{edit.after}```\n"


DIFFS: tuple[Fault, ...] = (
    clean, clean_git, wrong_counts, offsets, no_numbers, heading_only, placeholder_numbers, little_context,
    much_context, lost_context, lost_blank_lines, invented_context, misremembered_context, trailing_blanks,
    stripped_blanks, tabs, shifted, no_prefixes, fenced, prose_around, escaped, escaped_quotes, escaped_angles,
    entities, returns, no_last_newline, bare_context, bare_blank_lines, ellipsis, indented, merged_hunks,
    no_hunk_header, shuffled, several, stacked,
)  # fmt: skip
"""Faults of unified diffs, which other tools can be asked about too."""
FORMS: tuple[Fault, ...] = (
    openai_patch, bundle, json_then_fence, blocks, blocks_with_other_blanks, whole,
)  # fmt: skip


def crlf_file(edit: Edit, chance: random.Random) -> Case | None:
    """A file with carriage returns, patched by a model that writes none."""
    if "\r" in edit.before + edit.after:
        return None
    before, after = edit.before.replace("\n", "\r\n"), edit.after.replace("\n", "\r\n")
    return _case("crlf_file", clean(edit, chance) or "", edit._replace(before=before, after=after))


def bare_end_file(edit: Edit, chance: random.Random) -> Case | None:
    """A file without a last newline, patched without the mark that says so."""
    before, after = edit.before.rstrip("\n"), edit.after.rstrip("\n")
    return _case("bare_end_file", clean(edit, chance) or "", edit._replace(before=before, after=after))


def tabbed_file(edit: Edit, chance: random.Random) -> Case | None:
    """A file indented with tabs, patched with blanks."""
    tabbed = [
        re.sub(r"^(?: {4})+", lambda found: "\t" * (len(found[0]) // 4), text, flags=re.MULTILINE)
        for text in (edit.before, edit.after)
    ]
    if any(re.search(r"^\t* +\S", text, re.MULTILINE) for text in tabbed) or tabbed[0] == edit.before:
        return None
    return _case("tabbed_file", clean(edit, chance) or "", edit._replace(before=tabbed[0], after=tabbed[1]))


SPECIAL = (crlf_file, bare_end_file, tabbed_file)


def birth(edit: Edit, chance: random.Random) -> Case:
    """A file that comes or goes, in one of the ways models write that."""
    if edit.after:
        lines = edit.after.splitlines()
        header = chance.choice((f"@@ -0,0 +1,{len(lines)} @@", f"@@ -0,0 +1,{len(lines) + 2} @@", "@@ @@"))
        body = "".join(f"+{line}\n" for line in lines)
        extended = f"diff --git a/{edit.path} b/{edit.path}\nnew file mode 100644\n" if chance.random() < 0.5 else ""
        reply = f"{extended}--- /dev/null\n+++ b/{edit.path}\n{header}\n{body}"
    else:
        lines = edit.before.splitlines()
        body = "".join(f"-{line}\n" for line in lines)
        reply = f"--- a/{edit.path}\n+++ /dev/null\n@@ -1,{len(lines) + chance.randint(0, 1)} +0,0 @@\n{body}"
    return _case("birth_or_death", f"```diff\n{reply}```\n" if chance.random() < 0.5 else reply, edit)


def several_files(edits: Sequence[Edit], chance: random.Random) -> Case:
    """Two or three files in one reply, each with a fault of its own."""
    parts = [chance.choice((clean, clean_git, wrong_counts, offsets, no_numbers))(edit, chance) or "" for edit in edits]
    reply = "\n".join(f"```diff\n{part}```\n" for part in parts) if chance.random() < 0.5 else "".join(parts)
    made = [_case("several_files", reply, edit) for edit in edits]
    before = {path: text for each in made for path, text in each.before.items()}
    return made[0]._replace(before=before, after={path: text for each in made for path, text in each.after.items()})


def case(fault: Fault, edit: Edit, chance: random.Random) -> Case | None:
    """The edit with one fault."""
    reply = fault(edit, chance)
    return None if reply is None else _case(fault.__name__, reply, edit)


def _case(fault: str, reply: str, edit: Edit) -> Case:
    before = {edit.path: edit.before.encode()} if edit.before else {}
    return Case(fault, reply, before, {edit.path: edit.after.encode()} if edit.after else {}, edit.origin)
