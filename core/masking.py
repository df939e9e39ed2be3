"""Names and phone numbers as they may be shown to others than the office.

Donors' names are published only as far as the donor agreed (个人信息保护法 art. 25; 公益事业捐赠法 art. 8).
No national rule on how to mask a name was found; the rule here is the project's own, after the common
practice of public notices: the surname stays, every other character becomes an asterisk.
"""

import re
import unicodedata
from typing import Final

NAMELESS: Final = "爱心人士"
UNNAMED_UNIT: Final = "某单位"

# Compound surnames in use, in both scripts. Left out are those whose first character is itself a
# common surname and whose second one begins ordinary given names (贺兰芳, 单于刚, 谷梁): there the rule would
# show a character too many, and showing one too few harms nobody.
_LISTED_SURNAMES: Final = """
欧阳 上官 皇甫 令狐 诸葛 司徒 司马 司空 司寇 申屠 夏侯 完颜 慕容 尉迟 长孙 端木 鲜于 赫连 呼延 轩辕
东方 东郭 西门 南宫 万俟 公孙 公冶 公羊 公良 公西 闻人 濮阳 澹台 宗政 太史 太叔 淳于 钟离 宇文 拓跋
独孤 亓官 纳兰 第五 百里 闾丘 乐正 羊舌 巫马 漆雕 相里 颛孙 壤驷 子车 宰父 仲孙 濮陽 澹臺 鍾離 獨孤
歐陽 諸葛 司馬 長孫 鮮于 赫連 東方 東郭 南宮 萬俟 公孫 聞人 納蘭 閭丘 樂正 巫馬 軒轅 尉遲 完顏 顓孫
"""
_COMPOUND_SURNAMES: Final = frozenset(_LISTED_SURNAMES.split())
_DOTS = "·•・‧∙⋅.．"
_BETWEEN_WORDS = frozenset(_DOTS + "-－ \u3000\xa0")
_JOINER = "\u200d"


def published_name(name: str, *, kind: str, publish: str | None) -> str:
    """The name for the list of donors (爱心名单), as far as its bearer agreed.

    `kind`: person, work_unit or anonymous. `publish`: full, masked, anonymous, or None where nobody asked.
    A work unit has no surname to keep: one that chose the masked form is 某单位, for whatever is kept of its name
    (县直…, 从江…) would read like one.
    Whatever is not an agreement is none: unknown values give 爱心人士.
    """
    if kind not in {"person", "work_unit"} or publish not in {"full", "masked"} or not name.strip():
        return NAMELESS
    if publish == "full":
        return name.strip()
    return masked_name(name) if kind == "person" else UNNAMED_UNIT


def masked_name(name: str) -> str:
    """A person's name with its surname kept and every other character an asterisk; 爱心人士 when empty.

    张三 → 张*, 欧阳娜娜 → 欧阳**, 张 → 张* (a lone surname must not stand out), 欧阳 → 欧* (a full name of
    two characters). Names of several words (阿依古丽·买买提, John Smith) keep their first character only;
    dots, spaces and hyphens between the words stay. Characters are counted as people see them.
    """
    characters = visible_characters(name.strip())
    if not characters:
        return NAMELESS
    words = any(character in _BETWEEN_WORDS for character in characters)
    compound = not words and len(characters) > 2 and "".join(characters[:2]) in _COMPOUND_SURNAMES
    kept = 2 if compound else 1
    masked = [character if character in _BETWEEN_WORDS else "*" for character in characters[kept:]]
    return "".join(characters[:kept] + (masked if "*" in masked else ["*"]))


def masked_phone(phone: str) -> str:
    """A phone number for colleagues' screens, never for publication: 13812345678 → 138****5678.

    Country code, spaces and dashes are dropped. Numbers shorter than a mobile's 11 digits keep their last
    two digits; what is no number becomes asterisks; empty stays empty.
    """
    if not phone.strip():
        return ""
    digits = re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", phone[:100]))
    mobile = re.fullmatch(r"(?:00)?(?:86)?(1[0-9]{2})[0-9]{4}([0-9]{4})", digits)
    if mobile:
        return f"{mobile[1]}****{mobile[2]}"
    return f"****{digits[-2:]}" if len(digits) >= 7 else "****"


def visible_characters(text: str) -> list[str]:
    """The text cut into what people see as one character each (grapheme clusters, after Unicode UAX #29).

    Combining marks, variation selectors (which tell apart forms of a rare character), skin tones, tags and
    zero-width-joined emoji stay with their base; regional indicators go in pairs.
    """
    clusters: list[str] = []
    for character in text:
        if clusters and _continues(clusters[-1], character):
            clusters[-1] += character
        else:
            clusters.append(character)
    return clusters


def _continues(cluster: str, character: str) -> bool:
    if character == _JOINER or cluster.endswith(_JOINER):
        return True
    if _is_regional(character):
        return len(cluster) == 1 and _is_regional(cluster)
    skin_tone_or_tag = "\U0001f3fb" <= character <= "\U0001f3ff" or "\U000e0020" <= character <= "\U000e007f"
    return skin_tone_or_tag or unicodedata.category(character) in {"Mn", "Me", "Mc"}


def _is_regional(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
