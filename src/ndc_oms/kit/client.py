"""A seller's client: sends requests, reads replies. For the demo, scenarios and users' tests."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType

import aiohttp
from lxml import etree


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. root: None where the body is no XML."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    root: etree._Element | None

    def text(self, path: str) -> str:
        """The text at a path of local names (`Response/Order/OrderID`); '' where there is none."""
        found = self.all(path)
        return (found[0].text or "") if found else ""

    def all(self, path: str) -> list[etree._Element]:
        """Every element at a path of local names; a leading `//` looks at any depth."""
        if self.root is None:
            return []
        return find_all(self.root, path)

    @property
    def errors(self) -> tuple[tuple[str, str], ...]:
        """(code, text) of each Error; of an Acknowledgement what is not OK."""
        if code := self.text("Notification/WarningCode"):
            return ((code, self.text("Notification/StatusMessageText")),)
        return tuple(
            (child_text(error, "Code"), child_text(error, "DescText"))
            for error in self.all("Error")
        )


def find_all(element: etree._Element, path: str) -> list[etree._Element]:
    deep = path.startswith("//")
    steps = "/".join("{*}" + step for step in path.lstrip("/").split("/"))
    return element.findall((".//" if deep else "./") + steps)


def child_text(element: etree._Element, path: str) -> str:
    """The text of the first descendant at a path of local names; '' where there is none."""
    found = find_all(element, path)
    return (found[0].text or "") if found else ""


class NdcClient:
    """One seller's connection. Used as an async context manager."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url
        self._headers = {"X-API-Key": key, "Content-Type": "application/xml"}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "NdcClient":
        self._session = aiohttp.ClientSession(auto_decompress=True)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def send(self, body: bytes, headers: Mapping[str, str] | None = None) -> Reply:
        """POST one document; raises aiohttp's errors where no reply came."""
        if self._session is None:
            raise RuntimeError("use NdcClient with `async with`")
        asked = self._headers | dict(headers or {})
        async with self._session.post(self.url, data=body, headers=asked) as response:
            answer = await response.read()
            try:
                root = etree.fromstring(answer, etree.XMLParser(resolve_entities=False))
            except etree.XMLSyntaxError:
                root = None
            return Reply(response.status, answer, dict(response.headers), root)
