"""The tour of the playground: what it says at each step, what it points at, and which press ends the step."""

from __future__ import annotations

from typing import Any

from bot.core.i18n import Words

LEAD, EMPLOYEE = "laura", "aino"


def tour_steps(words: Words) -> list[dict[str, Any]]:
    """As the page's script has them: `find` is pointed at in the pane of `user`, in a card
    `having` those words; `until` are presses that end the step;
    `label` names a button of the step's own, which says `say` there, or has somebody read what was posted."""
    steps: list[dict[str, Any]] = [
        {
            "user": LEAD,
            "said": words.t("You’re Laura, who leads communications. Look at a draft in her chat, and approve it."),
            "find": '[data-action="review.approve"]',
            "having": words.language_name(words.language),  # a draft in the language of the page
            "until": ["review.approve"],
        },
        {
            "user": EMPLOYEE,
            "said": words.t("A few seconds later Aino gets a nudge. Nothing is shared for her: press “Share…”."),
            "find": '[data-action="share.open"]',
            "until": ["share.open"],
        },
        {
            "user": EMPLOYEE,
            "said": words.t("Choose a starter or write your own words, get your text, and say that you posted it."),
            "find": '.form button.primary, [data-action="share.posted"]',
            "until": ["share.posted"],
        },
        {
            "user": EMPLOYEE,
            "said": words.t("Now somebody follows the link in Aino’s post. Be that reader."),
            "label": words.t("Read it as a follower"),
            "wrong": words.t("There’s nothing to read yet: Aino hasn’t posted anything, or only just now."),
        },
        {
            "user": LEAD,
            "said": words.t("And what came of it? Laura sees sums, never who did what. Aino sees her own."),
            "label": words.t("Show the results"),
            "say": "/chorus results",
        },
        {
            "user": LEAD,
            "said": words.t("That’s the main thing. The console has the rest: the week, the plan, the culture."),
            "label": words.t("Get a link to the console"),
            "say": "/chorus console",
        },
    ]
    whole = len(steps)
    for number, step in enumerate(steps, 1):
        step["number"] = words.t("{part} of {whole}", part=number, whole=whole)
    return steps
