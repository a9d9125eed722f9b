"""iXpole's endpoints, of both tenants (ixpole.md, "Endpoints")."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from fastapi import FastAPI, Request
from starlette.responses import Response

from sandbox.exact_json import read_json, write_json
from sandbox.ixpole.identity import Identity, TokenRefusedError
from sandbox.ixpole.instalments import Instalments, RuleBrokenError, UnknownInstalmentError
from sandbox.ixpole.tenants import TENANTS, Tenant, oddly
from sandbox.store import Table

TOKEN_PATH = "/oauth/token"  # noqa: S105 - a path
SINGULAR, PLURAL = "/api/customer", "/api/customers"


def json_answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer with exact numbers."""
    return Response(write_json(body), status, headers, media_type="application/json")


def message(text: str, status: int) -> Response:
    """A refusal; the shape of iXpole's error bodies is not public."""
    return json_answer({"message": text}, status)


def ixpole_app(identity: Identity, instalments: Instalments, customers: Table, products: Table) -> FastAPI:
    """All of iXpole, each tenant below its own name."""
    app = FastAPI(title="iXpole (sandbox)", openapi_url=None)
    for tenant in TENANTS.values():
        _add_tokens(app, tenant, identity)
        _add_instalments(app, tenant, instalments)
        _add_customers(app, tenant, customers)
        _add_products(app, tenant, products)
    return app


def _add_tokens(app: FastAPI, tenant: Tenant, identity: Identity) -> None:
    @app.post(f"/{tenant.name}{TOKEN_PATH}")
    async def token(request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        try:
            return json_answer(identity.issue(tenant, form))
        except TokenRefusedError as refusal:
            return json_answer({"error": refusal.code}, refusal.status)


def _add_instalments(app: FastAPI, tenant: Tenant, instalments: Instalments) -> None:
    path = f"/{tenant.name}/api/instalments"

    @app.get(path)
    async def get_instalments() -> Response:
        return _answer(tenant, instalments.listed(tenant.name))

    @app.put(path)
    async def put_instalment(request: Request) -> Response:
        return await _write(request, lambda body: instalments.write_back(tenant.name, body))


def _add_customers(app: FastAPI, tenant: Tenant, customers: Table) -> None:
    reading, changing = (PLURAL, SINGULAR) if tenant.reads_plural else (SINGULAR, PLURAL)

    @app.get(f"/{tenant.name}{reading}/{{customer_id}}")
    async def get_customer(customer_id: str) -> Response:
        return _one(tenant, customers, customer_id)

    @app.patch(f"/{tenant.name}{changing}/{{customer_id}}")
    async def patch_customer(request: Request, customer_id: str) -> Response:
        return await _write(request, lambda body: _store_code(customers, f"{tenant.name}/{customer_id}", body))

    async def no_such_path(customer_id: str) -> Response:
        return message("Not found", 404)

    app.add_api_route(f"/{tenant.name}{changing}/{{customer_id}}", no_such_path, methods=["GET"])
    app.add_api_route(f"/{tenant.name}{reading}/{{customer_id}}", no_such_path, methods=["PATCH"])


def _add_products(app: FastAPI, tenant: Tenant, products: Table) -> None:
    @app.get(f"/{tenant.name}/api/products/{{product_id}}")
    async def get_product(product_id: str) -> Response:
        return _one(tenant, products, product_id)


def _store_code(customers: Table, key: str, body: Any) -> None:
    code = body.get("CustomerCode") if isinstance(body, dict) else None
    if not isinstance(code, str) or not code.strip() or set(body) != {"CustomerCode"}:
        raise RuleBrokenError("CustomerCode is required, and nothing else.")
    if key not in customers:
        raise UnknownInstalmentError(key)
    customers.change(key, CustomerCode=code)


async def _write(request: Request, rule: Callable[[Any], None]) -> Response:
    try:
        rule(read_json(await request.body()))
    except UnknownInstalmentError:
        return message("Not found", 404)
    except RuleBrokenError as broken:
        return message(str(broken), 422)
    except ValueError:
        return message("The body is not valid JSON.", 400)
    return Response(status_code=204)


def _one(tenant: Tenant, table: Table, identifier: str) -> Response:
    key = f"{tenant.name}/{identifier}"
    if key not in table:
        return message("Not found", 404)
    return _answer(tenant, {name: value for name, value in table[key].items() if name not in ("key", "tenant")})


def _answer(tenant: Tenant, body: Any) -> Response:
    return json_answer(oddly(body) if tenant.odd_keys else body)
