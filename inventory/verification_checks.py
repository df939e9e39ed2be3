"""The checks of the books, one statement each; see inventory/verification.py.

Each gives county_id, place_id (or null), subject and its number, figure, kept, recomputed: one row for every figure.
"""

# Around every check: on each row the number of figures it compared, and a figure that disagrees, in words; one row
# without the latter where all agree. `told` is every movement under the kind it is or takes back, with its sign and
# the accounts of that kind.
COMPARED = """
WITH told AS (
    SELECT m.county_id, t.medicine_id, coalesce(o.kind, m.kind) AS kind,
        CASE WHEN o.id IS NULL THEN m.quantity ELSE -m.quantity END AS quantity,
        coalesce(o.from_account_id, m.from_account_id) AS source, coalesce(o.to_account_id, m.to_account_id) AS target
    FROM inventory_movement m JOIN inventory_batch t ON t.id = m.batch_id
    LEFT JOIN inventory_movement o ON o.id = m.reverses_id
), compared AS MATERIALIZED (
    SELECT * FROM ({}) AS figures WHERE %(county)s::text IS NULL OR county_id = %(county)s
)
SELECT (SELECT count(*) FROM compared), wrong.subject, wrong.county_id, coalesce(p.code || ' ' || p.name, ''),
    CASE wrong.subject
        WHEN 'batch' THEN (
            SELECT concat_ws(' ', m.generic_name, m.strength, nullif(b.lot_number, ''), b.last_usable_day,
                '#' || b.id)
            FROM inventory_batch b JOIN catalogue_medicine m ON m.id = b.medicine_id WHERE b.id = wrong.subject_id)
        WHEN 'medicine' THEN (
            SELECT concat_ws(' ', m.code, m.generic_name, m.strength)
            FROM catalogue_medicine m WHERE m.id = wrong.subject_id)
        WHEN 'item' THEN (
            SELECT concat_ws(' ', d.receipt_code, 'item', i.line, '#' || i.id)
            FROM donations_item i JOIN donations_donation d ON d.id = i.donation_id WHERE i.id = wrong.subject_id)
        ELSE wrong.subject || ' #' || wrong.subject_id
    END,
    wrong.figure, wrong.kept::bigint, wrong.recomputed::bigint
FROM (SELECT 1) AS one
LEFT JOIN (SELECT * FROM compared WHERE kept IS DISTINCT FROM recomputed) AS wrong ON true
LEFT JOIN organisation_place p ON p.id = wrong.place_id
ORDER BY wrong.county_id, p.code, wrong.subject, wrong.subject_id, wrong.figure
"""

BALANCES = """
SELECT s.county_id, a.place_id, 'batch' AS subject, s.batch_id AS subject_id,
    concat_ws(' ', a.side, a.state, 'shipment ' || a.shipment_id, 'kit ' || a.kit_id) AS figure, s.kept, s.recomputed
FROM (
    SELECT county_id, account_id, batch_id, sum(kept) AS kept, sum(recomputed) AS recomputed FROM (
        SELECT county_id, account_id, batch_id, quantity AS kept, 0 AS recomputed FROM inventory_balance
        UNION ALL SELECT county_id, from_account_id, batch_id, 0, -quantity FROM inventory_movement
        UNION ALL SELECT county_id, to_account_id, batch_id, 0, quantity FROM inventory_movement
    ) legs GROUP BY 1, 2, 3
) s LEFT JOIN inventory_account a ON a.id = s.account_id AND a.county_id = s.county_id
"""

BELOW_ZERO = """
SELECT b.county_id, a.place_id, 'batch' AS subject, b.batch_id AS subject_id,
    concat_ws(' ', a.side, a.state, 'shipment ' || a.shipment_id, 'kit ' || a.kit_id) AS figure,
    b.quantity AS kept, greatest(b.quantity, 0) AS recomputed
FROM inventory_balance b JOIN inventory_account a ON a.id = b.account_id AND a.county_id = b.county_id
WHERE a.state <> ALL (%(boundless)s)
UNION ALL
SELECT h.county_id, h.place_id, 'item', h.item_id, 'least of its states', l.least, greatest(l.least, 0)
FROM donations_itemholdings h CROSS JOIN LATERAL (SELECT least(h.at_point, h.on_the_way, h.counted, h.in_doubt,
    h.accepted, h.in_bin, h.refused, h.voided, h.missing, h.returned, h.destroyed) AS least) AS l
"""

BOOK = """
SELECT county_id, NULL::bigint AS place_id, 'batch' AS subject, batch_id AS subject_id,
    'sum over all accounts' AS figure, sum(quantity) AS kept, 0 AS recomputed
FROM inventory_balance GROUP BY county_id, batch_id
"""

ITEM_HOLDINGS = """
SELECT s.county_id, h.place_id, 'item' AS subject, s.item_id AS subject_id, s.state AS figure, s.kept, s.recomputed
FROM (
    SELECT county_id, item_id, state, sum(kept) AS kept, sum(recomputed) AS recomputed FROM (
        SELECT h.county_id, h.item_id, s.state, s.quantity AS kept, 0 AS recomputed
            FROM donations_itemholdings h CROSS JOIN LATERAL (VALUES
                ('at_point', h.at_point), ('on_the_way', h.on_the_way), ('counted', h.counted),
                ('in_doubt', h.in_doubt), ('accepted', h.accepted), ('in_bin', h.in_bin), ('refused', h.refused),
                ('voided', h.voided), ('missing', h.missing), ('returned', h.returned), ('destroyed', h.destroyed)
            ) AS s (state, quantity)
            WHERE s.quantity <> 0
        UNION ALL SELECT county_id, item_id, from_state, 0, -quantity FROM donations_custodyentry
            WHERE item_id IS NOT NULL AND (group_id IS NULL OR kind = 'handed_over')
        UNION ALL SELECT county_id, item_id, to_state, 0, quantity FROM donations_custodyentry
            WHERE item_id IS NOT NULL AND (group_id IS NULL OR kind IN ('received', 'surplus', 'reversed'))
    ) legs WHERE state <> 'outside' GROUP BY 1, 2, 3
) s LEFT JOIN donations_itemholdings h ON h.item_id = s.item_id
UNION ALL
SELECT h.county_id, h.place_id, 'item', h.item_id, 'place', h.place_id, last.place_id
FROM donations_itemholdings h LEFT JOIN (
    SELECT DISTINCT ON (item_id) item_id, place_id FROM donations_custodyentry
    WHERE item_id IS NOT NULL
    ORDER BY item_id, id DESC
) last ON last.item_id = h.item_id
"""

GROUP_HOLDINGS = """
SELECT county_id, NULL::bigint AS place_id, 'handover group' AS subject, group_id AS subject_id, state AS figure,
    sum(kept) AS kept, sum(recomputed) AS recomputed
FROM (
    SELECT h.county_id, h.group_id, s.state, s.quantity AS kept, 0 AS recomputed
        FROM donations_groupholdings h CROSS JOIN LATERAL (VALUES
                ('at_point', h.at_point), ('on_the_way', h.on_the_way), ('counted', h.counted),
                ('in_doubt', h.in_doubt), ('accepted', h.accepted), ('in_bin', h.in_bin), ('refused', h.refused),
                ('voided', h.voided), ('missing', h.missing), ('returned', h.returned), ('destroyed', h.destroyed)
            ) AS s (state, quantity)
            WHERE s.quantity <> 0
    UNION ALL SELECT county_id, group_id, from_state, 0, -quantity FROM donations_custodyentry
        WHERE group_id IS NOT NULL AND kind <> 'handed_over'
    UNION ALL SELECT county_id, group_id, to_state, 0, quantity FROM donations_custodyentry
        WHERE group_id IS NOT NULL AND kind NOT IN ('received', 'surplus', 'reversed')
) legs WHERE state <> 'outside' GROUP BY county_id, group_id, state
"""

CUSTODY_DAYS = """
SELECT county_id, place_id, 'medicine' AS subject, medicine_id AS subject_id,
    concat_ws(' ', booked_on, kind, from_state || '→' || to_state, nullif(reason, ''), word) AS figure,
    f.kept, f.recomputed
FROM (
    SELECT county_id, booked_on, place_id, medicine_id, kind, from_state, to_state, reason,
        sum(kept) AS kept, sum(kept_rows) AS kept_rows, sum(quantity) AS quantity, sum(entries) AS entries
    FROM (
        SELECT county_id, booked_on, place_id, medicine_id, kind, from_state, to_state, reason,
            quantity AS kept, entries AS kept_rows, 0 AS quantity, 0 AS entries FROM donations_custodyday
        UNION ALL
        SELECT e.county_id, e.booked_on, e.place_id, coalesce(i.medicine_id, g.medicine_id), e.kind, e.from_state,
            e.to_state, e.reason, 0, 0, e.quantity, 1
        FROM donations_custodyentry e
        LEFT JOIN donations_item i ON i.id = e.item_id LEFT JOIN donations_handovergroup g ON g.id = e.group_id
    ) days GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
) s CROSS JOIN LATERAL (VALUES ('units', s.kept, s.quantity), ('entries', s.kept_rows, s.entries))
    AS f (word, kept, recomputed)
"""

STOCK_DAYS = """
SELECT county_id, from_place_id AS place_id, 'medicine' AS subject, medicine_id AS subject_id,
    concat_ws(' ', booked_on, kind, from_side, from_state || '→' || to_state, to_side,
        'to place #' || nullif(to_place_id, from_place_id), nullif(detail, ''), word) AS figure, f.kept, f.recomputed
FROM (
    SELECT county_id, booked_on, medicine_id, kind, from_place_id, from_side, from_state, to_place_id, to_side,
        to_state, detail, sum(kept) AS kept, sum(kept_rows) AS kept_rows, sum(quantity) AS quantity,
        sum(entries) AS entries
    FROM (
        SELECT county_id, booked_on, medicine_id, kind, from_place_id, from_side, from_state, to_place_id, to_side,
            to_state, detail, quantity AS kept, entries AS kept_rows, 0 AS quantity, 0 AS entries
        FROM inventory_stockday
        UNION ALL
        SELECT m.county_id, m.booked_on, t.medicine_id, m.kind, a.place_id, a.side, a.state, b.place_id, b.side,
            b.state, m.detail, 0, 0, m.quantity, 1
        FROM inventory_movement m
        JOIN inventory_account a ON a.id = m.from_account_id JOIN inventory_account b ON b.id = m.to_account_id
        JOIN inventory_batch t ON t.id = m.batch_id
    ) days GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
) s CROSS JOIN LATERAL (VALUES ('units', s.kept, s.quantity), ('entries', s.kept_rows, s.entries))
    AS f (word, kept, recomputed)
"""

# Kept: all rows; recomputed: those that the grammar knows, or that take back what they name.
GRAMMAR = """
SELECT m.county_id, a.place_id, 'batch' AS subject, m.batch_id AS subject_id,
    m.kind || ' ' || a.state || '→' || b.state AS figure, count(*) AS kept,
    count(*) FILTER (WHERE (m.kind, a.state, b.state) IN (
            SELECT * FROM unnest(%(kinds)s::text[], %(sources)s::text[], %(targets)s::text[]))
        OR m.kind = 'reversal' AND o.kind <> 'reversal'
        AND (o.batch_id, o.quantity, o.from_account_id, o.to_account_id)
            = (m.batch_id, m.quantity, m.to_account_id, m.from_account_id)) AS recomputed
FROM inventory_movement m
JOIN inventory_account a ON a.id = m.from_account_id JOIN inventory_account b ON b.id = m.to_account_id
LEFT JOIN inventory_movement o ON o.id = m.reverses_id
GROUP BY m.county_id, a.place_id, m.batch_id, m.kind, a.state, b.state
"""

# items: registered + corrected + surplus = voided + missing + accepted + rejected + closing; what a reversal takes
# back is counted against the kind it reverses.
ITEMS = """
SELECT county_id, NULL::bigint AS place_id, 'medicine' AS subject, medicine_id AS subject_id,
    'unsorted and in doubt' AS figure, sum(kept) AS kept, sum(recomputed) AS recomputed
FROM (
    SELECT h.county_id, i.medicine_id, h.at_point + h.on_the_way + h.counted + h.in_doubt AS kept, 0 AS recomputed
        FROM donations_itemholdings h JOIN donations_item i ON i.id = h.item_id
    UNION ALL
    SELECT h.county_id, g.medicine_id, h.at_point + h.on_the_way + h.counted + h.in_doubt, 0
        FROM donations_groupholdings h JOIN donations_handovergroup g ON g.id = h.group_id
    UNION ALL
    SELECT e.county_id, coalesce(i.medicine_id, g.medicine_id), 0, e.quantity * CASE
        WHEN e.kind IN ('registered', 'surplus') THEN 1
        WHEN e.kind = 'corrected' THEN CASE WHEN e.from_state = 'outside' THEN 1 ELSE -1 END
        WHEN e.kind IN ('voided', 'missing', 'accepted', 'rejected') THEN -1
        WHEN o.kind IN ('accepted', 'rejected') THEN 1
        ELSE 0 END
    FROM donations_custodyentry e
    LEFT JOIN donations_custodyentry o ON o.id = e.reverses_id
    LEFT JOIN donations_item i ON i.id = e.item_id LEFT JOIN donations_handovergroup g ON g.id = e.group_id
) terms GROUP BY county_id, medicine_id
"""

# rejects: refused and left + rejected = returned to donor + destroyed + closing.
REJECTS = """
SELECT county_id, place_id, 'medicine' AS subject, medicine_id AS subject_id,
    'rejected, waiting for return or destruction' AS figure, sum(kept) AS kept, sum(recomputed) AS recomputed
FROM (
    SELECT h.county_id, h.place_id, i.medicine_id, h.in_bin AS kept, 0 AS recomputed
        FROM donations_itemholdings h JOIN donations_item i ON i.id = h.item_id
    UNION ALL
    SELECT e.county_id, e.place_id, i.medicine_id, 0, e.quantity * CASE
        WHEN e.kind IN ('left_for_disposal', 'rejected') THEN 1
        WHEN e.kind IN ('returned_to_donor', 'destroyed') OR o.kind = 'rejected' THEN -1
        ELSE 0 END
    FROM donations_custodyentry e JOIN donations_item i ON i.id = e.item_id
    LEFT JOIN donations_custodyentry o ON o.id = e.reverses_id
) terms GROUP BY county_id, place_id, medicine_id
"""

# stock: accepted + arrived + found = left + dispensed + destroyed + lost + adjusted + closing, at each place and
# side; what is kept for local use leaves the store and arrives at the clinic, what is converted comes back.
STOCK = """
SELECT county_id, place_id, 'medicine' AS subject, medicine_id AS subject_id, 'stock of the ' || side AS figure,
    sum(kept) AS kept, sum(recomputed) AS recomputed
FROM (
    SELECT b.county_id, a.place_id, a.side, t.medicine_id, b.quantity AS kept, 0 AS recomputed
        FROM inventory_balance b JOIN inventory_account a ON a.id = b.account_id
        JOIN inventory_batch t ON t.id = b.batch_id
        WHERE a.state IN ('available', 'held', 'reserved', 'in_use', 'lent')
    UNION ALL
    SELECT m.county_id, a.place_id, a.side, m.medicine_id, 0, -m.quantity
        FROM told m JOIN inventory_account a ON a.id = m.source
        WHERE m.kind IN ('dispatch', 'local_use', 'dispense', 'destroy')
        OR m.kind IN ('lose', 'adjust', 'convert') AND a.state IN ('available', 'held', 'reserved', 'in_use', 'lent')
    UNION ALL
    SELECT m.county_id, a.place_id, a.side, m.medicine_id, 0, m.quantity
        FROM told m JOIN inventory_account a ON a.id = m.target
        WHERE m.kind IN ('accept', 'receive', 'local_use')
        OR m.kind IN ('adjust', 'convert') AND a.state IN ('available', 'held', 'reserved', 'in_use', 'lent')
) terms GROUP BY county_id, place_id, side, medicine_id
"""

# road: dispatched = received + lost + closing, for each shipment.
ROAD = """
SELECT county_id, place_id, 'medicine' AS subject, medicine_id AS subject_id,
    'in transit of shipment ' || shipment_id AS figure, sum(kept) AS kept, sum(recomputed) AS recomputed
FROM (
    SELECT b.county_id, a.place_id, a.shipment_id, t.medicine_id, b.quantity AS kept, 0 AS recomputed
        FROM inventory_balance b JOIN inventory_account a ON a.id = b.account_id
        JOIN inventory_batch t ON t.id = b.batch_id WHERE a.state = 'in_transit'
    UNION ALL
    SELECT m.county_id, a.place_id, a.shipment_id, m.medicine_id, 0, m.quantity
        FROM told m JOIN inventory_account a ON a.id = m.target WHERE m.kind = 'dispatch'
    UNION ALL
    SELECT m.county_id, a.place_id, a.shipment_id, m.medicine_id, 0, -m.quantity
        FROM told m JOIN inventory_account a ON a.id = m.source
        WHERE m.kind = 'receive' OR m.kind = 'lose' AND a.state = 'in_transit'
) terms GROUP BY county_id, place_id, shipment_id, medicine_id
"""

# What was converted came back: nothing stands in between, over the batches of a medicine.
CONVERTED = """
SELECT b.county_id, a.place_id, 'medicine' AS subject, t.medicine_id AS subject_id, 'converted' AS figure,
    sum(b.quantity) AS kept, 0 AS recomputed
FROM inventory_balance b JOIN inventory_account a ON a.id = b.account_id JOIN inventory_batch t ON t.id = b.batch_id
WHERE a.state = 'converted' GROUP BY b.county_id, a.place_id, t.medicine_id
"""

# Kept: what of an item stands in the ledger; recomputed: what custody saw accepted of it.
SOURCES = """
SELECT county_id, NULL::bigint AS place_id, 'item' AS subject, item_id AS subject_id, 'accepted' AS figure,
    sum(kept) AS kept, sum(recomputed) AS recomputed
FROM (
    SELECT d.county_id, d.item_id, CASE m.kind WHEN 'accept' THEN m.quantity ELSE -m.quantity END AS kept,
            0 AS recomputed
        FROM inventory_movement m JOIN inventory_sortingdecision d ON d.id = m.decision_id
    UNION ALL
    SELECT county_id, item_id, 0, CASE 'accepted' WHEN to_state THEN quantity WHEN from_state THEN -quantity END
        FROM donations_custodyentry WHERE 'accepted' IN (from_state, to_state)
) terms GROUP BY county_id, item_id
"""

REGISTERED = """
SELECT i.county_id, d.place_id, 'item' AS subject, i.id AS subject_id, 'brought' AS figure, i.quantity AS kept,
    coalesce(sum(e.quantity), (
        SELECT c.quantity FROM donations_custodyentry c  -- forgotten at the counter, added by a correction
        WHERE c.item_id = i.id AND c.kind = 'corrected' AND c.from_state = 'outside' ORDER BY c.id LIMIT 1
    ), 0) AS recomputed
FROM donations_item i JOIN donations_donation d ON d.id = i.donation_id
LEFT JOIN donations_custodyentry e ON e.item_id = i.id
    AND (e.kind IN ('registered', 'refused') OR e.kind = 'surplus' AND d.found_in_id IS NOT NULL)
GROUP BY i.county_id, d.place_id, i.id, i.quantity
"""

# Kept: what of a shelf or a promise is recalled; recomputed: what may be, which is nothing.
RECALLED = """
SELECT b.county_id, a.place_id, 'batch' AS subject, b.batch_id AS subject_id,
    concat_ws(' ', a.side, a.state, 'shipment ' || a.shipment_id, 'kit ' || a.kit_id) AS figure,
    CASE WHEN EXISTS (
        SELECT 1 FROM recalls_in_force r WHERE r.county_id = t.county_id AND r.medicine_id = t.medicine_id
        AND (r.place_id IS NULL OR r.place_id = a.place_id)
        AND recall_covers(r.product_id, r.lot_key, t.product_id, t.lot_number)
    ) THEN b.quantity ELSE 0 END AS kept, 0 AS recomputed
FROM inventory_balance b
JOIN inventory_account a ON a.id = b.account_id AND a.county_id = b.county_id
JOIN inventory_batch t ON t.id = b.batch_id AND t.county_id = b.county_id
WHERE b.state IN ('available', 'reserved', 'in_use')
"""

# Kept: what stands in use or lent; recomputed: the uses that have not ended.
IN_USE = """
SELECT county_id, place_id, 'batch' AS subject, batch_id AS subject_id, 'devices ' || state AS figure,
    sum(kept) AS kept, sum(recomputed) AS recomputed
FROM (
    SELECT b.county_id, a.place_id, b.batch_id, b.state, b.quantity AS kept, 0 AS recomputed
        FROM inventory_balance b JOIN inventory_account a ON a.id = b.account_id AND a.county_id = b.county_id
        WHERE b.state IN ('in_use', 'lent')
    UNION ALL
    SELECT county_id, place_id, batch_id, CASE kind WHEN 'lent' THEN 'lent' ELSE 'in_use' END, 0, 1
        FROM inventory_deviceuse WHERE condition = ''
) terms GROUP BY county_id, place_id, batch_id, state
"""

# Of every kit and medicine: what was packed came back to the shelf, was held, or is in it still, and none of it once
# the kit has ended; what was handed out as a kit is what its template says.
KITS = """
SELECT k.county_id, k.place_id, 'kit' AS subject, k.id AS subject_id, 'medicine #' || s.medicine_id AS figure,
    s.kept, CASE k.state WHEN 'packed' THEN s.recomputed ELSE 0 END AS recomputed
FROM (
    SELECT kit_id, medicine_id, sum(kept) AS kept, sum(recomputed) AS recomputed FROM (
        SELECT a.kit_id, t.medicine_id, b.quantity AS kept, 0 AS recomputed
            FROM inventory_balance b JOIN inventory_account a ON a.id = b.account_id AND a.kit_id IS NOT NULL
            JOIN inventory_batch t ON t.id = b.batch_id
        UNION ALL SELECT a.kit_id, m.medicine_id, 0, m.quantity FROM told m
            JOIN inventory_account a ON a.id = m.target AND a.kit_id IS NOT NULL WHERE m.kind = 'reserve'
        UNION ALL SELECT a.kit_id, m.medicine_id, 0, -m.quantity FROM told m
            JOIN inventory_account a ON a.id = m.source AND a.kit_id IS NOT NULL
            WHERE m.kind IN ('unreserve', 'hold')
    ) legs GROUP BY kit_id, medicine_id
) s JOIN inventory_kit k ON k.id = s.kit_id
UNION ALL
SELECT k.county_id, k.place_id, 'kit', k.id, 'handed out of medicine #' || l.medicine_id, coalesce((
        SELECT sum(m.quantity) FROM told m JOIN inventory_account a ON a.id = m.source
        WHERE a.kit_id = k.id AND m.kind = 'unreserve' AND m.medicine_id = l.medicine_id
    ), 0), l.quantity
FROM inventory_kit k JOIN inventory_kittemplateline l ON l.template_id = k.template_id WHERE k.state = 'handed_out'
"""

CHECKS = {
    "balances": BALANCES,
    "never below zero": BELOW_ZERO,
    "book": BOOK,
    "steps and reversals": GRAMMAR,
    "item holdings": ITEM_HOLDINGS,
    "group holdings": GROUP_HOLDINGS,
    "custody by day": CUSTODY_DAYS,
    "stock by day": STOCK_DAYS,
    "identity of items": ITEMS,
    "identity of rejects": REJECTS,
    "identity of stock": STOCK,
    "identity of the road": ROAD,
    "conversions": CONVERTED,
    "accepted in both journals": SOURCES,
    "registered as brought": REGISTERED,
    "recalled": RECALLED,
    "kits": KITS,
    "devices in use": IN_USE,
}
