"""The HTTP interface: thin; every answer is what the Python face gives."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from parkrisk import __version__
from parkrisk.api.service.errors import install_error_handlers
from parkrisk.api.service.limits import LimitBody
from parkrisk.api.service.routes import engine
from parkrisk.api.service.service import Service
from parkrisk.api.service.settings import Settings, read_settings


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the parts of the service, close them at the end."""
    settings: Settings = app.state.settings
    app.state.service = Service(settings, store=None, engines=None, jobs=None)
    yield


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the application."""
    app = FastAPI(
        title="parkrisk",
        version=__version__,
        summary="Safety risk of a whole chemical park: assessment, grade, project entry.",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
    )
    app.state.settings = settings or read_settings()
    app.add_middleware(LimitBody)
    install_error_handlers(app)
    app.include_router(engine.router)
    return app
