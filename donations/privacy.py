"""What donors are told of their data (个人信息保护法 art. 17): the county's own words, or the programme's.

The long form stands on a public page of the county; the counter and the receipt have the short one with its address.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.conf import settings

from core.commands import Act
from core.errors import Stale
from core.language import in_language
from donations.models import Campaign, PrivacyNotice
from donations.queries import reached_by
from organisation.models import County, Policy
from organisation.queries import policy_of


@dataclass(frozen=True)
class Notice:
    """A notice as it is read: `paragraphs` in the language asked for; `number` 0 and no day where none was set."""

    paragraphs: list[str]
    is_own: bool
    number: int
    set_on: datetime.date | None


# What the programme's own notice says between who processes and how long, and after it: Chinese and English.
WHAT_FOR_AND_WHO_SEES = (
    (
        "处理什么：姓名、电话、工作单位和乡镇，均由您自愿告知；可以不留姓名。不收集身份证号、住址和健康状况。",
        (
            "What: your name, telephone, work unit and township, as far as you tell them; you may stay unnamed."
            " No identity number, address or state of health is asked for."
        ),
    ),
    (
        (
            "为了什么：登记捐赠、出具凭证、退还不合格药品、药品召回时联系您、回答您的查询（公益事业捐赠法第十六条、"
            "第二十一条）；统计数字中没有个人。法律依据为个人信息保护法第十三条：您的同意，以及应对突发公共卫生"
            "事件和履行法定职责所必需。"
        ),
        (
            "What for: registering your gift, your receipt, giving back what is unfit, reaching you if a medicine"
            " is recalled, answering you (公益事业捐赠法 art. 16, 21); figures name nobody. The basis is"
            " 个人信息保护法 art. 13: your consent, and what a public-health emergency and duties by law need."
        ),
    ),
    (
        (
            "是否公开：只有您单独同意，才在爱心名单中公开姓名或姓氏；不同意不影响捐赠。同意可以随时撤回，撤回后您的姓名"
            "从各期名单中消失。"
        ),
        (
            "Made public: your name or surname stands in the list of donors only if you separately agree;"
            " refusing changes nothing. You may withdraw at any time, and the name disappears from every edition."
        ),
    ),
    (
        (
            "谁能看到：接收点的接收登记员和药师、县级药师负责人、监督员，为您办理以下权利时还有安全管理员；每次查看都有"
            "记录。不提供给其他单位，不出境。"
        ),
        (
            "Who sees it: those who register and the pharmacists of the drop-off point, the lead pharmacist and"
            " the auditor, and for your rights below the security administrator; every look is recorded. It goes"
            " to nobody else and stays in the country."
        ),
    ),
)
RIGHTS = (
    (
        "您的权利：查询、复制、更正、删除、撤回同意，凭接收凭证到接收点或向上述单位办理，不收费；删除后捐赠账目中只有"
        "药品，没有您。对处理有异议的，可以向上述单位或网信部门投诉。"
    ),
    (
        "Your rights: to see, copy, correct and erase it and to withdraw consent, free of charge, with your"
        " receipt at the drop-off point or from those named above; after erasing, the books hold the"
        " medicines and not you. Complaints go to those named above or to the cyberspace"
        " administration."
    ),
)


def notice_address(county_id: str) -> str:
    """Where anybody reads the long form."""
    return f"{settings.PUBLIC_URL}/counties/{county_id}/privacy/"


def last_notice(county_id: str) -> PrivacyNotice | None:
    return PrivacyNotice.objects.filter(county_id=county_id).order_by("-number").first()


def notice_of(county: County) -> Notice:
    """What is in force; a county's own text without an English one is shown in Chinese to everybody."""
    row = last_notice(county.pk)
    if row is not None and row.text:
        text = in_language(row.text, row.text_en or row.text)
        return Notice(text.split("\n"), True, row.number, row.set_on)
    campaign = (
        Campaign.objects.filter(county=county).select_related("donee").order_by("-starts_on", "-id").first()
    )
    paragraphs = default_paragraphs(county, campaign, policy_of(county.pk))
    return Notice(paragraphs, False, row.number if row else 0, row.set_on if row else None)


def set_notice(*, act: Act, text: str, text_en: str, number: int | None) -> PrivacyNotice:
    """The county's own words from now on, or with an empty text the programme's again.

    `number` is that of the notice which was seen; `Stale` where another one is in force by now.
    """
    County.objects.select_for_update(no_key=True).get(pk=act.county_id)
    last = last_notice(act.county_id)
    current = last.number if last else 0
    if number is not None and number != current:
        raise Stale(pointer="/number")
    return PrivacyNotice.objects.create(
        county_id=act.county_id,
        number=current + 1,
        text=text,
        text_en=text_en,
        set_by=act.actor_id,
        set_on=act.on,
    )


def default_paragraphs(county: County, campaign: Campaign | None, policy: Policy) -> list[str]:
    """The programme's own notice: everything that art. 17 asks for, by the county's campaign and policy."""
    pairs = [_who(county, campaign, policy), *WHAT_FOR_AND_WHO_SEES, _how_long(policy.identity_days), RIGHTS]
    return [in_language(zh, en) for zh, en in pairs]


def _who(county: County, campaign: Campaign | None, policy: Policy) -> tuple[str, str]:
    if campaign is None:
        return (
            f"谁在处理：{county.name}卫生健康行政部门及受赠单位。",
            f"Who: the health administration of {county.name} and the institution that receives the gifts.",
        )
    contact = reached_by(campaign, policy)
    return (
        f"谁在处理：{campaign.coordinator}（统筹）、{campaign.donee.name}（受赠）"
        + (f"，联系：{contact}。" if contact else "。"),
        f"Who: {campaign.coordinator} (coordinates), {campaign.donee.name} (receives)"
        + (f"; contact: {contact}." if contact else "."),
    )


def _how_long(days: int) -> tuple[str, str]:
    if not days:
        return (
            "保存多久：加密单独保存，至您要求删除为止。",
            "How long: sealed and apart from the books, until you ask to have it erased.",
        )
    return (
        f"保存多久：加密单独保存；活动结束和最后一次使用满 {days} 天，且药品有效期满一年后自动匿名。",
        (
            f"How long: sealed and apart from the books; forgotten by itself {days} days after the campaign's end and"
            " the last use, and not before a year after the medicines' expiry."
        ),
    )
