"""One request as code that can be copied: a pytest test on the fixture `customer_api`, or JavaScript with `fetch`.

No credential is ever printed that was not given for it: a header that holds one becomes a name to be filled in. What
is no plain text is written with escapes, so that it disturbs neither a terminal nor an editor.
"""

import json
import re
from collections.abc import Iterator, Mapping

from mockserver.exchange.secrecy import is_secret_header
from mockserver.exchange.snippets import is_filler
from mockserver.messages import Request

# What a page may not set (Fetch standard, forbidden request-headers), as far as a request of ours may have it.
_NOT_OF_A_PAGE = frozenset({"connection", "content-length", "cookie", "expect", "host", "te", "transfer-encoding"})
_MADE_BY_CLIENT = frozenset({"connection", "content-length", "host", "transfer-encoding"})

PYTEST_IMPORTS = """\
import requests

from mockserver import CustomerApi
"""
_PYTEST = """\
def {name}(customer_api: CustomerApi) -> None:
    {doc}
{answers}    answer = requests.{call}(
        {arguments},
    )

    assert answer.status_code == {status}
    assert [item["code"] for item in answer.json()[{member}]] == [{code}]
"""
_BY_NAME = frozenset({"DELETE", "GET", "PATCH", "POST", "PUT"})  # functions of requests; HEAD would follow no redirect


def as_pytest(
    request: Request,
    name: str,
    *,
    doc: str,
    status: int,
    code: int,
    is_warning: bool = False,
    answers: Mapping[str, str] | None = None,
    anonymous: bool = False,
) -> str:
    """Return a whole test function for the fixture `customer_api`; `PYTEST_IMPORTS` are the imports that it needs.

    It asserts the status, and that the one error, or warning, has the code. `answers` are those to questions that the
    dialect must have; credentials are the fixture's, but for a request that is `anonymous`.
    """
    headers = [f"{_py(key)}: {_py(value)}" for key, value in _own_headers(request)]
    sent = [] if anonymous else ["**customer_api.headers"]
    method = [] if request.method in _BY_NAME else [_py(request.method)]
    more = [f"headers={{{', '.join([*sent, *headers])}}}"] if sent or headers else []
    more += [f"data={_py_body(request.body)}"] if request.body else []
    chosen = ", ".join(f"{question.replace('-', '_')}={_py(answer)}" for question, answer in (answers or {}).items())
    return _PYTEST.format(
        name=name,
        doc=f'"""{ascii(doc)[1:-1]}."""',
        answers=f"    customer_api.dialect({chosen})\n" if chosen else "",
        call="request" if method else request.method.lower(),
        arguments=",\n        ".join([*method, f"customer_api.url + {_py(_target_of(request))}", *more, "timeout=10"]),
        status=status,
        member=_py("warnings" if is_warning else "errors"),
        code=code,
    )


def _py(text: str) -> str:
    """Write a text as Python does, in double quotes where that needs no escapes."""
    written = ascii(text)
    return f'"{written[1:-1]}"' if '"' not in written and "\\" not in written else written


def _py_body(body: bytes) -> str:
    return f'b"{body[:1].decode()}" * {len(body)}' if is_filler(body) and body[:1] != b'"' else repr(body)


def can_fetch(request: Request) -> bool:
    """Tell whether `fetch` sends this request as it is; some headers are the client's own."""
    return _NOT_OF_A_PAGE.isdisjoint(name.lower() for name in request.headers)


def as_fetch(
    request: Request, base_url: str, *, credentials: str = "", anonymous: bool = False, is_silent: bool = False
) -> str:
    """Return JavaScript for a browser's console or a module of Node 18 and later: it logs status and body.

    `credentials` is what to write as the value of `Authorization`; without it the name `AUTHORIZATION` stands there.
    One that `is_silent` logs nothing.
    """
    headers = dict(_js_headers(request, credentials, anonymous=anonymous))
    options = [f"method: {_js(request.method)}"]
    options += [f"headers: {{{', '.join(f'{key}: {value}' for key, value in headers.items())}}}"] if headers else []
    options += [f"body: {_js_body(request.body)}"] if request.body else []
    lines = "".join(f"  {option},\n" for option in options)
    then = "" if is_silent else ".then(async (answer) => console.log(answer.status, await answer.text()))"
    return f"await fetch({_js(base_url.rstrip('/') + _target_of(request))}, {{\n{lines}}}){then};"


def _js_headers(request: Request, credentials: str, *, anonymous: bool) -> Iterator[tuple[str, str]]:
    if not anonymous and not any(is_secret_header(name) for name in request.headers):
        yield _js("Authorization"), _js(credentials) if credentials else "AUTHORIZATION"
    for name, value in request.headers.items():
        if is_secret_header(name):
            yield _js(name), re.sub("[^A-Z0-9]", "_", name.upper())
        elif name.lower() not in _MADE_BY_CLIENT:
            yield _js(name), _js(value)


def _js(text: str) -> str:
    return json.dumps(text)


def _js_body(body: bytes) -> str:
    """JSON goes between single quotes, so that it reads as it is sent, where nothing in it needs an escape."""
    if is_filler(body):
        return f"{_js(body[:1].decode())}.repeat({len(body)})"
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return f"new Uint8Array([{', '.join(str(one) for one in body)}])"
    is_plain = text.isascii() and text.isprintable() and "'" not in text and "\\" not in text
    return f"'{text}'" if is_plain else _js(text)


def _own_headers(request: Request) -> Iterator[tuple[str, str]]:
    for name, value in request.headers.items():
        if not is_secret_header(name) and name.lower() not in _MADE_BY_CLIENT:
            yield name, value


def _target_of(request: Request) -> str:
    return f"{request.path}?{request.query}" if request.query else request.path
