"""Who may do what: each route and verb, and the least role that may.

Law: what has no row here is refused at the desk, and a test fails on any route without one. A desk's row names a Role,
or ANYBODY for what must be reached before signing in; citizens' routes are for anybody and set no cookie.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from bot.staff import Role

ANYBODY: Final = None

Least = Role | None
Doing = tuple[str, str]  # an endpoint, and GET, POST, PUT or DELETE; who may GET may HEAD


def _rows(least: Least, verbs: str, endpoints: str) -> Iterator[tuple[Doing, Least]]:
    for endpoint in endpoints.split():
        for verb in verbs.split():
            yield (endpoint, verb), least


RIGHTS: Final[Mapping[Doing, Least]] = MappingProxyType(
    dict(
        [
            # -- the desk: signing in and out --
            *_rows(ANYBODY, "GET", "signin.door"),
            *_rows(ANYBODY, "POST", "signin.sign_in"),
            *_rows(Role.AGENT, "POST", "signin.sign_out signin.speak"),
            # -- the desk: one's own account --
            *_rows(Role.AGENT, "GET", "signin.account"),
            *_rows(Role.AGENT, "POST", "signin.change_password"),
            *_rows(Role.AGENT, "POST", "signin.offer_code signin.begin_code signin.end_code"),
            # -- the desk: its parts --
            *_rows(Role.AGENT, "GET", "lookup.home"),
            *_rows(Role.AGENT, "POST", "lookup.ask lookup.find"),
            *_rows(Role.AGENT, "GET", "closures.outlets closures.outlet closures.notice"),
            *_rows(Role.AGENT, "POST", "closures.outlets closures.find closures.preview"),
            *_rows(Role.EDITOR, "GET", "closures.file"),
            # Of others, only an editor's: `closures.may_change`.
            *_rows(Role.AGENT, "POST", "closures.check closures.add closures.change closures.withdraw"),
            # -- the desk: questions for a person --
            *_rows(Role.AGENT, "GET", "queue.home queue.newest queue.one"),
            *_rows(Role.AGENT, "POST", "queue.claim queue.release queue.answer queue.close"),
            *_rows(Role.AGENT, "POST", "queue.again queue.drop"),
            *_rows(Role.EDITOR, "POST", "queue.take_over"),
            # -- the desk: the knowledge --
            *_rows(Role.AGENT, "GET", "missed.home"),
            *_rows(Role.EDITOR, "POST", "missed.attach missed.dismiss"),
            *_rows(Role.EDITOR, "GET", "drafts.home drafts.inspect drafts.trial entries.home entries.show"),
            *_rows(Role.EDITOR, "POST", "drafts.publish drafts.drop entries.save entries.review"),
            *_rows(Role.EDITOR, "POST", "entries.propose entries.begin"),
            *_rows(Role.ADMIN, "POST", "drafts.back"),
            # -- the desk: numbers, files, and what was done --
            *_rows(Role.AGENT, "GET", "statistics.home"),
            *_rows(Role.EDITOR, "GET", "statistics.figures_csv statistics.figures_xlsx"),
            *_rows(Role.EDITOR, "GET", "statistics.misses_csv statistics.misses_xlsx"),
            *_rows(Role.ADMIN, "GET", "audit.home audit.file_csv audit.file_xlsx"),
            # -- citizens: pages --
            *_rows(ANYBODY, "GET", "pages.home pages.static pages.suggested pages.docs"),
            *_rows(ANYBODY, "GET", "outlet_pages.outlet outlet_pages.listed outlet_pages.robots"),
            *_rows(ANYBODY, "GET", "chat.start chat.file"),
            *_rows(ANYBODY, "GET", "chart.outlets chart.named chart.shift"),
            *_rows(ANYBODY, "GET", "offline.worker offline.data offline.shell"),
            *_rows(ANYBODY, "GET", "hall.ask"),
            *_rows(ANYBODY, "POST", "pages.find chat.converse hall.tell"),
            # -- citizens: for programs --
            *_rows(
                ANYBODY, "GET", "openapi status.healthz status.readyz api.outlets api.outlet chat_api.topics"
            ),
            *_rows(
                ANYBODY, "POST", "api.nearest api.places chat_api.ask chat_api.visitors chat_api.converse"
            ),
            *_rows(ANYBODY, "POST", "chat_api.opinion chat_api.letters telegram.update"),
        ]
    )
)


def is_for_anybody(endpoint: str, verb: str) -> bool:
    return RIGHTS.get(_row(endpoint, verb), Role.AGENT) is ANYBODY


def allows(role: Role, endpoint: str, verb: str) -> bool:
    """Whether somebody with this role may; nobody may what has no row."""
    row = _row(endpoint, verb)
    if row not in RIGHTS:
        return False
    least = RIGHTS[row]
    return least is ANYBODY or role.includes(least)


def _row(endpoint: str, verb: str) -> Doing:
    return endpoint, "GET" if verb == "HEAD" else verb
