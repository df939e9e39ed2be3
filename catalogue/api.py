"""The catalogue over HTTP."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.models import Medicine, Product
from catalogue.products import ProductDraft, add_product
from catalogue.queries import medicines_by_code
from catalogue.search import TEXT_LIMIT, found_medicines, found_products, read, shown_products
from catalogue.serializers import MedicineShape, ProductInput, ProductShape
from core.api import command, valid
from core.commands import Act, Done
from core.errors import Fault, Invalid

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


class ProductFilter(SearchFilter):
    medicine = django_filters.CharFilter("medicine__code", help_text="Code of the medicine.")

    class Meta:
        model = Product
        fields: list[str] = []


class MedicineList(generics.ListAPIView[Medicine]):
    serializer_class = MedicineShape
    filterset_class = MedicineFilter
    queryset = Medicine.objects.order_by("code")

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Medicines, each name, form and strength for itself; with `q` those that are meant, the best fit first."""
        among = self.filter_queryset(self.get_queryset())
        if not (words := request.query_params.get("q", "").strip()):
            rows = self.paginate_queryset(among)
            return self.get_paginated_response(self.get_serializer(rows, many=True).data)
        reading = read(words)
        page = self.paginate_queryset(found_medicines(reading, among)) or []
        hits = {medicine.pk: hit for medicine, hit in page}
        context = {
            **self.get_serializer_context(),
            "hits": hits,
            "products": shown_products(list(hits.values()), reading.makers),
        }
        shapes = MedicineShape([medicine for medicine, _hit in page], many=True, context=context)
        return self.get_paginated_response(shapes.data)


class ProductList(generics.ListAPIView[Product]):
    serializer_class = ProductShape
    filterset_class = ProductFilter
    queryset = Product.objects.select_related("medicine").order_by("pk")

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Products of makers in the order of their numbers; with `q` the first 1,000 meant, the best fit first.

        The vaguer the words, the fewer of each medicine's products are among them.
        """
        rows = self.filter_queryset(self.get_queryset())
        if words := request.query_params.get("q", "").strip():
            code = request.query_params.get("medicine", "")
            found = found_products(read(words), medicines_by_code([code]).get(code))
            numbers: list[int] = self.paginate_queryset(found) or []
            known = rows.in_bulk(numbers)
            page = [known[number] for number in numbers if number in known]
        else:
            page = list(self.paginate_queryset(rows) or [])
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(request=ProductInput, responses={201: ProductShape})
    def post(self, request: Request) -> Response:
        """Add a product that the catalogue does not know, as it stands on the box."""
        fields = valid(ProductInput, request)

        def work(act: Act) -> Done:
            medicine = medicines_by_code([fields["medicine"]]).get(fields["medicine"])
            if medicine is None:
                message = _("The catalogue does not know this.")
                raise Invalid(faults=[Fault("/medicine", "unknown_medicine", message)])
            product = add_product(ProductDraft(**{**fields, "medicine": medicine}))
            return Done(dict(ProductShape(product).data), f"product {product.pk}")

        return command(request, work)
