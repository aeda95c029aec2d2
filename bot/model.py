"""The words of the chatbot. Frozen values, no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from locator.model import Name, Service

# What a question on the card may ask: one label a question, the main thing asked.
CARD_INTENTS: Final = frozenset(
    """
    card_intro card_vs_medical apply_new apply_child apply_agent apply_foreigner_hmt card_progress activate_general
    activate_social activate_bank status_abnormal lost_general loss_report loss_temp_formal loss_cancel replace_lost
    replace_damaged replace_expired upgrade_gen3 info_change change_bank multiple_cards cancel_card pwd_social pwd_bank
    ecard_get ecard_problem ecard_use cross_province chuanyu medical_use temp_card pension_benefit query_balance
    query_card_info bank_account fee outlets_hours hotline_channel fraud_misuse scene_use complaint
    """.split()
)
ADJACENT: Final = "adjacent"
OUT_OF_SCOPE: Final = "out_of_scope"
SMALL_TALK: Final = "small_talk"
INTENTS: Final = CARD_INTENTS | {ADJACENT, OUT_OF_SCOPE, SMALL_TALK}


class Region(StrEnum):
    """Where the rules of the card may differ. Luzhou is in Sichuan."""

    SICHUAN = "sichuan"
    CHONGQING = "chongqing"


class Tier(StrEnum):
    """How much a source weighs: the authority's own page, a repost that names it, hearsay."""

    A = "A"
    B = "B"
    C = "C"


class Source(NamedTuple):
    """Where facts come from, and which ones, in our words."""

    id: str
    title: str
    url: str  # for editors; `public_url` is what citizens may see
    dated: str  # as far as known: "2023-07-28", "2019", ""
    tier: Tier
    region: str
    says: tuple[str, ...]

    @property
    def public_url(self) -> str:
        """The address, of an authority's own page only: a copy is never shown."""
        return self.url if self.tier is Tier.A else ""


class Aspect(StrEnum):
    """What else people ask of one answer: what to bring, what it costs, how long it takes, where."""

    DOCUMENTS = "documents"
    AGENT_DOCUMENTS = "agent_documents"
    FEE = "fee"
    TIME = "time"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Saying:
    """An answer in all its voices, or what is special about it in one region; "" where nothing is said."""

    answer: Name
    aspects: Mapping[Aspect, Name] = field(default_factory=dict)
    phone: str = ""  # Chinese; what a clerk reads aloud, within 30 seconds
    sms: str = ""  # Chinese; at most 70 characters


NOTHING: Final = Saying(Name("", ""))


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One answer, with the ways people ask for it. Read once: equal only to itself."""

    id: str
    topic: Name
    intent: str
    title: Name
    asked: tuple[str, ...]  # Chinese, then English
    said: Saying
    regions: Mapping[Region, Saying]
    services: tuple[Service, ...]
    opposite: str  # the id of the entry it must never be confused with, or ""
    see: tuple[str, ...]
    sources: tuple[Source, ...]
    reviewed: date
    review_by: date
    note: str = ""  # for the staff only, in Chinese

    @property
    def is_card(self) -> bool:
        return self.intent in CARD_INTENTS
