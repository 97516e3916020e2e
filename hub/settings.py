"""The HUB_* settings, one typed class, and where the hub's own files lie."""

from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PACKAGE = Path(__file__).resolve().parent


def resource(name: str) -> Path:
    """The folder `schema` or `locales`: inside the installed package, or beside it in a checkout."""
    installed = PACKAGE / "resources" / name
    return installed if installed.is_dir() else PACKAGE.parent / name


class Settings(BaseSettings):
    """Every setting is an environment variable of its name with HUB_ before it, such as HUB_DATA."""

    model_config = SettingsConfigDict(env_prefix="HUB_", env_file=".env", extra="ignore")

    data: Path = Field(
        Path("data"),
        validate_default=True,
        description="The folder of the embedded ledger, graph store and search index.",
    )
    host: str = Field("127.0.0.1", description="The address that the server listens on.")
    port: int = Field(8000, ge=1, le=65535, description="The port that the server listens on.")
    base_iri: str = Field("", description="What every record IRI begins with; default http://localhost:{port}.")
    database_url: str = Field("", description="The ledger's database, a SQLAlchemy URL; unset: SQLite in HUB_DATA.")
    sparql_url: str = Field("", description="A SPARQL 1.1 server's query address; unset: the embedded store.")
    sparql_update_url: str = Field("", description="Its update address; default: HUB_SPARQL_URL's /query made /update.")
    elasticsearch_url: str = Field(
        "", description="Elasticsearch servers, by commas; unset: the embedded search index in HUB_DATA."
    )
    elasticsearch_api_key: str = Field("", description="Elasticsearch's API key, where its address has no password.")
    elasticsearch_ca: Path | None = Field(None, description="The certificate that Elasticsearch's own are signed with.")
    elasticsearch_index: str = Field(
        "coped-hub",
        pattern="^[a-z][a-z0-9-]*$",
        description="What the hub's indexes in Elasticsearch are called; several hubs may share the servers.",
    )
    sources: Path | None = Field(None, description="A folder of source files; unset: the ones that come with the hub.")
    samples_url: str = Field("", description="Where the sample sources are served; `hub demo` sets it.")
    schedule: bool = Field(False, description="Whether `hub serve` harvests the sources by their rhythm.")
    user_agent: str = Field(
        "coped-hub/0.1 (+https://w3id.org/co-ped; harvester)", description="Who the hub says it is when it harvests."
    )
    allowed_hosts: str = Field("", description="Hosts in the hub's own network that may be harvested, by commas.")
    query_seconds: float = Field(10.0, gt=0, description="How long a SPARQL query may run before it is killed.")
    query_rows: int = Field(100_000, gt=0, description="How many rows or triples a SPARQL answer holds at most.")
    query_memory: int = Field(2 << 30, ge=1 << 30, description="Bytes of address space that a query may use.")

    @field_validator("data")
    @classmethod
    def _wherever_a_process_works(cls, value: Path) -> Path:
        """Query workers work in another folder than the server."""
        return value.absolute()

    @field_validator("base_iri")
    @classmethod
    def _no_slash_at_the_end(cls, value: str) -> str:
        return value.rstrip("/")

    @property
    def base(self) -> str:
        return self.base_iri or f"http://localhost:{self.port}"

    @property
    def ledger_url(self) -> str:
        return self.database_url or f"sqlite:///{self.data / 'ledger.sqlite'}"
