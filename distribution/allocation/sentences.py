"""What limited a clinic's share, in one sentence for its door."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from .model import Clinic, LimitedBy, Mark, Options

OWN_ZH = {
    LimitedBy.NO_NEED: "贵单位现有数量已满足{days}天需求，本次不再分配",
    LimitedBy.NEED: "贵单位需求已补足",
    LimitedBy.REQUEST: "贵单位受申领数量限制",
    LimitedBy.EXPIRY: "贵单位受效期限制，{day}及以前到期的药品已按能用完的数量分配",
    LimitedBy.STOCK: "贵单位受库存数量限制",
    LimitedBy.NO_COURSE: "余量不足一个最小疗程，本次未能分配给贵单位",
}
OWN_EN = {
    LimitedBy.NO_NEED: "your stock already covers {days} days' need, so nothing was added",
    LimitedBy.NEED: "your need is covered",
    LimitedBy.REQUEST: "yours was limited by its request",
    LimitedBy.EXPIRY: "yours was limited by expiry: of what expires by {day} you have all you can use",
    LimitedBy.STOCK: "yours was limited by the stock there is",
    LimitedBy.NO_COURSE: "what is left is less than a minimum course, so nothing was sent to you",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """What limited a clinic.

    day: for expiry. general: how far the lowest cut that concerns it went. following: its next grain, or its
    last one where its own request stopped it.
    """

    code: LimitedBy
    day: date | None = None
    general: Mark | None = None
    following: Mark | None = None

    @property
    def same_rank(self) -> bool:
        """Whether the general mark is a level this clinic's next grain can be compared with."""
        if self.general is None or self.following is None:
            return False
        return self.general.rank == self.following.rank and self.general.level >= 0


def sentences(
    clinic: Clinic, options: Options, share: int, reason: Reason, reached: Fraction | None
) -> tuple[str, str]:
    """(Chinese, English), both complete sentences; `reached` is the level every clinic of its rank has."""
    zh, en = _own(clinic, options, share, reason)
    if reached is None or not reason.same_rank:
        return zh + "。", en[0].upper() + en[1:] + "."
    percent, weighted = _percent(reached), clinic.weight != 1
    zh_need, en_need = ("加权需求", "weighted need") if weighted else ("需求", "need")
    return (
        f"本次各点均补足至{options.horizon_days}天{zh_need}的{percent}%；{zh}。",
        f"Clinics were raised to {percent}% of {options.horizon_days} days' {en_need}; {en}.",
    )


def _percent(level: Fraction) -> str:
    """Rounded down; below ten with a decimal, for 0.6 % of the need is not nothing."""
    whole, tenth = divmod(int(1000 * level), 10)
    return f"{whole}.{tenth}" if whole < 10 and tenth else str(whole)


def _own(clinic: Clinic, options: Options, share: int, reason: Reason) -> tuple[str, str]:
    if reason.code is LimitedBy.NO_NEED and not clinic.need:
        return "贵单位未列需求，本次不分配", "no need is on record for you, so nothing was sent"
    if reason.code is LimitedBy.NEED and not share:
        return "贵单位所缺不足一个最小发放单位，本次不分配", "you lack less than the smallest quantity sent"
    if reason.code is LimitedBy.STOCK and not share:
        return _nothing(reason)
    facts = {"days": options.horizon_days, "day": reason.day}
    return OWN_ZH[reason.code].format(**facts), OWN_EN[reason.code].format(**facts)


def _nothing(reason: Reason) -> tuple[str, str]:
    """Why a clinic that needs something gets none of the stock."""
    general, following = reason.general, reason.following
    if general is None or following is None:
        return "本次没有贵单位可用的库存", "there was no stock you can use"
    if (general.band, general.tier) < (following.band, following.tier):
        return (
            "库存先保障优先级更高的单位，未能分到贵单位",
            "the stock went to clinics of higher priority first",
        )
    if general.level < 0:
        return "本次没有贵单位可用的库存", "there was no stock you can use"
    return "贵单位现有数量已不低于该水平", "you already have no less than that"
