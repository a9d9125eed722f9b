"""Loopback ports."""

from __future__ import annotations

import socket

from local.errors import LocalError

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def wanted_port(text: str) -> int:
    """The port that the user asked for, or an error that says what is wrong with it."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise LocalError(f"PORT is {text!r}, but it must be a number from 1 to 65535.")
    port = int(text)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # The server sets the same option: a port in TIME_WAIT after the last run is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise LocalError(
                f"Port {port} cannot be used ({error.strerror}): "
                "stop the program that uses it, or choose another with PORT=<number>."
            ) from error
    return port
