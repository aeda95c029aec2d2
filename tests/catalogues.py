"""What is wrong with the Chinese catalogue of a package: compared with its code, sentence by sentence."""

import re
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from pathlib import Path
from string import Formatter
from typing import Any

from babel.messages.extract import extract, extract_python
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract


def catalogue_faults(package: Path) -> list[tuple[str, str]]:
    """(fault, sentence) for each sentence without its Chinese, left over, or not the same in both languages."""
    written, said = catalogue(package), said_in_code(package)
    return sorted(
        [
            *(("is not in the catalogue", sentence) for sentence in said - written.keys()),
            *(("is said nowhere", sentence) for sentence in written.keys() - said),
            *(
                (fault, sentence)
                for sentence, chinese in written.items()
                for fault in faults(sentence, chinese)
            ),
        ]
    )


def faults(sentence: str, chinese: str) -> Iterator[str]:
    if not chinese.strip():
        yield "has no Chinese"
    elif placeholders(sentence) != placeholders(chinese):
        yield "fills in other names"
    elif re.search("[A-Za-z]", bare := literals(chinese)) and not re.search("[\u4e00-\u9fff]", bare):
        yield "is still English"


def catalogue(package: Path) -> dict[str, str]:
    with (package / "locale" / "zh.po").open(encoding="utf-8") as file:
        read = read_po(file, abort_invalid=True)
    return {str(message.id): str(message.string) for message in read if message.id}


def said_in_code(package: Path) -> set[str]:
    """Every sentence handed to say() or mark()."""
    return {
        *extracted(package.glob("*.py"), extract_python),
        *extracted(package.glob("templates/*.html"), babel_extract),
    }


def extracted(paths: Iterable[Path], method: Callable[..., Any]) -> Iterator[str]:
    for path in paths:
        for _, message, _, _ in extract(
            method, BytesIO(path.read_bytes()), keywords={"say": None, "mark": None}
        ):
            yield message if isinstance(message, str) else message[0]


def placeholders(sentence: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(sentence) if name is not None)


def literals(sentence: str) -> str:
    return "".join(text for text, *_ in Formatter().parse(sentence))
