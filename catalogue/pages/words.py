"""What the codes of the catalogue are called on its screens."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalogue.at_the_counter import Way
from catalogue.models import Medicine
from core.pages import Cell

CATEGORIES = {
    "antipyretic": _("fever and pain"),
    "cold combination": _("combined cold remedies"),
    "cough": _("cough and phlegm"),
    "sore throat": _("sore throat"),
    "TCM": _("Chinese patent medicines"),
    "antiviral": _("antivirals"),
    "respiratory": _("airways"),
    "GI": _("stomach and bowels"),
    "chronic": _("chronic illness"),
    "antibiotic-not-for-COVID": _("antibiotics"),
    "device": _("devices"),
    "other": pgettext_lazy("category", "other"),
}
DEFAULTS = {
    Medicine.Default.ACCEPT: (_("may be taken"), "good"),
    Medicine.Default.REVIEW: (_("the pharmacist decides"), "wait"),
    Medicine.Default.OUT_OF_SCOPE: (_("not asked for"), "plain"),
    Medicine.Default.REFUSE: (_("not taken"), "bad"),
}
CONTROLS = {
    "narcotic": _("narcotic"),
    "psychotropic": _("psychotropic"),
    "ephedrine compound": _("contains ephedrine"),
    "special compound": _("compound under special control"),
}
SUPPLY = {"Rx": _("prescription only"), "OTC": _("over the counter"), "dual": _("both; the box says which")}
LOOSE = {
    Medicine.LooseOk.YES: _("an opened pack may be given by the smallest unit"),
    Medicine.LooseOk.NO: _("whole packs only"),
    Medicine.LooseOk.BLISTER_ONLY: _("a cut blister yes, an opened bottle no"),
}
NOT_FOR = {"child": _("children"), "pregnant": _("pregnant women")}
WAYS = {
    Way.SEALED: _("sealed, as bought"),
    Way.BLISTER: _("opened, cells of the blister whole"),
    Way.BOTTLE: _("opened bottle or tube"),
    Way.LOOSE: _("loose, out of its container"),
    Way.USED: _("opened or used"),
}


def default_cell(name: str) -> Cell:
    words, tone = DEFAULTS[Medicine.Default(name)]
    return Cell(words, tone=tone)


def called(known: dict[Any, Any], code: str) -> Any:
    """The word for a code; a code without one as it stands."""
    return known.get(code, code)
