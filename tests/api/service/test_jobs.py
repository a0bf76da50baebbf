"""Jobs: accepted is committed, one result each, whatever happens to workers and engines."""

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from parkrisk.api.service import attempts
from parkrisk.api.service.attempts import Attempts, End, begin
from parkrisk.api.service.jobs import Jobs
from parkrisk.api.service.store import artifacts
from parkrisk.api.service.store.database import Store, open_store
from parkrisk.api.service.store.jobs import get_job
from parkrisk.api.service.store.tenants import create_tenant
from tests.api.service.stand_ins import (
    TENANT,
    ScriptedEngines,
    accept,
    audited,
    conclude,
    give_up,
    wait_for,
)
