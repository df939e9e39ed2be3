"""What the actions of the audit log are called: every route that changes something, in words.

The log keeps an action as method and route, as programs call it. Here each has one plain name; a route that writes
and has none fails the build (tests/config/test_audit_words.py).
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import pgettext_lazy

BASE = "api/v1/"

ACTIONS: dict[str, Any] = {
    # organisation
    "POST auth/login/": pgettext_lazy("log", "Sign in"),
    "POST auth/password/": pgettext_lazy("log", "Set one's own password"),
    "POST auth/otp/": pgettext_lazy("log", "Set up a second factor"),
    "POST auth/otp/confirm/": pgettext_lazy("log", "Confirm a second factor"),
    "POST auth/logout/": pgettext_lazy("log", "Sign out"),
    "POST auth/pins/": pgettext_lazy("log", "Set a PIN"),
    "POST auth/pin/": pgettext_lazy("log", "Sign in with a PIN"),
    "POST auth/co-sign/": pgettext_lazy("log", "Sign beside somebody"),
    "POST auth/sign-ins/<int:pk>/end/": pgettext_lazy("log", "End one of one's sign-ins"),
    "POST auth/sign-ins/end-others/": pgettext_lazy("log", "End one's other sign-ins"),
    "POST auth/sign-ins/end/": pgettext_lazy("log", "Sign out everywhere"),
    "POST auth/sign-ins/entry-code/": pgettext_lazy("log", "Make an entry code for oneself"),
    "POST deputies/": pgettext_lazy("log", "Appoint a deputy"),
    "POST deputies/<int:pk>/end/": pgettext_lazy("log", "End a deputyship"),
    "POST people/": pgettext_lazy("log", "Add a person"),
    "PUT people/": pgettext_lazy("log", "Add people from a list"),
    "POST people/read/": pgettext_lazy("log", "Read a list of people"),
    "POST holidays/": pgettext_lazy("log", "Write holidays down"),
    "POST holidays/<int:pk>/remove/": pgettext_lazy("log", "Take a holiday out"),
    "PATCH people/<int:pk>/": pgettext_lazy("log", "Change a person's details"),
    "POST people/<int:pk>/password/": pgettext_lazy("log", "Set a person's password"),
    "POST confirmations/<int:pk>/confirm/": pgettext_lazy("log", "Confirm as the second person"),
    "POST people/<int:pk>/sign-ins/end/": pgettext_lazy("log", "Sign a person out everywhere"),
    "POST people/<int:pk>/entry-code/": pgettext_lazy("log", "Make an entry code for a person"),
    "POST people/<int:pk>/second-factor/end/": pgettext_lazy("log", "Forget a person's second factor"),
    "POST people/<int:pk>/roles/": pgettext_lazy("log", "Grant a role"),
    "POST people/<int:pk>/roles/<int:grant>/end/": pgettext_lazy("log", "Take a role away"),
    "POST places/": pgettext_lazy("log", "Open a place"),
    "PATCH places/<str:code>/": pgettext_lazy("log", "Change a place"),
    "PUT policies/": pgettext_lazy("log", "Change the county's policy"),
    "POST unit-categories/": pgettext_lazy("log", "Place a category of work units"),
    "POST work-units/": pgettext_lazy("log", "Place a work unit"),
    "PUT work-units/": pgettext_lazy("log", "Take over a list of work units"),
    "POST work-units/read/": pgettext_lazy("log", "Read a list of work units"),
    "POST work-units/import/": pgettext_lazy("log", "Take over a file of work units"),
    # catalogue
    "POST products/": pgettext_lazy("log", "Add a product"),
    "POST products/<int:pk>/retire/": pgettext_lazy("log", "Retire a product"),
    # donations
    "PUT privacy-notice/": pgettext_lazy("log", "Set the privacy notice"),
    "POST campaigns/": pgettext_lazy("log", "Open a campaign"),
    "PUT campaigns/<int:pk>/rhythm/": pgettext_lazy("log", "Set how often a campaign publishes"),
    "POST campaigns/<int:pk>/close/": pgettext_lazy("log", "End a campaign"),
    "POST donations/": pgettext_lazy("log", "Register a donation"),
    "POST donations/<int:pk>/void/": pgettext_lazy("log", "Void a donation"),
    "POST donations/<int:pk>/leave/": pgettext_lazy("log", "Keep what was refused for destruction"),
    "POST donations/<int:pk>/count/": pgettext_lazy("log", "Count a donation"),
    "POST donations/<int:pk>/correct/": pgettext_lazy("log", "Correct a donation"),
    "POST donations/find/": pgettext_lazy("log", "Find donations by donor"),
    "POST donors/find/": pgettext_lazy("log", "Find a donor"),
    "POST donors/<int:pk>/consent/": pgettext_lazy("log", "Change how a donor is named"),
    "POST donors/<int:pk>/erase/": pgettext_lazy("log", "Erase a donor's identity"),
    "POST donor-returns/": pgettext_lazy("log", "Return goods to their donor"),
    "POST rosters/": pgettext_lazy("log", "Read a roster"),
    "POST rosters/<int:pk>/commit/": pgettext_lazy("log", "Enter a roster"),
    "POST items/<int:pk>/photos/": pgettext_lazy("log", "Add a photo"),
    "POST barcodes/": pgettext_lazy("log", "Read a code"),
    "POST screenings/": pgettext_lazy("log", "Screen a medicine"),
    "POST handovers/": pgettext_lazy("log", "Hand goods over"),
    "POST handovers/<int:pk>/receive/": pgettext_lazy("log", "Count a handover in"),
    "POST handovers/<int:pk>/void/": pgettext_lazy("log", "Void a handover"),
    # inventory
    "POST sortings/": pgettext_lazy("log", "Sort medicines"),
    "POST sortings/<int:pk>/reverse/": pgettext_lazy("log", "Reverse a sorting"),
    "POST sortings/<int:pk>/confirm/": pgettext_lazy("log", "Confirm a sorting"),
    "POST batches/<int:pk>/relabel/": pgettext_lazy("log", "Propose a label's correction"),
    "POST batches/<int:pk>/relabel/withdraw/": pgettext_lazy("log", "Give up a label's correction"),
    "POST batches/<int:pk>/relabel/confirm/": pgettext_lazy("log", "Confirm a label's correction"),
    "POST batches/<int:pk>/open/": pgettext_lazy("log", "Open boxes"),
    "POST labels/": pgettext_lazy("log", "Print labels"),
    "POST holds/": pgettext_lazy("log", "Hold stock"),
    "POST holds/<int:pk>/release/": pgettext_lazy("log", "Release a hold"),
    "POST recalls/": pgettext_lazy("log", "Recall a lot"),
    "POST recalls/<int:pk>/acknowledge/": pgettext_lazy("log", "Acknowledge a recall"),
    "POST recalls/<int:pk>/lift/": pgettext_lazy("log", "Lift a recall"),
    "POST adverse-reactions/": pgettext_lazy("log", "Report an adverse reaction"),
    "POST destructions/": pgettext_lazy("log", "List goods for destruction"),
    "POST destructions/<int:pk>/confirm/": pgettext_lazy("log", "Confirm a destruction"),
    "POST destructions/<int:pk>/withdraw/": pgettext_lazy("log", "Withdraw a list for destruction"),
    "POST device-uses/": pgettext_lazy("log", "Put a device to use or lend it"),
    "POST device-uses/<int:pk>/give-back/": pgettext_lazy("log", "Take a device back"),
    "POST counts/": pgettext_lazy("log", "Begin a count"),
    "POST counts/<int:pk>/lines/": pgettext_lazy("log", "Count lines"),
    "POST counts/<int:pk>/finish/": pgettext_lazy("log", "Finish a count"),
    "POST counts/<int:pk>/reopen/": pgettext_lazy("log", "Reopen a count"),
    "POST counts/<int:pk>/abandon/": pgettext_lazy("log", "Abandon a count"),
    "POST counts/<int:pk>/approve/": pgettext_lazy("log", "Approve a count"),
    "POST kit-templates/": pgettext_lazy("log", "Make a kit template"),
    "POST kit-templates/<int:pk>/retire/": pgettext_lazy("log", "Retire a kit template"),
    "POST kits/": pgettext_lazy("log", "Pack kits"),
    "POST kits/<int:pk>/unpack/": pgettext_lazy("log", "Take a kit apart"),
    # distribution
    "POST kits/<int:pk>/dispense/": pgettext_lazy("log", "Hand out a kit"),
    "PUT needs/": pgettext_lazy("log", "Ask for medicines"),
    "PUT clinic-profiles/": pgettext_lazy("log", "Enter many clinic profiles"),
    "POST clinic-profiles/read/": pgettext_lazy("log", "Read a file of clinic profiles"),
    "PUT clinic-profiles/<str:place>/": pgettext_lazy("log", "Enter a clinic's profile"),
    "POST population-shifts/": pgettext_lazy("log", "Note who comes or goes"),
    "PUT population-shifts/": pgettext_lazy("log", "Enter many population shifts"),
    "POST population-shifts/read/": pgettext_lazy("log", "Read a file of population shifts"),
    "POST population-shifts/<int:pk>/end/": pgettext_lazy("log", "End a population shift"),
    "PUT interchangeable-medicines/": pgettext_lazy("log", "Set interchangeable medicines"),
    "POST plans/": pgettext_lazy("log", "Draft a plan"),
    "PATCH plans/<int:pk>/lines/<int:line>/": pgettext_lazy("log", "Change a plan's line"),
    "POST plans/<int:pk>/submit/": pgettext_lazy("log", "Submit a plan"),
    "POST plans/<int:pk>/approve/": pgettext_lazy("log", "Approve a plan"),
    "POST plans/<int:pk>/publish/": pgettext_lazy("log", "Publish a plan"),
    "POST plans/<int:pk>/recompute/": pgettext_lazy("log", "Compute a plan anew"),
    "POST plans/<int:pk>/cancel/": pgettext_lazy("log", "Cancel a plan"),
    "POST shipments/<int:pk>/dispatch/": pgettext_lazy("log", "Dispatch a shipment"),
    "POST shipments/<int:pk>/receive/": pgettext_lazy("log", "Receive a shipment"),
    "POST urgent-issues/": pgettext_lazy("log", "Issue urgently"),
    "POST urgent-issues/<int:pk>/countersign/": pgettext_lazy("log", "Countersign an urgent issue"),
    "POST returns/": pgettext_lazy("log", "Return stock"),
    "POST returns/<int:pk>/receive/": pgettext_lazy("log", "Receive a return"),
    "POST swaps/": pgettext_lazy("log", "Send a swap"),
    "POST local-uses/": pgettext_lazy("log", "Keep units for local use"),
    "PUT local-use-rules/": pgettext_lazy("log", "Set rules of local use"),
    "POST spot-checks/": pgettext_lazy("log", "Write a spot check"),
    "POST spot-checks/<int:pk>/rectify/": pgettext_lazy("log", "Put right what a spot check found"),
    "POST spot-checks/<int:pk>/close/": pgettext_lazy("log", "Close a spot check"),
    "PUT dispensing-limits/": pgettext_lazy("log", "Set limits of hand-outs"),
    "POST dispensing-registers/": pgettext_lazy("log", "Enter a paper register"),
    "POST dispensing-registers/read/": pgettext_lazy("log", "Read a paper register"),
    "POST dispensings/": pgettext_lazy("log", "Hand out medicines"),
    "POST dispensings/<int:pk>/reverse/": pgettext_lazy("log", "Reverse a hand-out"),
    # reports
    "POST bulletins/": pgettext_lazy("log", "Draft a bulletin"),
    "POST bulletins/closing/": pgettext_lazy("log", "Draft a closing account"),
    "POST bulletins/units/": pgettext_lazy("log", "Draft a report by unit"),
    "POST bulletins/<int:pk>/submit/": pgettext_lazy("log", "Submit a bulletin"),
    "POST bulletins/<int:pk>/correct/": pgettext_lazy("log", "Draft a correction"),
    "POST bulletins/<int:pk>/send-back/": pgettext_lazy("log", "Send a bulletin back"),
    "POST bulletins/<int:pk>/withdraw/": pgettext_lazy("log", "Withdraw a bulletin"),
    "POST bulletins/<int:pk>/publish/": pgettext_lazy("log", "Sign and publish a bulletin"),
    "POST bulletins/<int:pk>/stamped/": pgettext_lazy("log", "Attach the stamped paper"),
    "PUT daily-form/": pgettext_lazy("log", "Change the daily report's form"),
    "POST questions/<int:pk>/answer/": pgettext_lazy("log", "Answer a question"),
    "POST questions/<int:pk>/assign/": pgettext_lazy("log", "Assign a question"),
    "POST public/questions/": pgettext_lazy("log", "Ask a question"),
}
# Screens that no route of the API stands behind.
SCREENS: dict[str, Any] = {
    "POST here/": pgettext_lazy("log", "Choose one's place"),
    "POST language/setlang/": pgettext_lazy("log", "Choose a language"),
    "POST search/": pgettext_lazy("log", "Search everything"),
    "POST receipts/": pgettext_lazy("log", "Look up a receipt"),
}
# Screens with a route of their own, and what is done there: refusals at the door stand in the log by these.
SCREENS_OF = {
    "POST adverse-reactions/new/": "POST adverse-reactions/",
    "POST bulletins/new/": "POST bulletins/",
    "POST campaigns/<int:pk>/rhythm/": "PUT campaigns/<int:pk>/rhythm/",
    "POST campaigns/new/": "POST campaigns/",
    "POST clinic-profiles/enter/": "PUT clinic-profiles/",
    "POST clinic-profiles/set/": "PUT clinic-profiles/<str:place>/",
    "POST counties/<str:code>/questions/ask/": "POST public/questions/",
    "POST counts/<int:pk>/": "POST counts/<int:pk>/lines/",
    "POST counts/<int:pk>/found/": "POST counts/<int:pk>/lines/",
    "POST counts/new/": "POST counts/",
    "POST counts/<int:pk>/co-sign/": "POST auth/co-sign/",
    "POST daily-form/": "PUT daily-form/",
    "POST deputies/new/": "POST deputies/",
    "POST destructions/new/": "POST destructions/",
    "POST destructions/<int:pk>/co-sign/": "POST auth/co-sign/",
    "POST device-uses/new/": "POST device-uses/",
    "POST dispense/": "POST dispensings/",
    "POST dispensing-limits/set/": "PUT dispensing-limits/",
    "POST dispensing-registers/enter/": "POST dispensing-registers/",
    "POST donor-returns/new/": "POST donor-returns/",
    "POST donors/": "POST donors/find/",
    "POST donations/<int:pk>/items/<int:item>/photos/": "POST items/<int:pk>/photos/",
    "POST handovers/new/": "POST handovers/",
    "POST holds/new/": "POST holds/",
    "POST interchangeable-medicines/set/": "PUT interchangeable-medicines/",
    "POST kit-templates/new/": "POST kit-templates/",
    "POST kits/new/": "POST kits/",
    "POST labels/new/": "POST labels/",
    "POST local-use-rules/set/": "PUT local-use-rules/",
    "POST needs/ask/": "PUT needs/",
    "POST password/": "POST auth/password/",
    "POST people/<int:pk>/change/": "PATCH people/<int:pk>/",
    "POST people/<int:pk>/second-factor/": "POST people/<int:pk>/second-factor/end/",
    "POST people/<int:pk>/sign-out/": "POST people/<int:pk>/sign-ins/end/",
    "POST people/new/": "POST people/",
    "POST privacy-notice/set/": "PUT privacy-notice/",
    "POST people/enter/": "PUT people/",
    "POST holidays/new/": "POST holidays/",
    "POST pin/": "POST auth/pins/",
    "POST places/<str:code>/": "PATCH places/<str:code>/",
    "POST places/new/": "POST places/",
    "POST plans/<int:pk>/lines/<int:line>/": "PATCH plans/<int:pk>/lines/<int:line>/",
    "POST plans/new/": "POST plans/",
    "POST policies/": "PUT policies/",
    "POST population-shifts/enter/": "PUT population-shifts/",
    "POST population-shifts/new/": "POST population-shifts/",
    "POST products/new/": "POST products/",
    "POST recalls/new/": "POST recalls/",
    "POST second-factor/": "POST auth/otp/",
    "POST second-factor/confirm/": "POST auth/otp/confirm/",
    "POST sign-in/": "POST auth/login/",
    "POST sign-in/pin/": "POST auth/pin/",
    "POST sign-ins/<int:pk>/end/": "POST auth/sign-ins/<int:pk>/end/",
    "POST sign-ins/end-others/": "POST auth/sign-ins/end-others/",
    "POST sign-ins/entry-code/": "POST auth/sign-ins/entry-code/",
    "POST sign-out-everywhere/": "POST auth/sign-ins/end/",
    "POST sign-out/": "POST auth/logout/",
    "POST sorting-queue/<int:item>/": "POST sortings/",
    "POST sorting-queue/<int:item>/photos/": "POST items/<int:pk>/photos/",
    "POST spot-checks/new/": "POST spot-checks/",
    "POST swaps/send/": "POST swaps/",
    "POST unit-categories/save/": "POST unit-categories/",
    "POST urgent-issues/new/": "POST urgent-issues/",
    "POST work-units/enter/": "PUT work-units/",
    "POST work-units/save/": "POST work-units/",
}
# Reading who a donor is; other reading stands in the log only where it was refused.
READS: dict[str, Any] = {
    "GET donors/<int:pk>/": pgettext_lazy("log", "Read who a donor is"),
    "GET donors/<int:pk>/export/": pgettext_lazy("log", "Export a donor's data"),
    "GET donations/<int:pk>/receipt.pdf": pgettext_lazy("log", "Print a receipt"),
    "GET donor-returns/<int:pk>/slip.pdf": pgettext_lazy("log", "Print a return slip"),
    "GET roster.pdf": pgettext_lazy("log", "Print a roster"),
    "GET roster.xlsx": pgettext_lazy("log", "Export a roster"),
    "GET rosters/<int:pk>/collector/": pgettext_lazy("log", "Read who collected for a unit"),
}
# What the program does by itself.
SYSTEM: dict[str, Any] = {
    "manage.py housekeeping": pgettext_lazy("log", "Automatic housekeeping"),
    "manage.py add_county": pgettext_lazy("log", "Bring a county in"),
    "manage.py rotate_donor_key": pgettext_lazy("log", "Change the key of identities"),
    "manage.py confirm_alone": pgettext_lazy("log", "Confirm as the second person on the server"),
    "manage.py renew_password": pgettext_lazy("log", "Give a first password on the server"),
}
NAMES = {**ACTIONS, **SCREENS, **READS, **SYSTEM}
READ = pgettext_lazy("log", "Read")


def key_of(action: str) -> str:
    """The line of the table that an action of the log stands in: method and route without the API's own."""
    method, _space, route = action.partition(" ")
    key = f"{method} {route.removeprefix(BASE)}"
    return SCREENS_OF.get(key, key)


def action_name(action: str) -> Any:
    """What an action is called; "" for what has no name, which is no route of the program."""
    is_read = action.partition(" ")[0] in {"GET", "HEAD"}
    return NAMES.get(key_of(action)) or (READ if is_read else "")


def stored_alike(action: str) -> list[str]:
    """All actions by which the log may hold what is called like this one: the API's and the screens'."""
    key = key_of(action)
    meant = [key, *(screen for screen, same in SCREENS_OF.items() if same == key)]
    return sorted({action, *meant, *(each.replace(" ", f" {BASE}", 1) for each in meant)})


def named_actions() -> list[tuple[str, Any]]:
    """Every action with a name, as the log holds it, in the order of the table."""
    routes = {key.replace(" ", f" {BASE}", 1): words for key, words in {**ACTIONS, **READS}.items()}
    return [*routes.items(), *SCREENS.items(), *SYSTEM.items()]
