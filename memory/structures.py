"""What the tiers are made of."""

from memory.exact import ExactTier
from memory.planner import Structures
from memory.tiers import project


def as_built() -> Structures:
    """The tiers as they are shipped."""
    return Structures(
        hot=lambda dimension: ExactTier("hot", dimension),
        build={"project": project.build},
        map={"project": project.map_generation},
    )
