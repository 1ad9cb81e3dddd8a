import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Executors;
import redis.clients.jedis.JedisPooled;

/** Orders in Postgres and in MariaDB through JDBC and a pool, a counter in Redis, and prices of an API behind HTTPS. */
public final class Service {
  private static final Gson JSON = new GsonBuilder().serializeNulls().create();
  private static final HttpClient API = HttpClient.newHttpClient();
  private static JedisPooled redis;

  record Answer(int status, Object value) {}

  interface Route {
    Answer answer(String method, String rest, Map<?, ?> body) throws Exception;
  }

  public static void main(String[] args) throws Exception {
    HikariDataSource postgres = pool(env("POSTGRES_JDBC", null));
    HikariDataSource mariadb = pool(env("MARIADB_JDBC", null));
    redis = new JedisPooled(env("REDIS_URL", null));
    String columns = "number %s primary key, id %s unique, item varchar(100) unique, amount numeric(8,2), at %s)";
    execute(postgres, "create table if not exists orders (" + String.format(columns, "serial", "uuid", "timestamptz"));
    execute(mariadb, "create table if not exists orders (" + String.format(columns, "int auto_increment", "char(36)", "datetime(3)"));

    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(env("PORT", "8000"))), 0);
    server.setExecutor(Executors.newFixedThreadPool(8));
    serve(server, "/postgres", orders(postgres, "POSTGRES_LIST", true));
    serve(server, "/mariadb", orders(mariadb, "MARIADB_LIST", false));
    serve(server, "/count", (method, rest, body) -> new Answer(200, Map.of("orders", redis.get(env("COUNT_KEY", "orders")))));
    serve(server, "/price", (method, rest, body) -> {
      URI address = URI.create(env("PRICES_API", null) + env("PRICE_PATH", "/price") + rest);
      var response = API.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString());
      return new Answer(response.statusCode(), JSON.fromJson(response.body(), Map.class));
    });
    server.start();
  }

  private static Route orders(HikariDataSource pool, String listVariable, boolean uuids) {
    String list = env(listVariable, "select * from orders order by number");
    return (method, rest, body) -> {
      try (Connection connection = pool.getConnection()) {
        if (method.equals("POST")) {
          UUID id = UUID.randomUUID();
          connection.setAutoCommit(false);
          try (var count = connection.prepareStatement("select count(*) from orders");
              var insert = connection.prepareStatement("insert into orders (id, item, amount, at) values (?, ?, ?, ?)")) {
            count.executeQuery();
            insert.setObject(1, uuids ? id : id.toString());
            insert.setString(2, (String) body.get("item"));
            insert.setBigDecimal(3, BigDecimal.valueOf((double) body.get("amount")));
            insert.setTimestamp(4, Timestamp.from(Instant.now()));
            insert.executeUpdate();
          }
          connection.commit();
          connection.setAutoCommit(true);
          try (var transaction = redis.multi()) {
            transaction.incr("orders");
            transaction.set("last", id.toString());
            transaction.exec();
          }
          return new Answer(201, one(connection, id.toString(), uuids));
        }
        if (rest.equals("/wrong")) connection.createStatement().executeQuery("select nothing from nowhere");
        if (rest.isEmpty()) return new Answer(200, rows(connection.createStatement().executeQuery(list)));
        Object row = one(connection, rest.substring(1), uuids);
        return row == null ? new Answer(404, Map.of("error", "no such order")) : new Answer(200, row);
      } catch (SQLException error) {
        // The driver of MariaDB begins with the number that the server gave the connection.
        String message = error.getMessage().replaceFirst("^\\(conn=\\d+\\) ", "");
        return new Answer(500, new TreeMap<>(Map.of("error", message, "state", error.getSQLState())));
      }
    };
  }

  private static Object one(Connection connection, String id, boolean uuids) throws SQLException {
    try (var statement = connection.prepareStatement("select * from orders where id = ?")) {
      statement.setObject(1, uuids ? UUID.fromString(id) : id);
      List<?> found = rows(statement.executeQuery());
      return found.isEmpty() ? null : found.get(0);
    }
  }

  private static List<Map<String, Object>> rows(ResultSet result) throws SQLException {
    List<Map<String, Object>> rows = new ArrayList<>();
    var columns = result.getMetaData();
    while (result.next()) {
      Map<String, Object> row = new LinkedHashMap<>();
      for (int index = 1; index <= columns.getColumnCount(); index++) {
        Object value = result.getObject(index);
        row.put(columns.getColumnLabel(index), value instanceof Timestamp at ? at.toInstant().toString() : value instanceof UUID id ? id.toString() : value);
      }
      rows.add(row);
    }
    return rows;
  }

  private static void serve(HttpServer server, String path, Route route) {
    server.createContext(path, exchange -> {
      Answer answer;
      try (var in = exchange.getRequestBody()) {
        String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        String rest = exchange.getRequestURI().getPath().substring(path.length());
        answer = route.answer(exchange.getRequestMethod(), rest, JSON.fromJson(text, Map.class));
      } catch (Exception error) {
        answer = new Answer(500, Map.of("error", String.valueOf(error)));
      }
      send(exchange, answer);
    });
  }

  private static void send(HttpExchange exchange, Answer answer) throws IOException {
    byte[] bytes = JSON.toJson(answer.value()).getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(answer.status(), bytes.length);
    try (var out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  private static HikariDataSource pool(String url) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setMaximumPoolSize(4);
    config.setMinimumIdle(1);
    return new HikariDataSource(config);
  }

  private static void execute(HikariDataSource pool, String sql) throws SQLException {
    try (Connection connection = pool.getConnection(); var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String env(String name, String otherwise) {
    String value = System.getenv(name);
    if (value == null && otherwise == null) throw new IllegalStateException(name + " is not set");
    return value == null ? otherwise : value;
  }
}
