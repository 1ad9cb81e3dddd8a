import sys,asyncio,asyncpg,datetime,decimal,uuid
async def main():
  c=await asyncpg.connect(host='127.0.0.1',port=int(sys.argv[1]),user=sys.argv[2],password=sys.argv[3],database=sys.argv[4],ssl=False)
  await c.execute("create type mood as enum ('sad','ok')")
  await c.execute('create table t (id int primary key, f float4, g float8, n numeric, d jsonb, j json, u uuid, a int[], tx text[], ts timestamptz, tn timestamp, dt date, tm time, iv interval, r bytea, b bool, m mood, ip inet)')
  v=(1,1.5,0.1,decimal.Decimal('-12345.670'),'{"a": 1}','[1]',uuid.UUID(int=7),[1,None,3],['x','y z','"q"',''],datetime.datetime(2024,1,2,3,4,5,6,tzinfo=datetime.timezone.utc),datetime.datetime(1999,1,2),datetime.date(2024,2,29),datetime.time(1,2,3),datetime.timedelta(days=3,seconds=5),b'\0\1',True,'ok','10.0.0.1')
  print(await c.execute('insert into t values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18)',*v))
  for _ in range(3): print(await c.fetch('select * from t where id=$1',1))
  async with c.transaction():
    async for r in c.cursor('select n from generate_series(1,25) n',prefetch=10): pass
    print(r)
  try: await c.fetch('select * from nope where a=$1',1)
  except Exception as e: print(type(e).__name__,e)
  try: await c.execute('insert into t (id) values ($1)',1)
  except Exception as e: print(type(e).__name__,e)
  await c.copy_records_to_table('t',records=[(5,1.0),(6,2.0)],columns=['id','f'])
  print(await c.fetchval('select count(*) from t'))
  await c.executemany('insert into t (id,g) values ($1,$2)',[(20,.5),(21,1e30),(22,float('nan'))])
  print(await c.fetch('select g from t where g is not null order by id'))
  await c.close()
  async with asyncpg.create_pool(host='127.0.0.1',port=int(sys.argv[1]),user=sys.argv[2],password=sys.argv[3],database=sys.argv[4],ssl=False,min_size=1,max_size=3) as p:
    print(await asyncio.gather(*[p.fetchval('select $1::int+1',i) for i in range(6)]))
asyncio.run(main())
