"""The HTTP interface: thin and stateless; every answer is what the Python face gives."""

from fastapi import FastAPI

from parkrisk import __version__
from parkrisk.api.service.errors import install_error_handlers
from parkrisk.api.service.limits import LimitBody
from parkrisk.api.service.routes.engine import router


def create_app() -> FastAPI:
    """Build the application."""
    app = FastAPI(
        title="parkrisk",
        version=__version__,
        summary="Safety risk of a whole chemical park: assessment, grade, project entry.",
        docs_url=None,
        redoc_url=None,
    )
    app.add_middleware(LimitBody)
    install_error_handlers(app)
    app.include_router(router)
    return app
