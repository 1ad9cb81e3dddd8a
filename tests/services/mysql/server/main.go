// A server of MySQL's protocol with caching_sha2_password and TLS, for tests. Arguments: certificate and key (files).
package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"os"

	sqle "github.com/dolthub/go-mysql-server"
	"github.com/dolthub/go-mysql-server/memory"
	"github.com/dolthub/go-mysql-server/server"
	"github.com/dolthub/go-mysql-server/sql"
)

// forgetful keeps users in memory alone.
type forgetful struct{}

func (forgetful) Persist(*sql.Context, []byte) error { return nil }

func main() {
	pro := memory.NewDBProvider(memory.NewDatabase("shop"))
	engine := sqle.NewDefault(pro)
	session := memory.NewSession(sql.NewBaseSessionWithClientServer("localhost", sql.Client{User: "root", Address: "localhost"}, 1), pro)
	ctx := sql.NewContext(context.Background(), sql.WithSession(session))
	ctx.SetCurrentDatabase("shop")
	engine.Analyzer.Catalog.MySQLDb.SetPersister(forgetful{})
	engine.Analyzer.Catalog.MySQLDb.AddRootAccount()
	for _, statement := range []string{
		"CREATE USER 'ada'@'%' IDENTIFIED WITH caching_sha2_password BY 'lovelace-1815'",
		"GRANT ALL ON *.* TO 'ada'@'%'",
		"CREATE USER 'grace'@'%' IDENTIFIED WITH mysql_native_password BY 'hopper-1906'",
		"GRANT ALL ON *.* TO 'grace'@'%'",
	} {
		_, rows, _, err := engine.Query(ctx, statement)
		if err == nil {
			_, err = sql.RowIterToRows(ctx, rows)
		}
		if err != nil {
			panic(err)
		}
	}
	pair, err := tls.LoadX509KeyPair(os.Args[1], os.Args[2])
	if err != nil {
		panic(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	config := server.Config{
		Listener:  listener,
		Protocol:  "tcp",
		Version:   "8.0.36",
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{pair}},
	}
	running, err := server.NewServer(config, engine, sql.NewContext, memory.NewSessionBuilder(pro), nil)
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	// Ends with the test, however that ends.
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	if err := running.Start(); err != nil {
		panic(err)
	}
}
