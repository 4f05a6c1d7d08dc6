"""The week in full, as a card: what a model may rest on when it writes the week's summary."""

from __future__ import annotations

from bot.core.cards import Bold, Card, Element, Heading, card, text
from bot.core.cards import Facts as Pairs
from bot.core.factors import factor_names
from bot.core.i18n import Words
from bot.core.ports import Pictures
from bot.features.digest.cards import SHOWN, Issue, funnel_table, step_names, week_name, you_said
from bot.features.digest.domain import summary
from bot.features.digest.domain.facts import GoalFact, MentionFacts, PulseFacts, WeekFacts
from bot.features.framework.cards import metric_name, phase_name, verdict_name
from bot.features.pulse.domain.figures import figure, stage_name
from bot.features.sharing.handlers.results import reached_chart


def whole_card(issue: Issue, words: Words, pictures: Pictures) -> Card:
    facts = issue.facts
    title = week_name(facts, words)
    return card(
        title,
        Heading(title),
        text(issue.summary.get(words.language) or " ".join(summary.summary(facts, words))),
        text(summary.changed_line(issue.changed, step_names(words), words), subtle=True) if issue.changed else None,
        *_sharing(facts, words, pictures),
        *_goals(facts, words),
        *_pulse(facts.pulse, words),
        *_questions(facts, words),
        *_mentions(facts, words),
        *_learning(issue, words),
        *_ahead(facts, words),
    )


def _sharing(facts: WeekFacts, words: Words, pictures: Pictures) -> list[Element | None]:
    total = facts.total
    if not (total.nudged or total.opened or total.shared):
        return []
    names = step_names(words)
    found: list[Element | None] = [
        Heading(words.t("Sharing")),
        Pairs(
            tuple(
                (names[name], words.number(getattr(total, name))) for name in ("nudged", "opened", "shared", "clicks")
            )
        ),
        reached_chart(facts.reached, words, pictures) if facts.reached is not None else None,
    ]
    if facts.posts:
        found.append(funnel_table(words.t("Post"), facts.posts[:SHOWN], words))
    small = words.t("small units combined")
    for title, rows in ((words.t("Channel"), facts.channels), (words.t("Unit"), facts.units)):
        if rows:
            listed = "; ".join(f"{row.label or small} {words.number(row.shared)}" for row in rows[:SHOWN])
            found.append(text(Bold(f"{title}, {words.t('shares')}: "), listed))
    if total.shared:
        found.append(
            text(
                words.t(
                    "{own} of {shares} shares were in people’s own words.",
                    own=words.number(facts.own_words),
                    shares=words.number(total.shared),
                ),
                subtle=True,
            )
        )
    return found


def _goals(facts: WeekFacts, words: Words) -> list[Element | None]:
    if not facts.goals:
        return []
    pairs = []
    for goal in facts.goals:
        pairs.append((goal.name, _goal_line(goal, words)))
    return [Heading(words.t("Goals")), Pairs(tuple(pairs))]


def _goal_line(goal: GoalFact, words: Words) -> str:
    """How far it is, where it is heading, and within which bounds in 8 cases out of 10."""
    verdict, what = verdict_name(goal.verdict, words), metric_name(goal.metric, words)
    if goal.now is None:
        return f"{what}: {verdict}."
    now, target = words.number(goal.now), words.number(goal.target)
    if goal.low is None or goal.high is None:
        return words.t("{now} of {target} {what}: {verdict}.", now=now, target=target, what=what, verdict=verdict)
    return words.t(
        "{now} of {target} {what}: {verdict}, in 8 cases out of 10 between {low} and {high} in the end.",
        now=now,
        target=target,
        what=what,
        verdict=verdict,
        low=words.number(goal.low),
        high=words.number(goal.high),
    )


def _pulse(pulse: PulseFacts, words: Words) -> list[Element | None]:
    if not pulse.factors:
        return []
    names = factor_names(words)
    pairs = tuple(
        (names[item.factor], f"{figure(item, words)} · {stage_name(item.stage, words)}") for item in pulse.factors
    )
    whole = stage_name(pulse.overall, words)
    said = words.t(
        "Overall: {stage}. Your weakest area sets the level, because the others can’t make up for it.", stage=whole
    )
    return [Heading(words.t("Pulse")), Pairs(pairs), text(said) if pulse.overall else None, *you_said(pulse, words)]


def _questions(facts: WeekFacts, words: Words) -> list[Element | None]:
    found = facts.questions
    if not (found.asked or found.answered or found.waiting):
        return []
    pairs = list[tuple[str, str]]()
    if found.median_hours is not None:
        hours = words.t("{hours} hours", hours=words.number(found.median_hours))
        pairs.append((words.t("Typical time to answer"), hours))
    if found.in_time is not None:
        part, whole = found.in_time
        pairs.append((words.t("Answered on time"), words.t("{part} of {whole}", part=part, whole=whole)))
    body: list[Element | None] = [
        Heading(words.t("Questions")),
        text(_asked_line(found.asked, found.answered, found.waiting, words)),
        Pairs(tuple(pairs)) if pairs else None,
    ]
    for asked, times in found.missing:
        many = words.n("Asked {count} time, with no saved answer:", "Asked {count} times, with no saved answer:", times)
        body.append(text(Bold(many), f" {asked}"))
    for item in found.open[:2]:
        late = f" · {words.t('overdue')}" if item.is_overdue else ""
        body.append(text(Bold(words.t("Waiting: ")), item.text, late))
    return body


def _asked_line(asked: int, answered: int, waiting: int, words: Words) -> str:
    said = [words.n("People asked {count} question.", "People asked {count} questions.", asked)] if asked else []
    if answered:
        said.append(words.n("{count} was answered.", "{count} were answered.", answered))
    if waiting:
        said.append(words.n("{count} is waiting.", "{count} are waiting.", waiting))
    return " ".join(said)


def _heard_line(found: MentionFacts, words: Words) -> str:
    """The number of mentions, in all and by tone."""
    neutral = found.heard - found.negative - found.positive
    tones = [
        (found.positive, words.t("{count} positive", count=words.number(found.positive))),
        (found.negative, words.t("{count} negative", count=words.number(found.negative))),
        (neutral, words.t("{count} neutral", count=words.number(neutral))),
    ]
    said = words.n("We heard {count} mention", "We heard {count} mentions", found.heard)
    return f"{said}: {', '.join(tone for number, tone in tones if number)}."


def _mentions(facts: WeekFacts, words: Words) -> list[Element | None]:
    found = facts.mentions
    if not found.heard:
        return []
    pairs = list[tuple[str, str]]()
    if found.waiting:
        pairs.append((words.t("Still waiting"), words.number(found.waiting)))
    if found.in_time is not None:
        part, whole = found.in_time
        pairs.append((words.t("Handled on time"), words.t("{part} of {whole}", part=part, whole=whole)))
    return [
        Heading(words.t("Mentions")),
        text(_heard_line(found, words)),
        Pairs(tuple(pairs)) if pairs else None,
    ]


def _learning(issue: Issue, words: Words) -> list[Element | None]:
    facts = issue.facts
    body: list[Element | None] = [Heading(words.t("What we’ve learned"))]
    for finding in facts.findings:
        line = f": {summary.finding_line(finding, words)}"
        body.append(text(Bold(summary.finding_name(finding.kind, words)), line))
    if not facts.findings:
        body.append(text(words.t("It’s too early to tell what works: there have been too few shares and nudges.")))
    if (effect := facts.effect) is not None:
        said = words.t(
            "People shared in {with_nudges}% of weeks with nudges and {without}% of weeks without. The "
            "real difference is very likely {low} to {high} percentage points.",
            with_nudges=words.number(effect.with_nudges),
            without=words.number(effect.without),
            low=words.number(effect.low),
            high=words.number(effect.high),
        )
        verdict = "" if effect.is_known else " " + words.t("It’s too early to tell whether nudges make a difference.")
        body.append(text(Bold(words.t("Do nudges work? ")), said + verdict))
    elif facts.effect_on is not None:
        when = words.t(
            "I look at this once a year, so that chance isn’t taken for an effect. The next time is {day}.",
            day=words.date(facts.effect_on),
        )
        body.append(text(Bold(words.t("Do nudges work? ")), when))
    return body


def _ahead(facts: WeekFacts, words: Words) -> list[Element | None]:
    body: list[Element | None] = []
    if facts.coming:
        rows = "; ".join(f"{words.day(item.start)} {item.name}" for item in facts.coming[:SHOWN])
        body += [Heading(words.t("Coming up")), text(rows)]
    judged = [unit for unit in facts.rollout if unit.of is not None]
    if judged:
        pairs = tuple(
            (
                unit.name,
                f"{phase_name(unit.phase, words)} · "
                + words.t("{part} of {whole} conditions met", part=unit.holds, whole=unit.of),
            )
            for unit in judged[:SHOWN]
        )
        body.append(Pairs(pairs))
    return body
