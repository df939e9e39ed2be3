"""The bulletin as an official notice (公示) in the layout of GB/T 9704-2012, made from its frozen content alone.

No red head, no document number and no seal: an issue number, the period, 截至时刻, objection period, contact and
supervision telephone. Tables A, B and C follow as annexes (reports.files.notice_annexes).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.documents import NOTICE, Align, Column, Document, notices
from reports.files.boxes import Weights
from reports.files.notice_annexes import add_annexes, annex_names
from reports.files.summary import CHARTED, Summary, summaries
from reports.files.words import (
    MERGED_NOTE,
    STANDING,
    UNNAMED,
    UNSIGNED,
    chinese_day,
    chinese_moment,
    edition_words,
    is_closing,
    local_moment,
    periods_of,
    stamp_of,
)

Content = dict[str, Any]
Periods = tuple[tuple[str, str], ...]
ZONE = "Asia/Shanghai"
NUMERALS = "一二三四五六七"


def notice_bytes(content: Content, sha256: str, address: str) -> bytes:
    """The PDF; `sha256` is that of the sealed JSON, `address` the page on which it is verified.

    A draft has neither: it bears no number, nothing to verify and nobody's name below it, and says so on every page.
    """
    zone = time_zone(content)
    signer = signing_unit(content)
    made = local_moment(content["as_of"], zone)
    document = Document(NOTICE, title=title_of(content), made=made, author=signer, stamp=stamp_of(content))
    notices.title(document)
    _opening(document, content, zone)
    parts = [_received, _given, _charts, *([_standing] if is_closing(content) else []), _checked, _objections]
    for numeral, part in zip(NUMERALS, parts, strict=False):
        part(document, content, numeral)
    if sha256:
        _verification(document, sha256, address, NUMERALS[len(parts)])
    notices.annexes(document, annex_names(content))
    if sha256:
        notices.sign_off(document, signer, chinese_day(made.date()))
    else:
        document.paragraph(UNSIGNED)
    add_annexes(document, content)
    return document.build()


def title_of(content: Content) -> str:
    """The title, broken where a line may end."""
    name = "总公示" if is_closing(content) else "公示"
    name = f"更正{name}" if content.get("corrects") else name
    subject = f"关于群众捐赠药品接收使用情况的{name}"
    return f"{signing_unit(content)}\n{subject}\n{edition_words(content)}"


def signing_unit(content: Content) -> str:
    """Who speaks: the coordinating bureau, never the donee by itself."""
    return content["campaign"]["coordinator"] or f"{content['county']['name']}卫生健康局"


def time_zone(content: Content) -> str:
    zone: str = content["county"].get("time_zone", ZONE)
    return zone


def _opening(document: Document, content: Content, zone: str) -> None:
    period, whole = content["this_period"]["period"], content["cumulative"]["period"]
    campaign = content["campaign"]
    this = f"本期：{chinese_day(period['from'])}至{chinese_day(period['to'])}；累计："
    if is_closing(content):
        this = "本次活动已经结束，本公示为活动全程的总账，起止日期："
    document.paragraph(
        f"现将“{campaign['name']}”活动（受赠单位：{campaign['donee']}）群众捐赠药品接收、分配和使用情况公示如下。"
        f"{this}{chinese_day(whole['from'])}至{chinese_day(whole['to'])}。"
        f"截至时刻：{chinese_moment(content['as_of'], zone)}。"
        "数量按各药品的最小单位计，不同单位的数量不相加。"
    )
    if "corrects" in content:
        _corrected(document, content)


def _corrected(document: Document, content: Content) -> None:
    old, changed = content["corrects"], sum(map(len, content["changes"].values()))
    told = f"与原公示不同之处共{changed}处，见附件5" if changed else "数据与原公示相同"
    document.paragraph(
        f"本公示更正{old['year']}年第{old['number']}期公示（SHA-256：{old['sha256']}）。更正原因：{old['reason'].rstrip('。')}。"
        f"{told}。原公示及其散列值、数字签名继续保留备查。"
    )


def _received(document: Document, content: Content, numeral: str) -> None:
    document.heading(f"{numeral}、接收情况")
    for counts in _counts(document, content):
        document.paragraph(
            f"登记捐赠{counts['donations']}笔（作废{counts['donations_voided']}笔），"
            f"涉及药品{counts['kinds_registered']}种；经审核合格入库{counts['kinds_accepted']}种。"
        )
    _thanks(document, content)


def _thanks(document: Document, content: Content) -> None:
    """That there is a list of names; who stands on it may withdraw, so no name stands here."""
    if names := content.get("names"):
        document.paragraph(
            f"经本人同意公开姓名的捐赠人共{len(names)}位，列入爱心名单，另行公布；同意可以随时撤回。"
        )


def _given(document: Document, content: Content, numeral: str) -> None:
    document.heading(f"{numeral}、分配和发放情况")
    for counts in _counts(document, content):
        document.paragraph(
            f"向医疗卫生机构分配药品{counts['kinds_allotted']}种，发放药品{counts['kinds_dispensed']}种，"
            f"惠及{counts['hand_outs']}人次。"
        )


def _counts(document: Document, content: Content) -> Iterator[Content]:
    """The counts of each period, below a heading where there are two."""
    periods = periods_of(content)
    for number, (word, period) in zip("一二", periods, strict=False):
        if len(periods) > 1:
            document.heading(f"（{number}）{word}", level=2)
        yield content[period]["counts"]


def _charts(document: Document, content: Content, numeral: str) -> None:
    weights = Weights.of(content)
    lines = content["this_period"]["medicines"]
    document.heading(f"{numeral}、分类别、分乡镇情况")
    missing = weights.unknown(lines, lambda line: line["items"]["registered"] + line["stock"]["dispensed"])
    left_out = f"另有{missing}种药品每盒数量不详，未折合。" if weights.packs and missing else ""
    document.paragraph(f"不同药品之间只比较{weights.word}。{left_out}{weights.note}")
    for number, summary in zip("一二", summaries(content), strict=False):
        document.heading(f"（{number}）分{summary.head}", level=2)
        _shown(document, weights, summary, periods_of(content))


def _shown(document: Document, weights: Weights, summary: Summary, periods: Periods) -> None:
    """A table of the periods and charts of the first, their bars in the table's order."""
    columns = [Column(summary.head)]
    columns += [Column(word, 19 if len(periods) > 1 else 36, Align.RIGHT, over=f"{each[0]}{weights.word}")
                for each in CHARTED for word, _period in periods]  # fmt: skip
    document.table(columns, [[name, *summary.row(name, periods)] for name in summary.names])
    if summary.merges:
        document.paragraph(MERGED_NOTE)
    said, charted = periods[0]
    for each, (word, *_units) in enumerate(CHARTED):
        if bars := summary.bars(charted, each):
            document.paragraph(f"图：{said}{word}{weights.word}", leads=True)
            document.bar_chart(bars, weights.unit)


def _standing(document: Document, content: Content, numeral: str) -> None:
    """What the campaign leaves open, by medicine and by where it is."""
    document.heading(f"{numeral}、尚未办结情况")
    rows = content["not_closed"]
    if not rows:
        document.paragraph("全部药品均已发放、退还、销毁或核销，没有尚未办结的药品。")
        return
    kinds = len({row["medicine"] for row in rows})
    document.paragraph(f"截至时刻，尚有{kinds}种药品共{len(rows)}项未办结，继续按规定处理并登记：")
    columns = [
        Column("药品", merge=True),
        Column("所处环节", 40),
        Column("数量", 22, Align.RIGHT),
        Column("单位", 14),
    ]
    lines = [
        [
            " ".join(filter(None, (row["generic_name"] or UNNAMED, row["strength"]))),
            STANDING[row["account"], row["state"]],
            row["quantity"],
            row["unit"] or "",
        ]
        for row in rows
    ]
    document.table(columns, lines, keys=[str(row["medicine"]) for row in rows])


def _checked(document: Document, content: Content, numeral: str) -> None:
    stated = [identity for _word, period in periods_of(content) for identity in content[period]["identities"]]
    stated += content["table_identities"]
    unequal = sum(not identity["holds"] for identity in stated)
    document.heading(f"{numeral}、核对情况")
    result = "全部相等" if not unequal else f"其中{unequal}项不相等"
    document.paragraph(
        "逐药品核对：期初未审核加接收、多出，等于合格、不合格、短少、作废加期末未审核；"
        "期初结存、期初在途加入库、盘盈盘亏，等于发放、销毁、遗失加期末结存、期末在途；"
        f"接收、分配明细合计等于收支表。共核对{len(stated)}项，{result}。"
    )


def _objections(document: Document, content: Content, numeral: str) -> None:
    campaign = content["campaign"]
    document.heading(f"{numeral}、公示期与监督")
    days = content.get("objection_days", 5)
    phone, contact = campaign["supervision_phone"] or "未提供", campaign["contact"] or "未提供"
    document.paragraph(
        f"公示期自公布之日起{days}个工作日。对公示内容有异议的，可在公示期内向我单位反映。"
        f"联系方式：{contact}；监督电话：{phone}。"
    )


def _verification(document: Document, sha256: str, address: str, numeral: str) -> None:
    document.heading(f"{numeral}、核验方法")
    document.paragraph(
        "本公示由系统按已封存的数据生成，附数字签名（不等同公章）。扫描二维码可下载全部数据并核验。",
        leads=True,
    )
    site, _hash, _rest = address.partition(sha256)
    digits = f"{sha256[:32]}\n{sha256[32:]}"
    document.qr_note(address, f"核验地址：{site}\n其后接封存数据的SHA-256：\n{digits}")
