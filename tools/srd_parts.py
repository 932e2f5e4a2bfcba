"""What stands in the SRDs under a name of its own, as plain text: traits and actions of creatures, features, spells' effects.

The figures of these texts are what `build_dnd5e` keeps of them; the text itself is never shipped.
"""

import msgspec

UNKNOWN = "⟨?⟩"
"""Stands in a text where a figure could not be filled in; a part with it is held to nothing."""


class Part(msgspec.Struct, frozen=True):
    """One named part of an entry of a SRD."""

    edition: str
    owner_kind: str
    """``creature``, ``spell``, ``class``, ``item``, ``species``, ``feat``, ``background``, ``condition`` or ``rule``."""
    owner: str
    kind: str
    """``trait``, ``action``, ``reaction``, ``legendary``, ``feature``, ``effect``, ``higher``, ``item`` …"""
    name: str
    text: str
