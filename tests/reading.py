"""A page as a browser without scripts meets it: what can be read, every element, and the forms to be sent."""

from html.parser import HTMLParser
from typing import NamedTuple

from werkzeug.test import TestResponse

ELEMENTS_WITHOUT_END = {"meta", "link", "input", "br", "img", "hr"}


class Button(NamedTuple):
    name: str
    value: str
    action: str
    fields: dict[str, str]  # all that is sent when it is pressed


class Reader(HTMLParser):
    """What a person could read, and the attributes of every element."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in ELEMENTS_WITHOUT_END:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"<{tag}> is not closed where it should be"

    def handle_data(self, data: str) -> None:
        if data.strip() and "script" not in self.open:
            self.words.append(" ".join(data.split()))

    @property
    def text(self) -> str:
        return " ".join(self.words)

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        return [
            attributes
            for name, attributes in self.elements
            if name == tag and all(attributes.get(key.rstrip("_")) == value for key, value in wanted.items())
        ]

    def links(self) -> list[str]:
        return [attributes["href"] for attributes in self.all("a")]

    def buttons(self) -> list[Button]:
        """Those that send a form, each with what it sends; a box to write in is sent as ""."""
        found: list[Button] = []
        form: dict[str, str] = {}
        fields: dict[str, str] = {}
        for tag, attributes in self.elements:
            if tag == "form":
                form, fields = attributes, {}
            elif tag == "input" and attributes.get("type") == "hidden":
                fields[attributes["name"]] = attributes["value"]
            elif tag == "button" and attributes.get("type") != "button":
                action = attributes.get("formaction", form.get("action", ""))
                name, value = attributes.get("name", ""), attributes.get("value", "")
                sent = fields | ({name: value} if name else {})
                found.append(Button(name, value, action, sent))
        return found


def read(response: TestResponse) -> Reader:
    reader = Reader(response.get_data(as_text=True))
    assert reader.open == []
    return reader
