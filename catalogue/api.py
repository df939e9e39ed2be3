"""The catalogue over HTTP."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from rest_framework import generics, serializers

from catalogue.models import Medicine
from catalogue.queries import matching_medicines


class MedicineShape(serializers.ModelSerializer[Medicine]):
    class Meta:
        model = Medicine
        fields = [
            "code", "generic_name", "inn", "category", "dosage_form", "strength", "smallest_unit", "rx_otc",
            "special_control", "paediatric", "storage", "loose_ok", "requires_lot", "requires_expiry",
            "donation_default", "not_for", "brands",
        ]  # fmt: skip


class MedicineFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="matching", help_text="Name, brand, INN, pinyin or its initials.")

    class Meta:
        model = Medicine
        fields = ["category", "donation_default"]

    def matching(self, medicines: QuerySet[Medicine], name: str, words: str) -> QuerySet[Medicine]:
        return medicines & matching_medicines(words)


class MedicineList(generics.ListAPIView[Medicine]):
    """Medicines of the catalogue: generic name, dosage form and strength."""

    serializer_class = MedicineShape
    filterset_class = MedicineFilter
    queryset = Medicine.objects.order_by("code")
