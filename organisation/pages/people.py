"""People and their roles: the screens of those in charge of security."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.pages import Cell, Column, Field, FormPage, ListPage, Page, Reply, StepPage
from core.pages.tables import Row
from organisation.access import access_of
from organisation.models import Person, Role
from organisation.people_api import GrantInput, PersonChange, PersonInput
from organisation.queries import people_of, place_names, townships_of

NAME = {"maxlength": "60", "autocomplete": "off"}


def roles_in_words(roles: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> list[str]:
    """Each role with where and until when it is held."""
    return [_in_words(role, names) for role in roles]


def _in_words(role: Mapping[str, Any], names: Mapping[str, str]) -> str:
    where = names.get(role["place"] or role["township"] or "", gettext("the whole county"))
    words = f"{Role(role['role']).label} · {where}"
    if role["starts_on"]:
        words += " · " + gettext("from %(day)s") % {"day": role["starts_on"]}
    if role["waits"]:
        words += " · " + gettext("waits for a second person")
    return words + (" · " + gettext("until %(day)s") % {"day": role["ends_on"]} if role["ends_on"] else "")


def scopes(request: HttpRequest) -> dict[str, str]:
    """The names of the county's places and townships by their codes."""
    county = access_of(request).county_id
    return place_names(county) | {each.pk: each.name for each in townships_of(county)}


class PeoplePage(ListPage):
    template = "organisation/people.html"
    title = _("People")
    help = _("Who signs in here, in which roles, and until when.")
    route = "people/"
    empty = _("Nobody fits. Change the filter, or make an account.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        names = scopes(self.request)
        return [
            Column("name", lambda row: Cell(row["name"], link=reverse("person", args=[row["id"]]))),
            Column("username"),
            Column("roles", lambda row: Cell(lines=roles_in_words(row["roles"], names))),
            Column("is_active", _account, _("Account")),
        ]

    def filters(self) -> Sequence[Field]:
        places = place_names(access_of(self.request).county_id)
        return [
            Field("q", pgettext_lazy("person", "Name")),
            Field("role", _("Role"), "select", options=[("", _("all")), *Role.choices]),
            Field("place", _("Place"), "select", options=[("", _("all")), *places.items()]),
        ]

    def context(self) -> dict[str, Any]:
        return {"may_write": self.request.may_open(reverse("person-new"))}  # type: ignore[attr-defined]


def _account(row: Row) -> Cell:
    if not row["is_active"]:
        return Cell(gettext("ended"), tone="bad")
    if row["awaits_second_person"]:
        return Cell(gettext("waits for a second person"), tone="wait")
    if row["is_locked"]:
        return Cell(gettext("locked for some minutes"), tone="wait")
    if row["must_change_password"]:
        return Cell(gettext("first password"), tone="wait")
    return Cell(gettext("in use"), tone="good")


class PersonPage(Page):
    template = "organisation/person.html"
    help = _("One account: its roles, and what may be done with it.")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        reply = self.ask("GET", f"people/{pk}/")
        if not reply.ok:
            return self.refused(reply)
        names = scopes(request)
        roles = [{"id": role["id"], "words": _in_words(role, names)} for role in reply.data["roles"]]
        may_write = request.may_open(reverse("person-new"))  # type: ignore[attr-defined]
        is_own = pk == access_of(request).person.pk
        return self.page(
            title=reply.data["name"],
            who=reply.data,
            roles=roles,
            account=_account(reply.data),
            may_write=may_write,
            is_own=is_own,
        )


class OfPerson(FormPage):
    """A form about one account, which says whose it is."""

    about = "people/{pk}/"
    facts = ("name", "username")

    def fact_heading(self, name: str) -> Any:
        return pgettext_lazy("person", "Name") if name == "name" else super().fact_heading(name)


class AccountPage(FormPage):
    """A form after which the first password is shown, this once and on no other page."""

    slip = "organisation/account.html"

    def post(self, request: HttpRequest, **ids: Any) -> HttpResponse:
        reply = self.send()
        if not reply.ok:
            return self.again(reply)
        return self.page(template=self.slip, title=gettext("First password"), help="", who=reply.data)


class PersonNewPage(AccountPage):
    title = _("Make an account")
    help = _("The account has no role yet. Its first password is shown on the next page, once.")
    button = _("Make the account")
    shape = PersonInput

    def route(self) -> str:
        return "people/"

    def fields(self) -> Sequence[Field]:
        return [
            Field("/name", pgettext_lazy("person", "Name"), required=True, hints=NAME),
            Field(
                "/username", _("User name"), required=True, hints={**NAME, "autocapitalize": "none"},
                help=_(
                    "3 to 60 letters, digits, or one of . @ + - _. The program puts %(code)s- before it: "
                    "the whole is what the person signs in with."
                ) % {"code": access_of(self.request).county_id},
            ),
        ]  # fmt: skip


class PersonPasswordPage(OfPerson, AccountPage, StepPage):
    title = _("New first password")
    help = _(
        "For somebody who lost theirs. They are signed out everywhere and change it when they sign in. A second"
        " person confirms it first."
    )
    button = _("Make a new first password")

    def route(self) -> str:
        return f"people/{self.kwargs['pk']}/password/"


class PersonChangePage(OfPerson, FormPage):
    title = _("Change an account")
    help = _("Who may no longer sign in is signed out everywhere at once.")
    button = _("Save")
    said = _("The account is changed.")
    shape = PersonChange
    method = "PATCH"

    def route(self) -> str:
        return f"people/{self.kwargs['pk']}/"

    def fields(self) -> Sequence[Field]:
        person = people_of(access_of(self.request).county_id).filter(pk=self.kwargs["pk"]).first() or Person()
        return [
            Field("/name", pgettext_lazy("person", "Name"), required=True, value=person.name, hints=NAME),
            Field("/is_active", _("May sign in"), "check", value=person.is_active),
            Field("/version", "", "hidden", value=person.version),
        ]

    def done(self, reply: Reply) -> str:
        return reverse("person", kwargs=self.kwargs)


class PersonRolePage(OfPerson, FormPage):
    title = _("Give a role")
    help = _(
        "Clerks, checkers, pharmacists and clinic staff hold it at a place; a health centre's covers its villages."
    )
    button = _("Give the role")
    said = _("The role is given; one that watches or signs counts once a second person has confirmed it.")
    shape = GrantInput

    def route(self) -> str:
        return f"people/{self.kwargs['pk']}/roles/"

    def fields(self) -> Sequence[Field]:
        county = access_of(self.request).county_id
        places = [("", "—"), *place_names(county).items()]
        townships = [("", _("the whole county")), *((each.pk, each.name) for each in townships_of(county))]
        return [
            Field("/role", _("Role"), "select", options=Role.choices),
            Field("/place", _("Place"), "select", options=places),
            Field(
                "/township",
                _("Township"),
                "select",
                options=townships,
                help=_("For allocators and approvers."),
            ),
            Field("/starts_on", _("First day"), "date"),
            Field("/ends_on", _("Last day"), "date", help=_("Empty: for good.")),
        ]

    def done(self, reply: Reply) -> str:
        return reverse("person", kwargs=self.kwargs)


class PersonRoleEndPage(OfPerson, StepPage):
    title = _("Take a role back")
    help = _("From now on it opens nothing. That it was held stays on record.")
    button = _("Take the role back")
    said = _("The role is taken back.")

    def route(self) -> str:
        return f"people/{self.kwargs['pk']}/roles/{self.kwargs['grant']}/end/"

    def done(self, reply: Reply) -> str:
        return reverse("person", args=[self.kwargs["pk"]])


class PersonSignOutPage(OfPerson, StepPage):
    title = _("Sign out everywhere")
    help = _("Every device on which this person is signed in asks for the password again.")
    button = _("Sign out everywhere")
    said = _("Every sign-in has ended.")

    def route(self) -> str:
        return f"people/{self.kwargs['pk']}/sign-ins/end/"

    def done(self, reply: Reply) -> str:
        return reverse("person", kwargs=self.kwargs)


class PersonSecondFactorPage(OfPerson, StepPage):
    title = _("Forget the second factor")
    help = _(
        "For somebody who lost their telephone. They are signed out everywhere, and set up a new one once a second"
        " person has confirmed it."
    )
    button = _("Forget the second factor")
    said = _("They are signed out everywhere. See “Second person” whether somebody has to confirm it first.")

    def route(self) -> str:
        return f"people/{self.kwargs['pk']}/second-factor/end/"

    def done(self, reply: Reply) -> str:
        return reverse("person", kwargs=self.kwargs)


class OwnEntryCodePage(StepPage):
    """After it the code is shown, this once."""

    title = _("Entry code")
    help = _(
        "With it you sign in on another device although others keep failing in your name. It opens once."
    )
    button = _("Make an entry code")

    def route(self) -> str:
        return "auth/sign-ins/entry-code/"

    def post(self, request: HttpRequest, **ids: Any) -> HttpResponse:
        reply = self.send()
        if not reply.ok:
            return self.again(reply)
        return self.page(template="organisation/entry_code.html", help="", code=reply.data["entry_code"])


class PersonEntryCodePage(OfPerson, OwnEntryCodePage):
    help = _(
        "With it they sign in on a new device although others keep failing in their name. It opens once."
    )

    def route(self) -> str:
        return f"people/{self.kwargs['pk']}/entry-code/"


class OwnSignOutPage(StepPage):
    title = _("Sign out everywhere")
    help = _("Every device on which you are signed in, this one too, asks for the password again.")
    button = _("Sign out everywhere")
    said = _("Every sign-in has ended.")

    def route(self) -> str:
        return "auth/sign-ins/end/"

    def done(self, reply: Reply) -> str:
        return reverse("sign-in")
