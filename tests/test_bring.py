"""What to bring is what the knowledge names, a region's own list before the general one."""

import pytest

from bot.adviser import Adviser
from bot.bring import cases_of, region_of, sources_of
from bot.model import Aspect, Region
from locator.model import Service

SICHUAN, CHONGQING = Region.SICHUAN, Region.CHONGQING


@pytest.mark.parametrize("city, region", [("重庆市", CHONGQING), ("泸州市", SICHUAN)])
def test_a_hall_asks_for_what_its_own_region_asks_for(city: str, region: Region) -> None:
    assert region_of(city) is region


@pytest.mark.parametrize("region", Region)
@pytest.mark.parametrize("service", Service)
def test_every_service_has_its_papers_and_every_case_its_sources(
    adviser: Adviser, service: Service, region: Region
) -> None:
    cases = cases_of(service, region, adviser.knowledge)
    assert cases
    assert len({case.papers for case in cases}) == len(cases)
    for case in cases:
        assert case.papers.holder.zh
        assert all(service in entry.services for entry in case.entries)
        sources = sources_of(case.entries, region)
        assert len(set(sources)) == len(sources) > 0
        assert not {one.region for one in sources} & (set(Region) - {region})


@pytest.mark.parametrize(
    "service, region, entry, holder, agent, is_regional",
    [
        (Service.ACTIVATION, SICHUAN, "activate", "身份证原件、社保卡", "", False),
        (Service.LOSS_REPORT, SICHUAN, "loss-report", "身份证原件", "", True),
        (Service.LOSS_REPORT, CHONGQING, "loss-report", "有效身份证件（如身份证）", "", False),
        (Service.APPLICATION, SICHUAN, "apply-new", "身份证原件", "", False),
        (Service.APPLICATION, CHONGQING, "apply-new", "身份证原件、1张1寸照片", "", True),
        (
            Service.APPLICATION,
            SICHUAN,
            "apply-agent",
            "身份证原件",
            "持卡人的身份证、代办人的身份证",
            False,
        ),
    ],
)
def test_what_is_brought_where(  # noqa: PLR0913, PLR0917 - a row of the table
    adviser: Adviser,
    service: Service,
    region: Region,
    entry: str,
    holder: str,
    agent: str,
    *,
    is_regional: bool,
) -> None:
    (papers,) = (
        case.papers
        for case in cases_of(service, region, adviser.knowledge)
        if entry in [one.id for one in case.entries]
    )
    assert papers.holder.zh == holder
    assert (papers.agent.zh if papers.agent else "") == agent
    assert papers.is_regional is is_regional


def test_nothing_is_named_that_the_knowledge_does_not_name(adviser: Adviser) -> None:
    named = {
        saying.aspects[aspect]
        for entry in adviser.knowledge.entries.values()
        for saying in (entry.said, *entry.regions.values())
        for aspect in (Aspect.DOCUMENTS, Aspect.AGENT_DOCUMENTS)
        if aspect in saying.aspects
    }
    for service in Service:
        for region in Region:
            for case in cases_of(service, region, adviser.knowledge):
                assert case.papers.holder in named
                assert case.papers.agent is None or case.papers.agent in named
