"""What the tiers are made of."""

from pathlib import Path

from memory.planner import Structures
from memory.tiers import historical, project
from memory.tiers.contracts import Generation
from memory.tiers.generation import GenerationFile
from memory.tiers.hot import HotTier


def as_built() -> Structures:
    """The tiers as they are shipped."""
    return Structures(
        hot=lambda dimension: HotTier(dimension, link_later=True),
        build={"project": project.build, "historical": historical.build},
        map={"project": project.map_generation, "historical": historical.map_generation},
        verify=_verify,
    )


def _verify(folder: Path, generation: Generation) -> None:
    file = GenerationFile(folder, generation)
    try:
        file.verify()
    finally:
        file.close()
