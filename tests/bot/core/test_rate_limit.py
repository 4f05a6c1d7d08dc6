"""One person's flood: let pass unheard, told once, and nobody else notices."""

from __future__ import annotations

from collections import Counter

from bot.core.application import Application
from bot.core.events import Command, Event, Pressed, Submitted
from bot.core.rate_limit import BURST, HEARD, RateLimiter, Verdict
from tests.stage import WORKSPACE, Stage


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def pressed(user: str, number: int) -> Event:
    return Pressed(
        workspace=WORKSPACE,
        user=user,
        address=f"{WORKSPACE}:{user}",
        keys=(f"{user}{number}",),
        action="show.help",
        ref=0,
    )


def test_a_thousand_commands_a_minute() -> None:
    clock = Clock()
    flood, heard, told = RateLimiter(clock=clock), Counter[str](), Counter[str]()
    for number in range(1000):
        clock.now = number * 0.06
        for user in ("flooder", *(["aino"] if number % 100 == 0 else [])):
            verdict = flood.hear(pressed(user, number))
            heard[user] += verdict.is_heard
            told[user] += verdict.tells
    assert heard == {"flooder": BURST + 59, "aino": 10}
    assert told == {"flooder": 1, "aino": 0}


def test_it_is_over_when_it_is_over() -> None:
    clock = Clock()
    flood = RateLimiter(burst=4, clock=clock)
    assert [flood.hear(pressed("a", number)) for number in range(6)] == [
        *[HEARD] * 4,
        Verdict(is_heard=False, tells=True),
        Verdict(is_heard=False),
    ]
    clock.now = 100.0
    assert [flood.hear(pressed("a", number)).is_heard for number in range(4)] == [True] * 4
    assert flood.hear(pressed("a", 5)) == Verdict(is_heard=False, tells=True)  # another flood, told anew


def test_what_was_written_is_never_dropped() -> None:
    flood = RateLimiter(burst=1, clock=Clock())
    form = Submitted(workspace=WORKSPACE, user="a", address="a", keys=("k",), form="question_new", ref=0, values={})
    assert all(flood.hear(form) == HEARD for _ in range(100))


def test_the_memory_is_bounded() -> None:
    clock = Clock()
    flood = RateLimiter(clock=clock)
    for number in range(250_000):
        clock.now = number / 1000  # the oldest have been quiet for long enough to be forgotten
        flood.hear(pressed(f"u{number}", 0))
    assert len(flood._people) <= 100_000


def test_in_the_shell_the_flooder_is_told_once_and_the_others_are_answered(stage: Stage) -> None:
    for user in ("flooder", "aino"):
        stage.hires(user)
    shell = Application(stage.dependencies, outbox=stage.deliverer, flood=RateLimiter(clock=Clock()))

    async def flooding() -> None:
        for number in range(300):
            answer = await shell.handle(
                Command(
                    workspace=WORKSPACE,
                    user="flooder",
                    address=f"{WORKSPACE}:flooder",
                    keys=(f"f{number}",),
                    name="help",
                )
            )
            if answer.sending is not None:
                await answer.sending
        for number in range(5):
            await shell.handle(
                Command(
                    workspace=WORKSPACE, user="aino", address=f"{WORKSPACE}:aino", keys=(f"a{number}",), name="help"
                )
            )
        await shell.close()

    stage.run(flooding())
    assert len(stage.sees("flooder")) == BURST + 1
    assert sum("too fast for me" in said for said in stage.sees("flooder")) == 1
    assert len(stage.sees("aino")) == 5
