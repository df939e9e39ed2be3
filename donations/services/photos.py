"""Keeping photos of donated goods."""

from __future__ import annotations

from core.commands import Act
from donations.errors import TooManyPhotos
from donations.models import PHOTOS_PER_ITEM, Item, ItemHoldings, ItemPhoto


def keep_photo(*, act: Act, item: Item, image: bytes) -> ItemPhoto:
    """Keep one photo of an item, for whoever has to judge it from elsewhere; `image` as kept_photo makes it."""
    ItemHoldings.objects.select_for_update().get(item_id=item.pk)
    number = ItemPhoto.objects.filter(county_id=act.county_id, item=item).count() + 1
    if number > PHOTOS_PER_ITEM:
        raise TooManyPhotos(pointer="/photo")
    return ItemPhoto.objects.create(
        county_id=act.county_id,
        item=item,
        number=number,
        image=image,
        taken_by=act.actor_id,
        taken_on=act.on,
        command=act.command,
    )
