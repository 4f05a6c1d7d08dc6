"""The model as a file: YAML in, with every mistake at its line and column; YAML out, the same for the same model.

Anchors and aliases are not taken (a few lines of them can stand for gigabytes), nor are files over a megabyte.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from pydantic import ValidationError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bot.features.framework.domain.model import SECTIONS, Framework
from bot.features.framework.domain.rules import Place, Problem

MOST_BYTES = 1024 * 1024
DEEPEST = 20
SCHEMA_LINE = "# yaml-language-server: $schema=framework.schema.json\n"


@dataclass(frozen=True, slots=True)
class Mistake:
    """`line` and `column` begin at 1."""

    line: int
    column: int
    what: str
    instead: str = ""

    def __str__(self) -> str:
        write = f" Write: {self.instead}." if self.instead else ""
        return f"line {self.line}, column {self.column}: {self.what}.{write}"


class BadFile(Exception):
    """The file cannot be taken; `mistakes` are all that were found, in the order of the file."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        self.mistakes = sorted(mistakes, key=lambda mistake: (mistake.line, mistake.column))
        super().__init__("\n".join(map(str, self.mistakes)))


@dataclass(frozen=True, slots=True)
class Read:
    """A model and where each of its parts stands."""

    model: Framework
    lines: dict[Place, tuple[int, int]]

    def mistakes(self, problems: list[Problem]) -> list[Mistake]:
        return [Mistake(*_nearest(self.lines, item.place), item.what, item.instead) for item in problems]


def read(body: bytes) -> Read:
    """Raises BadFile."""
    if len(body) > MOST_BYTES:
        raise BadFile(
            [
                Mistake(
                    1,
                    1,
                    f"the file has {len(body):,} bytes, and a model needs less than a megabyte",
                    "only the model into it",
                )
            ]
        )
    try:
        text = body.decode("utf-8-sig")
        _check_structure(text)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except UnicodeDecodeError as fault:
        raise BadFile([Mistake(1, 1, f"it is no UTF-8 from byte {fault.start} on", "the file in UTF-8")]) from fault
    except yaml.YAMLError as fault:
        raise BadFile([_syntax(fault)]) from fault
    lines: dict[Place, tuple[int, int]] = {(): (1, 1)}
    mistakes: list[Mistake] = []
    value = {} if root is None else _value(root, (), lines, mistakes)
    if mistakes:
        raise BadFile(mistakes)
    try:
        return Read(Framework.model_validate(value), lines)
    except ValidationError as fault:
        raise BadFile([_mistake(error, lines) for error in fault.errors()]) from fault


def write(model: Framework) -> str:
    """The file that `read` reads as `model`: sections in order, what is as by default left out."""
    value: dict[str, Any] = {"version": model.version}
    for section in SECTIONS:
        if parts := [part.written() for part in getattr(model, section)]:
            value[section] = parts
    return SCHEMA_LINE + yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=100)


def _check_structure(text: str) -> None:
    """Refuses aliases, which could stand for gigabytes, and nesting, before any of it is built."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise BadFile([Mistake(*_at(event.start_mark), "it is nested too deeply", "at most a few levels")])
        anchor = getattr(event, "anchor", None)
        if anchor is not None:
            raise BadFile(
                [
                    Mistake(
                        *_at(event.start_mark),
                        f"anchors and aliases (&{anchor}) are not taken",
                        "the value itself, each time",
                    )
                ]
            )


def _value(node: Node, place: Place, lines: dict[Place, tuple[int, int]], mistakes: list[Mistake]) -> Any:
    """The plain value of a node: scalars as by YAML's safe loader, dates as text, for pydantic to validate."""
    lines[place] = _at(node.start_mark)
    match node:
        case MappingNode():
            return dict(_pairs(node, place, lines, mistakes))
        case SequenceNode():
            return [_value(item, (*place, number), lines, mistakes) for number, item in enumerate(node.value)]
        case ScalarNode(tag="tag:yaml.org,2002:timestamp"):
            return node.value
        case ScalarNode():
            try:
                return yaml.SafeLoader("").construct_object(node)
            except (yaml.YAMLError, ValueError):
                mistakes.append(
                    Mistake(*lines[place], f"{node.value[:40]!r} is not what its tag says", "a plain value")
                )
    return None


def _pairs(
    node: MappingNode, place: Place, lines: dict[Place, tuple[int, int]], mistakes: list[Mistake]
) -> Iterator[tuple[str, Any]]:
    seen: set[str] = set()
    for key, value in node.value:
        here = _at(key.start_mark)
        if not isinstance(key, ScalarNode):
            mistakes.append(Mistake(*here, "a key is a single word", "name: value"))
            continue
        if key.value in seen:
            mistakes.append(Mistake(*here, f"{key.value!r} is there twice", "it once"))
        seen.add(key.value)
        yield key.value, _value(value, (*place, key.value), lines, mistakes)


def _syntax(fault: yaml.YAMLError) -> Mistake:
    mark = getattr(fault, "problem_mark", None)
    what = getattr(fault, "problem", None) or getattr(fault, "reason", None) or "a sign that cannot stand here"
    return Mistake(*_at(mark), f"this is no YAML: {what}", "quotes around text with : or # in it, spaces for tabs")


def _at(mark: Any) -> tuple[int, int]:
    """Line and column as people count them; the beginning where YAML gives none."""
    return (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)


def _mistake(error: Any, lines: dict[Place, tuple[int, int]]) -> Mistake:
    place: Place = tuple(error["loc"])
    name, context = (str(place[-1]) if place else "the file"), error.get("ctx", {})
    match error["type"]:
        case "extra_forbidden":
            known = ", ".join(_fields_at(place[:-1]))
            return Mistake(*_nearest(lines, place), f"there is no {name!r} here", f"one of {known}")
        case "missing":
            return Mistake(*_nearest(lines, place), f"{name!r} is missing", f"{name}: …")
        case "literal_error":
            return Mistake(
                *_nearest(lines, place),
                f"{name}: {_short(error['input'])} is none of those there are",
                str(context.get("expected", "")).replace(" or ", ", "),
            )
        case "string_pattern_mismatch":
            example = "name@your.org" if "@" in str(context.get("pattern")) else "small letters, digits, - and _"
            return Mistake(*_nearest(lines, place), f"{name}: {_short(error['input'])} cannot be one", example)
        case _:
            said = error["msg"].removeprefix("Value error, ")
            return Mistake(*_nearest(lines, place), f"{name}: {said}", _EXAMPLES.get(name, ""))


_EXAMPLES = {
    "starts": "2026-11-24 (an activity: 2026-11-24T09:00)",
    "due": "2026-12-31",
    "target": "a number, as 12",
    "baseline": "a number, as in 3",
    "version": "version: 1",
}


def _fields_at(place: Place) -> list[str]:
    """The keys that may stand at that place."""
    kind: Any = Framework
    for step in place:
        if isinstance(step, str):
            annotation = kind.model_fields[step].annotation
            kind = getattr(annotation, "__args__", (annotation,))[0]
    return list(getattr(kind, "model_fields", {}))


def _nearest(lines: dict[Place, tuple[int, int]], place: Place) -> tuple[int, int]:
    """Where it stands, or where the smallest thing around it does."""
    while place not in lines and place:
        place = place[:-1]
    return lines[place]


def _short(value: object) -> str:
    words = repr(value)
    return words if len(words) <= 60 else f"{words[:57]}…"
