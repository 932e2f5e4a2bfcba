"""The answer of ``/dnd odds``: the figures, a picture, and the same as text for fronts without pictures."""

import base64

from truth_blocks.contracts import LookUp, SourceFile
from truth_blocks.dnd5e import chart
from truth_blocks.dnd5e.dice import parse
from truth_blocks.dnd5e.odds import odds, read_target


def render_odds(dice: str, target_text: str) -> LookUp:
    """Mean, spread, bounds and the chance to reach the target.

    Raises:
        UserMistake: not dice or not a target, or too much to compute exactly.
    """
    expression = parse(dice)
    found = odds(expression)
    target = read_target(target_text) if target_text else None
    low, high = min(found.weights), max(found.weights)
    bounds = f"{low:,} to {high:,}" if high == expression.high else f"{low:,} and up"
    lines = [f"`{expression.text}` · {bounds} · mean **{found.mean:,.2f}** · deviation {found.deviation:,.2f}"]
    if target is not None:
        chance = found.chance(target)
        lines.append(f"Chance of {target.shown}: **{chance:.2%}**" + _one_in(chance))
    picture = base64.b64encode(chart.picture(found, target)).decode()
    file = SourceFile("odds.png", picture, encoding="base64", alt=chart.text(found, target))
    return LookUp("\n".join(lines), ("dice engine, exact distribution",), (file,), cacheable=True)


def _one_in(chance: float) -> str:
    return f" (1 in {1 / chance:,.1f})" if 0 < chance < 0.5 else ""
