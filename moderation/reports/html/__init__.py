"""`html`: the page, its plots, and markup that cannot be injected."""

from moderation.reports.html.page import HtmlReport

__all__ = ["HtmlReport"]
