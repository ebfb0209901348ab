#!/usr/bin/env bash
# Query: exact answers in five formats, fresh at once, read-only, bounded.
source "$(dirname "$0")/tools/smoke-lib.sh"

export LAKEHOUSE_QUERYD_QUERY_TIMEOUT=20s
start storaged catalogd ingestd queryd
ingest() { # ingest NAME TEXT [QUERY]
  # shellcheck disable=SC2059 # the text is the format
  printf "$2" >"$smoke_dir/in.csv"
  check_answer "$1 goes in" 200 -F file=@"$smoke_dir/in.csv" "$ingestd_url/ingest?name=$1${3:-}"
}
body_of() { jq -n --arg sql "$1" '{sql: $sql}'; }
sql() { http -d "$(body_of "$1")" "$queryd_url/sql"; }
rows() { # rows TEXT WANTED SQL : compared as text, since jq would round large numbers
  sql "$3"
  check_equal "$1" "$2" "$(tr -d '\n' <"$smoke_dir/body" | grep -oP '"rows":\K.*(?=,"row_count")')"
}
refused() { # refused TEXT SQL
  check_answer "$1 is refused" 400 statement_not_allowed -d "$(body_of "$2")" "$queryd_url/sql"
}

ingest people 'id,name\n1,Ada\n2,Grace\n'
rows "SELECT" '[[1,"Ada"],[2,"Grace"]]' 'SELECT * FROM people ORDER BY id'
check_equal "columns have names and types" "id BIGINT, name VARCHAR" "$(json '[.columns[] | .name + " " + .type] | join(", ")')"
check_equal "rows are counted" 2 "$(json .row_count)"
rows "exact numbers" '[[9223372036854775807,170141183460469231731687303715884105727,1.230]]' \
  'SELECT 9223372036854775807, 170141183460469231731687303715884105727::HUGEINT, 1.230::DECIMAL(18,3)'
rows "what is not a number is null" '[[null,null,null]]' "SELECT 'nan'::DOUBLE, 'inf'::DOUBLE, NULL"
rows "times as ISO text" '[["2024-01-02","03:04:05","2024-01-02T03:04:05","2024-01-02T03:04:05Z"]]' \
  "SELECT DATE '2024-01-02', TIME '03:04:05', TIMESTAMP '2024-01-02 03:04:05', TIMESTAMPTZ '2024-01-02 03:04:05+00'"
rows "nested values and bytes" '[[[1,null],{"a":"x"},{"k":2},"AP8="]]' \
  "SELECT [1, NULL], {a: 'x'}, MAP {'k': 2}, '\\x00\\xFF'::BLOB"
http -d '{"sql":"SELECT name FROM people WHERE id = ?","params":[2]}' "$queryd_url/sql"
check_equal "parameters" '[["Grace"]]' "$(json '.rows | tostring')"
sql "EXPLAIN ANALYZE SELECT * FROM people"
check "EXPLAIN shows no folder" bash -c "! grep -q '$smoke_dir' '$smoke_dir/body'"
for statement in 'WITH a AS (SELECT 1) FROM a' 'VALUES (1)' 'FROM people' 'DESCRIBE people' 'SHOW TABLES' 'SUMMARIZE people' \
  "PIVOT people ON name IN ('Ada') USING count(*)" 'EXPLAIN SELECT 1' 'EXPLAIN ANALYZE SELECT 1' 'SELECT * FROM information_schema.tables'; do
  check_answer "$statement" 200 -d "$(body_of "$statement")" "$queryd_url/sql"
done

ingest people 'id,name\n3,Edsger\n' '&mode=append'
rows "an append is seen at once" '[[3]]' 'SELECT count(*) FROM people'
ingest 'odd-name.v2' 'a\n1\n'
rows "a name that wants quotes" '[[1]]' 'SELECT a FROM "odd-name.v2"'
http "$queryd_url/sql/datasets"
check_equal "the datasets are listed" "odd-name.v2 ready, people ready" "$(json '[.datasets[] | .name + " " + .status] | sort | join(", ")')"

for format in 'ndjson:application/x-ndjson:{"id":1,"name":"Ada"}' 'csv:text/csv:id,name'; do
  IFS=: read -r name media first <<<"$format"
  http -H "accept: $media" -d "$(body_of 'SELECT * FROM people ORDER BY id')" "$queryd_url/sql"
  check_equal "$name by Accept" "$first" "$(head -n 1 "$smoke_dir/body" | tr -d '\r')"
  check_equal "$name says what it is" "$media" "$(header content-type | cut -d';' -f1)"
done
http -d "$(body_of 'SELECT * FROM people')" "$queryd_url/sql?format=parquet"
check_equal "parquet by ?format=" PAR1 "$(head -c 4 "$smoke_dir/body")"
http -d "$(body_of 'SELECT * FROM people')" "$queryd_url/sql?format=arrow"
check_equal "arrow by ?format=" "200 application/vnd.apache.arrow.stream" "$status $(header content-type)"
check_answer "a format that nobody knows" 400 invalid_request -d '{"sql":"SELECT 1"}' "$queryd_url/sql?format=xml"

refused "two statements" 'SELECT 1; SELECT 2'
for statement in 'CREATE TABLE t(a INT)' 'DROP VIEW people' "COPY people TO '$smoke_dir/out.csv'" "ATTACH '$smoke_dir/x.db'" 'INSTALL httpfs' 'LOAD httpfs' \
  'SET threads = 8' 'PRAGMA database_list' "EXPLAIN ANALYZE COPY people TO '$smoke_dir/out.csv'" 'INSERT INTO people VALUES (1)' 'CALL pragma_version()' \
  "SELECT * FROM '/etc/passwd'" "SELECT * FROM read_text('/etc/passwd')" "SELECT * FROM glob('/*')" "FROM query('SELECT 1')" 'SELECT * FROM duckdb_secrets()' \
  "SELECT current_setting('temp_directory')" "SELECT getenv('HOME')" 'SELECT * FROM duckdb_settings()' 'SELECT * FROM information_schema.views'; do
  refused "$statement" "$statement"
done
check "and nothing was written" test ! -e "$smoke_dir/out.csv"
check_answer "a typing mistake" 400 sql_error -d '{"sql":"SELEKT 1"}' "$queryd_url/sql"
check_answer "a column that is not there" 400 sql_error -d '{"sql":"SELECT nope FROM people"}' "$queryd_url/sql"
check_answer "no sql" 400 invalid_request -d '{"sql":"  "}' "$queryd_url/sql"

long='SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range + b.range = 3'
check_answer "a long query runs into its time limit" 504 query_timeout -d "$(body_of "$long" | jq '. + {timeout_ms: 300}')" "$queryd_url/sql"
check_answer "and the engine is free again" 200 -d '{"sql":"SELECT 1"}' "$queryd_url/sql"

stop queryd KILL
start queryd
wait_until "the views are back" curl -sf -o /dev/null -d '{"sql":"FROM people"}' "$queryd_url/sql"
rows "after kill -9" '[[3]]' 'SELECT count(*) FROM people'
check_answer "a dataset can go" 204 -X DELETE "$catalogd_url/catalog/manifest/people"
check_answer "and its view goes with it" 400 sql_error -d '{"sql":"FROM people"}' "$queryd_url/sql"
