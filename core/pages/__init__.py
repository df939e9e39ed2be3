"""What every screen is made of; docs/screens.md says how a new one is written."""

from core.pages.calls import Reply, ask, not_there
from core.pages.forms import Field, Form, body_of, one_of, spreadsheet_field
from core.pages.tables import Cell, Column
from core.pages.views import FormPage, ListPage, Page, StepPage

__all__ = [
    "Cell",
    "Column",
    "Field",
    "Form",
    "FormPage",
    "ListPage",
    "Page",
    "Reply",
    "StepPage",
    "ask",
    "body_of",
    "not_there",
    "one_of",
    "spreadsheet_field",
]
