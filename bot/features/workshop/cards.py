"""What people see of a workshop: one factor at a time, what was grouped, the outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.core.cards import (
    Bold,
    Button,
    Card,
    Choice,
    Element,
    Facts,
    Form,
    Heading,
    Option,
    Quote,
    TextField,
    actions,
    card,
    text,
)
from bot.core.factors import FACTORS, factor_names
from bot.core.factors import actions as first_actions
from bot.core.i18n import Words
from bot.features.workshop.domain.outcome import Maturity, Outcome, described, stage
from storage.people.employees import Employee
from storage.people.organisation import Unit
from storage.workshop.workshops import (
    Commitment,
    CommitmentState,
    Need,
    NeedGroup,
    NeedKind,
    Proposal,
    ProposalKind,
    Workshop,
    WorkshopState,
)

VOTES = 3  # of each person
SHOWN = 12
GROUPS = 24  # of a card
MAX_NEED, MAX_COMMITMENT = 300, 300  # characters
WEEKS = ("1", "2", "4", "8", "13")
Errors = tuple[tuple[str, str], ...]


def lead_card(
    going_on: Sequence[tuple[Workshop, int]], closed: Sequence[Workshop], units: Sequence[Unit], words: Words
) -> Card:
    """Workshops with how many took part, and the units for which one can be opened."""
    title = words.t("Workshops")
    intro = words.t(
        "Needs and expectations come first: the next steps grow out of them. Everybody answers "
        "alone, and sees the others’ answers only once you start the voting."
    )
    body: list[Element] = [Heading(title), text(intro, subtle=True)]
    for row, people in going_on:
        part = words.n("{count} person took part", "{count} people took part", people)
        body += [
            text(Bold(row.unit.name), f" · {state_name(row.state, words)} · {part}"),
            actions(
                Button(words.t("Group and start voting"), "workshop.vote_now", row.id, "primary")
                if row.state == WorkshopState.COLLECTING
                else Button(words.t("Close the workshop"), "workshop.close", row.id, "primary"),
                Button(words.t("See the groups"), "workshop.groups", row.id)
                if row.state == WorkshopState.VOTING
                else None,
                Button(words.t("Take part"), "workshop.join", row.id),
            ),
        ]
    for row in closed[:SHOWN]:
        day = words.day(row.closed_at) if row.closed_at else ""
        body += [
            text(Bold(row.unit.name), f" · {words.t('closed on {day}', day=day)}"),
            actions(Button(words.t("See the outcome"), "workshop.outcome", row.id)),
        ]
    if units:
        body.append(text(words.t("Open a workshop for:")))
        body.append(actions(*(Button(unit.name, "workshop.open", unit.id) for unit in units[:SHOWN])))
    return card(title, *body)


def participant_card(row: Workshop, mine: Sequence[Need], rated: Mapping[str, int], words: Words) -> Card:
    """What the person has said, and the next factor to rate; nobody else's words or ratings."""
    title = words.t("Workshop: {unit}", unit=row.unit.name)
    body: list[Element] = [Heading(title)]
    if row.opened_by is not None:
        body.append(
            text(
                words.t(
                    "{name} asks what you need and expect, so that social media works for you here.",
                    name=row.opened_by.name,
                )
            )
        )
    body += [text(Bold(f"{kind_name(need.kind, words)}: "), need.text) for need in mine]
    body.append(
        actions(
            Button(words.t("Add a need…"), "workshop.need", row.id, "plain" if mine else "primary"),
            Button(words.t("Add an expectation…"), "workshop.expectation", row.id),
        )
    )
    names = factor_names(words)
    following = next((factor for factor in FACTORS if factor not in rated), None)
    if following is not None:
        body.append(
            Heading(
                words.t(
                    "How far are we? {number} of {total}: {factor}",
                    number=len(rated) + 1,
                    total=len(FACTORS),
                    factor=names[following],
                )
            )
        )
        body += [text(Bold(f"{level} "), line) for level, line in enumerate(described(following, words))]
        body.append(actions(*(Button(str(level), f"workshop.rate_{following}_{level}", row.id) for level in range(5))))
    else:
        body.append(text(words.t("Thank you – you’ve rated all eight areas. You can still add needs.")))
        body.append(actions(Button(words.t("Rate again"), "workshop.again", row.id)))
    note = words.t(
        "What you write is shown without your name; where only a few take part, others may guess who wrote it. "
        "Ratings are shown only as a typical score and a range, and only once five people have rated."
    )
    return card(title, *body, text(note, subtle=True))


def voting_card(row: Workshop, chosen: set[int], words: Words) -> Card:
    """The groups, with up to three votes; how others vote is not shown."""
    title = words.t("What matters most? {unit}", unit=row.unit.name)
    left = VOTES - len(chosen)
    body: list[Element] = [
        Heading(title),
        text(words.n("You have {count} vote left.", "You have {count} votes left.", left), subtle=True),
    ]
    for group in row.groups[:GROUPS]:
        is_mine = group.id in chosen
        label = words.t("Take back my vote") if is_mine else words.t("Vote")
        said = words.n("said {count} time", "said {count} times", len(group.needs))
        body.append(text(Bold(("✓ " if is_mine else "") + group.name), f" · {said}"))
        if is_mine or left > 0:
            body.append(actions(Button(label, "workshop.unvote" if is_mine else "workshop.vote", group.id)))
    if (more := len(row.groups) - GROUPS) > 0:
        body.append(
            text(
                words.n("{count} more group doesn’t fit here.", "{count} more groups don’t fit here.", more),
                subtle=True,
            )
        )
    return card(title, *body)


def groups_card(row: Workshop, words: Words) -> Card:
    """For the lead: what stands together, to be renamed or merged while people vote."""
    title = words.t("Groups: {unit}", unit=row.unit.name)
    body: list[Element] = [Heading(title)]
    for group in row.groups[:GROUPS]:
        body += [
            text(Bold(group.name)),
            text(" / ".join(need.text for need in group.needs)[:500], subtle=True),
            actions(Button(words.t("Rename or merge…"), "workshop.rename", group.id)),
        ]
    if (more := len(row.groups) - GROUPS) > 0:
        said = words.n(
            "{count} more group doesn’t fit here. Merge similar ones to make room.",
            "{count} more groups don’t fit here. Merge similar ones to make room.",
            more,
        )
        body.append(text(said, subtle=True))
    return card(title, *body, actions(Button(words.t("Back"), "show.workshop")))


def outcome_card(
    row: Workshop,
    found: Outcome,
    facts: Mapping[str, str],
    proposals: Sequence[Proposal],
    promised: Sequence[Commitment],
    words: Words,
    *,
    is_lead: bool,
) -> Card:
    """Needs, maturity with its spread and the fact beside it, what is proposed, and who promised what."""
    title = words.t("Outcome of the workshop: {unit}", unit=row.unit.name)
    names = factor_names(words)
    part = words.n("{count} person took part.", "{count} people took part.", found.participants)
    body: list[Element] = [Heading(title), text(part)]
    if found.needs:
        body.append(Heading(words.t("Needs and expectations")))
        body += [
            text(Bold(group.name), " · " + words.n("{count} vote", "{count} votes", votes))
            for group, votes in found.needs[:SHOWN]
        ]
    body.append(Heading(words.t("Where we are now")))
    body.append(Facts(tuple((names[item.factor], _maturity_line(item, facts, words)) for item in found.maturity)))
    if found.overall is not None:
        whole = words.t(
            "Overall: {level}. Your weakest area sets the level, because the others can’t make up for it.",
            level=words.number(found.overall),
        )
        body.append(text(Bold(whole)))
    body += _proposed(proposals, words, is_lead=is_lead)
    body += _promised(promised, words)
    body.append(actions(Button(words.t("Make a promise…"), "workshop.commit", row.id)))
    return card(title, *body)


def close_workshop_card(row: Workshop, people: int, words: Words) -> Card:
    """Asks for confirmation: the outcome goes to everybody who took part."""
    question = words.t("Close the workshop of {unit}?", unit=row.unit.name)
    return card(
        question,
        Heading(question),
        text(
            words.n(
                "{count} person took part and will get the outcome. Nothing can be added after that.",
                "{count} people took part and will get the outcome. Nothing can be added after that.",
                people,
            )
        ),
        actions(
            Button(words.t("Yes, close it"), "workshop.close_now", row.id, "primary"),
            Button(words.t("Keep it open"), "show.workshop"),
        ),
    )


def none_card(words: Words) -> Card:
    title = words.t("Workshop")
    return card(title, text(words.t("There’s no workshop in your unit right now. A comms lead can open one.")))


def need_form(row: Workshop, kind: NeedKind, words: Words, errors: Errors = ()) -> Form:
    label = {
        NeedKind.NEED: words.t("What do you need to take part, or to do your job well?"),
        NeedKind.EXPECTATION: words.t("What do you expect from us on social media?"),
    }[kind]
    field = TextField(
        "text",
        label,
        multiline=True,
        required=True,
        max_length=MAX_NEED,
        hint=words.t("One thing at a time. It’s shown without your name."),
    )
    return Form(
        f"workshop_{kind}", row.id, words.t("Workshop"), (field,), words.t("Add"), words.t("Cancel"), errors=errors
    )


def group_form(group: NeedGroup, others: Sequence[NeedGroup], words: Words, errors: Errors = ()) -> Form:
    options = (Option("-", words.t("None")), *(Option(str(other.id), other.name[:75]) for other in others))
    fields = (
        TextField("name", words.t("Name"), group.name, required=True, max_length=80),
        Choice("into", words.t("Merge into"), options[:100], value="-"),
    )
    return Form(
        "workshop_group",
        group.id,
        words.t("Rename or merge"),
        fields,
        words.t("Save"),
        words.t("Cancel"),
        intro=tuple(Quote(need.text) for need in group.needs[:10]),
        errors=errors,
    )


def commitment_form(
    row: Workshop, people: Sequence[Employee], who: int, words: Words, *, said: str = "", errors: Errors = ()
) -> Form:
    fields = (
        Choice(
            "who",
            words.t("Who promises?"),
            tuple(Option(str(person.id), person.name) for person in people[:100]),
            value=str(who),
        ),
        TextField("text", words.t("What"), said, multiline=True, required=True, max_length=MAX_COMMITMENT),
        Choice(
            "weeks",
            words.t("By when"),
            tuple(Option(weeks, words.n("In {count} week", "In {count} weeks", int(weeks))) for weeks in WEEKS),
            value="4",
        ),
        Choice(
            "sponsor",
            words.t("Role"),
            (Option("no", words.t("Participant")), Option("yes", words.t("Sponsor (leads the unit)"))),
            value="no",
        ),
    )
    return Form(
        "commitment",
        row.id,
        words.t("Make a promise"),
        fields,
        words.t("Promise"),
        words.t("Cancel"),
        errors=errors,
    )


def commitment_card(item: Commitment, words: Words) -> Card:
    """On the day it is due: was it kept?"""
    title = words.t("You made a promise")
    buttons = actions(
        Button(words.t("I kept it"), "commitment.kept", item.id, "primary"),
        Button(words.t("I didn’t keep it"), "commitment.not_kept", item.id),
        Button(words.t("Ask me in a week"), "commitment.later", item.id),
    )
    unit = item.workshop.unit.name
    note = words.t("From the workshop in {unit}, due {day}.", unit=unit, day=words.date(item.due))
    said = {
        CommitmentState.KEPT: words.t("Promise kept. Thank you!"),
        CommitmentState.NOT_KEPT: words.t("Not kept this time. The outcome will say so."),
    }
    return card(
        title,
        Heading(title),
        Quote(item.text),
        text(note, subtle=True),
        text(said[item.state]) if item.state in said else buttons,
    )


def kind_name(kind: str, words: Words) -> str:
    return words.t("Need") if kind == NeedKind.NEED else words.t("Expectation")


def state_name(state: WorkshopState, words: Words) -> str:
    return {
        WorkshopState.COLLECTING: words.t("collecting answers"),
        WorkshopState.VOTING: words.t("voting"),
        WorkshopState.CLOSED: words.t("closed"),
    }[state]


def _maturity_line(item: Maturity, facts: Mapping[str, str], words: Words) -> str:
    if item.level is None:
        said = words.t("too few answers yet")
    else:
        said = words.t(
            "{level} (answers from {low} to {high})", level=words.number(item.level), low=item.low, high=item.high
        )
        if item.is_disputed:
            said += " · " + words.t("people see this very differently: talk about it")
        if item.before is not None:
            said += " · " + words.t("last time {level}", level=words.number(item.before))
        said += f" · {described(item.factor, words)[stage(item.level) or 0]}"
    fact = facts.get(item.factor)
    return f"{said} · {words.t('today: {fact}', fact=fact)}" if fact else said


def _proposed(proposals: Sequence[Proposal], words: Words, *, is_lead: bool) -> list[Element]:
    if not proposals:
        return []
    body: list[Element] = [Heading(words.t("Next steps"))]
    names = factor_names(words)
    for item in proposals:
        made = f"✓ {words.t('done')} · " if item.made else ""
        if item.kind == ProposalKind.GOAL:
            said = goal_name(item.factor, words)
            label = words.t("Make it a goal")
        else:
            texts = first_actions()[item.factor]["action"]
            said, label = texts.get(words.language) or texts["en"], words.t("I’ll do it")
        body.append(text(Bold(f"{made}{names[item.factor]}: "), said))
        if is_lead and not item.made:
            body.append(actions(Button(label, "workshop.make", item.id)))
    return body


def goal_name(factor: str, words: Words) -> str:
    return {
        "goals": words.t("We know what we want to reach"),
        "audiences_channels": words.t("People read what we share"),
        "activities": words.t("There is always something good to share"),
        "ownership": words.t("Questions get answered on time"),
        "listening": words.t("We respond on time to what’s said about us"),
        "participation": words.t("More of us share in our own words"),
        "measurement": words.t("We see what our shares lead to"),
        "learning_culture": words.t("We learn from each other"),
    }[factor]


def _promised(promised: Sequence[Commitment], words: Words) -> list[Element]:
    if not promised:
        return []
    signs = {CommitmentState.KEPT: "✓", CommitmentState.NOT_KEPT: "✗"}
    body: list[Element] = [Heading(words.t("Promises"))]
    for item in promised[: 2 * SHOWN]:
        sponsor = f" ({words.t('sponsor')})" if item.is_sponsor else ""
        line = f": {item.text} · {words.t('by {day}', day=words.date(item.due))}"
        body.append(text(f"{signs.get(item.state, '○')} ", Bold(f"{item.person.name}{sponsor}"), line))
    return body
