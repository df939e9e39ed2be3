from django.db import migrations

# Two statements in one round trip: a volatile function takes a new snapshot for each of its statements. One that began
# before the lock was free would not see what the first request kept.
CLAIM = """
CREATE FUNCTION command_claim(lock_number bigint, by_person bigint, of_route text, of_key uuid) RETURNS
    TABLE (free boolean, body_mac bytea, status smallint, answer bytea) LANGUAGE plpgsql VOLATILE AS $$
DECLARE is_free boolean := pg_try_advisory_xact_lock(lock_number);
BEGIN
    RETURN QUERY
        SELECT is_free, kept.body_mac, kept.status, kept.answer
        FROM (SELECT) AS one LEFT JOIN core_idempotencyrecord kept
            ON kept.person = by_person AND kept.route = of_route AND kept.key = of_key;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0002_append_only_log")]

    operations = [
        migrations.RunSQL(CLAIM, "DROP FUNCTION command_claim(bigint, bigint, text, uuid);"),
    ]
