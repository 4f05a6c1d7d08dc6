"""What can go wrong with content.

ContentError
├── NotAnAddress      no http(s) address, or one that must not be stored
├── FetchError        the address was not read; `reason` is one plain clause
│   ├── PrivateAddress it points inside (loopback, private, metadata); never connected to
│   ├── NotSent        a request that did not reach the server
│   └── NoAnswer       one that was sent, or some of it, and no whole answer came
├── NotAPicture       no JPEG, PNG, WebP or GIF, or one that is too large
├── NotAFeed          what was read is no RSS, Atom, JSON Feed or CSV
├── NotATable       no CSV or XLSX file that can be read
└── TooMuch           reading it was given up: too long, too deep, or a fault of the parser
"""

from __future__ import annotations


class ContentError(Exception):
    pass


class NotAnAddress(ContentError):
    pass


class FetchError(ContentError):
    pass


class PrivateAddress(FetchError):
    pass


class NotAFeed(ContentError):
    pass


class NotAPicture(ContentError):
    pass


class NotATable(ContentError):
    pass


class TooMuch(ContentError):
    pass


class NotSent(FetchError):
    pass


class NoAnswer(FetchError):
    pass
