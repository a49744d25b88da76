"""Texts at the limits of what a text member may hold, by what may go wrong with them.

The contract says of every text that it is kept as it was sent, in any script (question `name-characters`), with its
blanks (`name-whitespace`), names up to 100 characters. What follows is not a list of known bugs but of what tells
encodings, escapings, normal forms, columns and conversions apart.
"""

from mockserver.domain.profiles import NAME_LENGTH

# One of each block that is written in another way: two to four bytes, right to left, with combining signs, astral.
SCRIPTS: tuple[str, ...] = (
    "Ærøskøbing Ñandú",
    "Юлия Щёголева",
    "Ωμέγα Ά",
    "ليلى حدّاد",
    "שָׁלוֹם",
    "प्रिया क्षत्रिय",
    "李小龙",
    "𠮷野家",
    "김민준",
    "สุดารัตน์",
    "தமிழ்ச்செல்வி",
    "አማርኛ",
    "İrem Işık",
    "Straße ẞ",
    "Zoe\u0301 A\u030a",  # decomposed: other characters than Zoé Å, though they look alike
    "Zo\u00e9 \u00c5",
    "\u212bngstr\u00f6m",  # composed, with a sign that every normal form replaces
    "ﬁﬂ ①Ａ",  # compatibility characters
    "😀 Nova",
    "👩‍👩‍👧‍👦",
    "🏳️‍🌈👍🏽",
    "zero\u200bwidth\u200djoiner",
    "\u200fאב\u200e ab",
    "no\ufeffbreak",
    "soft\u00adhyphen",
)
SIGNS: tuple[str, ...] = (
    '"quoted"',
    "O'Neil ’ ‘",
    "back\\slash",
    "a/b",
    "<b>bold</b>",
    "R&D",
    "R&amp;D",
    "&#65;&lt;",
    "100%",
    "%41%2F",
    "a+b",
    "a;b",
    "a -- b",
    "${name}",
    "{{name}}",
    "{0} %s %d",
    "#tag",
    "a=b&c=d",
    "[x](y)",
    "*_~`^|",
    "@nova",
    "a,b:c",
    "\\u0041\\n",
    "=1+1",
    "what?!",
    "€ £ ¥ § ° ©",
    "“curly” – dash…",
)
BLANKS: tuple[str, ...] = (
    " before",
    "after ",
    "two  blanks",
    "tab\tstop",
    "new\nline",
    "carriage\r\nreturn",
    "no\u00a0break",
    "\u00a0around\u00a0",
    "wide\u3000blank",
    "line\u2028separator",
    " ",
)
# Text that reads as a value of another type stays text.
LOOKALIKES: tuple[str, ...] = (
    "0",
    "007",
    "-1",
    "1.0",
    "1e5",
    "0x1F",
    "1,000",
    "9223372036854775808",
    "١٢٣",
    "true",
    "false",
    "True",
    "yes",
    "no",
    "null",
    "NULL",
    "None",
    "undefined",
    "NaN",
    "Infinity",
    "N/A",
    "-",
    ".",
    "[]",
    "{}",
    '""',
    "2024-02-29",
    "2024-02-30",
    "12:30",
    "2024-07-11T16:36:17Z",
    "+44 7700 900123",
    "Test",
    "string",
)
CASES: tuple[str, ...] = ("mcDONALD", "UPPER", "lower", "ÉCOLE", "éCole", "Title Of Case")
EMPTY: tuple[str, ...] = ("", "full")
_NAME_LENGTHS = (1, 2, 16, 20, 25, 30, 32, 40, 45, 50, 60, 64, 80, NAME_LENGTH - 1, NAME_LENGTH)
_FIELD_LENGTHS = (*_NAME_LENGTHS, NAME_LENGTH + 1, 128, 200, 255, 256, 500, 1000)
_BEYOND = (NAME_LENGTH + 1, NAME_LENGTH + 2, 128, 255, 256, 1000)
_WIDE = ("é", "李", "😀")  # two, three and four bytes; the last are two units of UTF-16


def lengths(word: str, *, of_name: bool) -> tuple[str, ...]:
    """Return texts that are kept whole, of every length that a column may have; `word` fills them."""
    wide = tuple(sign * count for sign in _WIDE for count in (NAME_LENGTH // 2, NAME_LENGTH))
    return (*(filled(word, count) for count in (_NAME_LENGTHS if of_name else _FIELD_LENGTHS)), *wide)


def beyond(word: str) -> tuple[str, ...]:
    """Return names that are too long, so that what is beyond 100 characters is cut."""
    wide = tuple(sign * (NAME_LENGTH + 1) for sign in _WIDE)
    return (*(filled(word, count) for count in _BEYOND), *wide, filled(word, NAME_LENGTH - 1) + "😀!")


def filled(word: str, count: int) -> str:
    """Return a text of so many characters, which shows where it was cut."""
    return "".join(word[place % len(word)] for place in range(count)).title()[:count]
