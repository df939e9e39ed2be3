"""The catalogue: finding a medicine by whatever is typed, one of them, the products of makers, adding one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalogue.at_the_counter import Way
from catalogue.models import Medicine
from catalogue.pages.remarks import remarks_words
from catalogue.pages.words import (
    CATEGORIES,
    CONTROLS,
    DEFAULTS,
    LOOSE,
    NOT_FOR,
    SUPPLY,
    WAYS,
    called,
    default_cell,
)
from catalogue.screening import OUTCOME_WORDS, Outcome, Stage
from catalogue.serializers import ProductInput, RetireInput
from core.language import in_language
from core.pages import Cell, Column, Field, FormPage, ListPage, Page, Reply, StepPage
from core.pages.tables import Row

TONES = {Outcome.ACCEPT: "good", Outcome.REVIEW: "wait", Outcome.REFUSE: "bad"}
# Products that stand on the page of their medicine; a list has them all.
SHOWN = 20
EVERY: tuple[str, Any] = ("", _("all"))


def _may_add(request: HttpRequest) -> bool:
    return bool(request.may_open(reverse("product-new")))  # type: ignore[attr-defined]


def _name(row: Row) -> str:
    return " ".join(part for part in (row["generic_name"], row["strength"]) if part)


class MedicinesPage(ListPage):
    template = "catalogue/medicines.html"
    title = _("Catalogue")
    help = _("Every medicine the programme knows: each name, form and strength for itself.")
    route = "medicines/"
    empty = _("The catalogue is empty.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        searched = [Column("match", _match, _("Found by"))] if self.request.GET.get("q") else []
        return [
            Column("generic_name", _medicine),
            *searched,
            Column("code"),
            Column("category", lambda row: Cell(called(CATEGORIES, row["category"]))),
            Column("donation_default", lambda row: default_cell(row["donation_default"])),
            Column("special_control", _control, _("Restrictions")),
            Column("brands", lambda row: Cell(row["brands"].replace("|", "、"))),
        ]

    def filters(self) -> Sequence[Field]:
        defaults = [(default.value, words) for default, (words, _tone) in DEFAULTS.items()]
        return [
            Field("q", _("Name, brand, pinyin, English or code"), hints={"maxlength": "100"}),
            Field("category", _("Category"), "select", options=[EVERY, *CATEGORIES.items()]),
            Field("donation_default", _("Usual outcome"), "select", options=[EVERY, *defaults]),
        ]

    def context(self) -> Mapping[str, Any]:
        return {"may_add": _may_add(self.request)}


def _medicine(row: Row) -> Cell:
    return Cell(_name(row), link=reverse("medicine", args=[row["code"]]))


def _match(row: Row) -> Cell:
    match = row.get("match")
    if not match:
        return Cell("")
    unsure = match["fit"] in {"sound", "typo"}
    lines = [Cell(gettext("is this meant?"), tone="wait")] if unsure else []
    named = [
        " ".join(filter(None, (p["brand"], p["specification"], p["manufacturer"]))) for p in row["products"]
    ]
    return Cell(match["name"], lines=[*lines, *filter(None, named)])


def _control(row: Row) -> Cell:
    said = [_restriction(row)] if row["special_control"] != "none" else []
    said += [gettext("not for %(whom)s") % {"whom": each} for each in _not_for(row)]
    if row["rx_otc"] == "Rx":
        said.append(called(SUPPLY, "Rx"))
    return Cell(lines=said)


def _restriction(row: Row) -> Any:
    return called(CONTROLS, row["special_control"])


def _not_for(row: Row) -> list[Any]:
    return [called(NOT_FOR, each) for each in row["not_for"].split("|") if each]


class MedicinePage(Page):
    template = "catalogue/medicine.html"
    help = _("One name, form and strength: who may get it, how it is judged today, and its products.")

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        reply = self.ask("GET", f"medicines/{code}/")
        if not reply.ok:
            return self.refused(reply)
        medicine = reply.data
        found = self.ask("GET", "products/", query={"medicine": code, "page_size": str(SHOWN)})
        return self.page(
            title=_name(medicine),
            medicine=medicine,
            facts=_facts(medicine),
            default=default_cell(medicine["donation_default"]),
            verdicts=[_verdict(each) for each in medicine["verdicts"]],
            products=found.data["results"] if found.ok else [],
            more=medicine["product_count"] - SHOWN,
            may_add=_may_add(request),
        )


def _facts(row: Row) -> list[tuple[Any, Any]]:
    """What is known of it, in words; what does not apply is left out."""
    yes_or_no = {True: _("yes"), False: _("no")}
    told = [
        (_("Code"), row["code"]),
        (_("English name"), row["inn"] if row["ingredients"] else ""),
        (_("Form"), row["dosage_form"]),
        (_("Brands"), row["brands"].replace("|", "、")),
        (_("Category"), called(CATEGORIES, row["category"])),
        (_("Prescription"), called(SUPPLY, row["rx_otc"])),
        (_("Special control"), _restriction(row) if row["special_control"] != "none" else ""),
        (_("Not for"), "、".join(str(each) for each in _not_for(row))),
        (_("Form for children"), yes_or_no[True] if row["paediatric"] else ""),
        (_("Storage"), row["storage"]),
        (_("Opened packs"), LOOSE[Medicine.LooseOk(row["loose_ok"])] if row["loose_ok"] else ""),
        (_("Lot number needed"), yes_or_no[row["requires_lot"]]),
        (_("Expiry needed"), yes_or_no[row["requires_expiry"]]),
        (_("Active ingredients"), ", ".join(row["ingredients"])),
        (_("Smallest unit"), row["smallest_unit"]),
        (_("Symptoms"), row["symptom_groups"].replace("|", "、")),
        (_("Remarks"), remarks_words(row["notes"])),
    ]
    return [(words, value) for words, value in told if value]


def _verdict(verdict: Row) -> dict[str, Any]:
    outcome = Outcome(verdict["outcome"])
    zh, en = OUTCOME_WORDS[Stage.COUNTER, outcome]
    return {
        "way": WAYS[Way(verdict["way"])],
        "cell": Cell(in_language(zh, en), tone=TONES[outcome]),
        "reasons": verdict["reasons"],
    }


def product_cell(row: Row) -> Cell:
    """Where a product is known from, and that it is retired."""
    if row["retired_on"]:
        return Cell(gettext("retired"), tone="bad", lines=[row["retired_on"], row["retired_reason"]])
    return Cell(gettext("this county") if row["own"] else gettext("catalogue"))


class ProductsPage(ListPage):
    template = "catalogue/products.html"
    title = _("Products")
    help = _(
        "Packs of makers, as they stand on the box. One that is missing is added by a pharmacist, for this county; "
        "one that is wrong is retired."
    )
    route = "products/"
    empty = _("No product is known yet. A pharmacist adds one from its box.")
    columns = (
        Column(
            "generic_name", lambda row: Cell(_name(row), link=reverse("medicine", args=[row["medicine"]]))
        ),
        Column(
            "id", lambda row: Cell(str(row["id"]), link=reverse("product", args=[row["id"]])), _("Number")
        ),
        Column("brand"),
        Column("specification"),
        Column("manufacturer"),
        Column("approval_number"),
        Column("barcode"),
        Column("pack_size"),
        Column("own", product_cell, _("Known from")),
    )

    def filters(self) -> Sequence[Field]:
        return [
            Field("q", _("Name, brand, maker, pinyin, English or code"), hints={"maxlength": "100"}),
            Field("medicine", _("Code of the medicine"), hints={"maxlength": "12"}),
            Field("retired", _("State"), "select", options=[("", _("in use")), ("true", _("retired"))]),
        ]

    def context(self) -> Mapping[str, Any]:
        asked = {name: self.request.GET[name] for name in ("medicine",) if self.request.GET.get(name)}
        return {"may_add": _may_add(self.request), "asked": urlencode(asked)}


class ProductPage(Page):
    template = "catalogue/product.html"
    help = _("What stands on the box. Where it is wrong, it is retired: nothing goes by it any more.")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        reply = self.ask("GET", f"products/{pk}/")
        if not reply.ok:
            return self.refused(reply)
        product = reply.data
        sortings = f"{reverse('sortings')}?{urlencode({'product': pk})}"
        return self.page(
            title=" ".join(filter(None, (product["brand"], _name(product), product["specification"]))),
            product=product,
            state=product_cell(product),
            facts=[
                (words, product[name]) for name, words in _PRODUCT_FACTS if product[name] not in ("", None)
            ],
            sortings=sortings if request.may_open(reverse("sortings")) else "",  # type: ignore[attr-defined]
            may_retire=product["retired_on"] is None
            and request.may_open(reverse("product-retire", args=[pk])),  # type: ignore[attr-defined]
        )


_PRODUCT_FACTS = (
    ("brand", _("Brand")),
    ("specification", _("Specification")),
    ("manufacturer", _("Maker")),
    ("approval_number", _("Approval number")),
    ("barcode", _("Barcode")),
    ("insurance_code", _("Insurance code")),
    ("pack_size", _("Smallest units in a pack")),
)


class ProductRetirePage(StepPage):
    title = _("Retire a product")
    help = _(
        "For a product or barcode that was read wrongly or belongs to another medicine. No scan and no sorting in "
        "this county goes by it any more, and its barcode can be written down anew. What was sorted by it stays in "
        "the books: look at it and hold or correct what is wrong."
    )
    button = _("Retire")
    said = _("The product is retired.")
    shape = RetireInput
    about = "products/{pk}/"
    facts = ("generic_name", "brand", "specification", "manufacturer", "barcode")

    def route(self) -> str:
        return f"products/{self.kwargs['pk']}/retire/"

    def fields(self) -> Sequence[Field]:
        return [Field("/reason", _("What is wrong with it"), required=True, hints={"maxlength": "200"})]

    def done(self, reply: Reply) -> str:
        return reverse("product", args=[self.kwargs["pk"]])


class ProductNewPage(FormPage):
    """A product as it stands on the box; ?medicine=M009a names its medicine."""

    template = "catalogue/product_new.html"
    title = _("Add a product")
    help = _("Copy from the box what stands there. Say at least the brand, the maker or a code.")
    button = _("Add")
    said = _("The product is added and can be found.")
    shape = ProductInput

    def route(self) -> str:
        return "products/"

    def fields(self) -> Sequence[Field]:
        digits = {"inputmode": "numeric", "autocomplete": "off"}
        return [
            Field(
                "/medicine", _("Medicine"), required=True, value=self.request.GET.get("medicine", ""),
                help=_("Its code; type a part of the name."),
                hints={"list": "medicines", "autocomplete": "off", "maxlength": "12"},
            ),
            Field("/brand", _("Brand"), hints={"maxlength": "80"}),
            Field(
                "/specification", _("Specification"), help=_("As printed, for example 0.3g*20粒."),
                hints={"maxlength": "120"},
            ),
            Field("/manufacturer", _("Maker"), hints={"maxlength": "120"}),
            Field("/approval_number", _("Approval number"), hints={"maxlength": "40"}),
            Field("/barcode", _("Barcode"), hints={**digits, "maxlength": "40"}),
            Field("/insurance_code", _("Insurance code"), hints={"maxlength": "40", "autocomplete": "off"}),
            Field(
                "/pack_size", _("Smallest units in a pack"), required=True,
                help=_("20 for a box of 20 tablets."), hints={**digits, "maxlength": "5"},
            ),
        ]  # fmt: skip

    def context(self) -> Mapping[str, Any]:
        return {"medicines": Medicine.objects.values_list("code", "generic_name", "strength")}

    def done(self, reply: Reply) -> str:
        return reverse("medicine", args=[reply.data["medicine"]])
