"""D&D 5e: facts of SRD 5.1 and 5.2, rules in our own words, dice, and the checks that hold a draft against them."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from truth_blocks.dnd5e.block import Dnd5eBlock

__all__ = ["Dnd5eBlock"]


def __getattr__(name: str) -> Any:
    """Import the block when it is first asked for."""
    if name == "Dnd5eBlock":
        from truth_blocks.dnd5e.block import Dnd5eBlock

        return Dnd5eBlock
    raise AttributeError(name)
