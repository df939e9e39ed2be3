"""The catalogue over HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from catalogue.models import Medicine, Product
from catalogue.products import ProductDraft, add_product, retire_product
from catalogue.queries import known_products, medicines_by_code, products_seen
from catalogue.search import (
    TEXT_LIMIT,
    Hit,
    Reading,
    found_medicines,
    found_products,
    read,
    shown_products,
)
from catalogue.serializers import (
    MedicineDetailShape,
    MedicineShape,
    ProductInput,
    ProductShape,
    RetireInput,
)
from core.api import act_of, command, valid
from core.commands import Act, Done
from core.errors import Fault, Invalid, NotFound
from core.lists import Listing
from organisation.access import access_of

WORDS = (
    "Words of name, brand, English name, maker or strength; pinyin in full or its initials; "
    "a code of the box. Slips are forgiven. The best fit comes first."
)


class SearchFilter(django_filters.FilterSet):
    """The searched words are shape-checked here and looked up by the list itself, which keeps their order."""

    q = django_filters.CharFilter(method="unchanged", max_length=TEXT_LIMIT, help_text=WORDS)

    def unchanged(self, rows: QuerySet[Any], name: str, words: str) -> QuerySet[Any]:
        return rows


class MedicineFilter(SearchFilter):
    class Meta:
        model = Medicine
        fields = ["category", "donation_default"]


class InOrder(Sequence[Product]):
    """The rows of these numbers in this order, read a portion at a time."""

    def __init__(self, rows: QuerySet[Product], numbers: list[int]) -> None:
        self.rows, self.numbers = rows, numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, index: Any) -> Any:
        numbers = self.numbers[index] if isinstance(index, slice) else [self.numbers[index]]
        known = self.rows.in_bulk(numbers)
        found = [known[number] for number in numbers if number in known]
        return found if isinstance(index, slice) else found[0]

    def __iter__(self) -> Iterator[Product]:
        return iter(self[:])


class ProductFilter(SearchFilter):
    medicine = django_filters.CharFilter("medicine__code", help_text="Code of the medicine.")
    retired = django_filters.BooleanFilter(
        "retired_here", help_text="Those that the county goes by no more; without it, those that it goes by."
    )

    class Meta:
        model = Product
        fields: list[str] = []


class MedicineList(Listing[Medicine]):
    """Medicines of the catalogue, each name, form and strength for itself."""

    hits: Mapping[int, Hit] | None = None
    reading: Reading | None = None
    products: Mapping[int, list[Product]] | None = None

    serializer_class = MedicineShape
    filterset_class = MedicineFilter
    queryset = Medicine.objects.order_by("code")
    orderings = {"code": "code", "generic_name": "generic_name", "category": "category"}

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Medicines in the order of their codes; with `q` those that are meant, the best fit first."""
        return self.list(request)

    def asked(self) -> Any:
        among = self.filter_queryset(self.get_queryset())
        if not (words := self.request.query_params.get("q", "").strip()):
            return among
        self.reading = read(words, access_of(self.request).county_id)
        found = found_medicines(self.reading, among)
        self.hits = {medicine.pk: hit for medicine, hit in found}
        if "ordering" in self.request.query_params:
            return among.filter(pk__in=self.hits)
        return [medicine for medicine, _hit in found]

    def shaped(self, page: Sequence[Medicine]) -> BaseSerializer[Any]:
        if self.hits is not None and self.reading is not None:
            self.products = shown_products([self.hits[medicine.pk] for medicine in page], self.reading)
        return super().shaped(page)

    def get_serializer_context(self) -> dict[str, Any]:
        found = {} if self.hits is None else {"hits": self.hits, "products": self.products}
        return {**super().get_serializer_context(), **found}


class MedicineDetail(APIView):
    @extend_schema(responses=MedicineDetailShape)
    def get(self, request: Request, code: str) -> Response:
        """One medicine, and how what is brought of it is usually judged at the counter today."""
        medicine = medicines_by_code([code]).get(code)
        if medicine is None:
            raise NotFound
        context = {"policy": access_of(request).policy, "on": act_of(request).on}
        return Response(MedicineDetailShape(medicine, context=context).data)


class ProductList(Listing[Product]):
    """Products of makers: those that came with the catalogue, and those of the county."""

    serializer_class = ProductShape
    filterset_class = ProductFilter
    orderings = {
        "brand": "brand",
        "manufacturer": "manufacturer",
        "medicine": "medicine__code",
        "generic_name": "medicine__generic_name",
        "approval_number": "approval_number",
        "pack_size": "pack_size",
    }

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Products of makers in the order of their numbers; with `q` the first 1,000 meant, the best fit first.

        The vaguer the words, the fewer of each medicine's products are among them.
        """
        return self.list(request)

    def get_queryset(self) -> QuerySet[Product]:
        if getattr(self, "swagger_fake_view", False):
            return Product.objects.none()
        county = access_of(self.request).county_id
        asked = self.request.query_params.get("retired", "")
        rows = products_seen(county) if asked else known_products(county)
        return rows.select_related("medicine").order_by("pk")

    def asked(self) -> Any:
        rows = self.filter_queryset(self.get_queryset())
        if not (words := self.request.query_params.get("q", "").strip()):
            return rows
        code = self.request.query_params.get("medicine", "")
        numbers = found_products(
            read(words, access_of(self.request).county_id), medicines_by_code([code]).get(code)
        )
        return (
            rows.filter(pk__in=numbers) if "ordering" in self.request.query_params else InOrder(rows, numbers)
        )

    @extend_schema(request=ProductInput, responses={201: ProductShape})
    def post(self, request: Request) -> Response:
        """Write down a product that the catalogue does not know, as it stands on the box: for this county."""
        fields = valid(ProductInput, request)

        def work(act: Act) -> Done:
            medicine = medicines_by_code([fields["medicine"]]).get(fields["medicine"])
            if medicine is None:
                message = _("The catalogue does not know this.")
                raise Invalid(faults=[Fault("/medicine", "unknown_medicine", message)])
            product = add_product(ProductDraft(act.county_id, **{**fields, "medicine": medicine}))
            return Done(dict(ProductShape(product).data), f"product {product.pk}")

        return command(request, work)


class ProductDetail(APIView):
    @extend_schema(responses=ProductShape)
    def get(self, request: Request, pk: int) -> Response:
        """One product, also one that the county goes by no more; `sortings/?product=` lists what was sorted by it."""
        return Response(ProductShape(_product(access_of(request).county_id, pk)).data)


class ProductRetire(APIView):
    @extend_schema(request=RetireInput, responses={201: ProductShape})
    def post(self, request: Request, pk: int) -> Response:
        """Go by a product no more in this county: it was read wrongly, or its barcode is another medicine's.

        Nothing is deleted. Its barcode may be written down anew; what was sorted by it is listed by its number.
        """
        fields = valid(RetireInput, request)

        def work(act: Act) -> Done:
            retire_product(act=act, product=_product(act.county_id, pk), reason=fields["reason"])
            return Done(dict(ProductShape(_product(act.county_id, pk)).data), f"product {pk}")

        return command(request, work)


def _product(county_id: str, pk: int) -> Product:
    product = products_seen(county_id).select_related("medicine").filter(pk=pk).first()
    if product is None:
        raise NotFound
    return product
