"""What a box holds, as the season's pharmacists read it: drawn by lot, of a maker that does not exist.

The programme's list of medicines says nothing about boxes, and no real product is given a size here that nobody read
off it. The maker's name says so wherever it is shown.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from catalogue.models import Medicine, Product
from catalogue.search_index import index_namings, product_namings

MAKER = "演示药厂（虚构）"
# Units in a box, each as likely. What a box holds one of is counted by the box.
HOLDS = {
    "片": [10, 12, 20, 24], "粒": [10, 12, 20, 24], "袋": [6, 9, 10, 12], "丸": [10], "支": [6, 10], "枚": [5, 6],
    "贴": [2, 4], "只": [10], "人份": [1], "瓶": [1], "盒": [1], "台": [1],
}  # fmt: skip


def read_boxes(seed: int) -> None:
    """One product of every medicine that a counter may take and whose strength is known; once for all counties."""
    chance = random.Random(seed)  # noqa: S311 - a story to be told again, not a secret
    products = list(_boxes(chance))
    Product.objects.bulk_create(products, ignore_conflicts=True)
    index_namings(product_namings(products))


def _boxes(chance: random.Random) -> Iterator[Product]:
    for medicine in Medicine.objects.exclude(strength="").filter(donation_default="accept").order_by("code"):
        size = chance.choice(HOLDS[medicine.smallest_unit])
        yield Product(
            medicine=medicine,
            manufacturer=MAKER,
            specification=f"{medicine.strength}×{size}{medicine.smallest_unit}",
            pack_size=size,
        )
