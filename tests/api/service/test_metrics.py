"""Metrics of a process that serves nothing else, such as a worker."""

import re
import socket
import urllib.request

import psutil
import pytest
import typer

from parkrisk.api.commands import worker
from parkrisk.api.service.observing.metrics import Metrics


def test_a_worker_tells_what_it_does(capsys):
    metrics = Metrics(lambda: {"parkrisk_engines": {"busy": 1, "free": 2, "starting": 0}})
    metrics.job_ended("gate-decision", "failed", 2.0)
    with worker._told(metrics, "127.0.0.1", 0):
        (address,) = re.findall(r"metrics on (http://127\.0\.0\.1:\d+/metrics)", capsys.readouterr().err)
        with urllib.request.urlopen(address, timeout=10.0) as answer:
            text = answer.read().decode()
    assert 'parkrisk_engines{state="free"} 2.0' in text
    assert 'parkrisk_job_seconds_bucket{le="3.0",process="gate-decision",status="failed"} 1.0' in text
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(address, timeout=10.0)


@pytest.mark.skipif(not psutil.LINUX, reason="of Linux alone")
def test_memory_and_files_of_the_process_are_told():
    text = Metrics(dict).text().decode()
    (memory,) = re.findall(r"^process_resident_memory_bytes (\S+)$", text, re.MULTILINE)
    assert float(memory) == pytest.approx(psutil.Process().memory_info().rss, rel=0.2)
    assert "\nprocess_open_fds " in text


def test_a_port_that_is_taken_is_refused_in_plain_words(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(typer.Exit) as end, worker._told(Metrics(dict), "127.0.0.1", port):
            pass
    assert end.value.exit_code == 2
    assert "--metrics-port" in capsys.readouterr().err
