"""A small valid folder of knowledge made up for tests, and ways to spoil one thing in it. It says nothing true.

What is called "spare" is named by nothing else, so that spoiling it is one fault.
"""

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from bot.entry import LEAST_CHINESE, LEAST_ENGLISH
from bot.model import CARD_INTENTS

Table = dict[str, Any]

SOURCES, CONTACTS, DOCUMENTS = "reference/sources.toml", "reference/contacts.toml", "reference/documents.toml"
LEXICON = "reference/lexicon.toml"
COMMANDS = "reference/commands.toml"
LOSS, REST = "loss.toml", "rest.toml"  # the topics
REPORT, CANCEL = "loss-report", "loss-cancel"  # the entries of LOSS; each of REST is called as its intent
GONE = None  # as a value: the field is left out
REVIEWED, REVIEW_BY = date(2026, 3, 1), date(2026, 9, 1)


def made_entry(name: str, intent: str, **fields: Any) -> Table:
    """The least that an entry holds."""
    least = {
        "id": name,
        "intent": intent,
        "title": {"zh": f"虚构{name}", "en": f"Invented {name}"},
        "ask": {
            "zh": [f"{name}怎么办之{number}" for number in range(LEAST_CHINESE)],
            "en": [f"what of {name}, way {number}" for number in range(LEAST_ENGLISH)],
        },
        "answer": {"zh": "请打{hotline}。", "en": "Call {hotline}."},
        "phone": {"zh": "请打{hotline}。"},
        "sms": {"zh": "请打{hotline}。"},
        "sources": ["page"],
        "reviewed": REVIEWED,
        "review_by": REVIEW_BY,
    }
    return least | fields


def _reference() -> dict[str, Table]:
    return {
        SOURCES: {
            "page": {
                "title": "虚构的网页",
                "url": "https://hall.example/card",
                "dated": "2026-02",
                "tier": "A",
                "region": "sichuan",
                "says": ["热线12333", "临时挂失7天有效，补卡30元"],
            },
            "copy": {
                "title": "虚构的转载",
                "url": "https://copy.example/card",
                "tier": "B",
                "region": "national",
                "says": ["到期前60天可以换卡；重庆热线023-12333"],
            },
            "spare": {
                "title": "虚构的传言",
                "url": "http://talk.example/",
                "tier": "C",
                "region": "elsewhere",
                "says": ["要等9天"],
            },
        },
        CONTACTS: {
            "hotline": {"phone": "12333", "name": {"zh": "热线", "en": "hotline"}, "source": "page"},
            "far": {"phone": "023-12333", "name": {"zh": "外地热线", "en": "far hotline"}, "source": "copy"},
            "spare": {"phone": "023-12333", "name": {"zh": "备用", "en": "spare"}, "source": "copy"},
        },
        DOCUMENTS: {
            "id-card": {"zh": "身份证", "en": "ID card"},
            "photo": {"zh": "照片", "en": "photo"},
            "spare": {"zh": "备用材料", "en": "spare paper"},
        },
        LEXICON: {
            "deeds": {"report": "挂失 report_loss", "cancel": "解挂"},
            "fillers": {"how": "怎么办 how"},
        },
        COMMANDS: {"forget": ["忘记我", "forget me"], "where": ["换个地方"]},
    }


def _topics() -> dict[str, Table]:
    counter = {
        "services": ["loss-report", "replacement"],
        "opposite": CANCEL,
        "see": [CANCEL, "fee"],
        "documents": {"self": ["id-card", "photo"], "agent": []},
        "fee": {"zh": "不收费", "en": "free"},
        "time": {"zh": "7天", "en": "7 days"},
        "channel": {"zh": "网点，{hotline}", "en": "an outlet, {hotline}"},
        "region": {
            "chongqing": {
                "answer": {"zh": "请打{far}。", "en": "Call {far}."},
                "documents": {"self": ["photo"]},
                "sms": {"zh": "打{far}。"},
            }
        },
        "sources": ["page", "copy"],
    }
    rest = sorted(CARD_INTENTS - {"loss_report", "loss_cancel"})
    return {
        LOSS: {
            "title": {"zh": "挂失", "en": "Loss"},
            "entry": [
                made_entry(REPORT, "loss_report", **counter),
                made_entry(CANCEL, "loss_cancel", opposite=REPORT),
            ],
        },
        REST: {
            "title": {"zh": "其他", "en": "Other"},
            "entry": [made_entry(intent.replace("_", "-"), intent) for intent in rest],
        },
    }


@dataclass
class Folder:
    """The files by name, each as its tables."""

    files: dict[str, Table] = field(default_factory=lambda: _reference() | _topics())

    def entry(self, name: str) -> Table:
        topics = (tables for tables in self.files.values() if isinstance(tables.get("entry"), list))
        (found,) = (one for tables in topics for one in tables["entry"] if one["id"] == name)
        held: Table = found
        return held

    def spoil(self, home: str, path: str, value: object) -> "Folder":
        """Put `value` at `path` (names, dots between) of a file or an entry; GONE leaves the field out."""
        *way, last = path.split(".")
        table = self.files[home] if home in self.files else self.entry(home)
        for name in way:
            table = table.setdefault(name, {})
        if value is GONE:
            del table[last]
        else:
            table[last] = deepcopy(value)
        return self

    def without(self, name: str) -> "Folder":
        """Leave out an entry."""
        for tables in self.files.values():
            if "entry" in tables:
                tables["entry"] = [one for one in tables["entry"] if one["id"] != name]
        return self

    def write(self, folder: Path) -> Path:
        for name, tables in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(_lines(tables)), encoding="utf-8")
        return folder


def _lines(tables: Mapping[str, object]) -> list[str]:
    return [f"{_key(name)} = {toml(value)}\n" for name, value in tables.items()]


def toml(value: object) -> str:
    """On one line. A JSON text, number or truth is TOML too."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(name)} = {toml(held)}" for name, held in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False)


def _key(name: object) -> str:
    return json.dumps(str(name), ensure_ascii=False)
