"""The question box as pages: what was asked and answered, and the form to ask."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.views.decorators.cache import never_cache

from core.errors import NotFound
from reports.errors import TooManyQuestions
from reports.pages.answers import for_methods, public_page, show
from reports.pages.languages import in_asked_language
from reports.queries import county_by_code
from reports.questions import answered_questions
from reports.questions_api import QuestionInput, ask

LISTED = 50


@public_page
def questions_page(request: HttpRequest, code: str) -> HttpResponse:
    """The latest answers of a county."""
    county = county_by_code(code)
    answered = answered_questions().filter(county=county)[:LISTED]
    return show("reports/questions.html", {"county": county, "questions": answered})


@never_cache
@for_methods("GET", "POST")
@in_asked_language
def ask_page(request: HttpRequest, code: str) -> HttpResponse:
    """The form; after asking, the number. A refusal keeps what was typed."""
    try:
        county = county_by_code(code)
    except NotFound:
        return show("reports/missing.html", status=404)
    text = request.POST.get("text", "")
    shown = {"csrf_token": get_token(request), "county": county, "text": text[:1000]}
    if request.method != "POST":
        return show("reports/ask.html", shown)
    form = QuestionInput(data={"county": county.pk, "text": text})
    if not form.is_valid():
        faults = [str(fault) for of_field in form.errors.values() for fault in of_field]
        return show("reports/ask.html", {**shown, "fault": " ".join(faults)}, status=400)
    try:
        asked = ask(request, "POST counties/questions/ask/", county, form.validated_data["text"])
    except TooManyQuestions as refusal:
        return show("reports/ask.html", {**shown, "fault": refusal.detail}, status=429)
    return show("reports/ask.html", {"county": county, "asked": asked}, status=201)
