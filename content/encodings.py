"""Bytes as text: by their byte-order mark, what the server said, what the document says of itself, or as UTF-8."""

from __future__ import annotations

import codecs

import regex

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
LOOKED_AT = 1024  # bytes in which a document names its encoding
_IN_HEADER = regex.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", regex.IGNORECASE)
_IN_DOCUMENT = regex.compile(rb"(?:<\?xml[^>]{0,200}encoding|charset)\s*=\s*[\"']?([\w.:-]+)", regex.IGNORECASE)
WESTERN = "windows-1252"


def decoded(body: bytes, content_type: str = "") -> str:
    """Total: what cannot be read becomes the replacement character. `content_type`: the header's, if there was one."""
    for mark, encoding in BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    if body[:4].count(0) == 2:  # UTF-16 without a mark: every other byte of "<?xm" is empty
        return body.decode("utf-16-be" if body[:1] == b"\0" else "utf-16-le", "replace")
    try:
        return body.decode("utf-8")  # what reads as UTF-8 is UTF-8, whatever a server says of all its files
    except UnicodeDecodeError:
        pass
    said = [found[1] for found in [_IN_HEADER.search(content_type)] if found]
    said += [found[1].decode() for found in [_IN_DOCUMENT.search(body[:LOOKED_AT])] if found]
    for encoding in (*said, WESTERN):
        try:
            return body.decode(encoding)
        except (LookupError, UnicodeDecodeError):
            continue
    return body.decode("utf-8", "replace")
