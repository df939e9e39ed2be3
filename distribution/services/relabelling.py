"""A corrected label follows into what is promised: lines of open plans and of shipments that have not arrived."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from core.commands import Act
from inventory.models import Batch
from inventory.services.relabelling import Relabelled, confirm_relabelling

# A line of the true batch that stands beside takes the units in; else the line itself is renamed.
SHIPMENTS = """
WITH open AS (
    SELECT l.id, l.shipment_id, l.promised, l.picked, other.id AS into_line
    FROM distribution_shipmentline l
    JOIN distribution_shipment s ON s.id = l.shipment_id AND s.county_id = l.county_id
    LEFT JOIN distribution_shipmentline other ON other.shipment_id = l.shipment_id AND other.batch_id = %(into)s
    WHERE l.county_id = %(county)s AND l.batch_id = %(batch)s AND s.state IN ('reserved', 'dispatched')
), added AS (
    UPDATE distribution_shipmentline l SET promised = l.promised + open.promised, picked = l.picked + open.picked
    FROM open WHERE l.id = open.into_line RETURNING l.id
), dropped AS (
    DELETE FROM distribution_shipmentline l USING open WHERE l.id = open.id AND open.into_line IS NOT NULL
), renamed AS (
    UPDATE distribution_shipmentline l SET batch_id = %(into)s
    FROM open WHERE l.id = open.id AND open.into_line IS NULL RETURNING l.id
)
SELECT count(*) FROM open
"""
PLANS = """
WITH open AS (
    SELECT l.id, l.plan_id, l.quantity, l.drafted, l.reason, other.id AS into_line
    FROM distribution_planline l
    JOIN distribution_plan p ON p.id = l.plan_id AND p.county_id = l.county_id
    LEFT JOIN distribution_planline other ON other.plan_id = l.plan_id AND other.from_place_id = l.from_place_id
        AND other.clinic_id = l.clinic_id AND other.batch_id = %(into)s
    WHERE l.county_id = %(county)s AND l.batch_id = %(batch)s AND p.state IN ('draft', 'submitted')
), added AS (
    UPDATE distribution_planline l SET quantity = l.quantity + open.quantity, drafted = l.drafted + open.drafted,
        reason = CASE WHEN l.reason = '' THEN open.reason ELSE l.reason END
    FROM open WHERE l.id = open.into_line RETURNING l.id
), dropped AS (
    DELETE FROM distribution_planline l USING open WHERE l.id = open.id AND open.into_line IS NOT NULL
), renamed AS (
    UPDATE distribution_planline l SET batch_id = %(into)s
    FROM open WHERE l.id = open.id AND open.into_line IS NULL RETURNING l.id
), newer AS (
    UPDATE distribution_plan p SET version = p.version + 1 WHERE p.id IN (SELECT plan_id FROM open)
)
SELECT count(*) FROM open
"""


@dataclass(frozen=True)
class Followed:
    """A correction carried out, and how many lines of shipments and plans follow it."""

    relabelled: Relabelled
    shipment_lines: int
    plan_lines: int


def relabel_everywhere(*, act: Act, batch: Batch, number: int | None = None) -> Followed:
    """Confirm a correction (inventory.services.relabelling) and let every open promise name the true batch.

    What has arrived or was handed out under the old label stays written as it was; the trace leads from one batch
    to the other.
    """
    relabelled = confirm_relabelling(act=act, batch=batch, number=number)
    ids: dict[str, str | int] = {"county": act.county_id, "batch": batch.pk, "into": relabelled.into_id}
    with connection.cursor() as cursor:
        counts = []
        for statement in (SHIPMENTS, PLANS):
            cursor.execute(statement, ids)
            counts.append(cursor.fetchone()[0])
    return Followed(relabelled, *counts)
