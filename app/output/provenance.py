"""Says in every file that it is synthetic media, where machines look for that: in its metadata.

The term is IPTC's `compositeSynthetic`, a composite of elements of which at least one is synthetic. That is true of
every picture this program makes: part of it is the portrait's own (background, shoulders, most of the skin), part is
warped or painted by a model, and both are put together. `trainedAlgorithmicMedia` would say that a trained model made
all of it, which is true of no picture here and of none at all with the model `geometric`; `algorithmicMedia` would say
that nothing of it was ever captured.

Where it stands: in MP4 as metadata keys in the header, which a recording has from its first moment and keeps when the
program is killed, and as XMP in a box of its own once the file is complete; in Matroska as tags in the header; in PNG
as XMP.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.version import VERSION

if TYPE_CHECKING:  # loads PyAV
    from av.container import OutputContainer

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeSynthetic"

COMMENT = "Synthetic media: an animated portrait, made with Understudy."

TAGS: Mapping[str, str] = {"comment": COMMENT, "DigitalSourceType": SOURCE_TYPE}

MOVFLAG = "use_metadata_tags"
"""Without it MP4 keeps only names that Apple's players know, and drops the source type."""

XMP = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
    ' xmlns:xmp="http://ns.adobe.com/xap/1.0/">'
    f"<Iptc4xmpExt:DigitalSourceType>{SOURCE_TYPE}</Iptc4xmpExt:DigitalSourceType>"
    f"<xmp:CreatorTool>Understudy {VERSION}</xmp:CreatorTool>"
    '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
).encode()

_XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_PNG_HEAD = 8 + 25
"""Length of a PNG's signature and of its first chunk, IHDR; any other chunk may follow."""


def mark(container: OutputContainer) -> None:
    """Put the tags where the header of `container` will be; before the first packet. MP4 needs `MOVFLAG` as well."""
    container.metadata.update(TAGS)


def xmp_box() -> bytes:
    """What is appended to a complete MP4; every reader skips a `uuid` box it does not know."""
    return struct.pack(">I4s16s", 8 + 16 + len(XMP), b"uuid", _XMP_UUID) + XMP


def marked_png(png: bytes) -> bytes:
    """The same picture with XMP in it.

    Raises:
        ValueError: these are not the bytes of a PNG.
    """
    if not png.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"):
        raise ValueError("not a PNG")
    content = b"iTXtXML:com.adobe.xmp" + bytes(5) + XMP  # not compressed, no language, no translated name
    chunk = struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))
    return png[:_PNG_HEAD] + chunk + png[_PNG_HEAD:]
