import sys,datetime,decimal,uuid
import psycopg
from psycopg.types.json import Jsonb
c=psycopg.connect(host='127.0.0.1',port=int(sys.argv[1]),user=sys.argv[2],password=sys.argv[3],dbname=sys.argv[4],sslmode='disable')
cur=c.cursor()
print(cur.execute('create temp table t (id int, n numeric, d jsonb, u uuid, a int[], ts timestamptz, r bytea)').statusmessage)
u=uuid.UUID(int=5)
for i in (1,70000,5000000000):
  print(cur.execute('select %s::int8, %s, %s::text',(i,i,None)).fetchall())
cur.execute('insert into t values (%s,%s,%s,%s,%s,%s,%s)',(1,decimal.Decimal('1.50'),Jsonb({'a':1}),u,[1,2],datetime.datetime(2024,1,2,tzinfo=datetime.timezone.utc),b'\0\xff'))
for _ in range(8): print(cur.execute('select * from t where id=%s',(1,)).fetchall())
bc=c.cursor(binary=True)
print(bc.execute('select *, 1.5::float8, true, current_date-current_date, interval \'1 mon 2 days 03:04:05.6\', array[1.5,null]::numeric[] from t').fetchall())
c.commit()
try: cur.execute('select * from nope')
except Exception as e: print(type(e).__name__, e)
c.rollback()
cur.executemany('insert into t (id) values (%s)',[(2,),(3,),(4,)])
with cur.copy('copy t (id, n) from stdin') as cp:
  for i in range(5): cp.write_row((i+10, decimal.Decimal(i)))
with cur.copy('copy t (id, n) to stdout') as cp:
  for row in cp.rows(): print(row)
with c.pipeline():
  x=[c.execute('select %s::int',(k,)) for k in range(5)]
  print([y.fetchone() for y in x])
sc=c.cursor(name='srv'); sc.execute('select n from generate_series(1,30) n'); sc.itersize=7; print(list(sc)[-3:]); sc.close()
c.commit(); c.close()
