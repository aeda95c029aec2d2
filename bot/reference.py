"""What all entries refer to: sources, contacts, documents, the lexicon, the commands – each a file of faq/reference/, read and checked.

Law: a phone number stands in contacts.toml alone, and is there only because a source states it.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from bot.model import Source, Tier
from locator.errors import Fault
from locator.model import Name
from locator.text import fold, words


@dataclass(frozen=True, slots=True)
class Contact:
    """A phone number that answers may print."""

    id: str
    phone: str
    name: Name
    source: Source


@dataclass(frozen=True, slots=True)
class Reference:
    """All five, by id."""

    sources: Mapping[str, Source]
    contacts: Mapping[str, Contact]
    documents: Mapping[str, Name]
    lexicon: Mapping[str, Mapping[str, str]]  # groups of meanings, each with its forms in one text
    commands: Mapping[str, str] = field(
        default_factory=dict
    )  # what is said to the chat itself, folded, and what it means
    whole: bool = True  # whether the first three could be read without a fault


class Row(BaseModel):
    """A table of one of our files: nothing in it that we do not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class NameRow(Row):
    zh: Said
    en: Said

    @property
    def name(self) -> Name:
        return Name(self.zh, self.en)


# What may be said to the chat itself.
COMMANDS: Final = ("forget", "language-zh-Hans", "language-zh-Hant", "language-en", "where", "more")

_R = TypeVar("_R", bound=Row)


class _SourceRow(Row):
    title: str = Field(min_length=1)
    url: str = Field("", pattern="^(https?://.*)?$")
    dated: str = Field("", pattern=r"^(\d{4}(-\d\d){0,2})?$")
    tier: Tier
    region: Literal["national", "sichuan", "chongqing", "chengdu", "elsewhere"]
    says: tuple[str, ...] = Field(min_length=1)


class _ContactRow(Row):
    phone: str = Field(pattern=r"^[\d-]+$")
    name: NameRow
    source: str


def read_reference(folder: Path, faults: list[Fault]) -> Reference:
    """What can be read of the five files; every fault of them is added to `faults`."""
    sources = {
        name: Source(id=name, **row.model_dump())
        for name, row in read_rows(folder / "sources.toml", _SourceRow, faults)
    }
    documents = {name: row.name for name, row in read_rows(folder / "documents.toml", NameRow, faults)}
    listed = dict(read_rows(folder / "contacts.toml", _ContactRow, faults))
    faults += [fault for name, row in listed.items() for fault in _contact_faults(name, row, sources)]
    whole = not faults
    lexicon = _read_lexicon(folder / "lexicon.toml", faults)
    contacts = {
        name: Contact(name, row.phone, row.name.name, sources[row.source])
        for name, row in listed.items()
        if row.source in sources
    }
    commands = _read_commands(folder / "commands.toml", faults)
    return Reference(sources, contacts, documents, lexicon, commands, whole)


def _read_lexicon(path: Path, faults: list[Fault]) -> dict[str, dict[str, str]]:
    groups = read_toml(path, faults)
    for group, meanings in groups.items():
        if not isinstance(meanings, dict):
            faults.append(Fault(path.name, group, "must be a table of meanings"))
            continue
        faulty = [name for name, forms in meanings.items() if not _are_forms(forms)]
        faults += [
            Fault(path.name, f"{group}.{name}", "must be a text of words, spaces between") for name in faulty
        ]
    return groups


def _read_commands(path: Path, faults: list[Fault]) -> dict[str, str]:
    said: dict[str, str] = {}
    for name, phrases in read_toml(path, faults).items():
        if name not in COMMANDS:
            faults.append(Fault(path.name, name, f"is no command; there are {', '.join(COMMANDS)}"))
        elif not isinstance(phrases, list) or not all(isinstance(one, str) and fold(one) for one in phrases):
            faults.append(Fault(path.name, name, "must be a list of phrases"))
        else:
            doubled = [one for one in phrases if fold(one) in said]
            faults += [Fault(path.name, name, f"“{one}” is said twice") for one in doubled]
            said |= {fold(one): name for one in phrases}
    return said


def _are_forms(forms: Any) -> bool:
    return isinstance(forms, str) and bool(forms.split()) and all(words(form) for form in forms.split())


def _contact_faults(name: str, row: _ContactRow, sources: Mapping[str, Source]) -> Iterator[Fault]:
    if row.source not in sources:
        yield Fault(name, "source", f"{row.source} is not in sources.toml")
    elif not any(re.search(rf"(?<![\d-]){row.phone}(?![\d-])", fact) for fact in sources[row.source].says):
        yield Fault(name, "phone", f"is not what its source {row.source} says")


def read_toml(path: Path, faults: list[Fault]) -> dict[str, Any]:
    """The file's tables; a file that cannot be read is one Fault and no tables."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        faults.append(Fault(path.name, "", f"cannot be read ({error.strerror})"))
    except ValueError as error:  # not TOML, or not UTF-8
        faults.append(Fault(path.name, "", f"is not TOML in UTF-8: {error}"))
    return {}


def read_rows(path: Path, shape: type[_R], faults: list[Fault]) -> Iterator[tuple[str, _R]]:
    """Each table of the file with its name; what does not fit the shape becomes Faults."""
    for name, table in read_toml(path, faults).items():
        try:
            yield name, shape.model_validate(table)
        except ValidationError as error:
            faults += shape_faults(f"{path.name} {name}", error)


def shape_faults(where: str, error: ValidationError) -> list[Fault]:
    return [Fault(where, ".".join(map(str, part["loc"])), part["msg"]) for part in error.errors()]
