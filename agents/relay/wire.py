"""Errors over HTTP: their name and their sentence, so that the other side raises the same."""

import msgspec

import errors
from errors import VesperaError


class Failure(msgspec.Struct, frozen=True):
    """An error as JSON."""

    error: str
    message: str


def failure(error: VesperaError) -> bytes:
    """An error's JSON."""
    return msgspec.json.encode(Failure(type(error).__name__, str(error)))


def raised(body: bytes, otherwise: str) -> VesperaError:
    """The error that a body holds; a plain one with ``otherwise`` when it holds none."""
    try:
        told = msgspec.json.decode(body, type=Failure)
    except msgspec.MsgspecError:
        return errors.RelayError(otherwise)
    kind = getattr(errors, told.error, VesperaError)
    if not (isinstance(kind, type) and issubclass(kind, VesperaError)):
        kind = VesperaError
    error: VesperaError = kind.__new__(kind, told.message)
    error.args = (told.message,)
    return error
