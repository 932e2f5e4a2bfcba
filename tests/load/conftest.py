"""The loopback Discord of tests/wire, here too."""

from tests.wire.conftest import addresses, wire

__all__ = ["addresses", "wire"]
