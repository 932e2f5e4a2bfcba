"""Frames for movement: difficult ground, climbing, dashing, standing up, jumps, loads, falls."""

from collections.abc import Mapping

from truth_blocks.dnd5e.readers.frames.fight import calc
from truth_blocks.dnd5e.readers.frames.frames import Claims, Values, frames
from truth_blocks.dnd5e.readers.matching import search
from truth_blocks.dnd5e.vocabulary import SIZE


def _n(values: Values, name: str) -> int | None:
    return values[name].whole if name in values else None


def _size(text: str) -> str | None:
    found = search(rf"\b({SIZE})\b", text)
    return found[1] if found else None


def _difficult(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    return [calc("movement", speed=100_000, distance=_n(v, "distance"), difficult=True, cost=_n(v, "cost"))]


def _climbing(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    mode = search(r"climb|swim|crawl", text)
    if mode is None:
        return None
    base = {"speed": 100_000, "distance": _n(v, "distance"), mode[0]: True}
    harder = "difficult" in text and "rough" not in v
    claims = [calc("movement", **base, difficult=harder or None, cost=_n(v, "cost"))]
    if "rough" in v:
        claims.append(calc("movement", **base, difficult=True, cost=_n(v, "rough")))
    return claims


def _dash(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    return [calc("movement", speed=_n(v, "speed"), dash=True, total=_n(v, "total"))]


def _stand(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    rest = [calc("movement", speed=_n(v, "speed"), stand=True, value=_n(v, "left"))] if "left" in v else []
    return [calc("movement", speed=_n(v, "speed"), stand=True, cost=_n(v, "cost")), *rest]


def _jump(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    kind = "high" if search(r"high jump|jump\w* (?:straight )?up|vertical", text) else "long"
    known = {"kind": kind, "strength": _n(v, "strength"), "mod": _n(v, "mod")}
    if "standing" in v:
        return [
            calc("jump", **known, value=_n(v, "reach")),
            calc("jump", **known, standing=True, value=_n(v, "standing")),
        ]
    standing = search(r"\bstanding|without (?:a )?run|no run", text) is not None
    return [calc("jump", **known, standing=standing or None, value=_n(v, "reach"))]


def _load(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    lift = search(r"\b(?:push|drag|lift)", text) is not None
    if lift and search(r"\bcarr", text):
        return None
    return [
        calc(
            "carrying",
            strength=_n(v, "strength"),
            size=_size(text),
            mode="push" if lift else None,
            value=_n(v, "pounds"),
        )
    ]


def _fall(v: Values, text: str, names: Mapping[str, str]) -> Claims:
    feet = v["feet"].whole
    claims = [calc("fall_damage", feet=feet, value=str(v["dice"].value))] if "dice" in v else []
    if "average" in v:
        claims.append(calc("average", expr=f"{max(min(feet // 10, 20), 1)}d6", value=_n(v, "average")))
    return claims or None


GROUND = frames("ground", globals())
"""The frames of ``ground.toml``, each with the function above that makes its claims."""
