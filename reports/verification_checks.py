"""The checks of what this room keeps beside the books, for `verify_ledger`, shaped as those of the ledger.

The totals of closed days are compared with the day rollups, which are themselves compared with the journals.
"""

FLOW_TOTALS = """
SELECT county_id, place_id, 'medicine' AS subject, medicine_id AS subject_id,
    concat_ws(' ', 'through', day, measure, nullif(kind, ''), nullif(source || '→' || target, '→'),
        nullif(detail, ''), word) AS figure, f.kept, f.recomputed
FROM (
    SELECT county_id, measure, medicine_id, place_id, kind, source, target, detail, day,
        sum(kept) AS kept, sum(kept_rows) AS kept_rows, sum(quantity) AS quantity, sum(entries) AS entries
    FROM (
        SELECT f.county_id, f.measure, f.medicine_id, f.place_id, f.kind, f.source, f.target, f.detail, t.day,
            t.quantity AS kept, t.entries AS kept_rows, 0 AS quantity, 0 AS entries
        FROM reports_flowtotal t JOIN reports_measuredflow f ON f.id = t.flow_id AND f.county_id = t.county_id
        UNION ALL
        SELECT county_id, measure, medicine_id, place_id, kind, source, target, detail, booked_on, 0, 0,
            sum(sum(quantity)) OVER so_far, sum(sum(entries)) OVER so_far
        FROM daily_flows JOIN organisation_county c ON c.code = county_id AND booked_on <= c.closed_through
        GROUP BY county_id, measure, medicine_id, place_id, kind, source, target, detail, booked_on
        WINDOW so_far AS (
            PARTITION BY county_id, measure, medicine_id, place_id, kind, source, target, detail ORDER BY booked_on)
    ) totals GROUP BY county_id, measure, medicine_id, place_id, kind, source, target, detail, day
) s CROSS JOIN LATERAL (VALUES ('units', s.kept, s.quantity), ('entries', s.kept_rows, s.entries))
    AS f (word, kept, recomputed)
"""

TRANSFER_DAYS = """
SELECT county_id, from_place_id AS place_id, 'batch' AS subject, batch_id AS subject_id,
    concat_ws(' ', booked_on, kind, from_side, 'to', to_side, 'of place #' || to_place_id) AS figure,
    sum(kept) AS kept, sum(recomputed) AS recomputed
FROM (
    SELECT county_id, booked_on, kind, batch_id, from_place_id, from_side, to_place_id, to_side, quantity AS kept,
        0 AS recomputed
    FROM reports_transferday
    UNION ALL
    SELECT m.county_id, m.booked_on, coalesce(o.kind, m.kind), m.batch_id, a.place_id, a.side,
        coalesce(s.to_place_id, b.place_id), coalesce(s.to_side, b.side), 0,
        CASE WHEN o.id IS NULL THEN m.quantity ELSE -m.quantity END
    FROM inventory_movement m
    LEFT JOIN inventory_movement o ON o.id = m.reverses_id
    JOIN inventory_account a ON a.id = coalesce(o.from_account_id, m.from_account_id)
    JOIN inventory_account b ON b.id = coalesce(o.to_account_id, m.to_account_id)
    LEFT JOIN distribution_shipment s ON s.id = b.shipment_id
    WHERE coalesce(o.kind, m.kind) IN ('dispatch', 'local_use')
) days GROUP BY county_id, booked_on, kind, batch_id, from_place_id, from_side, to_place_id, to_side
"""

CHECKS = {"transfers by day": TRANSFER_DAYS, "totals of closed days": FLOW_TOTALS}
