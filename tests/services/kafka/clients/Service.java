import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.serialization.*;

public class Service {
  public static void main(String[] a) throws Exception {
    String broker = a[0], topic = a[1], group = a[2], tx = a[3];
    Map<String, Object> p = new HashMap<>(Map.of("bootstrap.servers", broker, "compression.type", "lz4", "max.block.ms", 8000, "delivery.timeout.ms", 9000, "request.timeout.ms", 8000,
      "key.serializer", StringSerializer.class, "value.serializer", StringSerializer.class));
    try (var producer = new KafkaProducer<String, String>(p)) {
      for (String v : List.of("one", "two")) producer.send(new ProducerRecord<>(topic, v, v)).get();
    }
    p.put("transactional.id", tx);
    try (var producer = new KafkaProducer<String, String>(p)) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(topic, "k", "kept"));
      producer.commitTransaction();
    }
    var seen = new TreeSet<String>();
    Map<String, Object> c = Map.of("bootstrap.servers", broker, "group.id", group, "auto.offset.reset", "earliest", "isolation.level", "read_committed",
      "key.deserializer", StringDeserializer.class, "value.deserializer", StringDeserializer.class);
    try (var consumer = new KafkaConsumer<String, String>(c)) {
      consumer.subscribe(List.of(topic));
      long end = System.currentTimeMillis() + 20000;
      while (seen.size() < 3 && System.currentTimeMillis() < end)
        for (var r : consumer.poll(Duration.ofMillis(300))) seen.add(r.key() + " " + r.value());
      consumer.commitSync();
    }
    try (var admin = Admin.create(Map.of("bootstrap.servers", broker))) {
      int n = admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions().size();
      seen.add("partitions " + n);
      seen.add("nodes " + admin.describeCluster().nodes().get().size());
    }
    System.out.println(String.join(",", seen));
  }
}
