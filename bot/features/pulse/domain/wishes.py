"""How people say that they want no questions of the pulse, or want them again."""

from __future__ import annotations

from bot.core.phrases import politely

_ASKED = r"(pulse|survey|pulses|surveys|pulse questions|pulse surveys|survey questions|polls)"

STOP = politely(
    rf"stop( sending( me)?)?( the| these| your)? {_ASKED}|no more {_ASKED}|{_ASKED} off|turn off( the)? {_ASKED}",
    r"(stop asking|don[’']t ask|do not ask) me( again| any ?more)?",
    rf"i don[’']t want( any| these| the)? {_ASKED}( any ?more)?",
    r"lopeta (pulssi|pulssit|kyselyt|pulssikyselyt)|pulssi pois|ei enää (kyselyjä|kyselyitä|pulssia|pulssikyselyjä)",
    r"(älä|älkää) (enää )?(kysy|kysykö)( minulta)?( enää)?",
)
START = politely(
    rf"start( the)? {_ASKED}|{_ASKED} on|turn on( the)? {_ASKED}|ask me again",
    r"pulssi päälle|kysy (taas|uudelleen|jälleen)( minulta)?",
)
