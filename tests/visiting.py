"""Makes schemathesis a visitor: half of its messages carry a real token, so that they get past the door."""

import json
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import schemathesis

_TOKENS: dict[str, str] = {}


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: schemathesis.Case[Any], _: dict[str, Any]) -> None:
    body = case.body
    if isinstance(body, dict) and isinstance(body.get("token"), str) and len(str(body)) % 2:
        case.body = body | {"token": _token(str(context.operation.base_url if context.operation else ""))}


def _token(url: str) -> str:
    if url not in _TOKENS:
        request = Request(f"{url}/api/v1/visitors", b"{}", {"Content-Type": "application/json"})
        with build_opener(ProxyHandler({})).open(request) as answer:
            _TOKENS[url] = json.loads(answer.read())["token"]
    return _TOKENS[url]
