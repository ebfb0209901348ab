"""`query-arrow.py FILE.parquet SQL` prints how many milliseconds DuckDB takes to give the rows as an Arrow stream that nobody keeps."""

import sys
import time

import duckdb
import pyarrow

path, sql = sys.argv[1:]
connection = duckdb.connect()
connection.execute("SET parquet_metadata_cache = true")  # as queryd does
connection.execute(f"CREATE VIEW workers AS SELECT * FROM read_parquet('{path}')")
connection.execute("SELECT count(*) FROM workers").fetchall()

started = time.perf_counter()
batches = connection.execute(sql).to_arrow_reader(8192)
with open("/dev/null", "wb") as sink, pyarrow.ipc.new_stream(sink, batches.schema) as stream:
    for batch in batches:
        stream.write_batch(batch)
print((time.perf_counter() - started) * 1000)
