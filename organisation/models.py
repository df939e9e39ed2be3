from __future__ import annotations

import datetime
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Lower, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.constraints import CountyKey, SameCounty, county_fk


class County(models.Model):
    """One county: the unit of scale, of permission and of every book."""

    code = models.CharField(primary_key=True, max_length=6)
    name = models.CharField(max_length=60)
    time_zone = models.CharField(max_length=40, default="Asia/Shanghai")
    # Set by publishing a bulletin; no entry of either journal may be booked on or before it.
    closed_through = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=r"^[0-9]{6}$"), name="county_code_six_digits")
        ]

    def __str__(self) -> str:
        return self.name


class Division(models.Model):
    """A township or village as the official statistics code it."""

    class Level(models.TextChoices):
        TOWNSHIP = "township"
        VILLAGE = "village"

    code = models.CharField(primary_key=True, max_length=12)
    county = models.ForeignKey(County, models.PROTECT, related_name="divisions")
    level = models.CharField(max_length=8, choices=Level)
    name = models.CharField(max_length=60)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")

    def __str__(self) -> str:
        return self.name


class Place(models.Model):
    """A place of the programme: it may take donations in, sort and supply, hand out, or all of these."""

    class Kind(models.TextChoices):
        HOSPITAL = "hospital", _("county hospital")
        HEALTH_CENTRE = "health_centre", _("township health centre")
        VILLAGE_CLINIC = "village_clinic", _("village clinic")
        OFFICE = "office", _("office")
        BUREAU = "bureau", _("county health bureau")

    county = models.ForeignKey(County, models.PROTECT, related_name="places")
    code = models.CharField(max_length=24)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=16, choices=Kind)
    township = models.ForeignKey(Division, models.PROTECT, null=True, related_name="+")
    division = models.ForeignKey(Division, models.PROTECT, null=True, related_name="+")
    parent = county_fk("self", null=True, related_name="covered")
    takes_donations = models.BooleanField(default=False)
    sorts = models.BooleanField(default=False)
    hands_out = models.BooleanField(default=False)
    active = models.BooleanField(default=True)
    address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    opening_hours = models.CharField(max_length=120, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            CountyKey(name="place_key"),
            SameCounty(field="parent", name="place_parent_same_county"),
            models.UniqueConstraint(fields=["code"], name="place_code_once"),
        ]
        indexes = [
            models.Index(fields=["county", "code"], name="place_by_county"),
            models.Index(fields=["parent"], name="place_by_parent"),
        ]

    def __str__(self) -> str:
        return self.name


class Rhythm(models.TextChoices):
    """How often a campaign publishes: in an emergency every five days (慈善法 art. 72), else monthly or quarterly."""

    FIVE_DAYS = "five_days", _("every 5 days (emergency)")
    MONTHLY = "monthly", _("every month")
    QUARTERLY = "quarterly", _("every 3 months")


IDLE_MINUTES = 30
FIRST_PASSWORD_HOURS = 72
# Three years, as long as somebody may still ask or claim (民法典 art. 188).
IDENTITY_DAYS = 1096


class SecondPerson(models.TextChoices):
    """For whom a second person confirms that a password or second factor is given anew."""

    ALL = "all", _("for every account")
    WATCHING = "watching", _("for who watches, approves, signs or administers")
    NOBODY = "nobody", _("for nobody")


class Policy(models.Model):
    """What a county decides for itself; the defaults are those the sources give."""

    class MonthPolicy(models.TextChoices):
        INCLUSIVE = "inclusive"
        CONSERVATIVE = "conservative"

    class ClinicStock(models.TextChoices):
        """How finely anyone may read what clinics have."""

        OFF = "off", _("not at all")
        TOWNSHIPS = "townships", _("by township")
        CLINICS = "clinics", _("by clinic")

    county = models.OneToOneField(County, models.PROTECT, primary_key=True, related_name="policy")
    min_days = models.PositiveSmallIntegerField(default=30)
    max_boxes_per_person = models.PositiveSmallIntegerField(default=10)
    month_policy = models.CharField(max_length=12, choices=MonthPolicy, default=MonthPolicy.INCLUSIVE)
    # Whether the counter may put before a pharmacist what is out of scope; else it is refused for good.
    out_of_scope_soft = models.BooleanField(default=True, db_default=True)
    horizon_days = models.PositiveSmallIntegerField(default=14)
    # Of the use expected before a lot expires, so much is counted on: of what is estimated, and of what was learned.
    safety_percent = models.PositiveSmallIntegerField(default=60)
    safety_learned_percent = models.PositiveSmallIntegerField(default=80)
    unclaimed_days = models.PositiveSmallIntegerField(default=30)
    # A count may find this many units, or this share of what was declared, beyond it: the larger of the two.
    surplus_units = models.PositiveSmallIntegerField(default=20)
    surplus_percent = models.PositiveSmallIntegerField(default=10)
    # Units of one medicine that a clinic may get in a day without a plan (紧急调拨).
    urgent_units = models.PositiveIntegerField(default=500)
    # After so many days what an approved plan promised and nobody sent goes back to the shelf.
    reservation_days = models.PositiveSmallIntegerField(default=7)
    # A clinic of which the stock lasts fewer days than these is below its reserve.
    reserve_days = models.PositiveSmallIntegerField(default=7)
    # Points of estimated need per person, in halves: 6 counts threefold (distribution/needs.py).
    weight_red = models.PositiveSmallIntegerField(default=6)
    weight_yellow = models.PositiveSmallIntegerField(default=4)
    weight_green = models.PositiveSmallIntegerField(default=2)
    weight_pregnant = models.PositiveSmallIntegerField(default=4)
    weight_fever_case = models.PositiveSmallIntegerField(default=2)
    weight_child = models.PositiveSmallIntegerField(default=3)
    # Strict order in which plans supply places of a kind, the smallest first; alike where nothing is set.
    tier_village_clinic = models.PositiveSmallIntegerField(default=0)
    tier_health_centre = models.PositiveSmallIntegerField(default=0)
    tier_hospital = models.PositiveSmallIntegerField(default=0)
    # Need bands, in per cent of the need: a minimum of everybody before any tier (0: none), and a buffer once all
    # needs are met (100: none).
    band_minimum = models.PositiveSmallIntegerField(default=0)
    band_buffer = models.PositiveSmallIntegerField(default=100)
    # What the public may see beside the bulletins. What is short makes people run for it, so neither is told unasked.
    public_live_figures = models.BooleanField(default=False)
    public_needs = models.BooleanField(default=False)
    public_clinic_stock = models.CharField(
        max_length=9, choices=ClinicStock, default=ClinicStock.OFF, db_default=ClinicStock.OFF
    )
    # Who answers to the public for a bulletin, where its campaign does not say.
    contact = models.CharField(max_length=80, blank=True, default="", db_default="")
    supervision_phone = models.CharField(max_length=40, blank=True, default="", db_default="")
    # Whether one person may look after more than one of system, security and audit.
    joint_administration = models.BooleanField(default=False)
    # For which accounts a second person confirms new passwords (organisation.confirmations).
    second_person = models.CharField(
        max_length=8, choices=SecondPerson, default=SecondPerson.ALL, db_default=SecondPerson.ALL
    )
    # Whether who approves, signs or administers signs in with a second factor only.
    second_factor = models.BooleanField(default=False)
    # A sign-in that is not used for so many minutes has ended, and so has one of so many hours.
    idle_minutes = models.PositiveSmallIntegerField(default=IDLE_MINUTES)
    sign_in_hours = models.PositiveSmallIntegerField(default=12)
    # A first password opens nothing after so many hours, except that security gives another.
    first_password_hours = models.PositiveSmallIntegerField(default=FIRST_PASSWORD_HOURS)
    # What graded protection asks and ASVS 6.2.5 and 6.2.10 advise against: kinds of characters, and a new password
    # after so many days (0: never).
    password_composition = models.BooleanField(default=False)
    password_days = models.PositiveSmallIntegerField(default=0)
    # Days after which it is forgotten who a donor was (donations/retention.py; 0: never by itself).
    identity_days = models.PositiveSmallIntegerField(default=IDENTITY_DAYS)
    # Whether staff of places may sign in and co-sign with a PIN on a device that knows them.
    pins = models.BooleanField(default=False)
    # Working days in which anyone may object to what a bulletin says.
    objection_days = models.PositiveSmallIntegerField(default=5)
    # How often a campaign publishes that names no rhythm of its own.
    bulletin_rhythm = models.CharField(max_length=9, choices=Rhythm, default=Rhythm.MONTHLY)
    # The moment of a day at which its report (日报) ends.
    report_cut_off = models.TimeField(default=datetime.time(17, 0))
    # Days within which a question of the public is answered.
    answer_days = models.PositiveSmallIntegerField(default=7)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(safety_percent__range=(1, 100)), name="policy_safety_percent"),
            models.CheckConstraint(
                condition=Q(safety_learned_percent__range=(1, 100)), name="policy_safety_learned"
            ),
            models.CheckConstraint(condition=Q(horizon_days__range=(1, 366)), name="policy_horizon"),
            models.CheckConstraint(
                condition=Q(surplus_percent__range=(0, 100)), name="policy_surplus_percent"
            ),
            models.CheckConstraint(
                condition=Q(reservation_days__range=(1, 366)), name="policy_reservation_days"
            ),
            models.CheckConstraint(
                condition=Q(bulletin_rhythm__in=["five_days", "monthly", "quarterly"]),
                name="policy_bulletin_rhythm",
            ),
            models.CheckConstraint(
                condition=Q(public_clinic_stock__in=["off", "townships", "clinics"]),
                name="policy_public_clinic_stock",
            ),
            models.CheckConstraint(condition=Q(reserve_days__range=(1, 366)), name="policy_reserve_days"),
            models.CheckConstraint(condition=Q(objection_days__range=(1, 366)), name="policy_objection_days"),
            models.CheckConstraint(condition=Q(answer_days__range=(1, 366)), name="policy_answer_days"),
            models.CheckConstraint(
                condition=Q(
                    weight_red__lte=200,
                    weight_yellow__lte=200,
                    weight_green__lte=200,
                    weight_pregnant__lte=200,
                    weight_fever_case__lte=200,
                    weight_child__lte=200,
                ),
                name="policy_weights",
            ),
            models.CheckConstraint(
                condition=Q(tier_village_clinic__lte=9, tier_health_centre__lte=9, tier_hospital__lte=9),
                name="policy_tiers",
            ),
            models.CheckConstraint(
                condition=Q(band_minimum__lte=99, band_buffer__range=(100, 1000)), name="policy_bands"
            ),
            models.CheckConstraint(
                condition=Q(idle_minutes__range=(5, 720), sign_in_hours__range=(1, 24)),
                name="policy_sign_ins",
            ),
            models.CheckConstraint(
                condition=Q(first_password_hours__range=(1, 720), password_days__lte=366),
                name="policy_passwords",
            ),
            models.CheckConstraint(condition=Q(identity_days__lte=7320), name="policy_identity_days"),
            # Only where one person has to look after everything does the rule of two give way.
            models.CheckConstraint(
                condition=Q(second_person__in=["all", "watching"])
                | Q(second_person="nobody", joint_administration=True),
                name="policy_second_person",
            ),
        ]

    @property
    def bands(self) -> tuple[int, ...]:
        """Rising percentages of need that plans meet one after another; none where the need is the only one."""
        bands = {self.band_minimum, 100, self.band_buffer} - {0}
        return tuple(sorted(bands)) if len(bands) > 1 else ()


class PersonManager(BaseUserManager["Person"]):
    """People, found by their user name as Django's sign-in does."""


class Person(AbstractBaseUser):
    """Somebody who signs in. A person belongs to one county; roles are granted per place or county."""

    # What was chosen, behind the code of the county: organisation.people.
    username = models.CharField(max_length=67, unique=True)
    name = models.CharField(max_length=60)
    county = models.ForeignKey(County, models.PROTECT, related_name="people")
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=True)
    password_set_at = models.DateTimeField(default=timezone.now, db_default=Now())
    # Whether somebody has set a password of their own; until then the account is nobody's yet.
    is_claimed = models.BooleanField(default=True, db_default=True)
    # Counts up when all sign-ins are ended at once; part of what a page's session is bound to.
    sign_ins_ended = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    # The person's grants where they were read together with the person (organisation.sign_in).
    held_grants: list[RoleGrant] | None = None
    # Whether the person who is signing in shows a PIN in the place of the password (organisation.pins).
    by_pin = False

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = PersonManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["id", "county"], name="person_of_county"),
            models.CheckConstraint(
                condition=Q(must_change_password=True) | Q(is_claimed=True), name="person_claimed_by_password"
            ),
            # Nobody takes Zhang.San for zhang.san.
            models.UniqueConstraint(Lower("username"), name="person_username_once"),
            # Names that begin with a county's code are that county's: none can be taken by another.
            models.CheckConstraint(
                condition=~Q(username__regex="^[0-9]{6}-")
                | Q(username__startswith=Concat(F("county_id"), Value("-"))),
                name="person_named_by_county",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What Django binds a session to: the password, and how often all sign-ins were ended."""
        return f"{super()._get_session_auth_hash(secret)}-{self.sign_ins_ended}"  # type: ignore[misc]


class Role(models.TextChoices):
    CLERK = "clerk", _("clerk")
    CHECKER = "checker", _("checker")
    PHARMACIST = "pharmacist", _("pharmacist")
    LEAD_PHARMACIST = "lead_pharmacist", _("lead pharmacist")
    ALLOCATOR = "allocator", _("allocator")
    APPROVER = "approver", _("approver")
    PUBLISHER = "publisher", _("publisher")
    SIGNER = "signer", _("signer")
    CLINIC = "clinic", _("clinic staff")
    AUDITOR = "auditor", _("auditor")
    ADMINISTRATOR = "administrator", _("administrator")
    SECURITY = "security", _("security")


# Who looks after accounts, policy and log: one of them confirms what another asks (organisation.confirmations).
CONFIRMING = [Role.SECURITY, Role.ADMINISTRATOR, Role.AUDITOR]
# Roles that watch or sign: nobody gives one of them alone, or takes over an account that has one.
WATCHING = [Role.AUDITOR, Role.APPROVER, Role.SIGNER, Role.ADMINISTRATOR, Role.SECURITY]
# Of whom county policy may ask a second factor.
ASKED_OF = [Role.APPROVER, Role.SIGNER, Role.ADMINISTRATOR]
PLACE_ROLES = [Role.CLERK, Role.CHECKER, Role.PHARMACIST, Role.CLINIC]
TOWNSHIP_ROLES = [Role.ALLOCATOR, Role.APPROVER]


class RoleGrant(models.Model):
    """One role of one person: at a place, in one township, or in the whole county, as the role asks."""

    person = county_fk(Person, related_name="grants")
    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    role = models.CharField(max_length=16, choices=Role)
    place = county_fk(Place, null=True)
    township = models.ForeignKey(Division, models.PROTECT, null=True, related_name="+")
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    granted_by = models.BigIntegerField(null=True)
    # Until a second person has confirmed it, it opens nothing.
    waits = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(granted_by=F("person")), name="grant_by_another"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="grant_days_in_order"),
            SameCounty(field="person", name="grant_person_same_county"),
            SameCounty(field="place", name="grant_place_same_county"),
            models.UniqueConstraint(fields=["id", "county"], name="grant_of_county"),
            models.UniqueConstraint(
                fields=["person", "role", "place", "township"], name="grant_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                name="grant_scope_fits_role",
                condition=Q(role__in=PLACE_ROLES, place__isnull=False, township__isnull=True)
                | Q(role__in=TOWNSHIP_ROLES, place__isnull=True)
                | (
                    ~Q(role__in=[*PLACE_ROLES, *TOWNSHIP_ROLES])
                    & Q(place__isnull=True, township__isnull=True)
                ),
            ),
        ]

    def in_force(self, on: datetime.date) -> bool:
        return (
            not self.waits
            and (self.starts_on is None or self.starts_on <= on)
            and (self.ends_on is None or on <= self.ends_on)
        )


class Confirmation(models.Model):
    """What was asked for on somebody's account, or of policy, and a second person confirms before it counts.

    Neither who asked nor whose account it is. `alone` where the county's policy, or that there is nobody else, lets
    it count at once; it stays on this list all the same. Of a new password `second` is the hash of the part that the
    second person hands over; the account's own is that of the first.
    """

    class Kind(models.TextChoices):
        PASSWORD = "password", _("new password")
        FACTOR = "factor", _("second factor forgotten")
        ROLE = "role", _("role given")
        POLICY = "policy", _("policy loosened")

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    # Nobody where it is about the county's policy, of which these fields would get these values.
    person = county_fk(Person, null=True)
    changes = models.JSONField(null=True)
    kind = models.CharField(max_length=8, choices=Kind)
    grant = county_fk(RoleGrant, null=True)
    asked_by = models.BigIntegerField()
    asked_at = models.DateTimeField()
    alone = models.BooleanField(default=False)
    confirmed_by = models.BigIntegerField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    second = models.CharField(max_length=128, blank=True, default="")
    # Done with: the owner has set a password, the factor is gone, the role given; or another took its place.
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            CountyKey(name="confirmation_key"),
            SameCounty(field="person", name="confirmation_person_same_county"),
            SameCounty(field="grant", name="confirmation_grant_same_county"),
            models.CheckConstraint(condition=~Q(asked_by=F("person")), name="confirmation_asked_by_another"),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True)
                | (~Q(confirmed_by=F("asked_by")) & ~Q(confirmed_by=F("person"))),
                name="confirmed_by_second_person",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True, second="")
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False, alone=False),
                name="confirmed_or_not",
            ),
            models.CheckConstraint(
                condition=Q(kind="role", grant__isnull=False) | (~Q(kind="role") & Q(grant__isnull=True)),
                name="confirmation_of_grant",
            ),
            models.CheckConstraint(
                condition=Q(kind="policy", person__isnull=True, changes__isnull=False)
                | (~Q(kind="policy") & Q(person__isnull=False, changes__isnull=True)),
                name="confirmation_of_person_or_policy",
            ),
            models.UniqueConstraint(
                fields=["county", "person", "kind", "grant"],
                condition=Q(ended_at__isnull=True),
                name="confirmation_once",
                nulls_distinct=False,
            ),
        ]


DEPUTY_DAYS = 92


class Deputy(models.Model):
    """Somebody who holds a colleague's role on the days from `starts_on` to `ends_on`, or until that was ended.

    The role stays the colleague's; what the deputy does is the deputy's own deed.
    """

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    grant = county_fk(RoleGrant, related_name="deputies")
    deputy = county_fk(Person)
    starts_on = models.DateField()
    ends_on = models.DateField()
    appointed_by = models.BigIntegerField()
    appointed_on = models.DateField()
    # From this day on it is over, whatever `ends_on` says.
    ended_on = models.DateField(null=True)
    ended_by = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            CountyKey(name="deputy_key"),
            SameCounty(field="grant", name="deputy_grant_same_county"),
            SameCounty(field="deputy", name="deputy_person_same_county"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on"))
                & Q(ends_on__lt=F("starts_on") + datetime.timedelta(days=DEPUTY_DAYS)),
                name="deputy_for_days",
            ),
            models.CheckConstraint(
                condition=~Q(deputy=F("appointed_by")), name="deputy_appointed_by_another"
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True, ended_by__isnull=True)
                | Q(ended_on__isnull=False, ended_by__isnull=False),
                name="deputy_ended_or_not",
            ),
        ]
        indexes = [
            models.Index(fields=["deputy", "ends_on"], name="deputy_by_person"),
            models.Index(fields=["grant"], name="deputy_by_grant"),
        ]


class Holiday(models.Model):
    """A day on which the county's offices are closed, or a weekend day on which they work (调休上班)."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    day = models.DateField()
    name = models.CharField(max_length=40)
    works = models.BooleanField(default=False)
    set_by = models.BigIntegerField()

    class Meta:
        constraints = [
            CountyKey(name="holiday_key"),
            models.UniqueConstraint(fields=["county", "day"], name="holiday_once"),
            # A weekday is worked on anyway, and a weekend is closed: only what differs is written down.
            models.CheckConstraint(
                condition=Q(works=True, day__iso_week_day__gte=6) | Q(works=False, day__iso_week_day__lte=5),
                name="holiday_differs",
                violation_error_code="holiday_differs",
            ),
        ]


class AccessToken(models.Model):
    """A sign-in: of a program, of whose token only the hash is kept, or of the screens, where the session names it.

    It ends at `expires_at`, sooner when it is not used for the county's idle minutes, and with its row. Of where it
    came from only the network is kept.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="tokens")
    digest = models.BinaryField(max_length=32, unique=True, null=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    # To the minute.
    used_at = models.DateTimeField()
    network = models.CharField(max_length=43, blank=True)
    # Whether the person showed a second factor, or a PIN in the place of the password.
    with_second_factor = models.BooleanField(default=False)
    by_pin = models.BooleanField(default=False)
    # Of a co-signature: in whose sign-in it was given. It carries one confirmation.
    beside = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="token_expires_later"),
            models.CheckConstraint(
                condition=Q(beside__isnull=True) | Q(by_pin=True, digest__isnull=False),
                name="token_co_signs_by_pin",
            ),
            models.CheckConstraint(condition=~Q(beside=F("person")), name="token_beside_another"),
        ]


PIN_ATTEMPTS = 5


class DevicePin(models.Model):
    """Somebody's PIN on one device, on which they have shown their password; the device bears a secret of its own.

    A failed attempt is counted before it is looked at, and after five in a row the PIN opens nothing any more.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="pins")
    # The hash of the device's secret.
    device = models.BinaryField(max_length=32)
    pin = models.CharField(max_length=128)
    created_at = models.DateTimeField()
    failures = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "device"], name="device_pin_once"),
            models.CheckConstraint(condition=Q(failures__lte=PIN_ATTEMPTS), name="device_pin_attempts"),
            models.CheckConstraint(condition=Q(pin__startswith="argon2$"), name="device_pin_hashed"),
        ]


class SecondFactor(models.Model):
    """The secret of somebody's authenticator application, sealed; `pending` is one not confirmed yet."""

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True, related_name="second_factor")
    sealed = models.BinaryField(default=b"")
    pending = models.BinaryField(default=b"")
    confirmed = models.BooleanField(default=False)
    # The step of time of the code used last: each opens once.
    last_step = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed=False) | ~Q(sealed=b""), name="second_factor_confirmed_with_secret"
            )
        ]


ATTEMPTS_WINDOW = datetime.timedelta(minutes=15)


class AttemptLane(models.Model):
    """A lane of attempts to sign in (organisation.attempts): of an account, of an address or device, or of both
    together; what is not meant is empty.

    Each attempt moves `full_at` on by its share of a quarter of an hour, and more than that is never taken ahead.
    """

    pk = models.CompositePrimaryKey("name_key", "origin_key")
    name_key = models.BinaryField(max_length=32)
    origin_key = models.BinaryField(max_length=32)
    # Empty again at this moment; and when an attempt was counted last.
    full_at = models.DateTimeField()
    reserved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(full_at__lte=F("reserved_at") + ATTEMPTS_WINDOW), name="sign_in_attempts_bounded"
            )
        ]


class KnownOrigin(models.Model):
    """An address or a device from which an account was signed in to, or a code that lets a new device in."""

    name_key = models.BinaryField(max_length=32)
    origin_key = models.BinaryField(max_length=32)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name_key", "origin_key"], name="known_origin_once")]


class UnitCategory(models.Model):
    """A kind of work unit (党群口, 教育系统 …) with the drop-off point at which its people hand in."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    place = county_fk(Place)

    class Meta:
        constraints = [
            CountyKey(name="unit_category_key"),
            SameCounty(field="place", name="unit_category_place_same_county"),
            models.UniqueConstraint(fields=["county", "name"], name="unit_category_once"),
        ]


class WorkUnit(models.Model):
    """A work unit: it hands in where its category does, unless a place of its own is named."""

    county = models.ForeignKey(County, models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    # The name as it compares: width, case and spacing evened out.
    name_key = models.CharField(max_length=200)
    category = county_fk(UnitCategory, null=True)
    place = county_fk(Place, null=True)

    class Meta:
        constraints = [
            CountyKey(name="work_unit_key"),
            SameCounty(field="category", name="work_unit_category_same_county"),
            SameCounty(field="place", name="work_unit_place_same_county"),
            models.UniqueConstraint(fields=["county", "name_key"], name="work_unit_once"),
            models.CheckConstraint(
                condition=Q(category__isnull=False) | Q(place__isnull=False), name="work_unit_goes_somewhere"
            ),
        ]
