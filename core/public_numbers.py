"""Numbers that anybody reads: made by the database at random, so that they tell of nothing else.

A row's own number rises with everything its county writes (organisation.0016); whoever reads two of them would know
how much was written between. Twelve digits, for people read them out; none begins with 0.
"""

from __future__ import annotations

from typing import Any

from django.db.models import BigIntegerField, Func

LEAST, MOST = 10**11, 10**12 - 1


class RandomNumber(Func):
    """Twelve digits from the server's strong randomness, for `db_default`."""

    template = (
        "(100000000000 + mod(('x' || right(replace(gen_random_uuid()::text, '-', ''), 12))::bit(48)::bigint,"
        " 900000000000))"
    )
    arity = 0
    allowed_default = True
    output_field: Any = BigIntegerField()
