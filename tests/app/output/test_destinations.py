from __future__ import annotations

from pathlib import Path

import pytest

from app.errors import UsageProblem
from app.output.destinations import BrowserWish, StreamTarget, new_token, stream_target

KEY = "live_12345_SecretKey"
FIX = "Use rtmp://HOST/APP/KEY, rtmps://HOST/APP/KEY, srt://HOST:PORT or whips://KEY@HOST/PATH."


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (f"rtmp://live.example.org/app/{KEY}", "rtmp://live.example.org/app/…"),
        (f"RTMP://live.example.org:1935/app/{KEY}?bandwidthtest={KEY}", "rtmp://live.example.org/app/…"),
        (f"rtmps://me:{KEY}@live.example.org:8443/app/{KEY}", "rtmps://live.example.org:8443/app/…"),
        (f"rtmp://127.0.0.1:19350/{KEY}", "rtmp://127.0.0.1:19350"),
        (f"srt://127.0.0.1:9000?streamid={KEY}&passphrase={KEY}&mode=caller", "srt://127.0.0.1:9000"),
        ("srt://[::1]:9000", "srt://::1:9000"),
        (f"whips://{KEY}@live.example.org/{KEY}/webRTC/publish", "whips://live.example.org"),
        (f"whip://127.0.0.1:8080/{KEY}", "whip://127.0.0.1:8080"),
    ],
)
def test_an_address_is_taken_as_it_is_and_shown_without_its_secrets(address: str, shown: str) -> None:
    target = StreamTarget.parse(address)
    assert target.address == address
    assert target.shown == shown
    assert target.scheme in ("rtmp", "rtmps", "srt", "whip", "whips")
    assert KEY not in repr(target)
    assert KEY not in str(target)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("file:///etc/passwd", "It is of the kind 'file'."),
        ("concat:a|b", "It is of the kind 'none'."),
        ("/tmp/x.flv", "It is of the kind 'none'."),
        ("tcp://127.0.0.1:9", "It is of the kind 'tcp'."),
        ("tee://x", "It is of the kind 'tee'."),
        ("", "It is of the kind 'none'."),
        ("\u202e://x", "It is too long, or holds spaces or special characters."),
        (
            f"https://example.org/{KEY}",
            "The address of a WHIP server begins with whips:// here, and a key stands before an @.",
        ),
        ("rtmp:///app/key", "It names no host."),
        ("rtmp://host:99999/app", "Its host or port is not one."),
        (f"rtmp://host/app/{KEY} listen=1", "It is too long, or holds spaces or special characters."),
        ("rtmp://host/" + "x" * 3000, "It is too long, or holds spaces or special characters."),
        ("srt://host", "An SRT address needs a port."),
        ("srt://host:9000?mode=listener", "Its mode is not caller: this program only sends, and listens to nobody."),
        ("srt://host:9000?mode=rendezvous", "Its mode is not caller: this program only sends, and listens to nobody."),
        (
            "srt://host:9000?localaddr=0.0.0.0",
            "It has options beside streamid, passphrase, pbkeylen, latency and mode.",
        ),
    ],
)
def test_what_is_no_place_to_send_to_is_refused_in_words_that_repeat_no_key(address: str, why: str) -> None:
    with pytest.raises(UsageProblem) as problem:
        StreamTarget.parse(address)
    assert (problem.value.what, problem.value.why) == ("This address cannot be streamed to.", why)
    assert problem.value.fix == FIX
    assert KEY not in str(problem.value)


def test_an_address_can_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key.txt"
    file.write_text(f"  rtmp://host/app/{KEY}\nanything\n", encoding="utf-8")
    assert stream_target(f"@{file}").address == f"rtmp://host/app/{KEY}"
    with pytest.raises(UsageProblem) as problem:
        stream_target(f"@{tmp_path / 'none'}")
    assert problem.value.why == "The system says: No such file or directory."


def test_tokens_are_long_and_different_and_never_shown() -> None:
    wish = BrowserWish()
    assert wish.token != BrowserWish().token
    assert len(new_token()) >= 43
    assert wish.token not in repr(wish)
    assert wish.url(28411) == f"http://127.0.0.1:28411/{wish.token}/"


@pytest.mark.parametrize("token", ["", "short", "a" * 100, "a/b" * 10, "ä" * 30])
def test_a_token_that_could_be_guessed_or_broken_is_refused(token: str) -> None:
    with pytest.raises(ValueError, match="a token has"):
        BrowserWish(token=token)
