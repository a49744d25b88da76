"""Files of text are UTF-8, with or without a byte order mark; of any other, say what it is and what to do."""

import codecs

from mockserver.values import Value

# The longer marks first: that of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_CURE = "save it as UTF-8"


class NotUtf8(Value, frozen=True):
    """Why bytes are no UTF-8 text, with the cure, and the line on which that shows."""

    line: int
    problem: str


def read_utf8(content: bytes) -> str | NotUtf8:
    """Return the text of a file's bytes without its byte order mark; what is no UTF-8 is a value that says so."""
    wide = find_wide(content)
    if wide is not None:
        return wide
    try:
        return content.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as cause:
        line, byte = content.count(b"\n", 0, cause.start) + 1, content[cause.start]
        return NotUtf8(line, f"is not UTF-8: byte 0x{byte:02X}, as of Latin-1 or Windows-1252; {_CURE}")


def find_wide(content: bytes) -> NotUtf8 | None:
    """Return what to say of bytes that are UTF-16 or UTF-32, None of others.

    They begin with a mark or, where their first letter is of ASCII, have a zero byte among the first two.
    """
    name = next((name for mark, name in _MARKS if content.startswith(mark)), None)
    if name is None and b"\0" in content[:2]:
        name = "UTF-32" if content[:4].count(0) == 3 else "UTF-16"
    return None if name is None else NotUtf8(1, f"is {name}; {_CURE}")
