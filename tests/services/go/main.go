// Orders in Postgres through a pool of pgx, counters in Redis through go-redis, and prices of an API behind HTTPS.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
)

type order struct {
	ID     string    `json:"id"`
	Number int       `json:"number"`
	Item   string    `json:"item"`
	Amount float64   `json:"amount"`
	Tags   []string  `json:"tags"`
	At     time.Time `json:"at"`
}

const columns = "id::text as id, number, item, amount::float8 as amount, tags, at"

func setting(name, otherwise string) string {
	if value, there := os.LookupEnv(name); there {
		return value
	}
	return otherwise
}

func newID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

type handler func(*http.Request) (int, any, error)

func (handle handler) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	status, value, err := handle(request)
	var failed *pgconn.PgError
	switch {
	case errors.As(err, &failed):
		status, value = 500, map[string]string{"error": failed.Message, "state": failed.Code}
	case errors.Is(err, pgx.ErrNoRows), errors.Is(err, redis.Nil):
		status, value = 404, map[string]string{"error": "not there"}
	case err != nil:
		status, value = 500, map[string]string{"error": err.Error()}
	}
	response.Header().Set("Content-Type", "application/json")
	response.WriteHeader(status)
	json.NewEncoder(response).Encode(value)
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	db := must(pgxpool.New(ctx, os.Getenv("DATABASE_URL")))
	must(db.Exec(ctx, `create table if not exists orders (id uuid primary key, number serial, item text unique,
		amount numeric(8,2), tags text[], at timestamptz)`))
	cache := redis.NewClient(must(redis.ParseURL(os.Getenv("REDIS_URL"))))
	api := os.Getenv("PRICES_API")
	list := setting("LIST_SQL", "select "+columns+" from orders order by number")

	http.Handle("POST /orders", handler(func(request *http.Request) (int, any, error) {
		var wanted order
		if err := json.NewDecoder(request.Body).Decode(&wanted); err != nil {
			return 0, nil, err
		}
		tx, err := db.Begin(ctx)
		if err != nil {
			return 0, nil, err
		}
		defer tx.Rollback(ctx)
		// One round trip for both.
		batch := &pgx.Batch{}
		batch.Queue("select count(*) from orders")
		batch.Queue("insert into orders (id, item, amount, tags, at) values ($1, $2, $3, $4, $5) returning "+columns,
			newID(), wanted.Item, wanted.Amount, []string{"new", "étrange"}, time.Now().UTC())
		results := tx.SendBatch(ctx, batch)
		if _, err := results.Exec(); err != nil {
			return 0, nil, err
		}
		rows, err := results.Query()
		if err != nil {
			return 0, nil, err
		}
		stored, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[order])
		if err = errors.Join(err, results.Close()); err != nil {
			return 0, nil, err
		}
		if err := tx.Commit(ctx); err != nil {
			return 0, nil, err
		}
		_, err = cache.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
			pipe.Incr(ctx, "orders")
			pipe.Set(ctx, "last:"+wanted.Item, stored.ID, time.Hour)
			return nil
		})
		return 201, stored, err
	}))
	http.Handle("GET /orders", handler(func(*http.Request) (int, any, error) {
		rows, err := db.Query(ctx, list)
		if err != nil {
			return 0, nil, err
		}
		orders, err := pgx.CollectRows(rows, pgx.RowToStructByName[order])
		return 200, orders, err
	}))
	http.Handle("GET /orders/{id}", handler(func(request *http.Request) (int, any, error) {
		rows, err := db.Query(ctx, "select "+columns+" from orders where id = $1", request.PathValue("id"))
		if err != nil {
			return 0, nil, err
		}
		found, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[order])
		return 200, found, err
	}))
	http.Handle("GET /count", handler(func(*http.Request) (int, any, error) {
		orders, err := cache.Get(ctx, setting("COUNT_KEY", "orders")).Int()
		return 200, map[string]int{"orders": orders}, err
	}))
	http.Handle("GET /last/{item}", handler(func(request *http.Request) (int, any, error) {
		id, err := cache.Get(ctx, "last:"+request.PathValue("item")).Result()
		return 200, map[string]string{"id": id}, err
	}))
	http.Handle("GET /price/{item}", handler(func(request *http.Request) (int, any, error) {
		answer, err := http.Get(api + setting("PRICE_PATH", "/price") + "/" + request.PathValue("item"))
		if err != nil {
			return 0, nil, err
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		return answer.StatusCode, json.RawMessage(body), err
	}))
	http.Handle("GET /wrong", handler(func(*http.Request) (int, any, error) {
		_, err := db.Exec(ctx, "select nothing from nowhere")
		return 200, nil, err
	}))

	server := &http.Server{Addr: "127.0.0.1:" + setting("PORT", "8000")}
	go func() {
		<-ctx.Done()
		server.Close()
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		panic(err)
	}
	db.Close()
	cache.Close()
}
