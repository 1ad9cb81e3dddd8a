"""Orders in Postgres through asyncpg and through psycopg, a counter in Redis, and prices of an API behind HTTPS."""

import os
import uuid
from contextlib import asynccontextmanager
from datetime import datetime, timezone

import asyncpg
import httpx
import psycopg
import requests
import uvicorn
from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from psycopg.rows import dict_row
from pydantic import BaseModel
from redis.asyncio import Redis

DATABASE = os.environ["DATABASE_URL"]
API = os.environ["PRICES_API"]
ASYNCPG_LIST = os.environ.get("ASYNCPG_LIST", "select * from orders order by number")
PSYCOPG_LIST = os.environ.get("PSYCOPG_LIST", "select * from orders order by number")
COUNT_KEY = os.environ.get("COUNT_KEY", "orders")
HTTPX_PATH = os.environ.get("HTTPX_PATH", "/price")
REQUESTS_PATH = os.environ.get("REQUESTS_PATH", "/price")

redis = Redis.from_url(os.environ["REDIS_URL"], decode_responses=True)


class Order(BaseModel):
    item: str
    amount: float


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with asyncpg.create_pool(DATABASE, min_size=1, max_size=4) as pool, httpx.AsyncClient(http2=True) as client:
        await pool.execute(
            """create table if not exists orders (id uuid primary key, number serial, item text unique,
               amount numeric(8,2), tags text[], extra jsonb, at timestamptz)"""
        )
        app.state.pool, app.state.client = pool, client
        yield
    await redis.aclose()


app = FastAPI(lifespan=lifespan)
COLUMNS = "insert into orders (id, item, amount, tags, extra, at) values"


def values(order: Order):
    return uuid.uuid4(), order.item, order.amount, ["new", "étrange"], '{"a": [1, null]}', datetime.now(timezone.utc)


def found(row):
    return JSONResponse({"error": "no such order"}, 404) if row is None else dict(row)


@app.post("/asyncpg", status_code=201)
async def asyncpg_insert(order: Order):
    async with app.state.pool.acquire() as connection, connection.transaction():
        await connection.fetchval("select count(*) from orders")
        row = await connection.fetchrow(f"{COLUMNS} ($1, $2, $3, $4, $5, $6) returning *", *values(order))
    await redis.pipeline(transaction=True).incr("orders").set(f"last:{order.item}", str(row["id"])).execute()
    return dict(row)


@app.get("/asyncpg")
async def asyncpg_list():
    return [dict(row) for row in await app.state.pool.fetch(ASYNCPG_LIST)]


@app.get("/asyncpg/wrong")
async def asyncpg_wrong():
    return await app.state.pool.fetch("select nothing from nowhere")


@app.get("/asyncpg/{order_id}")
async def asyncpg_one(order_id: uuid.UUID):
    return found(await app.state.pool.fetchrow("select * from orders where id = $1", order_id))


def connect():
    return psycopg.connect(DATABASE, row_factory=dict_row)


@app.post("/psycopg", status_code=201)
def psycopg_insert(order: Order):
    with connect() as connection:
        row = connection.execute(f"{COLUMNS} (%s, %s, %s, %s, %s, %s) returning *", values(order)).fetchone()
    return row


@app.get("/psycopg")
def psycopg_list():
    with connect() as connection:
        return connection.execute(PSYCOPG_LIST, prepare=True).fetchall()


@app.get("/psycopg/wrong")
def psycopg_wrong():
    with connect() as connection:
        return connection.execute("select nothing from nowhere").fetchall()


@app.get("/psycopg/{order_id}")
def psycopg_one(order_id: uuid.UUID):
    with connect() as connection, connection.cursor(binary=True) as cursor:
        return found(cursor.execute("select * from orders where id = %s", (order_id,)).fetchone())


@app.get("/count")
async def count():
    return {"orders": int(await redis.get(COUNT_KEY) or 0)}


@app.get("/last/{item}")
async def last(item: str):
    return {"id": await redis.get(f"last:{item}")}


@app.get("/httpx/{item}")
async def httpx_price(item: str):
    answer = await app.state.client.get(f"{API}{HTTPX_PATH}/{item}")
    return Response(answer.content, answer.status_code, media_type=answer.headers["content-type"])


@app.get("/requests/{item}")
def requests_price(item: str):
    answer = requests.post(f"{API}{REQUESTS_PATH}/{item}", json={"at": datetime.now(timezone.utc).isoformat()})
    return Response(answer.content, answer.status_code, media_type=answer.headers["content-type"])


@app.exception_handler(asyncpg.PostgresError)
@app.exception_handler(psycopg.Error)
def failed(request, error):
    return JSONResponse({"error": str(error), "state": error.sqlstate}, 500)


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("PORT", "8000")), log_level="warning")
