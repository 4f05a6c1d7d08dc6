"""Nothing that was written is lost when a session ends in the middle of a form: the words are shown again, and go on to
where they were meant for once their writer has signed in anew and says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from adapters.web.console.fields import fields_of, is_path_of_ours
from adapters.web.console.sessions import Sessions

if TYPE_CHECKING:
    from adapters.web.console.receive import Console

TO = "chorus-to"  # the field that names where the words were meant for: no form has one of that name
OF_A_SESSION = ("csrf", "once")  # fields that a new session writes anew
NOT_WORDS = (*OF_A_SESSION, "back", "form", "ref", "seen", "do", "sure", "chosen", TO)
MOST = 400  # fields
COMPOSER = "/console/compose"
WITH_WORDS = ("/console/form", "/console/bulk", COMPOSER)  # where people write


class Resume:
    def __init__(self, console: Console, sessions: Sessions) -> None:
        self._console = console
        self._sessions = sessions

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/again", self.again, methods=["POST"])

    def signed_out(self, request: Request, fields: FormData, target: str = "") -> Response:
        """What was written, for somebody who is signed in no longer."""
        if not self._sessions.is_from_here(request):
            return self._console.not_own(self._console.spoken(request))
        words = self._console.spoken(request)
        to_where = target or request.url.path
        if not to_where.startswith(WITH_WORDS):
            return self._sessions.to_sign_in(request)
        pairs = _pairs(fields)
        return self._console.render(
            "signed_out",
            words,
            words.t("You were signed out"),
            status=401,
            to=TO,
            target=to_where,
            had_pictures=to_where.startswith(COMPOSER),
            pairs=[(name, value) for name, value in pairs if name != TO],
            written=[value for name, value in pairs if name not in NOT_WORDS and value.strip()],
        )

    async def again(self, request: Request) -> Response:
        """Asks once, now that there is a session again; nothing is done yet."""
        fields = await fields_of(request, most=MOST) or FormData()
        target = str(fields.get(TO) or "")
        viewer = await self._sessions.viewer(request)
        if not (is_path_of_ours(target) and target.startswith(WITH_WORDS)) or not self._sessions.is_from_here(request):
            return self._console.not_own(self._console.spoken(request), viewer)
        if viewer is None:
            return self.signed_out(request, fields, target)
        pairs = [(name, value) for name, value in _pairs(fields) if name not in (*OF_A_SESSION, "back", TO)]
        return await self._console.shown(
            "again",
            viewer,
            viewer.words.t("Send what you wrote?"),
            back=str(fields.get("back") or "/console"),
            target=target,
            pairs=pairs,
            written=[value for name, value in pairs if name not in NOT_WORDS and value.strip()],
        )


def _pairs(fields: FormData) -> list[tuple[str, str]]:
    """Of what was written; files are not kept."""
    return [
        (name, value) for name, value in fields.multi_items() if isinstance(value, str) and name not in OF_A_SESSION
    ]
