"""The totals of days that were closed before something of them was counted, for the migrations that begin to count it."""


def filled_from(view: str) -> str:
    """SQL that carries the flows of `view` on as totals of closed days.

    The guard is the trigger's own, which writes totals at a closing only; here the migration stands in its place once.
    """
    return FILL.replace("VIEW", view)


FILL = """
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE reports_measuredflow DISABLE TRIGGER kept;
ALTER TABLE reports_flowtotal DISABLE TRIGGER kept;
CREATE TEMP TABLE told AS
    SELECT d.county_id, measure, medicine_id, place_id, kind, source, target, detail, booked_on,
        sum(quantity) AS quantity, sum(entries) AS entries
    FROM VIEW d
    JOIN (SELECT county_id, max(day) AS day FROM reports_flowtotal GROUP BY county_id) t
        ON t.county_id = d.county_id AND d.booked_on <= t.day
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9;
INSERT INTO reports_measuredflow (county_id, measure, medicine_id, place_id, kind, source, target, detail)
    SELECT DISTINCT county_id, measure, medicine_id, place_id, kind, source, target, detail FROM told;
INSERT INTO reports_flowtotal (county_id, flow_id, day, quantity, entries)
    SELECT f.county_id, f.id, t.booked_on, sum(t.quantity) OVER so_far, sum(t.entries) OVER so_far
    FROM told t JOIN reports_measuredflow f ON f.county_id = t.county_id AND f.measure = t.measure
        AND f.place_id = t.place_id AND f.medicine_id IS NOT DISTINCT FROM t.medicine_id
        AND (f.kind, f.source, f.target, f.detail) = (t.kind, t.source, t.target, t.detail)
    WINDOW so_far AS (PARTITION BY f.id ORDER BY t.booked_on);
DROP TABLE told;
ALTER TABLE reports_measuredflow ENABLE TRIGGER kept;
ALTER TABLE reports_flowtotal ENABLE TRIGGER kept;
"""
