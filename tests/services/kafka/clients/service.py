import sys
from confluent_kafka import Producer, Consumer
broker, topic, group, tx = sys.argv[1:5]
errors = []
def done(err, msg):
    if err: errors.append(str(err))
p = Producer({'bootstrap.servers': broker, 'compression.type': 'snappy', 'enable.idempotence': True, 'message.timeout.ms': 8000})
for v in ('one', 'two'): p.produce(topic, key=v, value=v, headers={'by': 'python'}, on_delivery=done)
p.flush(10)
p = Producer({'bootstrap.servers': broker, 'transactional.id': tx})
p.init_transactions(10); p.begin_transaction(); p.produce(topic, key='k', value='kept', on_delivery=done); p.commit_transaction(10)
c = Consumer({'bootstrap.servers': broker, 'group.id': group, 'auto.offset.reset': 'earliest'})
c.subscribe([topic])
seen = set()
import time
end = time.time() + 20
while len(seen) < 3 and time.time() < end:
    m = c.poll(0.3)
    if m and not m.error(): seen.add(f"{m.key().decode()} {m.value().decode()}")
c.commit(asynchronous=False)
c.close()
print(','.join(sorted(seen)), *errors)
