from importlib import import_module

from django.db import migrations

from core.guards import append_only

journal = import_module("donations.migrations.0002_custody_journal")

# As 0002, and: a handover that is voided takes back what it sent, entry by entry. A surplus that comes with a group
# falls on an item of no named donor, found in that handover; a surplus on a donor's own item needs that the item
# went as a line of its own, or on no list at all.
JUDGED = (
    journal.JUDGED.replace(
        """o.kind NOT IN ('accepted', 'rejected', 'in_doubt')
                OR""",
        """o.kind NOT IN ('accepted', 'rejected', 'in_doubt', 'handed_over')
                OR o.kind = 'handed_over' AND (o.group_id, o.handover_id) IS DISTINCT FROM (f.group_id, f.handover_id)
                OR""",
    )
    .replace(
        """OR f.kind = 'handed_over' AND (f.place_id <> h.place_id OR f.place_id <> v.from_place_id)
                OR f.kind <> 'handed_over' AND f.place_id <> v.to_place_id""",
        """OR f.kind IN ('handed_over', 'reversed') AND (f.place_id <> h.place_id OR f.place_id <> v.from_place_id)
                OR f.kind NOT IN ('handed_over', 'reversed') AND f.place_id <> v.to_place_id""",
    )
    .replace(
        """(f.kind = 'surplus' OR g.handover_id IS DISTINCT FROM f.handover_id
                OR (i.id IS NOT NULL) <> (f.kind IN ('handed_over', 'received'))""",
        """(g.handover_id IS DISTINCT FROM f.handover_id
                OR (i.id IS NOT NULL) <> (f.kind IN ('handed_over', 'received', 'surplus', 'reversed'))""",
    )
    .replace(
        """                THEN 'custody_of_its_group'
""",
        """                THEN 'custody_of_its_group'
            WHEN n.found_in_id IS NOT NULL AND f.from_state = 'outside' AND (f.kind <> 'surplus' OR g.id IS NULL)
                OR f.kind = 'surplus' AND g.id IS NOT NULL
                    AND (n.found_in_id IS DISTINCT FROM f.handover_id OR r.kind <> 'anonymous')
                OR f.kind = 'surplus' AND g.id IS NULL AND v.id IS NOT NULL AND NOT EXISTS (
                    SELECT 1 FROM donations_custodyentry s WHERE s.item_id = f.item_id
                    AND s.handover_id = f.handover_id AND s.kind = 'handed_over' AND s.group_id IS NULL)
                OR f.kind = 'surplus' AND g.id IS NULL AND v.id IS NULL AND EXISTS (
                    SELECT 1 FROM donations_custodyentry s WHERE s.item_id = f.item_id
                    AND s.kind = 'received' AND s.handover_id IS NOT NULL)
                THEN 'custody_surplus_of_nobody'
""",
    )
    .replace(
        """LEFT JOIN donations_handovergroup g""",
        """LEFT JOIN donations_donation n ON n.id = i.donation_id AND n.county_id = i.county_id
        LEFT JOIN donations_donor r ON r.id = n.donor_id AND r.county_id = n.county_id
        LEFT JOIN donations_handovergroup g""",
    )
)

# What leaves a group for an item: counted, found beyond the list, or sent back.
OUT_OF_GROUP = "('received', 'surplus', 'reversed')"
HELD = journal.HELD.replace("OR kind = 'received'", f"OR kind IN {OUT_OF_GROUP}").replace(
    "kind <> 'received'", f"kind NOT IN {OUT_OF_GROUP}"
)

# What was found beyond a list is brought once, like what is registered.
BROUGHT = "(e.kind IN ('registered', 'refused') OR e.kind = 'surplus' AND e.group_id IS NOT NULL)"
ADDED_UP = journal.ADDED_UP.replace("e.kind IN ('registered', 'refused')", BROUGHT).replace(
    "kind IN ('registered', 'refused'))", "kind IN ('registered', 'refused', 'surplus'))"
)

# The list on paper and the rows behind it are one: nothing of them changes once it is sealed, and what became of the
# handover is written once. A donation stands on the list while the handover is open, and leaves it with its end.
FIXED = """
CREATE FUNCTION handover_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state <> 'open' THEN
        PERFORM refuse('handover_ends_once', 'a handover that has ended changes no more');
    END IF;
    IF (OLD.id, OLD.county_id, OLD.from_place_id, OLD.to_place_id, OLD.handed_over_on, OLD.handed_over_by,
        OLD.carrier, OLD.vehicle, OLD.seal_number) IS DISTINCT FROM (NEW.id, NEW.county_id, NEW.from_place_id,
        NEW.to_place_id, NEW.handed_over_on, NEW.handed_over_by, NEW.carrier, NEW.vehicle, NEW.seal_number)
        OR OLD.list_seal <> '' AND OLD.list_seal <> NEW.list_seal THEN
        PERFORM refuse('handover_list_fixed', 'the list of a handover is sealed');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER fixed BEFORE UPDATE OR DELETE ON donations_handover
    FOR EACH ROW EXECUTE FUNCTION handover_fixed();
CREATE FUNCTION listed_while_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR TG_OP = 'UPDATE' AND
        (OLD.id, OLD.county_id, OLD.handover_id, OLD.donation_id)
        IS DISTINCT FROM (NEW.id, NEW.county_id, NEW.handover_id, NEW.donation_id) THEN
        PERFORM refuse('handover_list_fixed', 'the list of a handover is sealed');
    ELSIF NEW.open IS DISTINCT FROM (
        SELECT state = 'open' FROM donations_handover WHERE id = NEW.handover_id AND county_id = NEW.county_id) THEN
        PERFORM refuse('listed_while_open', 'a donation is on the list of a handover as long as that is open');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER listed BEFORE INSERT OR UPDATE OR DELETE ON donations_handoverdonation
    FOR EACH ROW EXECUTE FUNCTION listed_while_open();
"""
LOOSE = """
DROP TRIGGER fixed ON donations_handover;
DROP FUNCTION handover_fixed;
DROP TRIGGER listed ON donations_handoverdonation;
DROP FUNCTION listed_while_open;
"""


def again(*functions: str) -> str:
    """The functions in place of those of the same name; their triggers stay."""
    return "".join(
        function.partition("CREATE TRIGGER")[0].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
        for function in functions
    )


class Migration(migrations.Migration):
    dependencies = [("donations", "0002_custody_journal")]

    operations = [
        migrations.RunSQL(
            again(JUDGED, HELD, ADDED_UP), again(journal.JUDGED, journal.HELD, journal.ADDED_UP)
        ),
        migrations.RunSQL(FIXED, LOOSE),
        append_only("donations_handovergroup"),
    ]
