#!/usr/bin/env bash
# The main job end to end, through the gateway and nothing else: CSV in, SQL out, and it survives a restart.
source "$(dirname "$0")/tools/smoke-lib.sh"

api=$gateway_url/v1
sql() { http -d "$(jq -n --arg sql "$1" '{sql: $sql}')" "$api/sql"; }
answers() { # answers TEXT ROWS SQL
  sql "$3"
  check_equal "$1" "$2" "$(json '.rows | tostring')"
}

start storaged catalogd ingestd queryd gateway
"$root/scripts/make-workers-csv" --rows 5000 --seed 7 >"$smoke_dir/workers.csv"

check_answer "5,000 workers go in" 200 -F file=@"$smoke_dir/workers.csv" "$api/ingest?name=workers"
check_equal "all rows arrived" 5000 "$(json .row_count)"
check_equal "with 18 columns" 18 "$(json '.columns | length')"
check_equal "zips are text" VARCHAR "$(json '.columns[] | select(.name == "zip").type')"
check_equal "years are whole numbers" BIGINT "$(json '.columns[] | select(.name == "years_experience").type')"
check_equal "rates are decimals" DOUBLE "$(json '.columns[] | select(.name == "hourly_rate").type')"
key=$(json .object.key)
check_equal "the object is where the contract says" "datasets/workers/$(json .manifest.schema_fingerprint)/$(sha256sum "$smoke_dir/workers.csv" | cut -d' ' -f1).parquet" "$key"

answers "SQL sees them at once" '[[5000]]' 'SELECT count(*) FROM workers'
answers "leading zeros lived" '[[true]]' "SELECT count(*) > 0 FROM workers WHERE zip LIKE '0%'"
answers "newlines in quotes lived" '[[true]]' "SELECT bool_and(contains(resume_text, chr(10))) FROM workers WHERE resume_text IS NOT NULL"
answers "order is the file's" '[[true]]' "SELECT (SELECT worker_id FROM workers LIMIT 1) = '$(sed -n 2p "$smoke_dir/workers.csv" | cut -d, -f1)'"
sql 'SELECT role, count(*) AS n, avg(hourly_rate) FROM workers GROUP BY role ORDER BY n DESC, role'
check_equal "a GROUP BY adds up" 5000 "$(json '[.rows[][1]] | add')"

http "$api/storage/get/$key"
check_equal "the Parquet can be fetched" "PAR1" "$(head -c 4 "$smoke_dir/body")"
http "$api/catalog/manifest/workers"
check_equal "the manifest lists the object" "$key" "$(json '.objects[0].key')"

check_answer "the same file again changes nothing" 200 -F file=@"$smoke_dir/workers.csv" "$api/ingest?name=workers"
answers "still 5,000" '[[5000]]' 'SELECT count(*) FROM workers'
"$root/scripts/make-workers-csv" --rows 100 --seed 8 >"$smoke_dir/more.csv"
check_answer "100 more are appended" 200 -F file=@"$smoke_dir/more.csv" "$api/ingest?name=workers&mode=append"
answers "and counted" '[[5100]]' 'SELECT count(*) FROM workers'

check_answer "another schema is refused" 409 schema_conflict -H 'content-type: text/csv' --data-binary $'a,b\n1,2\n' "$api/ingest?name=workers"
answers "and alters nothing" '[[5100]]' 'SELECT count(*) FROM workers'
check_answer "SQL can't read files" 400 statement_not_allowed -d '{"sql":"SELECT * FROM read_csv('"'/etc/passwd'"')"}' "$api/sql"

for service in storaged catalogd ingestd queryd; do stop "$service" KILL; done
start storaged catalogd ingestd queryd
wait_until "the catalog is back" curl -sf -o /dev/null "$api/catalog/list"
answers "after kill -9 of all, all is there" '[[5100]]' 'SELECT count(*) FROM workers'

http "$api/catalog/list"
check_equal "one dataset in the catalog" 1 "$(json .count)"
check_answer "it can be removed" 204 -X DELETE "$api/catalog/manifest/workers"
check_answer "and is gone from SQL" 400 sql_error -d '{"sql":"SELECT count(*) FROM workers"}' "$api/sql"
