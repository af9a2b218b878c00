"""Understudy: your face moves a portrait, and the portrait is all that is sent. See README.md."""

from __future__ import annotations

import sys


def main() -> int:
    """Run one command; the exit codes are in the help of each command."""
    from app.cli import run_command_line

    return run_command_line(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
