"""What an error says without what differs from run to run, so that the same defect has the same hash."""

import re

ERROR_CHARACTERS = 1_200
LONGEST_LINE = 600
"""Characters of a line that are looked at: nobody reads on, and no search may take long."""

_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_RULES = (
    (re.compile(r"0x[0-9a-fA-F]{4,}"), "0x…"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "UUID"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?(Z|[+-]\d\d:?\d\d)?"), "TIME"),
    (re.compile(r"\b\d\d:\d\d:\d\d(\.\d+)?\b"), "TIME"),
    (re.compile(r"\b\d+(\.\d+)?\s?(ms|µs|us|ns|s|sec|secs|seconds|minutes)\b"), "N s"),
    (re.compile(r"(/workspace|/tmp/[\w.-]+|/var/tmp/[\w.-]+)/"), ""),
    (re.compile(r"\b(pid|PID|process|thread)[ =:]+\d+"), r"\1 N"),
    (re.compile(r"(\.\w{1,5}):\d+(:\d+)?\b"), r"\1"),
    (re.compile(r"\bline \d+\b"), "line N"),
    (re.compile(r"[=_-]{4,}"), "—"),
)
_TELLING = re.compile(
    r"^(E\s{2,}|FAILED |ERROR |FAIL:|ERROR:|FAIL\s|--- FAIL|\s*\w*(Error|Exception|Failure)\b|error(\[|:)|panicked|"
    r"thread '.*' panicked|not ok |AssertionError|✗|✕|.*: error[: ]|make: \*\*\*|SyntaxError|fatal:)"
)
_SAYS = re.compile(r"^(E |\w*(Error|Exception|Failure)\b|error(\[|:)|panicked|.*: error[: ])")
_TOKEN = re.compile(r"[\w@./-]+")
_BEHIND = re.compile(r"(?:\", line |:|\()(\d{1,7})|::|:")
_SOURCES = frozenset(
    {"py", "pyi", "js", "jsx", "mjs", "cjs", "ts", "tsx", "go", "rs", "c", "h", "cc", "cpp", "hpp", "java", "rb", "sh"}
    | {"toml", "json", "cfg"}
)
_TESTS = (
    re.compile(r"(?<!\d)(?P<n>\d{1,7}) passed"),  # pytest, jest, cargo
    re.compile(r"^Ran (?P<n>\d{1,7}) tests?", re.MULTILINE),  # unittest
    re.compile(r"^# pass (?P<n>\d{1,7})", re.MULTILINE),  # node --test
)
_PERCENT = r"(?<!\d)(?P<n>\d{1,3}(?:\.\d{1,4})?)"
_COVERAGE = (
    re.compile(rf"^TOTAL\s.*?{_PERCENT}%", re.MULTILINE),  # coverage.py
    re.compile(rf"coverage: {_PERCENT}% of statements"),  # go
    re.compile(rf"^All files\s{{0,40}}\|\s{{0,9}}{_PERCENT}", re.MULTILINE),  # istanbul
    re.compile(rf"Total coverage: {_PERCENT}%"),
)


def plain(text: str) -> str:
    """Without colours and carriage returns; of long lines the beginning, so that no search takes long."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return _ANSI.sub("", "\n".join(line[:LONGEST_LINE] for line in lines))


def normalised(text: str) -> str:
    """Without times, addresses, temporary paths, line numbers; blanks collapsed."""
    text = plain(text)
    for pattern, word in _RULES:
        text = pattern.sub(word, text)
    return "\n".join(line for line in (" ".join(line.split()) for line in text.split("\n")) if line)


def telling(output: str) -> str:
    """The lines of an output that say what went wrong, normalised; the last ones when none stands out."""
    lines = plain(output).split("\n")
    chosen = [line for line in lines if _TELLING.match(line)]
    chosen = chosen or [line for line in lines if line.strip()][-6:]
    unique = list(dict.fromkeys(normalised(line) for line in chosen))
    return "\n".join(line for line in unique if line)[:ERROR_CHARACTERS]


def headline(error: str) -> str:
    """The line of an error that says most: the exception or assertion, before the name of what failed."""
    lines = error.split("\n")
    return next((line for line in lines if _SAYS.match(line)), lines[0])


def places(output: str) -> list[tuple[str, int]]:
    """Files of the repository that an output names, with their line (0 where it has none), in their order."""
    found: dict[tuple[str, int], None] = {}
    for line in plain(output).replace("/workspace/", "").split("\n"):
        for token in _TOKEN.finditer(line):
            path = token[0].removeprefix("./")
            behind = _BEHIND.match(line, token.end())
            if behind and _of_the_repository(path):
                found[(path, int(behind[1] or 0))] = None
    return list(found)


def _of_the_repository(path: str) -> bool:
    outside = path.startswith(("/", "..", "-")) or "site-packages" in path
    return not outside and path.rpartition(".")[2] in _SOURCES and "." in path[1:]


def count_of_tests(output: str) -> int | None:
    """How many tests ran (passed, where the runner says so), summed over runs; None when no runner says."""
    text = plain(output)
    for pattern in _TESTS:
        counts = [int(match["n"]) for match in pattern.finditer(text)]
        if counts:
            return sum(counts)
    return None


def coverage(output: str) -> float | None:
    """The coverage an output names, in percent: the last one named."""
    text = plain(output)
    for pattern in _COVERAGE:
        found = [float(match["n"]) for match in pattern.finditer(text)]
        if found:
            return found[-1]
    return None
