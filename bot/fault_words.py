"""What the rules of an entry say is wrong with it, in the language of whoever edits it at the desk.

Law: a rule that is not known here is told as it is, which is English. It is never left out.
"""

import re
from typing import Final

from locator.language import Language, mark

# How a rule tells it, and the sentence that says the same; names in both are the same.
_KNOWN: Final = tuple(
    (re.compile(rule), sentence)
    for rule, sentence in (
        (r"Field required|is missing", mark("is missing")),
        (
            r"is missing; what is done at a counter needs it",
            mark("is missing; what is done at a counter needs it"),
        ),
        (r"has (?P<n>\d+) phrases, needs (?P<least>\d+)", mark("has {n} phrases, needs {least}")),
        (
            r"the figure (?P<figure>\S+) is in none of its sources",
            mark("none of its sources states {figure}"),
        ),
        (
            r"has (?P<n>\d+) characters, at most (?P<most>\d+) (?:fit|are read)",
            mark("has {n} characters, at most {most} fit"),
        ),
        (
            r"has (?P<n>\d+) syllables, 30 seconds hold (?P<most>\d+)",
            mark("has {n} syllables, 30 seconds hold {most}"),
        ),
        (
            r"\{?(?P<name>\S+?)\}? is not in (?:sources|documents|contacts)\.toml",
            mark("does not know “{name}”"),
        ),
        (r"an answer on the card needs at least one", mark("is empty; an answer on the card needs a source")),
        (r"holds an address; .*", mark("holds a web address; people get those from the sources only")),
        (r"holds a brace .*", mark("holds a brace that stands for no number")),
        (r"must lie after reviewed", mark("must lie after the day of review")),
        (r"Input should be a valid date.*", mark("is no day like 2027-05-23")),
        (r"“(?P<phrase>.*)” is also asked of (?P<entry>\S+)", mark("“{phrase}” is also asked of {entry}")),
        (r"(?P<entry>\S+) is not an entry", mark("there is no entry {entry}")),
        (
            r"(?P<entry>\S+) does not name this entry in turn",
            mark("{entry} does not name this entry in turn"),
        ),
    )
)


def why_in_words(why: str, language: Language) -> str:
    for rule, sentence in _KNOWN:
        if found := rule.fullmatch(why):
            return language.say(sentence, **found.groupdict())
    return why
