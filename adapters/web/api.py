"""The API, `/api/v1`: content in, conversions in, facts, exports and people out. Bearer tokens with scopes; OpenAPI.

Every answer of a fault is `{"error": one sentence}`. Nothing here tells what a single person shared, asked or answered.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from fastapi import Depends, FastAPI, HTTPException, Path, Query, Request, Response, Security
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from starlette.exceptions import HTTPException as StarletteHTTPException

from adapters import tables
from adapters.exports import EXPORTS, Rows
from adapters.tables import MEDIA_TYPES
from adapters.web import bearer
from bot.core.db_executor import DbExecutor
from bot.features.digest.domain import facts as facting
from content.addresses import canonical, host_of, validate_url
from content.errors import NotAnAddress
from content.intake import LANGUAGES, new_post
from content.read_results import FeedEntry
from storage.audit import watch
from storage.database import Session
from storage.digest import digests
from storage.people import employees
from storage.people.employees import Employee
from storage.sharing import leads, posts
from storage.sharing.leads import LeadInput

MOST = 200  # of one request


def _address(value: str) -> str:
    try:
        return validate_url(value)
    except NotAnAddress as cause:
        raise ValueError("it is no web address") from cause


Address = Annotated[str, StringConstraints(min_length=8, max_length=2000), AfterValidator(_address)]


class ApiProblem(BaseModel):
    error: str


class NewPost(BaseModel):
    """A page that may be worth sharing. It becomes a draft; comms leads decide."""

    model_config = ConfigDict(extra="forbid")
    url: Address
    title: Annotated[str, StringConstraints(max_length=300, strip_whitespace=True)] = ""
    summary: Annotated[str, StringConstraints(max_length=1000, strip_whitespace=True)] = ""
    source: Annotated[str, StringConstraints(max_length=100, strip_whitespace=True)] = ""
    language: Literal["en", "fi"] = "en"
    topic: Annotated[str, StringConstraints(max_length=60, strip_whitespace=True)] = ""
    image_url: Address | None = None


class PostTaken(BaseModel):
    id: int
    state: str
    duplicate: bool


class Conversion(BaseModel):
    """One contact that came of a tracked link; `reference` is yours, so that none counts twice. No names, please."""

    model_config = ConfigDict(extra="forbid")
    reference: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    link: Annotated[str, StringConstraints(min_length=1, max_length=2000)] = Field(description="The link, or its code.")
    at: datetime


class Conversions(BaseModel):
    model_config = ConfigDict(extra="forbid")
    conversions: list[Conversion] = Field(max_length=MOST)


class ConversionsTaken(BaseModel):
    new: int
    of: int
    unknown: list[str]


class Person(BaseModel):
    id: int
    name: str
    email: str | None
    unit: str | None
    roles: list[str]
    language: str
    time_zone: str
    state: str


class People(BaseModel):
    people: list[Person]
    next: int | None = Field(description="What to give as `after` for the next page.")


_BEARER = HTTPBearer(auto_error=False, description="A token made with `chorus tokens new`.")
_FAULTS: dict[int | str, dict[str, Any]] = {
    400: {"model": ApiProblem, "description": "The body is no JSON"},
    401: {"model": ApiProblem, "description": "No such token, or a revoked one"},
    403: {"model": ApiProblem, "description": "The token's scopes do not reach that far"},
    404: {"model": ApiProblem, "description": "There is no such thing"},
    422: {"model": ApiProblem, "description": "Something in the request is not as it must be"},
}


def app(db_executor: DbExecutor, base_url: str, now: Callable[[], datetime]) -> FastAPI:
    """An app of its own, to be mounted at /api/v1."""
    api = FastAPI(
        title="Chorus",
        version="1",
        docs_url=None,
        redoc_url=None,
        responses=_FAULTS,
        servers=[{"url": f"{base_url}/api/v1"}],
        root_path_in_servers=False,
        description="Content in, conversions in, facts and exports out. Tokens: `chorus tokens new NAME --scope …`.",
    )
    _say_faults(api)

    def needs(scope: str) -> Any:
        async def check(
            found: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)] = None,
        ) -> None:
            said = f"{found.scheme} {found.credentials}" if found is not None else ""
            scopes = await bearer.scopes_of(db_executor, said, now())
            if scopes is None:
                raise HTTPException(401, "no such token", headers={"WWW-Authenticate": "Bearer"})
            if scope not in scopes:
                raise HTTPException(403, f"the token lacks the scope {scope}")

        return Depends(check)

    @api.post(
        "/posts",
        status_code=201,
        dependencies=[needs("content:write")],
        responses={200: {"model": PostTaken, "description": "It was known already"}},
    )
    async def take_post(post: NewPost, response: Response) -> PostTaken:
        """Bring a page as a draft. Known already, by its canonical address, it is not taken twice."""
        taken = await db_executor(lambda session: _take_post(session, post, now()))
        response.status_code = 200 if taken.duplicate else 201
        return taken

    @api.post("/conversions", dependencies=[needs("conversions:write")])
    async def take_conversions(body: Conversions) -> ConversionsTaken:
        """Count contacts that came of tracked links, each reference once."""
        told = [LeadInput(item.reference, _code(item.link), _aware(item.at)) for item in body.conversions]
        new, unknown = await db_executor(lambda session: leads.take(session, told))
        return ConversionsTaken(new=new, of=len(told), unknown=unknown)

    @api.get(
        "/facts/{week}",
        dependencies=[needs("facts:read")],
        response_class=Response,
        responses={200: {"content": {"application/json": {}}, "description": "The facts"}},
    )
    async def facts(week: Annotated[str, Path(pattern=r"^\d{4}-W\d{2}$", examples=["2026-W47"])]) -> Response:
        """The facts of a week as they were computed, or revised, last: what the digest was made from, without the words
        of questions."""
        row = await db_executor(lambda session: digests.of_week(session, week))
        if row is None:
            raise HTTPException(404, "no digest was computed for that week")
        told = facting.without_words(row.facts)
        return Response(told, media_type="application/json", headers={"X-Revision": str(row.revision)})

    @api.get("/facts", dependencies=[needs("facts:read")])
    async def weeks() -> dict[str, list[str]]:
        """The weeks that there are facts of, the newest first."""
        return {"weeks": await db_executor(lambda session: [row.week for row in digests.newest(session, 1000)])}

    @api.get(
        "/exports/{name}.{ending}",
        dependencies=[needs("exports:read")],
        response_class=Response,
        responses={200: {"content": {kind: {} for kind in MEDIA_TYPES.values()}, "description": "The file"}},
    )
    async def export(
        name: Literal["weeks", "posts", "channels", "units", "goals", "pulse", "events"],
        ending: Literal["csv", "xlsx", "json"],
        first: date | None = None,
        last: date | None = None,
    ) -> Response:
        """Sums as a file; small groups stand together. `first` and `last`: the days, or the Mondays of weeks, that it
        begins and ends with."""
        found = EXPORTS[name]

        def exported(session: Session) -> Rows:
            with watch.acting(session, None, "api"):
                watch.note(session, "figures exported", about=name)
            return found.within(session, now(), first, last)

        rows = await db_executor(exported)
        return Response(
            tables.content(ending, found.columns, rows),
            media_type=MEDIA_TYPES[ending],
            headers={"Content-Disposition": f'attachment; filename="chorus-{name}.{ending}"'},
        )

    @api.get("/people", dependencies=[needs("people:read")])
    async def people(
        after: Annotated[int, Query(ge=0, lt=2**31)] = 0, limit: Annotated[int, Query(ge=1, le=MOST)] = 100
    ) -> People:
        """Who is known, by id: name, unit, roles; nothing of what they did."""

        def read(session: Session) -> list[tuple[Employee, str | None]]:
            if not after:
                with watch.acting(session, None, "api"):
                    watch.note(session, "people read")
            return employees.page(session, after_id=after, limit=limit)

        rows = await db_executor(read)
        found = [
            Person(
                id=row.id,
                name=row.name,
                email=row.email,
                unit=unit,
                roles=row.roles,
                language=row.language,
                time_zone=row.time_zone,
                state=row.state,
            )
            for row, unit in rows
        ]
        return People(people=found, next=found[-1].id if len(found) == limit else None)

    return api


def _say_faults(api: FastAPI) -> None:
    @api.exception_handler(RequestValidationError)
    async def wrong(_request: Request, fault: RequestValidationError) -> JSONResponse:
        first = fault.errors()[0]
        place = ".".join(map(str, first["loc"]))
        status = 400 if first["type"] == "json_invalid" else 422
        return JSONResponse({"error": _sayable(f"{place}: {first['msg']}")}, status_code=status)

    @api.exception_handler(StarletteHTTPException)
    async def refused(_request: Request, fault: StarletteHTTPException) -> JSONResponse:
        return JSONResponse({"error": str(fault.detail)}, status_code=fault.status_code, headers=fault.headers)


def _sayable(words: str) -> str:
    return words.encode("utf-8", "replace").decode("utf-8")[:300]


def _take_post(session: Session, post: NewPost, now: datetime) -> PostTaken:
    known = posts.by_canonical_url(session, canonical(post.url))
    if known is not None:
        return PostTaken(id=known.id, state=known.state, duplicate=True)
    entry = FeedEntry(
        url=post.url,
        title=post.title,
        summary=post.summary,
        image_url=post.image_url,
        topic=post.topic,
        source=post.source or host_of(post.url),
        language=post.language if post.language in LANGUAGES else None,
    )
    row = new_post(session, entry, address=post.url, now=now)
    row.page_read = bool(post.title)
    session.flush()
    return PostTaken(id=row.id, state=row.state, duplicate=False)


def _code(link: str) -> str:
    return urlsplit(link).path.rpartition("/")[2] if "/" in link else link


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
