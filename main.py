"""Understudy: your face moves a portrait, and the portrait is all that is sent. See README.md."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.commands.run_options import RunOptions

# A call runs beside this program and wants the cores too. OpenMP's threads spin while they wait for each other, and
# where another program holds a core they spin away whole time slices: a 1 ms convolution took 50. Asleep they do not.
# The libraries read this when they are loaded, so it stands before all of them.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# numpy only multiplies small matrices here; OpenBLAS spins for those too, half a core of it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# PyTorch's profiler (`bench --trace`) calls it an ERROR on stderr that a machine has no GPU.
os.environ.setdefault("KINETO_LOG_LEVEL", "99")


def show_window(options: RunOptions) -> int:
    """Open the window; here, because app does not know ui, and headless commands never load Qt."""
    from app.commands.window_run import WindowRun
    from ui.application import run_window
    from ui.options import WindowOptions

    session = WindowRun(options)
    window = WindowOptions(
        config=options.engine_config(options.camera),
        virtual_camera=options.virtual_camera,
        background=options.background,
        sound=options.sound,
        quality=options.quality,
        model=options.model,
        avatar=options.avatar,
        references=options.references,
        duration_s=options.duration_s,
        has_begun=session.has_begun,
        before_stop=session.before_stop,
        remember=not options.demo,
        remote_control=options.remote_control,
        away=options.away or options.crash is not None,
        crash=options.crash,
    )
    code = run_window(window, session.make_engine)
    session.after_stop()
    return code


def main() -> int:
    """Run one command of CONTRACT.md and return its exit code."""
    try:
        from app.cli import run_command_line

        return run_command_line(sys.argv[1:], show_window)
    except KeyboardInterrupt:  # while the command line itself was being loaded; later it says so itself
        sys.stderr.write("Interrupted.\n")
        return 130


if __name__ == "__main__":
    from app.leaving import leave

    leave(main())
