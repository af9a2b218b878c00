"""A server for one SRT stream, in a process of its own: `python -m tests.helpers.stream_listener URL FILE`.

Says "listening", waits for a stream, and copies it into FILE until the stream ends. (PyAV can listen for RTMP too, but
libavformat 61 crashes there; the tests ask ffmpeg for that where it is installed.)
"""

from __future__ import annotations

import sys

import av

WAIT_S = 30.0


def main(url: str, file: str) -> None:
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    with av.open(url, "r", timeout=(WAIT_S, WAIT_S)) as container, av.open(file, "w") as copy:
        streams = {stream: copy.add_stream_from_template(stream) for stream in container.streams}
        try:
            for packet in container.demux():
                if packet.dts is not None:
                    packet.stream = streams[packet.stream]
                    copy.mux(packet)
        except (OSError, av.FFmpegError):
            pass  # the sender is gone


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
