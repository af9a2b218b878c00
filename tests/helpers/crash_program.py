"""Run the program with a fault in it: `python -m tests.helpers.crash_program CAMERA window|headless MOVIE`.

Light, as main.py is: a spawned process imports the main module again.
"""

from __future__ import annotations

import sys

if __name__ == "__main__":
    from tests.helpers.crash_parts import main

    sys.exit(main(*sys.argv[1:]))
