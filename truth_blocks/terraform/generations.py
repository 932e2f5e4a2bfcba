"""Which generation of each provider decides: what the module asks for, and what it is written for."""

from collections.abc import Mapping

from truth_blocks.terraform.schema import Provider, Schemas
from truth_blocks.terraform.versions import Requirement, admits, major_of


class Generations:
    """The generation in force for each provider: the newest that the constraint admits, until told otherwise."""

    def __init__(self, schemas: Schemas, required: Mapping[str, Requirement]) -> None:
        self._schemas, self._required = schemas, required
        self._in_force: dict[str, Provider] = {}
        self._candidates: dict[str, tuple[Provider, ...]] = {}

    def provider_name(self, local_name: str) -> str:
        """The provider that a local name stands for in this module."""
        required = self._required.get(local_name)
        return required.provider if required else local_name

    def of(self, local_name: str) -> Provider | None:
        """The generation in force; None when the provider's schema is not shipped."""
        name = self.provider_name(local_name)
        return self._in_force.get(name) or next(iter(self.candidates(name)), None)

    def candidates(self, name: str) -> tuple[Provider, ...]:
        """The shipped generations that the constraint admits, newest first; all of them when it admits none."""
        if name not in self._candidates:
            shipped = self._schemas.generations(name)
            self._candidates[name] = self._admitted(name, shipped) or self._nearest_first(name, shipped)
        return self._candidates[name]

    def certain(self, name: str) -> bool:
        """False when the module asks for a generation that is not shipped."""
        shipped = self._schemas.generations(name)
        return not shipped or bool(self._admitted(name, shipped))

    def choose(self, provider: Provider) -> None:
        """Put one generation in force."""
        self._in_force[provider.name] = provider

    def _nearest_first(self, name: str, shipped: tuple[Provider, ...]) -> tuple[Provider, ...]:
        asked = next((major_of(each.constraint) for each in self._required.values() if each.provider == name), None)
        if asked is None:
            return shipped
        return tuple(sorted(shipped, key=lambda each: abs(int(each.version.partition(".")[0]) - asked)))

    def _admitted(self, name: str, shipped: tuple[Provider, ...]) -> tuple[Provider, ...]:
        constraints = [each.constraint for each in self._required.values() if each.provider == name]
        return tuple(each for each in shipped if all(admits(text, each.version) for text in constraints))
