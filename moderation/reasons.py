"""Why a comment is hidden: codes that moderators pick from, and the categories of the
statements of reasons under the EU's Digital Services Act (the Transparency Database's
second schema) that they stand for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

Category = Literal[
    "animal_welfare",
    "consumer_information",
    "cyber_violence",
    "cyber_violence_against_women",
    "data_protection_and_privacy_violations",
    "illegal_or_harmful_speech",
    "intellectual_property_infringements",
    "negative_effects_on_civic_discourse_or_elections",
    "other_violation_tc",
    "protection_of_minors",
    "risk_for_public_security",
    "scams_and_fraud",
    "self_harm",
    "unsafe_and_prohibited_products",
    "violence",
]


@dataclass(frozen=True, slots=True)
class Reason:
    """`code` is what is stored with a decision, `label` what a moderator reads."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    code: str
    label: str
    category: Category = "other_violation_tc"

    @property
    def statement(self) -> str:
        """The category as a statement of reasons spells it."""
        return f"STATEMENT_CATEGORY_{self.category.upper()}"


#: What comes up in comments, the most usual first.
DEFAULT_REASONS = (
    Reason("insult", "Insult or name-calling", "illegal_or_harmful_speech"),
    Reason("hate", "Hatred against a group", "illegal_or_harmful_speech"),
    Reason("harassment", "Harassment of a person", "cyber_violence"),
    Reason("threat", "Threat or call for violence", "violence"),
    Reason("sexual", "Sexual content", "other_violation_tc"),
    Reason("minors", "Danger to a minor", "protection_of_minors"),
    Reason("self-harm", "Self-harm or suicide", "self_harm"),
    Reason("privacy", "Somebody's private data", "data_protection_and_privacy_violations"),
    Reason("fraud", "Scam or fraud", "scams_and_fraud"),
    Reason("falsehood", "Falsehood about public matters",
           "negative_effects_on_civic_discourse_or_elections"),
    Reason("spam", "Spam or advertising", "other_violation_tc"),
)  # fmt: skip
