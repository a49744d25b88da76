"""Elements of HTML that cannot be written wrongly: text is escaped unless it was made here."""

from html import escape
from typing import Final

from mockserver.reporting.view import legible

_VOID: Final = frozenset({"meta", "input", "br", "wbr"})


class Markup(str):
    """HTML that is safe to write as it is; made by `element`, `join` and `trusted` only."""

    __slots__ = ()


def trusted(text: str) -> Markup:
    """Take text of our own as HTML: a stylesheet, a script."""
    return Markup(text)


def element(tag: str, /, *inner: str, **attributes: str | bool) -> Markup:
    """Return an element; `class_` is the attribute `class`, `data_id` is `data-id`, True an attribute without value."""
    written = "".join(_attribute(key, value) for key, value in attributes.items() if value is not False)
    end = "" if tag in _VOID else f"{join(*inner)}</{tag}>"
    return Markup(f"<{tag}{written}>{end}")


def join(*inner: str) -> Markup:
    """Return texts and elements, one after the other."""
    return Markup("".join(part if isinstance(part, Markup) else escape(legible(part)) for part in inner))


def _attribute(key: str, value: str | bool) -> str:
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(legible(str(value)))}"'
