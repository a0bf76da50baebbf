"""What the service may call of its own accord: public addresses, and networks that the operator names.

The address that was checked is the address that is called: a name is resolved once for each request, so an answer that
changes in between (DNS rebinding) changes nothing. Redirects are not followed and proxies of the environment not used.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import httpx

from parkrisk.api.service.settings import Settings
from parkrisk.models.errors import ParkRiskError

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolver = Callable[[str, int], Sequence[str]]

#: Whole time of one request, its answer included. [s]
TIME_LIMIT = 15.0


class AddressRefused(ParkRiskError):
    """The service does not call this address."""

    code = "webhook.address_refused"


class NotReached(Exception):
    """No answer came; its text is one word for the list of deliveries."""


def resolve(host: str, port: int) -> Sequence[str]:
    """Give all addresses of a name, in the order in which the system would try them."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    return tuple(dict.fromkeys(str(each[4][0]) for each in found))


def is_public(address: IpAddress) -> bool:
    """Whether an address belongs to the public internet, and holds no other address inside."""
    if isinstance(address, ipaddress.IPv6Address) and (address.sixtofour or address.teredo or address.is_site_local):
        return False  # relays to IPv4, and what was once the private range: Python calls them global
    return address.is_global and not (address.is_multicast or address.is_reserved)


@dataclass(frozen=True)
class Outbound:
    """What may be called.

    Parameters
    ----------
    plain_http : bool
        Whether http is allowed beside https.
    ports : frozenset of int
        Ports that may be called.
    networks : tuple of networks
        Allowed beside the public internet: the intranet of the operator.
    resolver : callable
        From (host, port) to addresses.
    """

    plain_http: bool = False
    ports: frozenset[int] = frozenset({443, 8443})
    networks: tuple[IpNetwork, ...] = ()
    resolver: Resolver = resolve

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Give what the settings allow."""
        return cls(settings.webhook_plain_http, frozenset(settings.webhook_ports), settings.webhook_networks)

    def checked(self, text: str) -> tuple[httpx.URL, IpAddress]:
        """Check an address; return it with the IP address to connect to."""
        url = self.checked_form(text)
        found = [_ip_address(each) for each in self.resolver(_host(url), _port(url))]
        if not found:
            raise AddressRefused("地址的主机名无法解析", "the host of the address has no IP address")
        if not all(self._allowed(each) for each in found):
            raise AddressRefused(
                "地址不属于公共互联网，也不在允许的网段内",
                "the address belongs neither to the public internet nor to an allowed network",
            )
        return url, found[0]

    def checked_form(self, text: str) -> httpx.URL:
        """Check what can be seen of an address without resolving it."""
        url = _parsed(text)
        allowed = ("https", "http") if self.plain_http else ("https",)
        if url.scheme not in allowed or not url.host:
            raise AddressRefused(f"地址须以 {allowed[0]}:// 开头", f"the address must begin with {allowed[0]}://")
        if url.userinfo or url.fragment:
            raise AddressRefused(
                "地址不得含用户名、口令或片段", "the address may hold neither user, password nor fragment"
            )
        if _port(url) not in self.ports:
            listed = ", ".join(map(str, sorted(self.ports)))
            raise AddressRefused(f"只允许端口 {listed}", f"only these ports are allowed: {listed}")
        return url

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        """Certificates that the machine trusts, an intranet's own among them."""
        return ssl.create_default_context()

    def _allowed(self, address: IpAddress) -> bool:
        return is_public(address) or any(address in network for network in self.networks)

    async def post(self, text: str, content: bytes, headers: Mapping[str, str]) -> int:
        """Send one request and return the status of the answer, whose body is not read.

        Raises
        ------
        AddressRefused
            The address may not be called.
        NotReached
            There was no answer in time.
        """
        url, address = await asyncio.to_thread(self.checked, text)
        host = url.netloc.decode("ascii")
        client = httpx.AsyncClient(verify=self._trusted, trust_env=False, follow_redirects=False, timeout=TIME_LIMIT)
        request = client.build_request(
            "POST",
            url.copy_with(host=str(address)),
            content=content,
            headers={**headers, "Host": host},
            extensions={"sni_hostname": _host(url)},
        )
        try:
            async with asyncio.timeout(TIME_LIMIT), client:
                answer = await client.send(request, stream=True)
                await answer.aclose()
                return answer.status_code
        except TimeoutError as error:
            raise NotReached("timeout") from error
        except httpx.TimeoutException as error:
            raise NotReached("timeout") from error
        except httpx.ConnectError as error:
            raise NotReached("connect") from error
        except httpx.HTTPError as error:
            raise NotReached("protocol") from error


def _parsed(text: str) -> httpx.URL:
    # Programs disagree on what a backslash means in an address, and on white space.
    if "\\" not in text and text.isprintable() and " " not in text:
        try:
            return httpx.URL(text)
        except (httpx.InvalidURL, ValueError):
            pass
    raise AddressRefused("地址格式不正确", "the address does not have the right form")


def _host(url: httpx.URL) -> str:
    return url.raw_host.decode("ascii")


def _port(url: httpx.URL) -> int:
    return {"https": 443, "http": 80}[url.scheme] if url.port is None else url.port


def _ip_address(text: str) -> IpAddress:
    address = ipaddress.ip_address(text.partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address
