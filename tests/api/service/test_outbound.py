"""What the service may call: the table of addresses that are refused, and that the checked one is the one called."""

import asyncio
import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from parkrisk.api.service.outbound import AddressRefused, NotReached, Outbound, is_public

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)


def no_network(host: str, _port: int) -> tuple[str, ...]:
    """Number forms as the system reads them; names as a hostile or internal name server would answer."""
    names = {
        "localhost": ("127.0.0.1",),
        "localhost.": ("127.0.0.1",),
        "metadata.google.internal": ("169.254.169.254",),
        "instance-data.ec2.internal": ("169.254.169.254",),
        "127.0.0.1.nip.example": ("127.0.0.1",),
        "10.0.0.7.sslip.example": ("10.0.0.7",),
        "both.example": ("93.184.216.34", "192.168.1.1"),
        "six.example": ("2606:4700::1111", "::ffff:10.0.0.1"),
        "public.example": ("93.184.216.34",),
        "xn--fsqu00a.example": ("93.184.216.34",),
    }
    if host in names:
        return names[host]
    try:
        found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except OSError:
        return ()
    return tuple(str(each[4][0]) for each in found)


OUTBOUND = Outbound(resolver=no_network)


@pytest.mark.parametrize(
    "host",
    [
        "0.0.0.0",
        "0",
        "127.0.0.1",
        "127.1",
        "127.255.255.254",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0x7f.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "100.100.100.200",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "[::]",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[2001:0:4136:e378::1]",
        "[fe80::1]",
        "[fe80::1%25lo]",
        "[fec0::1]",
        "[fd00:ec2::254]",
        "[ff02::1]",
        "localhost",
        "localhost.",
        "LOCALHOST",
        "metadata.google.internal",
        "instance-data.ec2.internal",
        "127.0.0.1.nip.example",
        "10.0.0.7.sslip.example",
        "both.example",
        "six.example",
        "unknown.example",
        "public.example@127.0.0.1",
        "public.example:443@127.0.0.1",
        "user:secret@public.example",
        "public.example\\@127.0.0.1",
        "127.0.0.1#.public.example",
        "127.0.0.1%00.public.example",
        "①②⑦.0.0.1",
        "public.example:22",
        "public.example:0",
        "public.example:80",
        "public.example:99999",
        "public.example\t",
        " public.example",
        "",
    ],
)
def test_refused(host: str) -> None:
    with pytest.raises(AddressRefused) as caught:
        OUTBOUND.checked(f"https://{host}/hook")
    assert "127.0.0.1" not in caught.value.message_en  # an answer does not map the network inside
    assert caught.value.message_zh


@pytest.mark.parametrize("text", ["http://public.example/", "ftp://public.example/", "file:///etc/passwd", "x", "//a"])
def test_other_schemes_are_refused(text: str) -> None:
    with pytest.raises(AddressRefused):
        OUTBOUND.checked(text)


@pytest.mark.parametrize("host", ["public.example", "public.example:8443", "例子.example", "93.184.216.34"])
def test_public_addresses_pass(host: str) -> None:
    url, address = OUTBOUND.checked(f"https://{host}/hook?x=1")
    assert str(address) == "93.184.216.34"
    assert url.raw_path == b"/hook?x=1"


def test_an_intranet_passes_only_when_named() -> None:
    inside = Outbound(networks=(ipaddress.ip_network("10.0.0.0/24"),), resolver=no_network)
    assert inside.checked("https://10.0.0.7.sslip.example/")[1] == ipaddress.ip_address("10.0.0.7")
    with pytest.raises(AddressRefused):
        inside.checked("https://both.example/")
    with pytest.raises(AddressRefused):
        inside.checked("https://10.0.1.7/")


@pytest.mark.parametrize("block", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16"])
def test_edges_of_private_blocks(block: str) -> None:
    network = ipaddress.ip_network(block)
    assert not is_public(network[0])
    assert not is_public(network[-1])
    assert is_public(network[0] - 1)


@contextmanager
def receiver(answer: type[BaseHTTPRequestHandler], certificate: Path | None = None) -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), answer)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def handler(status: int, location: str = "") -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        seen: list[tuple[str, str, bytes]] = []  # noqa: RUF012

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.seen.append((self.path, self.headers["Host"], body))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            if location:
                self.send_header("Location", location)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def local(port: int, resolver: object = no_network) -> Outbound:
    return Outbound(plain_http=True, ports=frozenset({port}), networks=LOOPBACK, resolver=resolver)  # type: ignore[arg-type]


def test_a_changing_name_server_is_asked_once() -> None:
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> tuple[str, ...]:
        asked.append(host)
        return ("127.0.0.1",) if len(asked) == 1 else ("169.254.169.254",)

    seen = handler(204)
    with receiver(seen) as port:
        assert asyncio.run(local(port, rebinding).post(f"http://moving.example:{port}/in?x=1", b"{}", {})) == 204
    assert asked == ["moving.example"]
    assert seen.seen == [("/in?x=1", f"moving.example:{port}", b"{}")]  # type: ignore[attr-defined]


def test_a_redirect_is_not_followed() -> None:
    target = handler(200)
    with receiver(target) as inside, receiver(handler(307, f"http://127.0.0.1:{inside}/secret")) as port:
        assert asyncio.run(local(port).post(f"http://127.0.0.1:{port}/", b"{}", {})) == 307
    assert target.seen == []  # type: ignore[attr-defined]


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = handler(200)
    with receiver(proxy) as inside, receiver(handler(204)) as port:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{inside}")
        assert asyncio.run(local(port).post(f"http://localhost:{port}/", b"{}", {})) == 204
    assert proxy.seen == []  # type: ignore[attr-defined]


def test_no_answer_is_told_from_a_refusal() -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        port = unheard.getsockname()[1]
        with pytest.raises(NotReached, match="connect"):
            asyncio.run(local(port).post(f"http://127.0.0.1:{port}/", b"{}", {}))


def test_a_slow_receiver_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """One byte now and then keeps each single read alive; the whole is limited."""
    monkeypatch.setattr("parkrisk.api.service.outbound.TIME_LIMIT", 0.3)
    over = threading.Event()

    class Drip(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            try:
                while not over.wait(0.05):
                    self.wfile.write(b"H")
            except OSError:
                return

        def log_message(self, *_: object) -> None:
            pass

    with receiver(Drip) as port:
        try:
            with pytest.raises(NotReached, match="timeout"):
                asyncio.run(local(port).post(f"http://127.0.0.1:{port}/", b"{}", {}))
        finally:
            over.set()


def test_an_endless_body_is_not_read() -> None:
    ended = threading.Event()

    class Endless(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(200)
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b"x" * 65536)
            except OSError:
                ended.set()

        def log_message(self, *_: object) -> None:
            pass

    with receiver(Endless) as port:
        assert asyncio.run(local(port).post(f"http://127.0.0.1:{port}/", b"{}", {})) == 200
        assert ended.wait(10)


def certificate_of(name: str, folder: Path) -> Path:
    """Write key and certificate of one name, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / f"{name}.pem"
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return path


def test_the_certificate_is_that_of_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection goes to the checked number, the certificate is still checked against the name."""
    certificate = certificate_of("good.example", tmp_path)
    seen = handler(204)

    def here(_host: str, _port: int) -> tuple[str, ...]:
        return ("127.0.0.1",)

    with receiver(seen, certificate) as port:
        with pytest.raises(NotReached, match="connect"):  # signed by nobody whom the machine trusts
            asyncio.run(local(port, here).post(f"https://good.example:{port}/", b"{}", {}))
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert asyncio.run(local(port, here).post(f"https://good.example:{port}/", b"{}", {})) == 204
        with pytest.raises(NotReached, match="connect"):
            asyncio.run(local(port, here).post(f"https://other.example:{port}/", b"{}", {}))
    assert len(seen.seen) == 1  # type: ignore[attr-defined]
