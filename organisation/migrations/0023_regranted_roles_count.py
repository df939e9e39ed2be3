from django.db import migrations

# Whoever ever held a role that confirms counts, also while it waits: security could else end the others' roles, give
# them back, and be alone as long as these wait for their confirmation.
ALONE = """
CREATE OR REPLACE FUNCTION stands_alone(account bigint, kind text, asker bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT coalesce(policy.second_person, 'all') = 'nobody' OR CASE
        WHEN kind IN ('role', 'policy') THEN NOT EXISTS (
            SELECT FROM organisation_rolegrant g WHERE g.county_id = person.county_id{held}
            AND g.person_id NOT IN (coalesce(account, asker), asker)
            AND g.role IN ('security', 'administrator', 'auditor'))
        ELSE NOT person.is_claimed OR (coalesce(policy.second_person, 'all') = 'watching' AND NOT EXISTS (
            SELECT FROM organisation_rolegrant g
            LEFT JOIN organisation_deputy d ON d.grant_id = g.id AND d.county_id = g.county_id
            WHERE g.county_id = person.county_id AND (g.person_id = account OR d.deputy_id = account)
            AND g.role IN ('auditor', 'approver', 'signer', 'administrator', 'security')))
        END
    FROM organisation_person person LEFT JOIN organisation_policy policy ON policy.county_id = person.county_id
    WHERE person.id = coalesce(account, asker)
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("organisation", "0022_policy_by_two")]

    operations = [
        migrations.RunSQL(ALONE.replace("{held}", ""), ALONE.replace("{held}", " AND NOT g.waits")),
    ]
