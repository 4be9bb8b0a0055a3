"""Posting to addresses that others name: only public ones, and no more than is needed.

What a name means is looked up by us and checked, each time; the connection goes to what was
checked. No redirect is followed. Time, and what is read of an answer, are bounded.
"""

import asyncio
import errno
import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from ndc_oms.errors import Invalid, NotAllowed

TOTAL_S: Final = 15.0
CONNECT_S: Final = 5.0
MAX_ANSWER: Final = 64 * 1024
MAX_URL: Final = 2000
CONNECTIONS: Final = 64  # at a time, over all sellers

_NOT_PUBLIC: Final = "is not an address on the public internet"


class UndeliveredError(Exception):
    """Not delivered, or nobody knows: for people."""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes


def check_url(url: str, *, everywhere: bool) -> None:
    """everywhere: also over plain HTTP, and to private addresses (test mode). Raises Invalid (912)
    for what is no URL, NotAllowed (368) for an address that is not public.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as wrong:
        raise Invalid(f"{url[:80]!r} is no URL: {wrong}.") from wrong
    schemes = ("https", "http") if everywhere else ("https",)
    if len(url) > MAX_URL or parts.scheme not in schemes or not host or port == 0:
        raise Invalid(
            f"{url[:80]!r} cannot be posted to.",
            remedy=f"Name a URL that begins with {'://, '.join(schemes)}://.",
        )
    if parts.username is not None or parts.fragment:
        raise Invalid("The URL holds a user, a password or a fragment.", remedy="Leave it out.")
    if not everywhere and _literal(host) is not None and not is_public(host):
        raise NotAllowed(f"{host} {_NOT_PUBLIC}.")


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def is_public(address: str) -> bool:
    """Also of the IPv4 address that an IPv6 one stands for."""
    found = _literal(address)
    if found is None:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if inner is not None:
            return is_public(str(inner))
        if found.teredo is not None or found in _NAT64:
            return False
    return found.is_global and not found.is_multicast


_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


class PublicResolver(AbstractResolver):
    """Names to addresses, none of which may be private: one that is refuses the name whole."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
        results: list[ResolveResult] = []
        for kind, _, proto, _, address in found:
            if not is_public(str(address[0])):
                raise OSError(errno.EACCES, f"{host} {_NOT_PUBLIC}")
            results.append(
                ResolveResult(
                    hostname=host,
                    host=str(address[0]),
                    port=port,
                    family=kind,
                    proto=proto,
                    flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
                )
            )
        return results

    async def close(self) -> None:
        """Holds nothing."""


class Outbound:
    """everywhere: see check_url. The session is opened at the first post."""

    def __init__(self, *, everywhere: bool, total_s: float = TOTAL_S) -> None:
        self._everywhere = everywhere
        self._total_s = total_s
        self._session: aiohttp.ClientSession | None = None

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Raises UndeliveredError, whatever goes wrong; and what check_url raises."""
        check_url(url, everywhere=self._everywhere)
        session = self._open()
        try:
            async with (
                asyncio.timeout(self._total_s),
                session.post(url, data=body, headers=headers, allow_redirects=False) as response,
            ):
                return Reply(response.status, await _read(response))
        except TimeoutError as late:
            raise UndeliveredError(f"no answer within {self._total_s:g} s") from late
        except (aiohttp.ClientError, OSError, ValueError) as failed:
            raise UndeliveredError(f"{type(failed).__name__}: {failed}"[:300]) from failed

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            resolver = None if self._everywhere else PublicResolver()
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=CONNECTIONS, resolver=resolver, use_dns_cache=False, force_close=True
                ),
                timeout=aiohttp.ClientTimeout(total=self._total_s, sock_connect=CONNECT_S),
                trust_env=False,
                auto_decompress=False,  # a small answer may unpack to a large one
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MAX_ANSWER:
            raise UndeliveredError(f"the answer is longer than {MAX_ANSWER} bytes")
    return bytes(body)
