"""Letters that stand in every text a pattern can match, so that most patterns need not be tried."""

import re

_LEAST = 3
_ESCAPED = re.compile(r"\\.")
_CLASS = re.compile(r"\[(?:\\.|[^\]\\])*\]")
_GROUP = re.compile(r"\([^()]*\)[?*+]?(?:\{[^}]*\})?")
_OPTIONAL = re.compile(r".[?*]|.\{[^}]*\}")
_LETTERS = re.compile(r"[a-z]+")


def stems(pattern: str) -> frozenset[str]:
    """Of which at least one stands in every text that matches; empty where that is not plain.

    Escapes, classes, groups and what is optional are left out, then each alternative gives its longest run of letters.
    """
    bare = _CLASS.sub(" ", _ESCAPED.sub(" ", pattern))
    while (inner := _GROUP.sub(" ", bare)) != bare:
        bare = inner
    found = set()
    for alternative in bare.split("|"):
        runs = _LETTERS.findall(_OPTIONAL.sub(" ", alternative))
        longest = max(runs, key=len, default="")
        if len(longest) < _LEAST:
            return frozenset()
        found.add(longest)
    return frozenset(found)
